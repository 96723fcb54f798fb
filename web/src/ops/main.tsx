import { render } from "preact";
import { pickLanguage } from "../shared/language";
import { keepSettings } from "../shared/settings";
import { storage } from "../shared/storage";
import { App } from "./app";
import { watchServer } from "./reader";
import "../shared/styles/base.css";
import "./styles/ops.css";

keepSettings(storage("localStorage"));
const spoken = pickLanguage();
watchServer();
const root = document.getElementById("app");
if (root) spoken.then(() => render(<App />, root));
