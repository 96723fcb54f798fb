"""Keep-level, against a naive model that looks at every single day."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership.day_sums import DaySums
from membership.keep_rule import Downgrade, KeepRule
from membership.keeping import Keeper, Keeping
from membership.tiers import TIERS, Tiers

START = date(2026, 1, 1).toordinal()
LADDER = Tiers(TIERS[:4])  # at 0, 100, 300 and 1,000
MONTHLY = KeepRule(window="rolling", days=30, grace=10, warn=3)


def kept(rule: KeepRule, *earned: tuple[int, int]) -> Keeping:
    """A member who earned so much on each of some days, and rose as he did."""
    keeper, member = Keeper(LADDER, rule), Keeping()
    for day, amount in earned:
        member = keeper.earned(member, START + day, amount)
        risen = keeper.risen(member, START + day)
        member = member if risen is None else keeper.moved(member, risen.level, START + day)
    return member


def test_a_tier_is_lost_after_its_window_and_a_grace() -> None:
    member, keeper = kept(MONTHLY, (0, 120)), Keeper(LADDER, MONTHLY)
    assert (member.level, member.lapses, keeper.ends(member)) == (1, START + 30, START + 40)
    assert keeper.fallen(member, START + 39) is None
    lost = keeper.fallen(member, START + 40)
    assert lost is TIERS[0]


def test_who_will_lose_his_tier_is_told_before_with_what_it_takes() -> None:
    member, keeper = kept(MONTHLY, (0, 90), (20, 25)), Keeper(LADDER, MONTHLY)
    assert keeper.look(member) == START + 37
    assert keeper.warning(member, START + 36) is None
    warning = keeper.warning(member, START + 37)
    assert warning is not None
    assert (warning.to, warning.needed, warning.on) == (TIERS[0], 75, START + 40)


def test_who_earns_it_again_keeps_it() -> None:
    keeper = Keeper(LADDER, MONTHLY)
    member = keeper.earned(kept(MONTHLY, (0, 120)), START + 39, 100)
    assert (member.lapses, keeper.fallen(member, START + 40)) == (START + 69, None)


def test_too_little_does_not_begin_the_grace_anew() -> None:
    keeper = Keeper(LADDER, MONTHLY)
    member = keeper.earned(kept(MONTHLY, (0, 120)), START + 39, 99)
    assert keeper.ends(member) == START + 40


@pytest.mark.parametrize(("downgrade", "level"), [("one_down", 1), ("to_qualified", 0), ("never", None)])
def test_where_a_downgrade_leads(downgrade: Downgrade, level: int | None) -> None:
    rule = KeepRule(window="month", grace=15, downgrade=downgrade)
    fallen = Keeper(LADDER, rule).fallen(kept(rule, (3, 400)), START + 31 + 15)
    assert (None if fallen is None else fallen.level) == level


def test_a_new_period_begins_with_nothing_and_grace_bridges_it() -> None:
    rule = KeepRule(window="month", grace=15, warn=20)
    member, keeper = kept(rule, (3, 400)), Keeper(LADDER, rule)
    february = date(2026, 2, 1).toordinal()
    assert (member.lapses, keeper.ends(member)) == (february, february + 15)
    assert keeper.look(member) == february  # sooner, what he earned would not help him
    warning = keeper.warning(member, february)
    assert warning is not None
    assert warning.needed == 300


def test_a_member_from_before_the_rule_has_his_tier_and_a_whole_grace() -> None:
    keeper = Keeper(LADDER, MONTHLY)
    member = keeper.begun(500, START)
    assert (member.level, keeper.ends(member)) == (2, START + 10)


# --- the naive model


@dataclass
class Naive:
    """Looks at every day: is the score of the days that count enough, and since when is it not?"""

    rule: KeepRule
    level: int = 0
    short: int = 0
    earned: dict[int, int] = field(default_factory=dict)

    def score(self, day: int) -> int:
        return sum(amount for one, amount in self.earned.items() if self._counts(one, day))

    def _counts(self, one: int, day: int) -> bool:
        if self.rule.window == "rolling":
            return 0 <= day - one < self.rule.days
        months = {"month": 1, "quarter": 3, "year": 12}[self.rule.window]
        then, now = date.fromordinal(one), date.fromordinal(day)
        return (then.year, (then.month - 1) // months) == (now.year, (now.month - 1) // months)

    def qualified(self, day: int) -> int:
        return max(tier.level for tier in LADDER if tier.at <= self.score(day))

    def dawn(self, day: int) -> None:
        """A day begins."""
        self._look(day)
        if self.short and self.rule.downgrade != "never" and self.short + self.rule.grace <= day:
            self.level = self.level - 1 if self.rule.downgrade == "one_down" else self.qualified(day)
            self.short = 0
            self._look(day)

    def earn(self, day: int, amount: int) -> None:
        self.earned[day] = self.earned.get(day, 0) + amount
        if self.qualified(day) > self.level:
            self.level, self.short = self.qualified(day), 0
        self._look(day)

    def _look(self, day: int) -> None:
        enough = self.qualified(day) >= self.level
        self.short = 0 if enough else self.short or day


RULES = st.builds(
    KeepRule,
    window=st.sampled_from(["rolling", "month", "quarter", "year"]),
    days=st.integers(1, 60),
    grace=st.integers(1, 40),
    warn=st.integers(0, 10),
    downgrade=st.sampled_from(["one_down", "to_qualified", "never"]),
)


@settings(max_examples=60)
@given(rule=RULES, evenings=st.dictionaries(st.integers(0, 500), st.integers(1, 600), max_size=25))
def test_tiers_come_and_go_as_in_a_model_that_looks_at_every_day(rule: KeepRule, evenings: dict[int, int]) -> None:
    keeper, member, naive = Keeper(LADDER, rule), Keeping(), Naive(rule)
    warned_of = 0
    for day in range(START, START + 560):
        naive.dawn(day)
        while (look := keeper.look(member)) is not None and look <= day:
            fallen, warning = keeper.fallen(member, day), keeper.warning(member, day)
            if fallen is None:
                assert warning is not None
                assert warning.needed > 0
                warned_of, member = warning.on, replace(member, warned=True)
            else:
                assert warned_of == day or rule.warn == 0 or rule.window != "rolling"
                member = keeper.moved(member, fallen.level, day)
        assert member.level == naive.level, date.fromordinal(day)
        if amount := evenings.get(day - START):
            naive.earn(day, amount)
            member = keeper.earned(member, day, amount)
            risen = keeper.risen(member, day)
            member = member if risen is None else keeper.moved(member, risen.level, day)
            assert member.level == naive.level
            assert keeper.score(member, day) == naive.score(day)


def test_a_row_keeps_no_day_that_counts_no_more() -> None:
    keeper, member = Keeper(LADDER, MONTHLY), Keeping()
    for day in range(3_650):
        member = keeper.earned(member, START + day, 40)
    assert len(member.sums.amounts) == 30
    assert member.sums == DaySums.of(START + 3_620, [40] * 30)
