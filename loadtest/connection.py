"""One viewer's socket: a lean WebSocket and Centrifuge client, so that one core can hold thousands."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Callable
from random import Random
from time import perf_counter
from typing import Protocol, cast

from loadtest import frames, handshake, protocol
from loadtest.decoder import SharedDecoder
from loadtest.faults import HandshakeRefused, LoadtestFault, ServerUnreachable, WireFault
from loadtest.protocol import Command, Notice, Push, Refusal, Reply
from loadtest.target import Target

Answered = Callable[[Reply, float], None]

ABNORMAL = Notice(1006, "the connection was lost")
_NORMAL = (1000).to_bytes(2, "big")


class Owner(Protocol):
    """Who sits behind a connection."""

    def pushed(self, push: Push, now: float) -> None:
        """The server said something unasked, received at `now`."""

    def closed(self, why: Notice) -> None:
        """The connection is over."""


class Connection(asyncio.Protocol):
    """Sends commands and hands out replies and pushes; times are seconds of `perf_counter`."""

    def __init__(
        self, owner: Owner, target: Target, decoder: SharedDecoder, rng: Random, *, deflate: bool = False
    ) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.bytes_in = 0
        self._owner = owner
        self._target = target
        self._decoder = decoder
        self._key = base64.b64encode(rng.randbytes(16))
        # One mask for all frames: masking protects proxies from pages in a browser, and here is neither.
        self._mask = rng.randbytes(4)
        self._deflate = deflate
        self._reader = frames.FrameReader(deflate=deflate)
        self._head: bytes | None = b""
        self._between = False  # whether what was read so far ends where a frame ends
        self._transport: asyncio.Transport | None = None
        self._pending: dict[int, Answered] = {}
        self._outgoing: list[bytes] = []
        self._number = 0
        self._why = ABNORMAL

    # --- what its owner calls

    def fire(self, command: Command, answered: Answered) -> None:
        """Send without waiting; `answered` gets the reply, or an error when the connection is lost first."""
        if self._transport is None or self._transport.is_closing():
            answered(Reply(error=Refusal(protocol.CONNECTION_LOST, "no connection", True)), perf_counter())
            return
        self._number += 1
        self._pending[self._number] = answered
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outgoing.append(self._decoder.wire.encode(command, self._number))

    async def call(self, command: Command, timeout: float = 10.0, at_once: Answered | None = None) -> Reply:
        """Send and wait for the reply; a lost connection or a timeout is a reply with an error.

        `at_once` gets the reply before the next line of the same frame is looked at.
        """
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def answered(reply: Reply, now: float) -> None:
            if at_once is not None:
                at_once(reply, now)
            if not future.done():
                future.set_result(reply)

        self.fire(command, answered)
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            return Reply(error=Refusal(protocol.NO_ANSWER, f"no reply within {timeout:g} s", True))

    def close(self) -> None:
        """Say goodbye and hang up."""
        if self._transport is not None and not self._transport.is_closing():
            self._flush()
            self._transport.write(frames.client_frame(frames.CLOSE, _NORMAL, self._mask))
            self._transport.close()

    def pause(self) -> None:
        """Read no more."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def cut(self) -> None:
        """Hang up without a word."""
        if self._transport is not None:
            self._transport.abort()

    # --- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are none by inheritance
        self._transport.write(
            handshake.request(self._target, self._key, self._decoder.wire.path, deflate=self._deflate)
        )

    def data_received(self, data: bytes) -> None:
        self.bytes_in += len(data)
        if self._between and (pushes := self._decoder.pushes(data)) is not None:
            now = perf_counter()
            for push in pushes:
                self._owner.pushed(push, now)
            return
        try:
            self._read(data)
        except LoadtestFault as fault:
            self._fail(fault)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(HandshakeRefused("The server hung up before the WebSocket was open."))
        self._transport = None
        pending, self._pending = self._pending, {}
        for answered in pending.values():
            answered(Reply(error=Refusal(protocol.CONNECTION_LOST, "connection lost", True)), perf_counter())
        self._owner.closed(self._why)

    # --- the inside

    def _read(self, data: bytes) -> None:
        """Cut and decode what nobody else has got lately."""
        if self._head is not None:
            data = self._open(self._head + data)
        if self._head is not None or not data:
            return
        was_between, messages = self._reader.between, self._reader.feed(data)
        self._between = self._reader.between
        taken = self._take(messages)
        if was_between and self._between and taken is not None:
            self._decoder.learn(data, taken)

    def _open(self, head: bytes) -> bytes:
        """Take the server's half of the handshake; gives what follows it."""
        answer, end, rest = head.partition(b"\r\n\r\n")
        if not end:
            if len(head) > handshake.LONGEST_HEAD:
                raise HandshakeRefused("The server's handshake does not end.")
            self._head = head
            return b""
        handshake.check(answer, self._key, deflate=self._deflate)
        self._head = None
        if not self.opened.done():
            self.opened.set_result(None)
        return rest

    def _take(self, messages: list[frames.Message]) -> list[Reply] | None:
        """Act on messages; gives the lines in them, None when there was more than lines."""
        now, taken, only_lines = perf_counter(), [], True
        for opcode, payload in messages:
            only_lines = only_lines and opcode == frames.TEXT
            if opcode == frames.TEXT:
                for reply in self._decoder.replies(payload):
                    taken.append(reply)
                    self._hand_out(reply, now)
            elif opcode == frames.PING:
                self._write(frames.PONG, payload)
            elif opcode == frames.CLOSE:
                self._close_back(payload)
            elif opcode == frames.BINARY:
                raise WireFault("The server sent a binary frame to a JSON client.")
        return taken if only_lines else None

    def _hand_out(self, reply: Reply, now: float) -> None:
        if reply.push is not None:
            self._owner.pushed(reply.push, now)
        elif not reply.id:
            self._write(frames.TEXT, self._decoder.wire.pong)
        elif (answered := self._pending.pop(reply.id, None)) is not None:
            answered(reply, now)
        else:
            raise WireFault(f"The server answered command {reply.id}, which waits for no reply.")

    def _close_back(self, payload: bytes) -> None:
        if len(payload) >= 2:
            self._why = Notice(int.from_bytes(payload[:2], "big"), payload[2:].decode("utf-8", "replace"))
        self._write(frames.CLOSE, payload[:2])
        if self._transport is not None:
            self._transport.close()

    def _fail(self, fault: LoadtestFault) -> None:
        self._why = Notice(1002, str(fault))
        if not self.opened.done():
            self.opened.set_exception(fault)
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        for payload in self._decoder.wire.join(outgoing) if outgoing else ():
            self._write(frames.TEXT, payload)

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames.client_frame(opcode, payload, self._mask))


