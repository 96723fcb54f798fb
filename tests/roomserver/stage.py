"""The room `demo` on a stage, with every connection a list of what was written to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from room.house import House
from room.live import Room
from room.message import Command, Query
from room.people import Actor, Role
from room.refusal import (
    Refused,
)
from room.row import Row
from room.settings import Settings
from roomserver.centrifuge.channels import Kind
from roomserver.centrifuge.codes import Disconnect
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import SubscribeResult
from roomserver.committer import Committer
from roomserver.frame_variants import JSON
from roomserver.metrics import Metrics
from roomserver.open_room import OpenRoom
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import RoomFacts
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import HandClock, HandTime, later
from tests.roomserver.jars import HOUSE, Shout

HOST = Actor(id="host", name="Host", role=Role.HOST)
Json = dict[str, Any]


class Viewer:
    """A connection: what is written to it, and whether it takes more."""

    def __init__(self, user: str, client: str = "", role: Role = Role.MEMBER) -> None:
        self.client = client or f"{user}-1"
        self.variant = JSON
        self.gone = False
        self.paused = False
        self.lost: list[str] = []
        self.closed: list[int] = []
        self.frames: list[bytes] = []
        self.replies: list[SubscribeResult] = []
        self.refusals: list[bytes | Refused] = []
        self.full_after: int | None = None
        self.room: OpenRoom | None = None
        self._actor = Actor(id=user, name=user.title(), role=role)

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)
        if self.full_after is not None and len(self.frames) >= self.full_after:
            self.full_after = None
            self.pause()

    def say(self, part: bytes) -> None:
        self.write(JSON.frame(part))

    def actor_in(self, room: str) -> Actor:
        return self._actor

    def lose(self, channel: str) -> None:
        self.lost.append(channel)

    def close(self, why: Disconnect) -> None:
        self.closed.append(why.code)

    def joined(self, result: SubscribeResult) -> bool:
        if self.gone:
            return False
        self.replies.append(result)
        return True

    def pause(self) -> None:
        """The transport says stop, as WebSocket takes it."""
        assert self.room is not None
        self.paused = True
        self.room.publisher.public.fall_behind(self)

    def resume(self) -> bool:
        """The transport takes more again."""
        assert self.room is not None
        self.paused = False
        return self.room.publisher.public.catch_up(self)

    def pubs(self, channel: str = "room:demo") -> list[Json]:
        """All publications that were written to it, in order."""
        told = []
        for frame in self.frames:
            start = {126: 4, 127: 10}.get(frame[1], 2)
            for line in frame[start:].split(b"\n"):
                push = orjson.loads(line)["push"]
                if push["channel"] == channel:
                    told.append(push["pub"])
        return told

    def offsets(self) -> list[int]:
        return [pub["offset"] for pub in self.pubs()]

    def events(self, kind: str = "jar.") -> list[Json]:
        return [event for pub in self.pubs() for event in pub["data"]["events"] if event["type"].startswith(kind)]

    def last(self) -> Json:
        data: Json = self.pubs()[-1]["data"]
        return data


class Stage:
    """The room `demo` on a store in the test's hand."""

    def __init__(self, house: House = HOUSE) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HandTime)
        self.loop = loop
        self.store = HandStore()
        codec, self.metrics = RowCodec(house), Metrics()
        self.committer = Committer(self.store, codec, on_storage=lambda _: None, on_facts=lambda *_: None)
        self.clock = HandClock(loop)
        self.shell = Shell(house=house, clock=self.clock, committer=self.committer, metrics=self.metrics, loop=loop)
        state = Room(id="demo")
        state.rows["p:settings"] = Row(subject="p:settings").having(Settings(made=True))
        state.rows["p:jar"] = Row(subject="p:jar")
        self.room = OpenRoom(self.shell, state, RoomFacts(seq=0, counters={}))

    def join(self, viewer: Viewer, recover: Position | None = None) -> Viewer:
        viewer.room = self.room
        self.room.arrivals.join(viewer, Kind.ROOM, recover, viewer.joined, viewer.refusals.append)
        return viewer

    def ask(self, message: Command | Query, viewer: Viewer) -> list[object]:
        told: list[object] = []
        self.room.ask(
            viewer.actor_in("demo"),
            message,
            lambda one: told.append(one if isinstance(one, Refused) else orjson.loads(one)),
        )
        return told

    def shout(self, viewer: Viewer, text: str = "hi", key: str | None = None) -> list[object]:
        return self.ask(Shout(room="demo", text=text, key=key), viewer)

    async def quiet(self) -> None:
        """Wait until nothing is left to be told, so that the next event is the leading edge."""
        await later(1)


@asynccontextmanager
async def on_stage(house: House = HOUSE) -> AsyncIterator[Stage]:
    stage = Stage(house)
    task = stage.loop.create_task(stage.committer.run())
    try:
        yield stage
        assert not task.done()
    finally:
        task.cancel()
        stage.room.close()
