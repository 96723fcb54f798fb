"""What every open room shares."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from presence.feature import Join, Joined, Left
from room.feature import Feature
from room.house import House
from room.live import Room
from room.message import Event, Stamped
from room.people import Standing
from room.refusal import UnknownMethod
from roomserver.clock import Clock
from roomserver.committer import Committer
from roomserver.memory_store import MemoryStore
from roomserver.metrics import Metrics
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from tests.roomserver.hand_time import play
from tests.roomserver.jars import HOUSE, Drop, Look


class Quiet(Feature):
    name = "quiet"


class Flushing(Feature):
    name = "flushing"

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        return ()


class Watching(Feature):
    name = "watching"

    def notices(self, kind: type[Event]) -> bool:
        return issubclass(kind, Joined)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Nothing is made of it here."""


class Waking(Feature):
    name = "waking"

    def deadline(self, room: Room) -> int | None:
        return None


def made(house: House) -> Shell:
    committer = Committer(MemoryStore(), RowCodec(house), on_storage=lambda _: None, on_facts=lambda *_: None)
    return Shell(house=house, clock=Clock(), committer=committer, metrics=Metrics(), loop=asyncio.get_running_loop())


def test_only_features_that_have_something_to_do_in_a_tick_are_called() -> None:
    async def dialogue() -> None:
        quiet, flushing, waking = Quiet(), Flushing(), Waking()
        shell = made(House([quiet, flushing, waking], standing=lambda _: Standing()))
        assert (shell.observers, shell.flushers, shell.wakers) == ((), (flushing,), (waking,))

    play(dialogue)


def test_an_event_is_offered_to_those_who_make_something_of_its_class() -> None:
    async def dialogue() -> None:
        watching = Watching()
        shell = made(House([watching, Waking()], standing=lambda _: Standing()))
        assert [shell.observers_of(kind) for kind in (Joined, Left, Joined)] == [(watching,), (), (watching,)]

    play(dialogue)


def test_what_the_server_alone_commands_cannot_be_said_on_the_wire() -> None:
    async def dialogue() -> None:
        shell = made(HOUSE)
        with pytest.raises(UnknownMethod):
            shell.schema.decode(Join.kind, b'{"room":"demo","connection":"c"}', room=None)
        for kind in (Drop, Look):
            assert shell.schema.decode(kind.kind, b'{"room":"demo"}', room=None) == kind(room="demo")

    play(dialogue)