async def open_connection(
    owner: Owner,
    target: Target,
    decoder: SharedDecoder,
    rng: Random,
    timeout: float = 10.0,
    *,
    receive_buffer: int | None = None,
    deflate: bool = False,
) -> Connection:
    """Connect and shake hands; `receive_buffer` limits what the system may hold for this socket, in bytes.

    Raises:
        ServerUnreachable: nobody answers.
        HandshakeRefused: somebody answers, but opens no WebSocket.
    """
    connection = Connection(owner, target, decoder, rng, deflate=deflate)
    try:
        async with asyncio.timeout(timeout):
            await _connect(connection, target, receive_buffer)
            await connection.opened
    except TimeoutError as error:
        connection.cut()
        raise ServerUnreachable(f"The server at {target.authority} did not answer within {timeout:g} s.") from error
    except OSError as error:
        raise ServerUnreachable(f"No server answers at {target.authority}.") from error
    return connection


async def _connect(connection: Connection, target: Target, receive_buffer: int | None) -> None:
    loop = asyncio.get_running_loop()
    if receive_buffer is None:
        await loop.create_connection(lambda: connection, target.host, target.port)
        return
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    small = socket.socket(family)
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)  # must be said before the handshake of TCP
    small.setblocking(False)
    try:
        await loop.sock_connect(small, (target.host, target.port))
    except BaseException:
        small.close()
        raise
    await loop.create_connection(lambda: connection, sock=small)
