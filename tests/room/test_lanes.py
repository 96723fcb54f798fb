"""What one tick shows and sheds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from room.lanes import Lanes
from room.message import Event, Lane, Stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """Something of the control lane."""

    kind: ClassVar[str] = "test.notice"
    lane: ClassVar[Lane] = Lane.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """Something of the danmaku lane."""

    kind: ClassVar[str] = "test.said"
    lane: ClassVar[Lane] = Lane.DANMAKU


def stamped(number: int, event: Event) -> Stamped:
    """An event by its place."""
    return Stamped(id=str(number), at=0, event=event)


def test_what_exceeds_a_budget_is_shed_and_counted() -> None:
    lanes: Lanes[int] = Lanes({Lane.DANMAKU: 2})
    for number in range(5):
        lanes.offer(stamped(number, Said()), number)

    taken = lanes.take()

    assert [waiting for _, waiting in taken.shown] == [0, 1]
    assert [waiting for _, waiting in taken.shed] == [2, 3, 4]
    assert taken.counts == {"danmaku": 3}
    assert [type(lane) for lane in taken.counts] == [str]  # the encoder takes no other keys


def test_control_is_never_shed() -> None:
    lanes: Lanes[int] = Lanes({Lane.DANMAKU: 0})
    for number in range(500):
        lanes.offer(stamped(number, Notice()), number)
    assert len(lanes.take().shown) == 500


def test_budgets_begin_anew_with_every_tick() -> None:
    lanes: Lanes[int] = Lanes({Lane.DANMAKU: 1})
    for tick in range(3):
        lanes.offer(stamped(tick, Said()), tick)
        assert [waiting for _, waiting in lanes.take().shown] == [tick]
    assert not lanes


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 10))
def test_every_event_is_shown_or_shed_once_and_in_order(control: list[bool], budget: int) -> None:
    lanes: Lanes[int] = Lanes({Lane.DANMAKU: budget})
    for number, is_control in enumerate(control):
        lanes.offer(stamped(number, Notice() if is_control else Said()), number)

    taken = lanes.take()

    shown, shed = [w for _, w in taken.shown], [w for _, w in taken.shed]
    assert sorted(shown + shed) == list(range(len(control)))
    assert shown == sorted(shown)
    assert sum(taken.counts.values()) == len(shed) == max(0, control.count(False) - budget)
