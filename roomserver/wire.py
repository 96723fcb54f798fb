"""The transport side of one connection: bytes in, frames out, and what a peer who reads or says badly may cost.

uvicorn hands the connection over after its HTTP parser saw the upgrade. Batches do not pass through here: the hub
writes them straight to the transport.
"""

from __future__ import annotations

import asyncio
from typing import cast

from room.people import Actor
from roomserver.centrifuge import codes
from roomserver.centrifuge.channels import Channel
from roomserver.clock import secret_text
from roomserver.door import Door
from roomserver.following import Following
from roomserver.frame_variants import Variant, variant
from roomserver.frames import Frames, Knock
from roomserver.garbage import break_cycle
from roomserver.gate import TurnedAway
from roomserver.hub import Write
from roomserver.identity import Identity
from roomserver.intake import SLICE, UNHEARD
from roomserver.liveness import Liveness, TimeOver
from roomserver.outlet import Outlet
from roomserver.pace import Verdict
from roomserver.stall import CHECK_SECONDS, Stall
from roomserver.upgrade import Upgrade

CLOSE_SECONDS = 5
"""For the other end to say goodbye too."""

FLOOD_SECONDS = 1
"""For who is closed as a flood to take note of it: what he sends meanwhile stays unread."""


class Wire(asyncio.Protocol):
    """One connection, from the upgrade to its end; what its client says is for the subclass."""

    __slots__ = (
        "_address", "_closing", "_door", "_flooding", "_following", "_frames", "_in_line", "_liveness",
        "_outlet", "_pace", "_registered", "_stall", "_transport", "_unheard", "client", "gone",
    )  # fmt: skip
    _transport: asyncio.Transport
    _outlet: Outlet
    _liveness: Liveness

    def __init__(self, door: Door, uvicorn_connections: set[object]) -> None:
        self.client = secret_text(12)
        self.gone = False
        self._door = door
        self._registered = uvicorn_connections
        self._frames = Frames(deflates=door.deflates)
        self._following = Following()
        self._stall: Stall | None = None
        self._pace = door.pace()
        self._address: str | None = None
        self._closing = False
        self._flooding = False
        self._unheard = b""
        self._in_line = False

    # --- what the subclass makes of it

    def heard(self, message: bytes) -> None:
        """A whole message has come."""
        raise NotImplementedError

    def left(self) -> None:
        """Nothing is for this connection any more: leave every channel."""
        raise NotImplementedError

    def can_wait(self) -> bool:
        """Whether all that waits to be heard is of the kind that matters least."""
        raise NotImplementedError

    def followed_again(self, lost: list[Channel]) -> None:
        """He takes more again; of what he missed in these channels the log no longer has all."""
        raise NotImplementedError

    def actor_in(self, room: str) -> Actor:
        """This person as he acts in one room."""
        raise NotImplementedError

    def lose(self, channel: str) -> None:
        """What he followed in a channel does not go on: he must come back to it."""
        raise NotImplementedError

    def close(self, why: codes.Disconnect) -> None:
        """The server ends this connection."""
        raise NotImplementedError

    @property
    def identity(self) -> Identity | None:
        """Whom its token names; None before it has connected."""
        raise NotImplementedError

    def close_when_answered(self, why: codes.Disconnect) -> None:
        """The server ends this connection as soon as it owes it no answer."""
        raise NotImplementedError

    def on_time(self, over: TimeOver) -> None:
        """A deadline of this connection has passed."""
        raise NotImplementedError

    # --- what rooms see of it

    @property
    def variant(self) -> Variant:
        """The form of frames that it takes."""
        return self._outlet.variant

    @property
    def write(self) -> Write:
        """Takes one whole WebSocket frame."""
        return self._outlet.write

    def say(self, part: bytes) -> None:
        """Send a part of a frame, together with what else is said in this turn of the loop."""
        self._outlet.say(part)

    @property
    def paused(self) -> bool:
        """Whether the transport takes no more at the moment."""
        return self._following.paused

    # --- the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over from uvicorn, whose protocol is broken open so that nothing is left to collect."""
        loop = self._door.shell.loop
        self._transport = cast(asyncio.Transport, transport)
        self._outlet = Outlet(self._transport, self._door.shell.mailbag, self._door.shell.metrics)
        self._liveness = Liveness(self, self._door.wheel, loop.time)
        self._registered.add(self)
        self._door.enter(self)
        if (taken_over := self._transport.get_protocol()) is not self:
            loop.call_soon(break_cycle, taken_over)

    def come_in(self, upgrade: Upgrade, request: bytes) -> None:
        """Let in whoever asked plainly, by these bytes, or send him away."""
        if (away := self._turned_away(upgrade.knock)) is None:
            self._frames = Frames(deflates=upgrade.deflates, opened=True)
            self._outlet.variant = variant(protobuf=upgrade.protobuf, deflates=upgrade.deflates)
            self._outlet.pass_on((upgrade.answer,))
        else:
            self._frames.receive(request)
            self._frames.reject(away.status, away.text, away.after)
            self._send_own()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave everything behind, at once."""
        self.gone = True
        self._registered.discard(self)
        self._door.leave(self)
        if self._address is not None:
            self._door.gate.leave(self._address)
            if self.identity is None:
                self._door.gate.failed(self._address, self._door.shell.loop.time())
        self.left()
        self._outlet.end()
        self._liveness.end()
        self._frames.end()

    def data_received(self, data: bytes) -> None:
        """Hear what the client says, or let it wait until there is time for it."""
        self._liveness.heard = self._door.shell.loop.time()
        if self._unheard or self._door.intake.full:
            self._put_by(data)
        elif rest := self._hear(data):
            self._put_by(rest)

    def _put_by(self, data: bytes) -> None:
        """Read no more of this client until he has been heard."""
        first = not self._unheard
        self._unheard += data
        if len(self._unheard) > UNHEARD:
            self._flooded()
        elif first:
            self._transport.pause_reading()
            self._stand_in_line()

    def _stand_in_line(self) -> None:
        """Wait to be heard, in one place."""
        if not self._in_line:
            self._in_line = True
            self._door.intake.wait(self)

    def hear_on(self) -> bool:
        """Hear a slice of what waits; whether that is all for now."""
        try:
            self._in_line = not self._heard_on()
        except Exception:  # as the loop does with whoever fails while he is read
            self._transport.abort()
            raise
        return not self._in_line

    def _heard_on(self) -> bool:
        if self.gone or self.paused:  # who takes no more is not heard either, until he has read
            return True
        self._liveness.heard = self._door.shell.loop.time()  # that he waited is not that he was silent
        now, self._unheard = self._unheard[:SLICE], self._unheard[SLICE:]
        self._hear(now)
        more, may_read = bool(self._unheard), not (self._following.paused or self._flooding)
        if may_read and not more:
            self._transport.resume_reading()
        return not (more and may_read)

    @property
    def unheard(self) -> bytes:
        """What waits to be heard."""
        return self._unheard

    def _flooded(self) -> None:
        """Hear no more of him; what he says while he goes is not even read."""
        if self._flooding or self.gone:
            return
        self._flooding, self._unheard = True, b""
        self._door.flooders.append(self._pace)
        self.close(codes.FLOOD)
        self._transport.pause_reading()
        self._liveness.cut_off_after(FLOOD_SECONDS)

    def _hear(self, data: bytes) -> bytes:
        """Hear it slice by slice while there is time, and answer with one frame; what there was no time for."""
        self._outlet.hold()
        self._hear_slice(data[:SLICE])
        rest = data[SLICE:]
        while rest and not self._flooding and not self.paused and not self._door.intake.full:
            self._hear_slice(rest[:SLICE])
            rest = rest[SLICE:]
        self._answer()
        return b"" if self._flooding else rest

    def _hear_slice(self, data: bytes) -> None:
        for heard in self._frames.receive(data):
            if isinstance(heard, Knock):
                self._shake_hands(heard)
            else:
                self.heard(heard)
        if self._frames.controls:
            self._count_controls()

    def _answer(self) -> None:
        if not self.gone:
            self._outlet.let_go()
            if self._frames.stirred:
                self._send_own()

    def eof_received(self) -> None:
        """The client sends no more."""
        self._frames.receive_eof()
        self._send_own()

    def pause_writing(self) -> None:
        """The client does not read fast enough: leave the channels, and hear no more of what he would have answered."""
        self._following.pause(self)
        self._transport.pause_reading()
        if self._stall is None:
            self._door.wheel.put(CHECK_SECONDS, self._check_stall)
        self._stall = Stall(self._door.shell.loop.time(), self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The client has read what waited: catch up from the log, or tell him of the gap."""
        if self._unheard:
            self._stand_in_line()
        elif not self._flooding:
            self._transport.resume_reading()
        self.followed_again(self._following.resume(self))

    def _check_stall(self) -> None:
        if self.gone or self._stall is None or not self.paused:
            self._stall = None
            return
        waiting, lag = self._transport.get_write_buffer_size(), self._following.lag(self)
        if self._stall.hopeless(self._door.shell.loop.time(), waiting=waiting, lag=lag):
            self.close(codes.SLOW)
            self._transport.abort()
        else:
            self._door.wheel.put(CHECK_SECONDS, self._check_stall)

    def shutdown(self) -> None:
        """The HTTP server ends: whoever was not closed by the drain is cut off."""
        self._transport.close()

    def _shake_hands(self, knock: Knock) -> None:
        if (away := self._turned_away(knock)) is not None:
            self._frames.reject(away.status, away.text, away.after)
            return
        self._frames.accept()
        self._outlet.variant = variant(protobuf=self._frames.protobuf, deflates=self._frames.deflates)

    def _turned_away(self, knock: Knock) -> TurnedAway | None:
        peer = self._transport.get_extra_info("peername")
        address = self._door.gate.address(str(peer[0]) if peer else "", knock.forwarded)
        away = self._door.turns_away(knock, address)
        self._address = address if away is None else None
        return away

    def _send_own(self) -> None:
        """Send what the WebSocket protocol itself has to say: the handshake, pongs, the close and nothing after it."""
        if self._frames.closing and not self._closing:
            self._closing = True
            if (code := self._frames.closed_with) is not None:
                self._outlet.count_close(code)
            elif self._frames.misspoke:
                self._door.shell.metrics.turned_away.labels("request").inc()
            self.left()
            self._liveness.cut_off_after(CLOSE_SECONDS)
        self._outlet.pass_on(self._frames.to_send())

    def _count_controls(self) -> None:
        """Pings are answered by the WebSocket protocol itself; a flood of them ends the connection too."""
        counted, self._frames.controls = self._frames.controls, 0
        now = self._door.shell.loop.time()
        if any(self._pace.judge(now) is Verdict.FLOOD for _ in range(counted)):
            self._flooded()
