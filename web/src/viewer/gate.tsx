import { serverNow } from "../shared/clock";
import { moment, words } from "../shared/i18n";
import { useLate } from "../shared/ui/late";
import { Notice } from "../shared/ui/notice";
import { act, enterRoom, link } from "./store";

const PATIENCE_MS = 5000;

/** What stands in the picture's place when there is no room to show. */
export function Gate() {
  const t = words.value;
  const now = link.value;
  const slow = useLate(now.state, PATIENCE_MS);
  if (now.state === "guest") return <Notice testid="sign-in" title={t.signIn} text={t.signInHint} />;
  if (now.state === "closed")
    return <Notice testid="closed" {...closing(now.reason, now.waitMs)} action={retry} code={now.code} />;
  if (now.state !== "loading") return null;
  if (now.why) return <Notice testid="loading" title={t.delayed(now.why)} text={t.delayedHint} />;
  return slow ? (
    <Notice testid="loading" title={t.stillLoading} text="" action={retry} />
  ) : (
    <Notice testid="loading" title={t.loading} text="" />
  );
}

/** Why it ended, in words: what a moderator did last says more than the connection can. */
function closing(reason: string, waitMs: number | undefined): { title: string; text: string } {
  const t = words.value;
  const last = reason === "kicked" || reason === "banned" ? act.value : null;
  const banned = reason === "banned" || last?.kind === "ban";
  const until = last?.until ?? (waitMs === undefined ? null : serverNow() + waitMs);
  const hint = banned ? t.bannedHint : last?.kind === "kick" ? t.kickedHint : t.closedHint;
  const said = [
    last?.reason ? t.reason(last.reason) : "",
    until !== null && banned ? t.until(moment(until, serverNow())) : "",
    hint,
  ];
  return { title: t.closed(banned ? "banned" : reason), text: said.filter(Boolean).join(" ") };
}

function retry(): void {
  if (link.value.state === "closed") location.reload();
  else enterRoom();
}
