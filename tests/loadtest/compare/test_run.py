import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from loadtest.compare.bench import Bench
from loadtest.compare.goals import Figures, Goal
from loadtest.compare.measures import Entry, Row
from loadtest.compare.run import Comparison, compare
from loadtest.faults import ServerUnreachable
from loadtest.progress import Glance, unwatched


def entry(name: str, order: list[str], *, missing: str | None = None, refuses: bool = False) -> Entry:
    async def measure(bench: Bench) -> tuple[Figures, Sequence[str]]:
        order.append(name)
        if refuses:
            raise ServerUnreachable("It did not start.")
        return {"cpu": 1.0, "viewers": bench.viewers}, ()

    return Entry(name=name, label=name, missing=missing, measure=measure)


def plan(*entries: Entry) -> Comparison:
    row = Row(name="r", title="t", columns=(), entries=entries, goals=())
    return Comparison(rows=[row], peers=None, rounds=3, viewers=10, seconds=1.0)


async def test_rounds_alternate() -> None:
    order: list[str] = []
    compared = await compare(plan(entry("a", order), entry("b", order)), asyncio.Event(), unwatched)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [len(case.rounds) for case in compared.rows[0].cases] == [3, 3]
    assert compared.sound
    assert compared.skipped is None


async def test_who_is_missing_or_refuses_is_left_out_with_the_reason() -> None:
    order: list[str] = []
    absent, broken = entry("a", order, missing="not installed"), entry("b", order, refuses=True)
    compared = await compare(plan(absent, broken), asyncio.Event(), unwatched)
    assert [case.skipped for case in compared.rows[0].cases] == ["not installed", "It did not start."]
    assert order == ["b"]
    assert compared.skipped == "not installed"


async def test_only_the_chosen_take_part() -> None:
    order: list[str] = []
    only = replace(plan(entry("a", order), entry("b", order)), peers=frozenset({"b"}))
    await compare(only, asyncio.Event(), unwatched)
    assert order == ["b", "b", "b"]


async def test_a_stop_ends_it() -> None:
    stop, order = asyncio.Event(), list[str]()
    stop.set()
    assert (await compare(plan(entry("a", order)), stop, unwatched)).rows == []
    assert order == []


async def test_a_round_that_is_stopped_in_the_middle_does_not_count() -> None:
    stop = asyncio.Event()

    async def measure(_bench: Bench) -> tuple[Figures, Sequence[str]]:
        stop.set()
        return {"cpu": 1.0}, ["1 lost"]

    stopping = Entry(name="a", label="a", missing=None, measure=measure)
    compared = await compare(plan(stopping), stop, unwatched)
    assert compared.rows[0].cases[0].rounds == []
    assert compared.sound


async def test_a_round_that_fails_after_others_is_a_fault() -> None:
    tried: list[int] = []

    async def measure(_bench: Bench) -> tuple[Figures, Sequence[str]]:
        tried.append(1)
        if len(tried) == 2:
            raise ServerUnreachable("It ended.")
        return {"cpu": 1.0}, ()

    failing = Entry(name="a", label="a", missing=None, measure=measure)
    [case] = (await compare(plan(failing), asyncio.Event(), unwatched)).rows[0].cases
    assert (len(case.rounds), case.faults, case.skipped) == (2, ["It ended."], None)


async def test_progress_is_that_of_the_row() -> None:
    seen: list[tuple[str, float, float | None]] = []

    async def measure(bench: Bench) -> tuple[Figures, Sequence[str]]:
        bench.watch(Glance(phase="measuring", done=1.0, total=2.0))
        return {}, ()

    slow = Entry(name="a", label="a", missing=None, measure=measure)
    await compare(plan(slow), asyncio.Event(), lambda glance: seen.append((glance.phase, glance.done, glance.total)))
    assert seen == [("r", 0.5, 3), ("r", 1.5, 3), ("r", 2.5, 3)]


@pytest.mark.parametrize(("bound", "missed"), [(1.0, False), (0.9, True)])
async def test_a_goal_that_is_not_reached_is_missed(bound: float, missed: bool) -> None:
    goals = [Goal(text="t", figure=figure, of="a", bound=bound) for figure in ("cpu", "unmeasured")]
    asked = plan(entry("a", []))
    compared = await compare(replace(asked, rows=[replace(asked.rows[0], goals=goals)]), asyncio.Event(), unwatched)
    assert compared.missed is missed


@pytest.mark.parametrize(
    ("figure", "lasts", "unmeasured"), [("cpu", 0.0, None), ("other", 0.0, "t"), ("other", 1.0, None)]
)
async def test_a_goal_that_nothing_was_measured_for_is_told(figure: str, lasts: float, unmeasured: str | None) -> None:
    """But not one for which a round is too short, as is known before."""
    asked = plan(entry("a", []))
    goal = Goal(text="t", figure=figure, of="a", bound=1.0, lasts=lasts)
    compared = await compare(replace(asked, rows=[replace(asked.rows[0], goals=[goal])]), asyncio.Event(), unwatched)
    assert (compared.missed, compared.unmeasured) == (False, unmeasured)
