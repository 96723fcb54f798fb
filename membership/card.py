"""What a member's card shows of his membership."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from membership.account import Account
from membership.assignment import shown as assigned_shown
from membership.messages import Medal
from membership.ranks import Ranks
from room.day import DayRule
from room.people import Entitlements
from room.row import Row


def public(ranks: Ranks, account: Account) -> Mapping[str, object]:
    """What all may see: his tier and his medals."""
    standing = ranks.standing(account)
    return {
        "tier": {"level": standing.tier, "name": standing.name, "badge": standing.badge},
        "medals": shown(account.medals),
    }


def whole(ranks: Ranks, row: Row, rule: DayRule, day: int) -> Mapping[str, object]:
    """What only he sees: points, the next tier and the way to it, what he may use, and what he is about to lose."""
    account = row.of(Account)
    score, higher = ranks.score(account, day), ranks.tiers.next(ranks.held(account))
    return {
        **public(ranks, account),
        "points": account.balance,
        "qualifying": score,
        "next_tier": None if higher is None else {"name": higher.name, "in": max(higher.at - score, 0)},
        "will_downgrade": _forecast(ranks, account, rule, day),
        "assigned": assigned_shown(account.assigned),
        "path": _path(ranks, account, rule),
        "entitlements": {"version": row.version, **entitled(ranks.standing(account).entitlements)},
    }


def shown(medals: Iterable[Medal]) -> list[Mapping[str, object]]:
    """Medals as replies show them."""
    return [{"id": medal.id, "title": medal.title} for medal in medals] if medals else []


def entitled(held: Entitlements) -> Mapping[str, object]:
    """Entitlements as cards show them."""
    return {
        "styles": held.styles,
        "modes": held.modes,
        "emotes": held.emotes,
        "effects": effects(held),
        "perks": held.perks,
    }


def effects(held: Entitlements) -> tuple[str, ...]:
    """The ids of the entrance effects that somebody has."""
    return () if held.effect is None else (held.effect,)


def until(ranks: Ranks, account: Account, rule: DayRule) -> int | None:
    """The instant until which his tier is his without further score; None when it is for good."""
    by_score, assigned = starts(rule, ranks.until(account)), account.assigned
    if assigned is None:
        return by_score
    earned, held = ranks.earned(account), ranks.held(account)
    if ranks.tiers.at_level(assigned.level) is not held:
        return by_score
    if earned is not held:
        return assigned.until
    return None if by_score is None or assigned.until is None else max(by_score, assigned.until)


def starts(rule: DayRule, day: int | None) -> int | None:
    """The instant at which a day (an ordinal) begins."""
    return None if day is None else rule.window(date.fromordinal(day)).start_ms


def _forecast(ranks: Ranks, account: Account, rule: DayRule, day: int) -> Mapping[str, object] | None:
    warning = ranks.warning(account, day)
    if warning is None:
        return None
    tier = ranks.held(account).level
    return {"tier": tier, "to": warning.to.level, "points_needed": warning.needed, "by": starts(rule, warning.on)}


def _path(ranks: Ranks, account: Account, rule: DayRule) -> Mapping[str, object]:
    """All tiers with what they ask for, how he came to his, and until when it is his without further score."""
    return {
        "tiers": ranks.tiers.path(ranks.held(account)),
        "history": [{"at": at, "from_tier": old, "tier": new} for at, old, new in account.history],
        "until": until(ranks, account, rule),
    }
