/** What was refused, shed, given up or closed, by its names: pure. */

import type { Sample } from "./exposition";
import { type History, lately } from "./history";
import { NEVER } from "./verdicts";

/** Families that count what somebody did not get, and the label that says why. */
export const LOSSES: Record<string, string | null> = {
  refusals_total: "code",
  shed_total: "lane",
  closes_total: "code",
  turned_away_total: "reason",
  http_problems_total: "status",
  http_cut_off_total: null,
  commands_given_up_total: null,
  commits_stale_total: null,
  reactions_skipped_total: null,
  prepublish_total: "outcome",
  deliveries_total: "outcome",
  lagging_total: null,
  writes_failed_total: null,
  media_refused_total: "reason",
  media_hooks_refused_total: null,
  media_handshakes_failed_total: null,
  media_faults_total: null,
  media_unsaid_total: null,
  media_events_dropped_total: null,
  media_not_sent_again_total: null,
  media_unsent_total: null,
  media_unreachable_total: null,
  media_strangers_total: null,
  media_junk_total: null,
  media_forged_total: null,
  media_unsound_total: null,
  media_malformed_total: null,
  media_unprotected_total: null,
  webhooks_failed_total: "endpoint",
  ...Object.fromEntries(NEVER.map((name) => [name, name === "failed_total" ? "lane" : null])),
};

/** Of families that count what went well, too: what their label says then. */
const WELL: Record<string, readonly string[]> = {
  prepublish_total: ["allowed"],
  deliveries_total: ["owed", "written", "caught_up"],
};

export interface Loss {
  name: string;
  /** The label's text; "" where there is none. */
  why: string;
  lately: number;
  ever: number;
}

/** What has happened at all; what happened in the last minute first, then what happened most. */
export function losses(history: History): Loss[] {
  const grown = lately(history);
  return (history.recent.at(-1)?.metrics.samples ?? [])
    .filter((sample) => sample.value > 0 && Object.hasOwn(LOSSES, sample.name))
    .map((sample) => ({
      name: sample.name,
      why: why(sample),
      lately: Math.round(grown.get(sample.key) ?? 0),
      ever: sample.value,
    }))
    .filter((loss) => !WELL[loss.name]?.includes(loss.why))
    .sort((one, other) => other.lately - one.lately || other.ever - one.ever || one.name.localeCompare(other.name));
}

function why({ name, labels }: Sample): string {
  const label = LOSSES[name];
  return label ? (labels[label] ?? "") : Object.values(labels).join(" ");
}
