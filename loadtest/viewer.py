"""A simulated viewer: he joins a room, stays through whatever the connection goes through, and audits what he hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Protocol

import msgspec
from msgspec import Struct

from loadtest import protocol
from loadtest.audit import ViewerAudit
from loadtest.cast import Member
from loadtest.connection import Answered, Connection, open_connection
from loadtest.decoder import SharedDecoder
from loadtest.faults import LoadtestFault, ServerUnreachable, TurnedAway, WireFault
from loadtest.protocol import Batch, Notice, Position, Push, Reply, SubscribeResult
from loadtest.roomlog import RoomLog
from loadtest.target import Target

_FINAL_CLOSES = range(3500, 4000)  # an SDK never comes back after these
_INSUFFICIENT_STATE = range(2500, 3000)  # an SDK subscribes again after these
_TOKEN_EXPIRED = 109
_CLOSED_EXPIRED = 3005
_LONGEST_BACKOFF = 5.0
_LONGEST_PUT_OFF = 60.0  # seconds for which a viewer tries to get in while the server puts him off
_SMALL_BUFFER = 8 * 1024

OnBatch = Callable[[Batch, float], None]


def _unnoticed(_seconds: float) -> None:
    pass


def _unheard() -> None:
    pass


class Style(Struct, frozen=True):
    """A danmaku style of the room snapshot, as this viewer may use it."""

    id: str | int
    modes: tuple[int, ...] = (1,)
    locked: object = None


class _Snapshot(Struct, frozen=True):
    styles: tuple[Style, ...] = ()


class Tokens(Protocol):
    """Who gives viewers their tokens."""

    async def token(self, member: Member) -> str:
        """A token for `member`, or TokenRefused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """What all viewers of a run share; `heard` is told every batch once, by the first viewer who gets it."""

    target: Target
    room: str
    tokens: Tokens
    log: RoomLog
    decoder: SharedDecoder
    heard: OnBatch
    deflate: bool = False
    returned: Callable[[float], None] = _unnoticed
    put_off: Callable[[], None] = _unheard


