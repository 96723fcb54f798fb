from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from membership.tiers import TIERS, TierDef, Tiers

LADDER = Tiers()


def test_the_set_of_a_room_that_sets_nothing() -> None:
    assert [tier.level for tier in TIERS] == [0, 1, 2, 3, 4, 5, 6]
    assert [tier.at for tier in TIERS] == [0, 100, 300, 1_000, 3_000, 8_000, 20_000]
    assert [tier.styles[-1] for tier in TIERS] == ["white", "mint", "sky", "lilac", "pink", "amber", "gold"]
    assert [tier.modes for tier in TIERS] == [(1,)] * 3 + [(1, 4)] * 2 + [(1, 4, 5)] * 2


def test_a_tier_holds_what_those_below_it_hold() -> None:
    for lower, higher in pairwise(TIERS):
        assert set(lower.styles) < set(higher.styles)
        assert set(lower.modes) <= set(higher.modes)
        assert set(lower.perks) <= set(higher.perks)
        assert lower.weight < higher.weight


@examples(st.integers(0, 10**9))
def test_a_score_makes_the_highest_tier_whose_threshold_it_reaches(score: int) -> None:
    tier = max(tier.level for tier in TIERS if tier.at <= score)
    assert LADDER.reached(score).level == tier
    ahead = LADDER.next(LADDER.reached(score))
    assert (ahead is None) == (tier == 6)
    assert ahead is None or (ahead.level == tier + 1 and ahead.at > score)


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: str(tier.name))
def test_a_tier_is_held_from_its_threshold_on(tier: TierDef) -> None:
    assert LADDER.reached(tier.at) is tier
    assert tier.at == 0 or LADDER.reached(tier.at - 1).level == tier.level - 1


def test_standings_are_made_beforehand() -> None:
    assert LADDER.standing(TIERS[1]) is LADDER.standing(TIERS[1]) == TIERS[1].standing


def test_levels_need_not_be_without_gaps() -> None:
    few = Tiers([TierDef(level=1, name="Guest", badge="g", at=0), TierDef(level=9, name="Star", badge="s", at=5)])
    assert [few.reached(score).level for score in (0, 4, 5)] == [1, 1, 9]
    assert [few.at_level(level).level for level in (0, 1, 2, 8, 9, 10)] == [1, 1, 1, 1, 9, 9]


BASE = TIERS[0]


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (replace(BASE, at=1),),
        (replace(BASE, level=-1),),
        (BASE, replace(TIERS[1], at=0)),
        (BASE, replace(TIERS[1], level=0)),
        (BASE, TIERS[2], TIERS[1]),
        (BASE, replace(TIERS[1], name=BASE.name)),
    ],
)
def test_tiers_that_are_no_ladder_are_refused(tiers: tuple[TierDef, ...]) -> None:
    with pytest.raises(ValueError, match="tier"):
        Tiers(tiers)
