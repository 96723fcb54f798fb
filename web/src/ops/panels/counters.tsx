import { useState } from "preact/hooks";
import { exact } from "../../shared/i18n";
import type { Reading } from "../reading";
import { words } from "../words";

/** Everything that the server counts, as it says it; written only for who opens it. */
export function Counters({ reading: { metrics } }: { reading: Reading }) {
  const t = words.value;
  const [open, setOpen] = useState(false);
  return (
    <details class="panel" data-testid="counters" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.all}</summary>
      {open && (
        <table class="ops-table">
          <thead>
            <tr>
              <th scope="col">{t.name}</th>
              <th scope="col" class="number">
                {t.value}
              </th>
            </tr>
          </thead>
          <tbody>
            {metrics.samples.map((sample) => (
              <tr key={sample.key}>
                <th scope="row">
                  <code>{sample.key}</code>
                  <small class="muted" lang="en">
                    {metrics.help.get(sample.name)}
                  </small>
                </th>
                <td class="number">{exact(sample.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
