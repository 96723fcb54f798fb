import { useEffect, useRef } from "preact/hooks";
import { words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { Choices } from "./choices";
import { settingsOpen } from "./open";

/** The sheet of choices; the browser's own dialog keeps and returns the focus. */
export function SettingsSheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const t = words.value;
  const close = () => dialog.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself; the click is on its backdrop
    <dialog
      ref={dialog}
      class="sheet"
      data-testid="settings"
      aria-labelledby="settings-title"
      onClose={() => {
        settingsOpen.value = false;
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id="settings-title">{t.settings}</h2>
          <button type="button" class="bare" aria-label={t.close} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <Choices />
      </div>
    </dialog>
  );
}
