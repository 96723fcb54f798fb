"""A member's device: one socket on the JSON wire, what it asked, and all that it heard."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from loadtest import protocol
from loadtest.connection import Connection, open_connection
from loadtest.decoder import SharedDecoder
from loadtest.protocol import Notice, Push, Refusal, Reply
from loadtest.target import parse_target
from tests.patience import PATIENCE

Json = dict[str, Any]  # what a reply or an event says: its fields are looked at by name

STORE_AWAY = 1003
BUSY = 1010


@dataclass(slots=True, eq=False)
class Try:
    """One time that a tap was sent: when, when an answer came (never: infinity), and the receipt, if it was one."""

    sent: float
    answered: float = math.inf
    receipt: Json | None = None


@dataclass(slots=True, eq=False)
class Tap:
    """One tap on "check in": its key, and the first receipt or the last refusal that came back for it.

    ``again`` are the receipts of its retries, ``took`` the seconds that its last answer needed.
    """

    user: str
    key: str
    receipt: Json | None = None
    refusal: Refusal | None = None
    again: list[Json] = field(default_factory=list)
    took: float = 0.0
    tries: list[Try] = field(default_factory=list)

    def answered(self, this: Try, reply: Reply, now: float) -> None:
        """Note what came back."""
        this.answered = now
        self.took = now - this.sent
        self.refusal = reply.error
        if reply.rpc is not None:
            said = this.receipt = told(reply)
            if self.receipt is None:
                self.receipt = said
            else:
                self.again.append(said)

    def received(self) -> Json:
        """The receipt, which there must be."""
        assert self.receipt is not None, self.refusal
        return self.receipt


class Device:
    """A connection of a user in one room; ``heard`` are all events in order, with the channel of each."""

    def __init__(self, user: str, room: str) -> None:
        self.user = user
        self.room = room
        self.snapshot: Json = {}
        self.heard: list[tuple[str, Json]] = []
        self.lost: Notice | None = None
        self._connection: Connection
        self._changed = asyncio.Event()

    def pushed(self, push: Push, now: float) -> None:
        if push.pub is not None:
            batch = msgspec.json.decode(push.pub.data)
            self.heard += [(push.channel, event) for event in batch["events"]]
            self._changed.set()

    def closed(self, why: Notice) -> None:
        self.lost = why
        self._changed.set()

    async def join(self, url: str, token: str) -> None:
        """Connect and enter the room."""
        self._connection = await open_connection(self, parse_target(url), SharedDecoder(), Random(self.user))
        reply = await self._connection.call(protocol.connect(token))
        assert reply.connect is not None, reply.error
        reply = await self._connection.call(protocol.subscribe(f"room:{self.room}"))
        while reply.error is not None and reply.error.code == BUSY:  # a slow machine puts off who comes in a crowd
            await asyncio.sleep(reply.error.wait)
            reply = await self._connection.call(protocol.subscribe(f"room:{self.room}"))
        assert reply.subscribe is not None, reply.error
        self.snapshot = msgspec.json.decode(reply.subscribe.data)

    def is_lost(self) -> bool:
        return self.lost is not None

    def hang_up(self) -> None:
        self._connection.close()

    async def ask(self, method: str, **data: object) -> Reply:
        return await self._connection.call(protocol.rpc(method, {"room": self.room, **data}))

    def tap(self, tap: Tap, answered: Callable[[Tap], None] = lambda _: None) -> asyncio.Future[Tap]:
        """Send a check-in now; what comes back is noted on it at once, then ``answered`` is called."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Tap] = loop.create_future()
        this = Try(loop.time())
        tap.tries.append(this)

        def take(reply: Reply, _: float) -> None:
            tap.answered(this, reply, loop.time())
            answered(tap)
            if not done.done():
                done.set_result(tap)

        self._connection.fire(protocol.rpc("checkin.mark", {"room": self.room, "key": tap.key}), take)
        return done

    def events(self, kind: str, **fields: object) -> list[Json]:
        """The events of a type that it has heard, in every channel, with these fields."""
        return [e for _, e in self.heard if e["type"] == kind and fields.items() <= e.items()]

    async def hears(self, kind: str, **fields: object) -> Json:
        """The first event of that kind, now or when it comes."""
        await self.until(lambda: bool(self.events(kind, **fields)))
        return self.events(kind, **fields)[0]

    async def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait for what it hears to make something true."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


def told(reply: Reply) -> Json:
    """What a call was answered."""
    assert reply.rpc is not None, reply.error
    said: Json = msgspec.json.decode(reply.rpc.data)
    return said


def without_replayed(receipt: Mapping[str, object]) -> Json:
    """A receipt as it is the same for every device and retry."""
    return {name: value for name, value in receipt.items() if name != "replayed"}
