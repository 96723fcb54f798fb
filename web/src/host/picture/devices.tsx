import { useEffect, useState } from "preact/hooks";
import { Choice } from "../../shared/ui/choice";
import * as live from "./live";
import { pictureWords } from "./words";

const SILENT_MS = 4000;

/** What is sent, from which devices, and whether anything is heard. */
export function Devices() {
  const t = pictureWords.value;
  const microphone = live.devices.value?.getAudioTracks()[0];
  return (
    <div class="golive-devices">
      <Choice
        label={t.source}
        name="source"
        now={live.source.value}
        all={["camera", "screen"] as const}
        words={{ camera: t.camera, screen: t.screen }}
        set={(source) => (source === "screen" ? void live.share() : live.showCamera())}
      />
      {microphone && <Level key={microphone.id} />}
      <Pick which="camera" kind="videoinput" label={t.cameraPick} />
      <Pick which="microphone" kind="audioinput" label={t.microphonePick} />
    </div>
  );
}

function Level() {
  const t = pictureWords.value;
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SILENT_MS);
    return () => clearTimeout(timer);
  }, []);
  const off = live.muted.value;
  return (
    <div class="golive-sound">
      <meter
        class="golive-meter"
        data-testid="level"
        data-heard={live.heard.value}
        min={0}
        max={1}
        value={off ? 0 : live.level.value}
        aria-label={t.level}
      />
      <button
        type="button"
        class="act"
        data-testid="mic"
        aria-pressed={off}
        aria-keyshortcuts="Control+Shift+A Meta+Shift+A"
        title={t.muteKeys}
        onClick={() => live.setMuted(!off)}
      >
        {off ? t.unmute : t.mute}
      </button>
      {late && !off && !live.heard.value && (
        <p class="golive-wrong" data-testid="silent">
          {t.silent}
        </p>
      )}
    </div>
  );
}

function Pick({ which, kind, label }: { which: "camera" | "microphone"; kind: MediaDeviceKind; label: string }) {
  const t = pictureWords.value;
  const [all, setAll] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const look = () => {
      void navigator.mediaDevices.enumerateDevices().then((found) => setAll(found.filter((one) => one.kind === kind)));
    };
    look();
    navigator.mediaDevices.addEventListener("devicechange", look);
    return () => navigator.mediaDevices.removeEventListener("devicechange", look);
  }, [kind]);
  const tracks = live.devices.value?.getTracks() ?? [];
  const now = tracks.find((one) => one.kind === kind.slice(0, 5))?.getSettings().deviceId ?? "";
  if (all.length < 2) return null;
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        class="pick golive-pick"
        data-testid={`pick-${which}`}
        value={now}
        onChange={(event) => void live.pick(which, event.currentTarget.value)}
      >
        {all.map((one, index) => (
          <option key={one.deviceId} value={one.deviceId}>
            {one.label || t.unnamed(index + 1)}
          </option>
        ))}
      </select>
    </label>
  );
}