class Viewer:
    """One member on one connection at a time; it reconnects and recovers as an SDK would."""

    def __init__(self, member: Member, token: str, venue: Venue, rng: Random) -> None:
        self.member = member
        self.audit = ViewerAudit(venue.log)
        self.inside = asyncio.Event()
        self.reconnects = 0
        self.styles: tuple[Style, ...] = ()
        self.ended: Notice | None = None
        self._token = token
        self._venue = venue
        self._rng = rng
        self._channel = f"room:{venue.room}"
        self._connection: Connection | None = None
        self._interrupted = asyncio.Event()
        self._left = asyncio.Event()
        self._expired = False
        self._bytes_before = 0
        self._may_return = asyncio.Event()
        self._may_return.set()
        self._receive_buffer: int | None = None

    @property
    def bytes_in(self) -> int:
        """What this viewer's sockets have received so far."""
        return self._bytes_before + (self._connection.bytes_in if self._connection else 0)

    @property
    def returning(self) -> bool:
        """Whether he is out of the room, but on his way back."""
        final = self.ended is not None and self.ended.code in _FINAL_CLOSES
        return not (self._left.is_set() or final or self.inside.is_set()) and self.audit.position is not None

    async def enter(self) -> None:
        """Connect and join for the first time.

        Raises:
            LoadtestFault: when that does not work out.
        """
        patience = perf_counter() + _LONGEST_PUT_OFF
        while self._connection is None:
            try:
                await self._connect()
            except TurnedAway:
                if perf_counter() > patience:
                    raise
                self._venue.put_off()
                await asyncio.sleep(self._rng.uniform(0.5, 1.5))
        await self._subscribe()

    async def stay(self) -> None:
        """Keep the room joined until `leave`, or until the server says not to come back."""
        failures = 0
        while await self._should_return():
            try:
                await self._come_back(failures)
                failures = 0
            except LoadtestFault:
                failures += 1
                self._interrupted.set()

    def leave(self) -> None:
        """Go, and stop coming back."""
        self._left.set()
        self._may_return.set()
        self.inside.clear()
        if self._connection is not None:
            self._connection.close()
        self._interrupted.set()

    # --- bad luck

    def prepare_to_stall(self) -> None:
        """Let his socket hold little, as a phone's does: what is not read soon stays with the server."""
        self._receive_buffer = _SMALL_BUFFER
        self.audit.aside = True

    def stall(self) -> None:
        """Stop reading."""
        if self._connection is not None:
            self._connection.pause()

    def read_on(self) -> None:
        """Read what is there, and go on."""
        if self._connection is not None:
            self._connection.resume()

    def cut(self) -> None:
        """Lose the connection, without a word to the server."""
        if self._connection is not None:
            self._connection.cut()

    def go_away(self) -> None:
        """Lose the connection, and stay away until `come_back`."""
        self._may_return.clear()
        self.cut()

    def come_back(self) -> None:
        """Connect again and recover, at once."""
        self._may_return.set()

    def fire(self, method: str, data: Mapping[str, object], answered: Answered) -> None:
        """Call a feature in the room without waiting."""
        if self._connection is None:
            answered(Reply(error=protocol.Refusal(protocol.CONNECTION_LOST, "no connection", True)), perf_counter())
        else:
            self._connection.fire(protocol.rpc(method, {"room": self._venue.room, **data}), answered)

    # --- what the connection calls

    def pushed(self, push: Push, now: float) -> None:
        """Audit a batch of the room; other channels are not audited."""
        if push.channel != self._channel:
            return
        if push.unsubscribe is not None:
            self._lose(push.unsubscribe)
        elif push.pub is not None:
            batch, ids = self._venue.decoder.batch(push.pub)
            if self.audit.heard(push.pub.offset, ids, now):
                self._venue.heard(batch, now)

    def closed(self, why: Notice) -> None:
        """The connection is over."""
        if self._connection is not None:
            self._bytes_before += self._connection.bytes_in
            self._connection = None
        self._lose(why)

    # --- the inside

    def _lose(self, why: Notice) -> None:
        self.ended = why
        self._expired |= why.code == _CLOSED_EXPIRED
        self.inside.clear()
        self._interrupted.set()

    async def _should_return(self) -> bool:
        """Wait until he is out of the room; true when he is to come back."""
        await self._interrupted.wait()
        self._interrupted.clear()
        return not self._left.is_set() and (self.ended is None or self.ended.code not in _FINAL_CLOSES)

    async def _come_back(self, failures: int) -> None:
        """Wait as an SDK does (full jitter, doubling), then connect if need be, and join."""
        if not self._may_return.is_set():
            await self._may_return.wait()
        else:
            again = self.ended is not None and self.ended.code in _INSUFFICIENT_STATE
            ceiling = min(_LONGEST_BACKOFF, 0.5 * 2.0**failures)
            await self._pause(self._rng.uniform(0.0, 0.1 if again and not failures else ceiling))
        if self._left.is_set():
            return
        set_out, lost = perf_counter(), self._connection is None
        if lost:
            self.reconnects += 1
            await self._connect()
        await self._subscribe()
        if lost:
            self._venue.returned(perf_counter() - set_out)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless he leaves meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._left.wait()

    async def _connect(self) -> None:
        venue = self._venue
        if self._expired:
            self._token, self._expired = await venue.tokens.token(self.member), False
        self._connection = connection = await open_connection(
            self, venue.target, venue.decoder, self._rng, receive_buffer=self._receive_buffer, deflate=venue.deflate
        )
        reply = await connection.call(protocol.connect(self._token))
        if reply.error is not None:
            self._expired = reply.error.code == _TOKEN_EXPIRED
            connection.close()
            raise WireFault(f"The server refused to connect a viewer: {self._describe(reply)}.")

    async def _subscribe(self) -> None:
        """Join the room; who is put off tries again when he was told to, as an SDK would."""
        patience = perf_counter() + _LONGEST_PUT_OFF
        while (reply := await self._ask_to_join()).subscribe is None:
            error = reply.error
            if error is None or not error.temporary or error.code <= 0 or perf_counter() > patience:
                if self._connection is not None:
                    self._connection.close()
                raise WireFault(f"The server refused to let a viewer into {self._channel}: {self._describe(reply)}.")
            self._venue.put_off()
            await self._pause(error.wait * self._rng.uniform(1.0, 1.5))
        if self._left.is_set() and self._connection is not None:
            self._connection.close()

    async def _ask_to_join(self) -> Reply:
        if self._connection is None:
            raise ServerUnreachable(f"The connection was lost: {self.ended}.")
        command = protocol.subscribe(self._channel, self.audit.position)
        return await self._connection.call(command, timeout=20.0, at_once=self._joined)

    def _joined(self, reply: Reply, now: float) -> None:
        """Take the reply to a join before the first batch after it."""
        if (result := reply.subscribe) is None:
            return
        position = Position(result.epoch, result.offset)
        if self.audit.position is None:
            self.audit.joined(position)
        else:
            self.audit.resumed(position, recovered=result.recovered, batches=self._recovered(result, now))
        self.styles = _styles(result)
        self._interrupted.clear()
        self.inside.set()

    def _describe(self, reply: Reply) -> str:
        if self.ended is not None and reply.error is not None and reply.error.code == protocol.CONNECTION_LOST:
            return f"it closed with {self.ended.code} {self.ended.reason}".rstrip()
        return f"{reply.error.code} {reply.error.message}" if reply.error else "an empty reply"

    def _recovered(self, result: SubscribeResult, now: float) -> Iterator[tuple[int, tuple[str, ...], float]]:
        for publication in result.publications:
            yield publication.offset, protocol.decode_batch(publication.data).ids, now


def _styles(result: SubscribeResult) -> tuple[Style, ...]:
    try:
        return msgspec.json.decode(result.data, type=_Snapshot).styles
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()  # a snapshot without styles is no fault of the wire: the viewer speaks in the default one
