from dataclasses import replace

import pytest

from loadtest.plan import Scenario, ScenarioPlan

PLAN = ScenarioPlan(url="", run="t", room="demo", scenario=Scenario.STORM, viewers=50, seconds=10.0)


@pytest.mark.parametrize(
    ("scenario", "rate"),
    [
        (Scenario.IDLE, 1.0),
        (Scenario.STORM, 20.0),
        (Scenario.WAVE, 4.5),
        (Scenario.TAP, 50.0),
        (Scenario.SHOUT, 2.0),
        (Scenario.CHURN, 1.0),
        (Scenario.STALLED, 20.0),
        (Scenario.REJOIN, 2000.0),
        (Scenario.EVENING, 6.25),
    ],
)
def test_every_scenario_states_its_rate(scenario: Scenario, rate: float) -> None:
    assert replace(PLAN, scenario=scenario).arrivals_per_second == rate
    assert replace(PLAN, scenario=scenario, rate=150.0).arrivals_per_second == 150.0


def test_a_storm_of_a_thousand_is_400_a_second() -> None:
    assert replace(PLAN, viewers=1000).arrivals_per_second == 400.0


@pytest.mark.parametrize(("scenario", "seated"), [(Scenario.WAVE, 5), (Scenario.EVENING, 25), (Scenario.TAP, 50)])
def test_who_is_there_before(scenario: Scenario, seated: int) -> None:
    assert replace(PLAN, scenario=scenario).seated == seated
    assert replace(PLAN, scenario=scenario, watchers=7).seated == 7


def test_one_in_a_hundred_stops_reading_but_one_at_least_and_never_all() -> None:
    stalled = replace(PLAN, scenario=Scenario.STALLED)
    assert [replace(stalled, viewers=viewers).stalling for viewers in (1000, 50, 1)] == [10, 1, 0]
    assert replace(stalled, stalled=0.0).stalling == 0
    assert PLAN.stalling == 0


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
def test_parts_make_up_the_whole(processes: int) -> None:
    evening = replace(PLAN, scenario=Scenario.EVENING)
    parts = evening.parts(processes)
    assert len(parts) == processes
    assert sum(part.viewers for part in parts) == evening.viewers
    assert sum(part.arrivals_per_second for part in parts) == pytest.approx(evening.arrivals_per_second)
    assert [part.first for part in parts] == [sum(one.viewers for one in parts[:place]) for place in range(processes)]
    assert sum(part.has_host for part in parts) == 1
