"""The channels of one connection: what is joined, left, paused and resumed."""

from __future__ import annotations

from room.refusal import Refused
from roomserver.centrifuge.channels import Channel, Kind
from roomserver.centrifuge.replies import SubscribeResult
from roomserver.following import Following
from roomserver.rooms import Rooms
from roomserver.rows import RowCodec
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.jars import HOUSE
from tests.roomserver.stage import Stage, Viewer, on_stage

DEMO, ELSEWHERE = Channel(Kind.ROOM, "demo"), Channel(Kind.ROOM, "elsewhere")


class Table:
    """One connection among rooms, and what it was told of its joins."""

    def __init__(self, stage: Stage, *, make: bool = True) -> None:
        self.rooms = Rooms(stage.shell, stage.store, RowCodec(HOUSE), make=make)
        self.visitor = Viewer("ada")
        self.following = Following()
        self.joined: list[SubscribeResult] = []
        self.refused: list[Refused] = []

    def join(self, channel: Channel) -> None:
        self.following.join(self.visitor, self.rooms, channel, None, self.joined.append, self.refused.append)


def test_who_has_joined_follows_until_he_leaves() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            table = Table(stage)
            table.join(DEMO)
            await settle()
            room = table.following.room("demo")
            assert room is not None
            assert (len(table.joined), table.refused, room.publisher.public.up_to_date) == (1, [], 1)
            table.following.leave(table.visitor, DEMO)
            table.following.leave(table.visitor, DEMO)
            assert (table.following.room("demo"), len(room.publisher.public)) == (None, 0)
            room.close()

    play(dialogue)


def test_who_may_not_come_in_hears_why_and_follows_nothing() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            table = Table(stage, make=False)
            table.join(DEMO)
            await settle()
            assert (table.joined, [one.code for one in table.refused]) == ([], [1005])
            assert table.following.room("demo") is None

    play(dialogue)


def test_who_is_gone_by_the_time_his_room_is_open_is_told_nothing() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            table = Table(stage)
            table.join(DEMO)
            table.visitor.gone = True
            await settle()
            assert (table.joined, table.refused) == ([], [])
            for room in table.rooms:
                room.close()

    play(dialogue)


def test_a_pause_is_of_all_rooms_and_so_is_what_comes_after_it() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            table = Table(stage)
            for channel in (DEMO, ELSEWHERE):
                table.join(channel)
            await later(1)
            table.visitor.paused = True
            table.following.pause(table.visitor)
            rooms = [table.following.room(one.id) for one in (DEMO, ELSEWHERE)]
            for number, room in enumerate(rooms):
                assert room is not None
                room.publisher.public.publish(b"x" * (10 + number))
            assert table.following.lag(table.visitor) == 11
            written = len(table.visitor.frames)
            table.visitor.paused = False
            assert table.following.resume(table.visitor) == []
            assert (len(table.visitor.frames), table.following.lag(table.visitor)) == (written + 2, 0)
            for room in table.rooms:
                room.close()

    play(dialogue)
