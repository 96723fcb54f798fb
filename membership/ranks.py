"""What score makes of a member: by all that he ever earned, or by a window and the rules of keeping.

A tier that was assigned is a floor. What score makes of him goes on below it unseen; his tier is the higher of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from membership.account import Account, ordinal
from membership.keep_rule import KeepRule
from membership.keeping import Forecast, Keeper, Keeping
from membership.messages import PointsEarned, TierChanged, TierReviewed, WillDowngrade
from membership.tiers import TierDef, Tiers
from room.message import Event
from room.people import Standing


class Ranks:
    """Tiers under a rule; days are ordinals."""

    def __init__(self, tiers: Tiers, rule: KeepRule) -> None:
        self.tiers = tiers
        self._keeper = None if rule.lasting else Keeper(tiers, rule)
        self.counts_days = self._keeper is not None
        """Whether score counts for some time only."""

    # --- what he is

    def held(self, account: Account) -> TierDef:
        """The tier that a member holds."""
        earned = self.earned(account)
        return earned if account.assigned is None else self.raised(earned, account)

    def earned(self, account: Account) -> TierDef:
        """The tier that score makes, whatever is assigned."""
        if self._keeper is None or account.keeping is None:
            return self.tiers.reached(account.qualifying)
        return self.tiers.at_level(account.keeping.level)

    def raised(self, tier: TierDef, account: Account) -> TierDef:
        """A tier, or the one that is assigned to him, if that is higher."""
        if account.assigned is None:
            return tier
        floor = self.tiers.at_level(account.assigned.level)
        return floor if floor.level > tier.level else tier

    def standing(self, account: Account) -> Standing:
        """What a member's tier makes of him."""
        if self._keeper is None and account.assigned is None:
            return self.tiers.standing_at(account.qualifying)
        return self.tiers.standing(self.held(account))

    def score(self, account: Account, day: int) -> int:
        """The score that counts for his tier on a day."""
        if self._keeper is None:
            return account.qualifying
        return 0 if account.keeping is None else self._keeper.score(account.keeping, day)

    # --- what becomes of him

    def after(self, account: Account, event: Event) -> Account:
        """The account after a durable event; the same one when nothing in it changes."""
        folded = account.after(event)
        if self._keeper is None:
            return folded
        kept = self._kept(self._keeper, account, event)
        return folded if kept is account.keeping else replace(folded, keeping=kept)

    def _kept(self, keeper: Keeper, account: Account, event: Event) -> Keeping | None:
        match event:
            case PointsEarned(credit=credit) if credit is not None:
                day = ordinal(credit.day)
                kept = account.keeping or keeper.begun(account.qualifying, day)
                kept = keeper.earned(self._unseen(keeper, account, kept, day), day, event.qualifying)
                return self._unseen(keeper, account, kept, day)
            case TierChanged():
                day, level = ordinal(event.day), event.tier if event.earned is None else event.earned
                kept = account.keeping or keeper.begun(account.qualifying, day)
                return kept if kept.level == level else keeper.moved(kept, level, day)
            case WillDowngrade() if account.keeping is not None:
                return replace(account.keeping, warned=True)
            case TierReviewed() if account.keeping is not None:
                day = ordinal(event.day)
                return keeper.earned(self._unseen(keeper, account, account.keeping, day), day, 0)
        return account.keeping

    def _unseen(self, keeper: Keeper, account: Account, kept: Keeping, day: int) -> Keeping:
        """After a rise or a fall that an assigned tier covers: nobody hears of it, and it is so when that one ends."""
        if account.assigned is None:
            return kept
        floor = self.tiers.at_level(account.assigned.level).level
        to = keeper.risen(kept, day) or keeper.fallen(kept, day)
        return kept if to is None or max(kept.level, to.level) > floor else keeper.moved(kept, to.level, day)

    def moves(self, account: Account, qualifying: int) -> bool:
        """Whether so much more score makes another tier, where all of it counts for ever."""
        return self.tiers.reached(account.qualifying) is not self.tiers.reached(account.qualifying + qualifying)

    def risen(self, before: Account, after: Account, day: int) -> TierDef | None:
        """The tier that newly earned score makes, where it is another one; without a window it may be a lower one."""
        if self._keeper is not None:
            return None if after.keeping is None else self._keeper.risen(after.keeping, day)
        held = self.held(after)
        return None if held is self.held(before) else held

    def fallen(self, account: Account, day: int) -> TierDef | None:
        """The lower tier that he has to go down to by now, if he has."""
        if self._keeper is None or account.keeping is None or self._covered(account):
            return None
        return self._keeper.fallen(account.keeping, day)

    def endangered(self, account: Account, day: int) -> bool:
        """Whether he is about to lose his tier: he was told so, or lives on the grace already."""
        kept = account.keeping
        if kept is None or self.until(account) is None or self._covered(account):
            return False
        return kept.warned or kept.lapses <= day

    def warning(self, account: Account, day: int) -> Forecast | None:
        """What he is to know by now of the downgrade before him."""
        if self._keeper is None or account.keeping is None or self._covered(account):
            return None
        found = self._keeper.warning(account.keeping, day)
        return None if found is None else replace(found, to=self.raised(found.to, account))

    def look(self, account: Account) -> int | None:
        """The next day on which his score asks for something to be said or done though nobody comes."""
        if self._keeper is None or account.keeping is None:
            return None
        return self._keeper.ends(account.keeping) if self._covered(account) else self._keeper.look(account.keeping)

    def until(self, account: Account) -> int | None:
        """The day on which he loses the tier that score makes unless he earns more."""
        if self._keeper is None or account.keeping is None:
            return None
        return self._keeper.ends(account.keeping)

    def _covered(self, account: Account) -> bool:
        """Whether the tier that score makes can be lost without being missed: one as high is assigned to him."""
        assigned, kept = account.assigned, account.keeping
        if assigned is None or kept is None:
            return False
        return self.tiers.at_level(assigned.level).level >= self.tiers.at_level(kept.level).level


def folded(ranks: Ranks, account: Account, events: Iterable[Event]) -> Account:
    """The account after several events."""
    for event in events:
        account = ranks.after(account, event)
    return account
