import { render } from "preact";
import { lang, pickLang } from "../shared/i18n";
import { keepSettings, settings } from "../shared/settings";
import { App } from "./app";
import { enterRoom, hearTokens, storage } from "./store";
import "./styles/base.css";
import "./styles/room.css";
import "./styles/stage.css";
import "./styles/panels.css";

keepSettings(storage("localStorage"));
lang.value = pickLang(new URLSearchParams(location.search).get("lang"), settings.value.lang, navigator.languages);
enterRoom();
hearTokens();
const root = document.getElementById("app");
if (root) render(<App />, root);
