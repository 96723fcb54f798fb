/** What was refused, shed, given up or closed, by its names: pure. */

import type { Sample } from "./exposition";
import { lately, type Reading } from "./history";
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
  lagging_total: null,
  writes_failed_total: null,
  media_refused_total: "reason",
  media_unsaid_total: null,
  media_events_dropped_total: null,
  webhooks_failed_total: "endpoint",
  ...Object.fromEntries(NEVER.map((name) => [name, name === "failed_total" ? "lane" : null])),
};

export interface Loss {
  name: string;
  /** The label's text; "" where there is none. */
  why: string;
  lately: number;
  ever: number;
}

/** What has happened at all; what happened in the last minute first, then what happened most. */
export function losses(history: readonly Reading[]): Loss[] {
  const samples = history.at(-1)?.metrics.samples ?? [];
  return samples
    .filter(({ name, value }) => Object.hasOwn(LOSSES, name) && value > 0)
    .map((sample) => ({ name: sample.name, why: why(sample), lately: now(history, sample), ever: sample.value }))
    .sort((one, other) => other.lately - one.lately || other.ever - one.ever || one.name.localeCompare(other.name));
}

function why({ name, labels }: Sample): string {
  const label = LOSSES[name];
  return label ? (labels[label] ?? "") : Object.values(labels).join(" ");
}

function now(history: readonly Reading[], { name, labels }: Sample): number {
  return Math.round(lately(history, name, labels));
}
