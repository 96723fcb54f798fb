"""Steps of load, on values; the sampler on a clock that is moved by hand."""

from __future__ import annotations

import asyncio

import pytest

from room.message import Lane
from roomserver.load import SAMPLES, SHARES, Load, Step, measure
from tests.roomserver.hand_time import HandTime, later, play


def observed(load: Load, lag: float, times: int = SAMPLES) -> Step:
    for _ in range(times):
        load.observe(lag)
    return load.step


@pytest.mark.parametrize(
    ("lag", "step"),
    [
        (0.0, Step.CALM),
        (0.1, Step.CALM),
        (0.11, Step.BUSY),
        (0.25, Step.BUSY),
        (0.26, Step.STRAINED),
        (1.0, Step.STRAINED),
        (1.01, Step.OVERLOADED),
    ],
)
def test_steps_go_by_lag(lag: float, step: Step) -> None:
    assert observed(Load(), lag) is step


@pytest.mark.parametrize(
    ("wait", "step"),
    [(0.25, Step.CALM), (0.26, Step.BUSY), (1.0, Step.BUSY), (1.01, Step.STRAINED), (9, Step.STRAINED)],
)
def test_steps_go_by_how_long_changes_wait_too(wait: float, step: Step) -> None:
    load = Load()
    assert [load.observe(0.0, wait) for _ in range(100)][-1] is step
    assert [load.observe(0.0, 0.0) for _ in range(100)][-1] is Step.CALM


def test_the_worse_of_lag_and_wait_decides() -> None:
    load = Load()
    assert [load.observe(0.3, 0.3) for _ in range(100)][-1] is Step.STRAINED
    assert [load.observe(0.0, 0.3) for _ in range(100)][-1] is Step.BUSY


def test_ten_stalls_among_a_hundred_samples_are_no_load_and_eleven_are() -> None:
    load = Load()
    observed(load, 0.0)
    assert [load.observe(2.0) for _ in range(11)] == [Step.CALM] * 10 + [Step.OVERLOADED]


def test_a_step_is_left_at_half_its_bound_only() -> None:
    load = Load()
    assert observed(load, 0.3) is Step.STRAINED
    assert observed(load, 0.2) is Step.STRAINED
    assert observed(load, 0.12) is Step.BUSY
    assert observed(load, 0.06) is Step.BUSY
    assert observed(load, 0.05) is Step.CALM


def test_the_first_samples_are_no_load() -> None:
    assert [Load().observe(5.0) for _ in range(10)] == [Step.CALM] * 10


def test_a_step_is_left_after_five_seconds_of_rest() -> None:
    load = Load()
    observed(load, 0.3)
    steps = [load.observe(0.01) for _ in range(SAMPLES)]
    assert steps.index(Step.CALM) == 44  # of the last fifty samples five may be anything
    assert set(steps[:44]) == {Step.STRAINED}


def test_who_is_heard_late_counts_as_lag() -> None:
    class Line:
        late = 0.3

    async def dialogue() -> None:
        load = Load()
        task = asyncio.get_running_loop().create_task(measure(load, line=Line()))
        await later(2)
        assert load.lag == pytest.approx(0.3)
        assert load.step is Step.STRAINED
        task.cancel()

    play(dialogue)


def test_what_is_measured_is_how_late_the_loop_wakes_somebody() -> None:
    async def dialogue() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HandTime)
        load = Load()
        task = loop.create_task(measure(load))
        await later(1)
        assert load.lag < 0.001
        for _ in range(12):
            loop.now += 0.5  # somebody keeps the loop for half a second
            await later(0.3)
        assert load.step is Step.STRAINED
        task.cancel()

    play(dialogue)


def test_what_is_given_up_grows_with_every_step_and_control_is_never_given_up() -> None:
    assert list(SHARES) == list(Step)
    for lane in (Lane.DANMAKU, Lane.ENTRANCE):
        shown = [SHARES[step][lane] for step in Step]
        assert shown == sorted(shown, reverse=True)
    assert [SHARES[step][Lane.ENTRANCE] for step in Step][1:] == [0, 0, 0]
    assert all(SHARES[step][Lane.DANMAKU] > 0 for step in Step)
    assert not {Lane.CONTROL, Lane.RECEIPT, Lane.GIFT} & {lane for step in Step for lane in SHARES[step]}
