import { exact } from "../../shared/i18n";
import type { History } from "../history";
import { type Loss, losses } from "../losses";
import { words } from "../words";

/** What was refused, shed, given up or closed, by name and reason. */
export function Undone({ history }: { history: History }) {
  const t = words.value;
  const found = losses(history);
  return (
    <section class="panel" aria-labelledby="undone">
      <h2 id="undone">{t.undone}</h2>
      <p class="muted">{found.length > 0 ? t.undoneHint : t.undoneNone}</p>
      {found.length > 0 && (
        <table class="ops-table" data-testid="undone">
          <thead>
            <tr>
              <th scope="col">{t.what}</th>
              <th scope="col">{t.why}</th>
              <th scope="col" class="number">
                {t.minute}
              </th>
              <th scope="col" class="number">
                {t.ever}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map((loss) => (
              <Row key={`${loss.name} ${loss.why}`} loss={loss} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ loss }: { loss: Loss }) {
  const t = words.value;
  return (
    <tr data-testid="loss" data-name={loss.name} data-why={loss.why}>
      <th scope="row">{t.losses[loss.name] ?? loss.name}</th>
      <td>{reason(loss)}</td>
      <td class="number">{exact(loss.lately)}</td>
      <td class="number">{exact(loss.ever)}</td>
    </tr>
  );
}

/** A reason with its code, if it has words: a code alone can be looked up. */
function reason({ name, why }: Loss): string {
  const t = words.value;
  const area = name === "refusals_total" && why.length === 4 ? t.areas[why.slice(0, 2)] : undefined;
  const said = t.codes[name]?.[why] ?? area;
  return said ? `${said} (${why})` : why;
}
