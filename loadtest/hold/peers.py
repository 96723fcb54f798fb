"""Those who make trouble, in a process of their own; who is shown the door comes back.

They are given what is left of their core (`nice`), so that it is the server that they trouble and not its audit.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

from loadtest.hold import raw
from loadtest.hold.attacks import ATTACKS, Attack, Kind
from loadtest.hold.child import READY, Hear, Say
from loadtest.target import Target

_POLITE = 10  # nice(2)
_MOST_WAITING = 256 * 1024  # bytes that a peer lets pile up on his own side
_BACK_AFTER = 0.2
_AT_ONCE = 200
_PORTS = 5000  # of one source address: the system gives some 28,000, and keeps each for a minute after its use
_SMALL_BUFFER = 4096
_SIGN_OF_LIFE = 15.0
_CROWDED = 0.002  # seconds to leave to others after each round of bursts


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersPlan:
    """Who they are, and for how many seconds they do it; `tokens` are of those who join."""

    kind: Kind
    target: Target
    room: str
    count: int
    seconds: float
    tokens: Sequence[str] = ()


@dataclass(slots=True, kw_only=True)
class Trouble:
    """What they have done, and what was done to them: `ended` by close code, 0 without one.

    `came` has the numbers of those who were let in once at least: known by their token where they have one, and in the
    room where they read.
    """

    peers: int = 0
    came: set[int] = field(default_factory=set)
    opened: int = 0
    bytes_sent: int = 0
    bytes_read: int = 0
    ended: Counter[int] = field(default_factory=Counter)
    failed: int = 0


async def make_trouble(plan: PeersPlan, hear: Hear, say: Say) -> None:
    """What the child process does: wait for the word, and tell at the end what came of it."""
    say(READY)
    await hear()
    say(await trouble(plan))


async def trouble(plan: PeersPlan) -> Trouble:
    """Make it, until the time is over."""
    with suppress(OSError):
        os.nice(_POLITE)
    made = Trouble(peers=plan.count)
    gang = _Readers(plan, made) if ATTACKS[plan.kind].reads or plan.kind is Kind.READING else _Gang(plan, made)
    with suppress(TimeoutError):
        async with asyncio.timeout(plan.seconds):
            await gang.act()
    return made


class _Gang:
    """Peers who send and do not care what comes back."""

    def __init__(self, plan: PeersPlan, made: Trouble) -> None:
        self.plan = plan
        self.attack: Attack = ATTACKS[plan.kind]
        self.made = made
        self.there: dict[_Peer, None] = {}
        self.burst = b"" if self.attack.burst is None else self.attack.burst()
        self._wanted: asyncio.Queue[int] = asyncio.Queue()

    async def act(self) -> None:
        """All come, and go on until they are stopped."""
        for number in range(self.plan.count):
            self._wanted.put_nowait(number)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, self.plan.count)):
                    group.create_task(self._come())
                if self.burst:
                    group.create_task(self._go_on())
        finally:
            for peer in list(self.there):
                peer.transport.abort()

    def back(self, number: int) -> None:
        """A peer was shown the door."""
        asyncio.get_running_loop().call_later(_BACK_AFTER, self._wanted.put_nowait, number)

    def opening(self, number: int) -> bytes:
        """What a peer says first."""
        if self.attack.opening is not None:
            return self.attack.opening(self.plan.target)
        return raw.knock(self.plan.target, deflate=self.attack.deflate)

    def entrance(self, number: int) -> bytes:
        """What he says once he is a WebSocket."""
        return raw.entrance(self.plan.tokens[number], self.plan.room) if self.attack.joins else b""

    async def _come(self) -> None:
        loop, plan = asyncio.get_running_loop(), self.plan
        while True:
            number = await self._wanted.get()
            source = (f"127.0.0.{2 + number // _PORTS}", 0) if plan.target.host == "127.0.0.1" else None
            try:
                await loop.create_connection(
                    lambda number=number: _Peer(self, number),
                    plan.target.host,
                    plan.target.port,
                    local_addr=source,
                )
                self.made.opened += 1
            except OSError:
                self.made.failed += 1
                self.back(number)

    async def _go_on(self) -> None:
        while True:
            began = perf_counter()
            for number, peer in enumerate(list(self.there)):
                peer.send(self.burst)
                if number % 10 == 9:
                    await asyncio.sleep(0)
            await asyncio.sleep(max(_CROWDED, began + self.attack.every - perf_counter()))


class _Peer(asyncio.Protocol):
    def __init__(self, gang: _Gang, number: int) -> None:
        self._gang = gang
        self._number = number
        self._heard = b""
        self._ready = gang.attack.opening is not None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        opening = self._gang.opening(self._number)
        if opening:
            self.transport.write(opening)
        if self._ready:
            self._gang.there[self] = None
            self._gang.made.came.add(self._number)

    def data_received(self, data: bytes) -> None:
        heard = self._heard + data
        if raw.KNOWN in heard:
            self._gang.made.came.add(self._number)
        self._heard = heard[-256:]
        self._gang.made.bytes_read += len(data)
        if not self._ready and b"\r\n\r\n" in data:
            self._ready = True
            self.transport.write(self._gang.entrance(self._number))
            self._gang.there[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._gang.there.pop(self, None)
        self._gang.made.ended[raw.close_code(self._heard)] += 1
        self._gang.back(self._number)

    def send(self, burst: bytes) -> None:
        """Once more, unless the server takes no more of it."""
        if not self.transport.is_closing() and self.transport.get_write_buffer_size() < _MOST_WAITING:
            self.transport.write(burst)
            self._gang.made.bytes_sent += len(burst)


class _Readers:
    """Peers who are joined, and read slowly or at once."""

    def __init__(self, plan: PeersPlan, made: Trouble) -> None:
        self._plan = plan
        self._slice = ATTACKS[plan.kind].reads
        self._made = made

    async def act(self) -> None:
        """All come, read, and come back when they are thrown out."""
        async with asyncio.TaskGroup() as group:
            for number, token in enumerate(self._plan.tokens):
                group.create_task(self._again_and_again(number, token))

    async def _again_and_again(self, number: int, token: str) -> None:
        while True:
            heard = b""
            try:
                heard = await self._read(number, token)
            except OSError:
                self._made.failed += 1
            self._made.ended[raw.close_code(heard)] += 1
            await asyncio.sleep(_BACK_AFTER)

    async def _read(self, number: int, token: str) -> bytes:
        """Join and read to the end; gives the last bytes."""
        loop, target = asyncio.get_running_loop(), self._plan.target
        with socket.socket() as peer:
            peer.setblocking(False)
            if self._slice is not None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
            await loop.sock_connect(peer, (target.host, target.port))
            self._made.opened += 1
            await loop.sock_sendall(peer, raw.knock(target))
            last, alive = await loop.sock_recv(peer, 1024), perf_counter()
            await loop.sock_sendall(peer, raw.entrance(token, self._plan.room))
            while data := await loop.sock_recv(peer, self._slice or 65_536):
                self._made.bytes_read += len(data)
                if raw.INSIDE in last + data:
                    self._made.came.add(number)
                last = (last + data)[-256:]
                if self._slice is not None:
                    await asyncio.sleep(1.0)
                if perf_counter() - alive > _SIGN_OF_LIFE:
                    alive = perf_counter()
                    await loop.sock_sendall(peer, raw.pong())
            return last
