import { useEffect } from "preact/hooks";
import { announce } from "../../shared/announce";
import { check, checked, leave } from "./line";
import { pictureWords } from "./words";

/** The line, looked at for three seconds before anybody sees the picture. */
export function Check() {
  const t = pictureWords.value;
  const now = checked.value;
  useEffect(() => leave, []);
  const text =
    now === "off" ? "" : now === "running" ? t.checking : now === "failed" ? t.checkFailed : t.uplink[now.level];
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
  return (
    <div class="golive-check" data-testid="check" data-state={typeof now === "string" ? now : now.level}>
      <button type="button" class="act" data-testid="check-line" disabled={now === "running"} onClick={check}>
        {t.check}
      </button>
      {text && <p>{text}</p>}
      {typeof now === "object" && (
        <small class="muted">{t.figures(now.height, now.frames, (now.bitrate / 1_000_000).toFixed(1))}</small>
      )}
      {typeof now === "object" && now.reason && <p class="muted">{t.hint[now.reason]}</p>}
    </div>
  );
}
