"""What becomes of a member's tier in a turn: won, assigned, warned of, kept, lost, and looked at when it is time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from membership.account import Account
from membership.assignment import OVER, Assignment, AssignTier, TierAssigned, wanted
from membership.card import effects, starts, until
from membership.messages import EntitlementsChanged, PointsEarned, TierChanged, TierKept, TierReviewed, WillDowngrade
from membership.ranks import Ranks, folded
from membership.tiers import TierDef
from room.context import Context
from room.message import Event
from room.people import User


class Career:
    """The changes of tiers under their ranks."""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks

    def shown(self, account: Account, context: Context) -> User:
        """The person whose account it is, with the tier that he has by now."""
        return context.person_of(self._ranks.standing(account).tier)

    def assign(self, account: Account, command: AssignTier, context: Context) -> Iterable[Event]:
        """What is assigned from now on, and the tier that it leads to; what is over by now comes first.

        Raises BadRequest.
        """
        levels = frozenset(tier.level for tier in self._ranks.tiers)
        floor = wanted(command, levels, context.now)
        settled = list(self.settle(account, context))
        yield from settled
        account = folded(self._ranks, account, settled)
        if floor != account.assigned:
            yield from self._hold(account, floor, command.reason, context)

    def _hold(self, account: Account, floor: Assignment | None, reason: str, context: Context) -> Iterable[Event]:
        """Another floor, or none, below which he cannot fall; and where he is by it."""
        level, ends = (None, None) if floor is None else (floor.level, floor.until)
        user = self.shown(account, context)
        event = TierAssigned(user=user, level=level, until=ends, reason=reason)
        yield event
        after = self._ranks.after(account, event)
        to = self._ranks.fallen(after, day_of(context)) or self._ranks.earned(after)
        if self._ranks.raised(to, after) is not self._ranks.held(account):
            yield from self._move(account, to, context, floor=after)

    def look(self, account: Account, context: Context) -> int | None:
        """The next instant at which his tier is to be looked at though nobody comes."""
        by_score = starts(context.room.settings.day_rule, self._ranks.look(account))
        ends = None if account.assigned is None else account.assigned.until
        return min((at for at in (by_score, ends) if at is not None), default=None)

    def review(self, account: Account, context: Context) -> Iterable[Event]:
        """What there is to say of it, or to do about it, though he did nothing."""
        day, rule = day_of(context), context.room.settings.day_rule
        settled = list(self.settle(account, context))
        warning = None if settled else self._ranks.warning(account, day)
        if warning is not None and account.keeping is not None and not account.keeping.warned:
            yield WillDowngrade(
                user=context.person,
                tier=self._ranks.held(account).level,
                to=warning.to.level,
                points_needed=warning.needed,
                by=rule.window(date.fromordinal(warning.on)).start_ms,
            )
        elif settled:
            yield from settled
        else:  # asked too early, or a second time: what is due is set anew
            yield TierReviewed(user=context.person, day=date.fromordinal(day).isoformat())

    def earned(self, account: Account, earned: PointsEarned, context: Context) -> Iterable[Event]:
        """What newly earned score leads to: another tier, or one that is kept after all."""
        if not self._ranks.counts_days and not self._ranks.moves(account, earned.qualifying):
            return
        after, day = self._ranks.after(account, earned), self._day(context)
        risen = self._ranks.risen(account, after, day)
        if risen is not None:
            yield from self._move(account, risen, context)
        elif self._ranks.endangered(account, day) and not self._ranks.endangered(after, day):
            lasts = until(self._ranks, after, context.room.settings.day_rule)
            yield TierKept(user=earned.user, tier=earned.user.tier, until=lasts)

    def settle(self, account: Account, context: Context) -> Iterable[Event]:
        """The end of what was assigned, or the downgrade, that is due by now, if one is."""
        assigned = account.assigned
        if assigned is not None and assigned.until is not None and assigned.until <= context.now:
            return self._hold(account, None, OVER, context)
        if not self._ranks.counts_days:
            return ()
        fallen = self._ranks.fallen(account, self._day(context))
        return () if fallen is None else self._move(account, fallen, context)

    def _day(self, context: Context) -> int:
        """The day, where it makes a difference which one it is."""
        return day_of(context) if self._ranks.counts_days else 0

    def _move(
        self, account: Account, earned: TierDef, context: Context, *, floor: Account | None = None
    ) -> Iterable[Event]:
        """A change to the tier that score makes, or the one that ``floor`` holds him at; and what it entitles to."""
        to = self._ranks.raised(earned, floor or account)
        yield TierChanged(
            user=replace(context.person, tier=to.level),
            tier=to.level,
            from_tier=self._ranks.held(account).level,
            name=to.name,
            since=context.now,
            day=date.fromordinal(day_of(context)).isoformat(),
            earned=None if earned is to else earned.level,
        )
        yield self._entitled(to, context)

    def _entitled(self, to: TierDef, context: Context) -> EntitlementsChanged:
        held = self._ranks.tiers.standing(to).entitlements
        return EntitlementsChanged(
            user=replace(context.person, tier=to.level),
            version=context.row.version + 1,  # of the row that this turn writes
            styles=held.styles,
            modes=held.modes,
            emotes=held.emotes,
            effects=effects(held),
            perks=held.perks,
        )


def day_of(context: Context, at: int | None = None) -> int:
    """The room's logical day now, or at an instant, as an ordinal."""
    return context.room.settings.day_rule.logical_day(context.now if at is None else at).toordinal()
