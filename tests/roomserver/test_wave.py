"""A wave of joins, with all features: what it costs a viewer does not grow with it."""

from __future__ import annotations

from room.row import Row, member
from roomserver.features import make_house
from tests.roomserver.hand_time import later, play
from tests.roomserver.stage import Viewer, on_stage

SECONDS, STEPS = 5, 100


def bytes_of_a_wave(joins: int) -> int:
    """What one viewer is sent while so many members come in within five seconds."""

    async def dialogue() -> int:
        async with on_stage(make_house()) as stage:
            ada = stage.join(Viewer("ada"))
            await later(2)
            before = sum(map(len, ada.frames))
            for number in range(joins):
                user = f"user{number}"
                stage.room.keep(Row(subject=member(user)))
                stage.join(Viewer(user))
                if number % (joins // STEPS) == 0:
                    await later(SECONDS / STEPS)
            return sum(map(len, ada.frames)) - before

    return play(dialogue)


def test_ten_times_as_many_who_come_cost_a_viewer_no_more_than_a_fifth_more() -> None:
    assert bytes_of_a_wave(1000) <= 1.2 * bytes_of_a_wave(100)
