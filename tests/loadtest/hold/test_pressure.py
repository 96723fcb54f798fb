from collections import Counter
from dataclasses import replace

import pytest

from loadtest.compare.goals import Case
from loadtest.hold.pressure import NEVER, Facts, Turn, percentile, pressure_figures
from loadtest.hold.rows import OVERLOAD
from loadtest.hold.spoken import Checkin, Spoken

QUIET = [Turn(at=at / 10, seconds=0.01) for at in range(-50, 0)]
LATER = [Turn(at=60 + at / 10, seconds=0.01) for at in range(1, 200)]
SPOKEN = Spoken(sent=180_000, accepted=6_000, shed=4_000, refused=Counter({1008: 170_000}))
FACTS = Facts(
    seconds=60.0,
    came=1.0,
    holds=1_000.0,
    spoken=SPOKEN,
    checkins=[Checkin(at=number / 10, seconds=0.1) for number in range(500)],
    receipts_lost=0,
    ordered=70,
    obeyed=70,
    changes=20,
    changes_told=20,
    shed=5,
    shed_told=4_005,
    turns=[*QUIET, Turn(at=30.0, seconds=0.1), *LATER],
    danmaku=[Turn(at=-2, seconds=0.06), Turn(at=61, seconds=0.1)],
    steps=[(30.0, 2, 0.15), (61.0, 1, 0.06), (69.0, 0, 0.01)],
)


def missed(facts: Facts) -> set[str]:
    cases = {"overload": Case(name="overload", label="", rounds=[pressure_figures(facts)])}
    return {goal.figure for goal in OVERLOAD.goals if goal.judge(cases).reached is False}


def test_a_room_that_holds_misses_nothing() -> None:
    assert missed(FACTS) == set()
    figures = pressure_figures(FACTS)
    assert (figures["times"], figures["checkins"], figures["step"]) == (3.0, 500, 2)
    assert (figures["turn_p99_ms"], figures["lag_said_ms"]) == (100.0, 150.0)


def late(number: int, seconds: float | None) -> list[Checkin]:
    return [*FACTS.checkins[number:], *(Checkin(at=1.0, seconds=seconds) for _ in range(number))]


@pytest.mark.parametrize(
    ("facts", "figures"),
    [
        (replace(FACTS, checkins=late(6, 1.2)), {"checkin_p99_ms"}),
        (replace(FACTS, checkins=late(6, None)), {"checkin_p99_ms"}),
        (replace(FACTS, checkins=late(4, None)), set()),
        (replace(FACTS, checkins=[]), {"checkin_p99_ms"}),
        (replace(FACTS, came=0.0), {"came_share"}),
        (replace(FACTS, came=0.89), {"came_share"}),
        (replace(FACTS, receipts_lost=1), {"receipts_lost"}),
        (replace(FACTS, spoken=replace(SPOKEN, receipts_lost=1)), {"receipts_lost"}),
        (replace(FACTS, obeyed=69), {"control_lost"}),
        (replace(FACTS, changes_told=19), {"control_lost"}),
        (replace(FACTS, ordered=0, obeyed=0), {"control_lost"}),
        (replace(FACTS, changes=0, changes_told=0), {"control_lost"}),
        (replace(FACTS, shed_told=4_004), {"shed_untold"}),
        (replace(FACTS, shed_told=4_006), {"shed_untold"}),
        (replace(FACTS, spoken=replace(SPOKEN, accepted=5_999)), {"unanswered"}),
        (replace(FACTS, holds=1_200.0), {"times"}),
        (replace(FACTS, turns=[*QUIET, Turn(at=30.0, seconds=0.3), *LATER]), {"turn_p99_ms"}),
        (replace(FACTS, turns=[*FACTS.turns, Turn(at=69.5, seconds=0.6)]), {"normal_after_s"}),
        (replace(FACTS, turns=[*FACTS.turns, Turn(at=69.0, seconds=0.6)]), set()),
        (replace(FACTS, danmaku=[*FACTS.danmaku, Turn(at=70, seconds=0.5)]), {"normal_after_s"}),
        (replace(FACTS, steps=[*FACTS.steps, (71.0, 1, 0.06)]), {"normal_after_s"}),
        (replace(FACTS, turns=[*QUIET, Turn(at=30.0, seconds=0.1)]), {"normal_after_s"}),
        (replace(FACTS, danmaku=FACTS.danmaku[:1]), {"normal_after_s"}),
        (replace(FACTS, steps=FACTS.steps[:1]), {"normal_after_s"}),
        (replace(FACTS, turns=[Turn(at=30.0, seconds=NEVER)]), {"turn_p99_ms", "normal_after_s"}),
        (replace(FACTS, shed=0, shed_told=0, spoken=replace(SPOKEN, shed=0, accepted=10_000)), {"shed_per_second"}),
    ],
)
def test_whatever_is_planted_is_missed(facts: Facts, figures: set[str]) -> None:
    assert missed(facts) == figures


def test_percentiles_of_nothing_are_never() -> None:
    assert percentile([], 99) == NEVER
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0
    assert percentile([1.0], 99) == 1.0
