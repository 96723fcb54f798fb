"""Keep-level: a tier is won at once, and lost only after a grace.

    qualifies ──window's score below the tier's──▶ in grace ──grace over──▶ downgraded
        ▲                                             │ (warned some days before)
        └────────────earned enough again──────────────┘

Without new score a window's sum only falls, so the day on which it will no longer do (``lapses``) is known beforehand,
and with it the day of the downgrade, which ``due`` remembers though nobody comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from membership.day_sums import DaySums
from membership.keep_rule import KeepRule
from membership.tiers import TierDef, Tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is kept of a member under a window: the tier he holds, and the score of each day that may still count.

    ``lapses`` is the first day (an ordinal) on which the tier is no longer qualified for unless more is earned; 0:
    never. ``warned`` says that he knows.
    """

    level: int = 0
    lapses: int = 0
    warned: bool = False
    sums: DaySums = field(default_factory=DaySums)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is said before a downgrade: points that are ``needed`` before the day ``on`` begins, else tier ``to``."""

    to: TierDef
    needed: int
    on: int


class Keeper:
    """The arithmetic of one rule over one set of tiers; days are ordinals."""

    def __init__(self, tiers: Tiers, rule: KeepRule) -> None:
        self._tiers = tiers
        self._rule = rule

    def score(self, kept: Keeping, day: int) -> int:
        """The score that counts on a day."""
        return kept.sums.since(self._rule.first(day))

    # --- what happens to it

    def begun(self, qualifying: int, day: int) -> Keeping:
        """The beginning for a member from before this rule: with the tier that he has, and an empty window."""
        return self._timed(Keeping(level=self._tiers.reached(qualifying).level), day)

    def earned(self, kept: Keeping, day: int, amount: int) -> Keeping:
        """After score was earned or taken back."""
        sums = kept.sums.plus(day, amount, first=self._rule.first(day))
        return self._timed(replace(kept, sums=sums), day)

    def moved(self, kept: Keeping, level: int, day: int) -> Keeping:
        """After the tier was changed; a grace, where one begins, begins now."""
        return self._timed(replace(kept, level=level, lapses=0, warned=False), day)

    def _timed(self, kept: Keeping, day: int) -> Keeping:
        at = self._held(kept).at
        if self.score(kept, day) < at:
            return replace(kept, lapses=min(kept.lapses or day, day))
        timed = replace(kept, lapses=self._lapse(kept.sums, at, day))
        ends = self.ends(timed)
        return replace(timed, warned=kept.warned and ends is not None and self._warns(timed, ends) <= day)

    def _lapse(self, sums: DaySums, at: int, day: int) -> int:
        if not at:
            return 0
        first, amounts = self._rule.first(day), sums.amounts
        left = sums.since(first)
        for place in range(max(first - sums.origin, 0), len(amounts)):
            left -= amounts[place]
            if left < at:
                return self._rule.leaves(sums.origin + place)
        return day  # nothing counts, and yet something is asked for: the caller has looked

    # --- what follows from it

    def risen(self, kept: Keeping, day: int) -> TierDef | None:
        """The higher tier that the window's score makes, if it does."""
        reached = self._tiers.reached(self.score(kept, day))
        return reached if reached.level > kept.level else None

    def ends(self, kept: Keeping) -> int | None:
        """The day on which the tier will be lost unless more is earned."""
        if not kept.lapses or self._rule.downgrade == "never":
            return None
        return kept.lapses + self._rule.grace

    def fallen(self, kept: Keeping, day: int) -> TierDef | None:
        """The lower tier that the member has to go down to by now, if he has."""
        ends = self.ends(kept)
        return self._below(kept, day) if ends is not None and ends <= day else None

    def warning(self, kept: Keeping, day: int) -> Forecast | None:
        """What a member is to know by now of the downgrade before him."""
        ends = self.ends(kept)
        if ends is None or not self._warns(kept, ends) <= day < ends:
            return None
        needed = self._held(kept).at - self.score(kept, self._last(kept, ends))
        return Forecast(to=self._below(kept, ends), needed=needed, on=ends)

    def look(self, kept: Keeping) -> int | None:
        """The next day on which something is to be said or done though nobody comes."""
        ends = self.ends(kept)
        if ends is None:
            return None
        return ends if kept.warned else min(self._warns(kept, ends), ends)

    def _held(self, kept: Keeping) -> TierDef:
        return self._tiers.at_level(kept.level)

    def _below(self, kept: Keeping, day: int) -> TierDef:
        if self._rule.downgrade == "one_down":
            return self._tiers.at_level(kept.level - 1)
        return self._tiers.reached(self.score(kept, day))

    def _last(self, kept: Keeping, ends: int) -> int:
        """The last day on which the score is looked at before the tier is lost."""
        return max(kept.lapses, ends - 1)

    def _warns(self, kept: Keeping, ends: int) -> int:
        """The day of the warning: not before score begins to count that still helps on the last day."""
        return max(ends - self._rule.warn, self._rule.first(self._last(kept, ends)))
