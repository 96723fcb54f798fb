import { serverNow } from "../../shared/clock";
import { dayName, moment, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import type { Row, SaidRow } from "../model";
import type { Notice } from "../shop/notice";
import { standingText } from "../store";
import { noteWords } from "./words";

/** A row of the list that nobody said: what happened in the room. */
export function Note({ row }: { row: Exclude<Row, SaidRow> }) {
  const t = words.value;
  const own = noteWords.value;
  switch (row.kind) {
    case "gap":
      return (
        <p class="row row-gap" data-testid="gap">
          {t.gap}
        </p>
      );
    case "milestone":
      return (
        <p class="row row-note">
          <Icon name="spark" size={16} /> <bdi>{t.milestone(row.reached)}</bdi>
        </p>
      );
    case "tier":
      return (
        <p class="row row-note">
          <Icon name="spark" size={16} />{" "}
          <bdi>
            {row.fell
              ? own.tierDown(t.tier(row.tier))
              : own.tierUp(row.mine ? own.youName : row.user.name, t.tier(row.tier))}
          </bdi>
        </p>
      );
    case "called":
      return (
        <p class={`row row-shout${row.mine ? " row-forme" : ""}`} data-testid="called-row">
          <Icon name="horn" size={16} />{" "}
          <span>
            <bdi>{t.calls(row.by.name)}</bdi>{" "}
            {row.users.map((user, index) => (
              <bdi key={user.id} class="name">
                {index > 0 && t.comma}
                {user.name}
              </bdi>
            ))}
          </span>
        </p>
      );
    case "excused":
      return (
        <p class="row row-note" data-testid="excused-row">
          <Icon name="bridge" size={16} />{" "}
          <bdi>{own.daysExcused(dayName(row.first), dayName(row.last), row.reason)}</bdi>
        </p>
      );
    case "restored":
      return (
        <p class="row row-note" data-testid="restored-row">
          <Icon name="bridge" size={16} /> {t.restored(row.length)}
        </p>
      );
    case "downgrade":
      return (
        <p class="row row-note">
          <Icon name="spark" size={16} />{" "}
          {t.willDowngrade(row.warning.points_needed, row.warning.tier, moment(row.warning.by, serverNow()))}
        </p>
      );
    case "standing":
      return (
        <p class="row row-note" data-testid="standing-row">
          <Icon name="spark" size={16} /> {standingText(row.news)}
        </p>
      );
    case "shop":
      return (
        <p class="row row-shop" data-testid="shop-row">
          <Icon name="bag" size={16} />
          <span>
            <bdi>{shopText(row.notice)}</bdi>
            {row.notice.count > 1 && <b class="times">{t.times(row.notice.count)}</b>}
          </span>
        </p>
      );
    case "degraded":
      return <p class="row row-note">{t.degraded}</p>;
    case "shoutout":
      return (
        <p class={`row row-shout${row.mine ? " row-forme" : ""}`}>
          <Icon name="horn" size={16} />{" "}
          <span>
            <bdi>{t.shoutFrom(row.shoutout.by.name)}</bdi> <bdi class="name">{row.shoutout.to.name}</bdi>{" "}
            <bdi>{row.shoutout.text}</bdi>
          </span>
        </p>
      );
  }
}

function shopText({ what, name, title }: Notice): string {
  const t = words.value;
  const own = noteWords.value;
  if (what === "order") return name ? own.ordered(name, title) : own.orderedBySomebody(title);
  return what === "product" ? t.onShow(title) : title;
}
