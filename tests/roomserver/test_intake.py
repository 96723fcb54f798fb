"""Who is heard when: the line of a process, in time that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from roomserver.intake import BEHIND_SECONDS, FIRST, TURN_SECONDS, Intake


@dataclass
class Loop:
    """Keeps what is to be called in the next turn."""

    soon: list[Callable[[], None]] = field(default_factory=list)
    at: float = 100.0

    def call_soon(self, call: Callable[[], None]) -> None:
        self.soon.append(call)

    def time(self) -> float:
        return self.at

    def turn(self) -> None:
        """One turn; there is never more than one thing of the line's to do in it."""
        calls, self.soon = self.soon, []
        assert len(calls) <= 1
        for call in calls:
            call()


@dataclass
class Talker:
    """Has so many slices to say, each of which takes a while to hear."""

    name: str
    loop: Loop
    heard: list[str]
    slices: int = 1
    takes: float = 0.0
    chatter: bool = False
    asked: int = 0
    fails: bool = False

    def hear_on(self) -> bool:
        self.loop.at += self.takes
        self.heard.append(self.name)
        self.slices -= 1
        if self.fails:
            raise ValueError(self.name)
        return self.slices == 0

    def can_wait(self) -> bool:
        self.asked += 1
        return self.chatter


def line() -> tuple[Intake, Loop, list[str]]:
    loop = Loop()
    return Intake(loop), loop, []  # type: ignore[arg-type]  # of a loop it needs but these two


def test_a_turn_has_room_until_its_time_is_over() -> None:
    intake, loop, _ = line()
    full = [intake.full]
    for share in (0.9, 0.2):
        loop.at += TURN_SECONDS * share
        full.append(intake.full)
    loop.turn()
    assert [*full, intake.full] == [False, False, True, False]


def test_who_waits_is_heard_in_the_order_of_coming_and_each_a_slice_at_a_time() -> None:
    intake, loop, heard = line()
    for name, slices in (("a", 2), ("b", 1), ("c", 2)):
        intake.wait(Talker(name, loop, heard, slices))
    full = [intake.full]
    loop.turn()
    assert heard == ["a", "b", "c", "a", "c"]
    loop.turn()
    assert [*full, intake.full] == [True, False]
    assert intake.late == 0.0


def test_a_turn_hears_for_so_long_and_then_lets_others_work() -> None:
    intake, loop, heard = line()
    for number in range(10):
        intake.wait(Talker(str(number), loop, heard, takes=TURN_SECONDS * 0.3))
    loop.turn()
    assert heard == ["0", "1", "2", "3"]
    assert intake.full  # who comes now is behind those who wait
    loop.turn()
    loop.turn()
    assert len(heard) == 10


def test_chatter_is_heard_after_the_others_but_is_not_starved() -> None:
    intake, loop, heard = line()
    for number in range(3):
        intake.wait(Talker(f"chat{number}", loop, heard, chatter=True))
    for number in range(8):
        intake.wait(Talker(f"tap{number}", loop, heard))
    loop.turn()
    assert heard[: FIRST + 1] == ["tap0", "tap1", "tap2", "chat0"]
    assert heard.index("tap7") == 9
    assert len(heard) == 11


def test_who_has_found_his_line_stays_in_it_and_what_he_says_is_not_looked_at_again() -> None:
    intake, loop, heard = line()
    chat, tap = Talker("chat", loop, heard, 3, chatter=True), Talker("tap", loop, heard, 6)
    intake.wait(chat)
    intake.wait(tap)
    loop.turn()
    assert heard == ["tap", "tap", "tap", "chat", "tap", "tap", "tap", "chat", "chat"]
    assert (chat.asked, tap.asked) == (1, 1)


def test_how_late_who_is_heard_has_become() -> None:
    intake, loop, heard = line()
    intake.wait(Talker("a", loop, heard))
    loop.at += BEHIND_SECONDS
    intake.wait(Talker("b", loop, heard, takes=TURN_SECONDS))
    behind = [intake.behind]
    loop.at += 0.1
    loop.turn()
    assert intake.late == pytest.approx(0.1)
    behind.append(intake.behind)
    loop.turn()
    assert [*behind, intake.behind] == [False, True, False]


def test_one_who_fails_costs_nobody_else_his_turn() -> None:
    intake, loop, heard = line()
    intake.wait(Talker("a", loop, heard, fails=True))
    intake.wait(Talker("b", loop, heard))
    with pytest.raises(ValueError, match="a"):
        loop.turn()
    loop.turn()
    assert heard == ["a", "b"]


async def test_a_loop_in_use_comes_round_to_all() -> None:
    intake, heard = Intake(asyncio.get_running_loop()), list[str]()
    talkers = [Talker(str(number), Loop(), heard, 3) for number in range(50)]
    for talker in talkers:
        intake.wait(talker)
    for _ in range(150):
        await asyncio.sleep(0)
    assert len(heard) == 150
    assert not intake.full
