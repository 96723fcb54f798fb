"""What score makes of a member: by all that he ever earned, or by a window and the rules of keeping."""

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

    @property
    def counts_days(self) -> bool:
        """Whether score counts for some time only."""
        return self._keeper is not None

    # --- what he is

    def held(self, account: Account) -> TierDef:
        """The tier that a member holds."""
        if self._keeper is None or account.keeping is None:
            return self.tiers.reached(account.qualifying)
        return self.tiers.at_level(account.keeping.level)

    def standing(self, account: Account) -> Standing:
        """What a member's tier makes of him."""
        if self._keeper is None:
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
                return keeper.earned(account.keeping or keeper.begun(account.qualifying, day), day, event.qualifying)
            case TierChanged():
                day = ordinal(event.day)
                return keeper.moved(account.keeping or keeper.begun(account.qualifying, day), event.tier, day)
            case WillDowngrade() if account.keeping is not None:
                return replace(account.keeping, warned=True)
            case TierReviewed() if account.keeping is not None:
                return keeper.earned(account.keeping, ordinal(event.day), 0)
        return account.keeping

    def risen(self, before: Account, after: Account, day: int) -> TierDef | None:
        """The tier that newly earned score makes, where it is another one; without a window it may be a lower one."""
        if self._keeper is not None:
            return None if after.keeping is None else self._keeper.risen(after.keeping, day)
        reached = self.tiers.reached(after.qualifying)
        return None if reached is self.tiers.reached(before.qualifying) else reached

    def fallen(self, account: Account, day: int) -> TierDef | None:
        """The lower tier that he has to go down to by now, if he has."""
        if self._keeper is None or account.keeping is None:
            return None
        return self._keeper.fallen(account.keeping, day)

    def warning(self, account: Account, day: int) -> Forecast | None:
        """What he is to know by now of the downgrade before him."""
        if self._keeper is None or account.keeping is None:
            return None
        return self._keeper.warning(account.keeping, day)

    def look(self, account: Account) -> int | None:
        """The next day on which something is to be said or done though nobody comes."""
        if self._keeper is None or account.keeping is None:
            return None
        return self._keeper.look(account.keeping)

    def until(self, account: Account) -> int | None:
        """The day on which he loses his tier unless he earns more."""
        if self._keeper is None or account.keeping is None:
            return None
        return self._keeper.ends(account.keeping)


def folded(ranks: Ranks, account: Account, events: Iterable[Event]) -> Account:
    """The account after several events."""
    for event in events:
        account = ranks.after(account, event)
    return account
