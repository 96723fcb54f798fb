import { words } from "../i18n";

/** What stands where there is nothing to show yet, or any more: why, and one thing to do. */
export function Notice({
  testid,
  title,
  text,
  action,
  code,
}: {
  testid: string;
  title: string;
  text: string;
  action?: () => void;
  code?: number;
}) {
  return (
    <div class="notice" data-testid={testid} data-code={code}>
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {action && (
        <button type="button" class="primary" onClick={action}>
          {words.value.tryAgain}
        </button>
      )}
    </div>
  );
}
