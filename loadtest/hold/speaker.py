"""One of a crowd that talks: what is said to him is counted, not kept, and of a batch he reads only the head."""

from __future__ import annotations

import asyncio
import re
from time import perf_counter
from typing import Protocol, cast

import msgspec

from loadtest import frames, protocol
from loadtest.hold import raw
from loadtest.hold.spoken import Spoken

_MOST_WAITING = 64 * 1024
_TAP, _TAP_AGAIN = 1_000_000_000, 1_000_000_001
_BATCH = b'{"push":{"channel":"room:'
_ERROR = re.compile(rb'"error":\{"code":(\d+)')


class _Receipt(msgspec.Struct, frozen=True):
    id: str = ""
    replayed: bool = False


class Hearing(Protocol):
    """The crowd that a speaker belongs to."""

    room: str
    opening: bytes
    spoken: Spoken


class Speaker(asyncio.Protocol):
    """One of them: what is said to him is counted, not kept."""

    def __init__(self, crowd: Hearing, entrance: bytes) -> None:
        self.joined: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.taps: list[float] = []
        self.tapped: list[tuple[float, float | None]] = []
        self.receipt: str | None = None
        self.kept = False
        self._crowd = crowd
        self._entrance = entrance
        self._transport: asyncio.Transport | None = None
        self._open = False
        self._rest = b""

    # --- what he does

    def send(self, frame: bytes) -> bool:
        """Send it, unless so much waits already that he would not have come to it."""
        transport = self._transport
        if transport is None or transport.is_closing() or transport.get_write_buffer_size() > _MOST_WAITING:
            return False
        transport.write(frame)
        return True

    def tap(self, at: float) -> None:
        """Check in."""
        self.taps.append(at)
        self.send(self._checkin(_TAP))

    def tap_again(self) -> None:
        """The same once more."""
        self.send(self._checkin(_TAP_AGAIN))

    def abort(self) -> None:
        """Go."""
        if self._transport is not None:
            self._transport.abort()

    def _checkin(self, number: int) -> bytes:
        return raw.framed([raw.called(number, "checkin.mark", {"room": self._crowd.room})])

    # --- what he hears

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._crowd.opening)

    def data_received(self, data: bytes) -> None:
        if not self._open:
            head, end, data = (self._rest + data).partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._rest, self._open = b"", True
            if self._transport is not None:
                self._transport.write(self._entrance)
        self._rest = self._frames(self._rest + data if self._rest else data)

    def _frames(self, data: bytes) -> bytes:
        """Act on whole frames, which a server does not mask (RFC 6455, 5.2); gives what is left."""
        at, size = 0, len(data)
        while size - at >= 2:
            length, body = data[at + 1], at + 2
            if length == 126:
                length, body = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, body = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if body + length > size:
                break
            if not data.startswith(_BATCH, body):
                self._frame(data[at] & 0x0F, data[body : body + length])
            at = body + length
        return data[at:]

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == frames.CLOSE:
            self._crowd.spoken.closed[int.from_bytes(payload[:2], "big")] += 1
        elif payload == protocol.PONG:
            self.send(raw.pong())
        elif not self.joined.done():
            self._admitted(payload)
        else:
            self._answered(payload)

    def _admitted(self, payload: bytes) -> None:
        if raw.INSIDE in payload:
            self.joined.set_result(True)
        elif b'"error":{' in payload:
            self.joined.set_result(False)
            self.abort()

    def _answered(self, payload: bytes) -> None:
        if (self.taps or self.receipt) and b'"id":10000000' in payload:
            payload = self._take_receipts(payload)
        spoken = self._crowd.spoken
        spoken.accepted += payload.count(b'"status":"accepted"')
        spoken.shed += payload.count(b'"status":"shed"')
        if b'"error":{' in payload:
            spoken.refused.update(map(int, _ERROR.findall(payload)))

    def _take_receipts(self, payload: bytes) -> bytes:
        """Look at the answers to his taps; gives the other lines."""
        others = []
        for line in payload.split(b"\n"):
            if line.startswith(b'{"id":%d,' % _TAP):
                self._receive(protocol.decode(line)[0])
            elif line.startswith(b'{"id":%d,' % _TAP_AGAIN):
                again = _receipt(protocol.decode(line)[0])
                self.kept = again is not None and again.replayed and again.id == self.receipt
            else:
                others.append(line)
        return b"\n".join(others)

    def _receive(self, reply: protocol.Reply) -> None:
        at, receipt = self.taps.pop(0), _receipt(reply)
        if receipt is None:
            self._crowd.spoken.refused_checkins += 1
            self.tapped.append((at, None))
        else:
            self.receipt = receipt.id
            self.tapped.append((at, perf_counter() - at))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.joined.done():
            self.joined.set_result(False)


def _receipt(reply: protocol.Reply) -> _Receipt | None:
    return None if reply.rpc is None else msgspec.json.decode(reply.rpc.data, type=_Receipt)
