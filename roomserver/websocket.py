"""One WebSocket connection: what is heard becomes acts of the pure session, and these are carried out.

    bytes ─ frames.py ─ codec ─ session ─ acts ─ open room
                                outlet.py: replies of one turn of the loop are one frame

uvicorn hands the connection over after its HTTP parser saw the upgrade. Batches do not pass through here: the hub
writes them straight to the transport.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from effects.danmaku import SendDanmaku
from room.message import Command, Query
from room.people import Actor
from room.refusal import NotJoined, Refused, TooManyRequests
from roomserver.centrifuge import acts, codes, commands
from roomserver.centrifuge.channels import Channel
from roomserver.centrifuge.codec import MalformedFrame
from roomserver.centrifuge.replies import SubscribeResult
from roomserver.centrifuge.session import Session, State
from roomserver.clock import secret_text, wall_ms
from roomserver.door import Door
from roomserver.following import Following
from roomserver.frame_variants import Variant, variant
from roomserver.frames import Frames, Knock
from roomserver.garbage import break_cycle
from roomserver.hub import Write
from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.liveness import Liveness, TimeOver
from roomserver.open_room import OpenRoom
from roomserver.outlet import Outlet
from roomserver.pace import Verdict
from roomserver.stall import CHECK_SECONDS, Stall

CLOSE_SECONDS = 5

CALLS = 64
"""Calls of one connection that may be under way."""

log = logging.getLogger(__name__)


class WebSocket(asyncio.Protocol):
    """One connection, from the upgrade to its end."""

    __slots__ = (
        "__weakref__",
        "_actors",
        "_address",
        "_calls",
        "_closing",
        "_door",
        "_following",
        "_frames",
        "_identity",
        "_leaving",
        "_liveness",
        "_outlet",
        "_pace",
        "_registered",
        "_session",
        "_stall",
        "_transport",
        "client",
        "gone",
    )
    _transport: asyncio.Transport
    _outlet: Outlet
    _liveness: Liveness

    def __init__(self, door: Door, uvicorn_connections: set[object]) -> None:
        self.client = secret_text(12)
        self.gone = False
        self._door = door
        self._registered = uvicorn_connections
        self._frames = Frames(deflates=door.deflates)
        self._session = Session(client=self.client, version=door.version, publishes=SendDanmaku.kind)
        self._identity: Identity | None = None
        self._actors: dict[str, Actor] = {}
        self._following = Following()
        self._stall: Stall | None = None
        self._calls = 0
        self._pace = door.pace()
        self._address: str | None = None
        self._closing = False
        self._leaving: codes.Disconnect | None = None

    # --- what rooms see of it

    @property
    def variant(self) -> Variant:
        """The form of frames that it takes."""
        return self._outlet.variant

    @property
    def write(self) -> Write:
        """Takes one whole WebSocket frame."""
        return self._outlet.write

    @property
    def paused(self) -> bool:
        """Whether the transport takes no more at the moment."""
        return self._following.paused

    def actor_in(self, room: str) -> Actor:
        """This person as he acts in one room."""
        actor = self._actors.get(room)
        if actor is None:
            assert self._identity is not None
            actor = self._actors[room] = self._identity.actor(room, self.client)
        return actor

    def lose(self, channel: str) -> None:
        """What he followed in a channel does not go on: he must come back to it."""
        followed = Channel.parse(channel)
        if followed is not None and not self.gone:
            self._carry(self._session.lagged(followed))

    # --- the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over from uvicorn, whose protocol is broken open so that nothing is left to collect."""
        loop = self._door.shell.loop
        self._transport = cast(asyncio.Transport, transport)
        self._outlet = Outlet(self._transport, loop, self._door.shell.metrics)
        self._liveness = Liveness(self, self._door.wheel, loop.time)
        self._registered.add(self)
        self._door.enter(self)
        loop.call_soon(break_cycle, self._transport.get_protocol())

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave everything behind, at once."""
        self.gone = True
        self._registered.discard(self)
        self._door.leave(self)
        if self._address is not None:
            self._door.gate.leave(self._address)
        self._stop_hearing()
        self._outlet.end()
        self._liveness.end()
        self._frames.end()

    def _stop_hearing(self) -> None:
        """Leave every channel."""
        self._carry(self._session.disconnected())
        if self._identity is not None and self._identity.user:
            self._door.shell.people.remove(self._identity.user, self)

    def data_received(self, data: bytes) -> None:
        """Hear what the client says; what that leads to at once leaves as one frame."""
        self._liveness.heard = self._door.shell.loop.time()
        self._outlet.hold()
        for heard in self._frames.receive(data):
            if isinstance(heard, Knock):
                self._shake_hands(heard)
            else:
                self._receive(heard)
        self._count_controls()
        if not self.gone:
            self._outlet.let_go()
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
        self._transport.resume_reading()
        for channel in self._following.resume(self):
            self._door.shell.metrics.lagging.inc()
            self._carry(self._session.lagged(channel))

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

    # --- what is heard

    def _shake_hands(self, knock: Knock) -> None:
        peer = self._transport.get_extra_info("peername")
        address = self._door.gate.address(str(peer[0]) if peer else "", knock.forwarded)
        if (away := self._door.turns_away(knock, address)) is not None:
            self._frames.reject(away.status, away.text, away.after)
            return
        self._address = address
        self._frames.accept()
        self._outlet.variant = variant(protobuf=self._frames.protobuf, deflates=self._frames.deflates)

    def _receive(self, message: bytes) -> None:
        try:
            heard = self.variant.codec.decode(message)
        except MalformedFrame:
            self._carry(self._session.close(codes.BAD_REQUEST))
            return
        for command in heard:
            self._take(command)

    def _take(self, command: commands.Command) -> None:
        match self._pace.judge(self._door.shell.loop.time()):
            case Verdict.GO:
                self._carry(self._session.receive(command))
            case Verdict.WAIT:
                error = self._error(TooManyRequests())
                self._carry(self._session.failed(command.id, error) if command.id else [])
            case Verdict.FLOOD:
                self._carry(self._session.close(codes.FLOOD))

    def _send_own(self) -> None:
        """Send what the WebSocket protocol itself has to say: the handshake, pongs, the close and nothing after it."""
        if self._frames.closing and not self._closing:
            self._closing = True
            self._stop_hearing()
            self._door.wheel.put(CLOSE_SECONDS, self._transport.abort)
        self._outlet.pass_on(self._frames.to_send())

    def _count_controls(self) -> None:
        """Pings are answered by the WebSocket protocol itself; a flood of them ends the connection too."""
        counted, self._frames.controls = self._frames.controls, 0
        now = self._door.shell.loop.time()
        if any(self._pace.judge(now) is Verdict.FLOOD for _ in range(counted)):
            self._carry(self._session.close(codes.FLOOD))

    # --- acts

    def _carry(self, wanted: list[acts.Act]) -> None:
        for act in wanted:
            match act:
                case acts.Reply():
                    self._outlet.say(self.variant.codec.encode_reply(act.id, act.result))
                case acts.Push():
                    self._outlet.say(self.variant.codec.encode_push(act.push))
                case acts.Call():
                    self._call(act)
                case acts.Authenticate():
                    self._authenticate(act)
                case acts.Join():
                    self._join(act)
                case acts.Leave():
                    self._following.leave(self, act.channel)
                case acts.Close():
                    self._close(act.why)
                case _:
                    self._look_up(act)

    def _authenticate(self, act: acts.Authenticate) -> None:
        try:
            identity = self._door.checks.verify(act.token)
        except ExpiredToken:
            self._carry(self._session.refused(act.id, codes.TOKEN_EXPIRED))
            return
        except InvalidToken as error:
            log.info("token refused", extra={"why": str(error), "client": self.client})
            self._carry(self._session.refused(act.id, codes.INVALID_TOKEN))
            return
        if self._identity is None and self._door.is_one_too_many(identity):
            self._carry(self._session.close(codes.CONNECTION_LIMIT))
            return
        ttl = max(1, identity.expires - wall_ms() // 1000)
        wanted = self._session.authenticated(act.id, user=identity.user, ttl=ttl)
        if self._session.state is not State.CONNECTED:
            self._carry(wanted)
            return
        first, self._identity = self._identity is None, identity
        self._actors.clear()
        self._pace = self._door.pace(identity)
        self._liveness.renew(ttl)
        self._carry(wanted)
        if first and identity.user:
            self._outlet.flush()
            self._door.shell.people.add(identity.user, self)

    def _call(self, act: acts.Call) -> None:
        self._calls += 1

        def answer(result: bytes | Refused) -> None:
            self._calls -= 1
            self._leave_if_answered()
            if isinstance(result, Refused):
                self._carry(self._session.failed(act.id, self._error(result)))
            else:
                self._carry(self._session.rpc_done(act.id, result))

        try:
            room, message = self._understood(act)
        except Refused as refused:
            answer(refused)
        else:
            room.ask(self.actor_in(room.id), message, answer)

    def _understood(self, act: acts.Call) -> tuple[OpenRoom, Command | Query]:
        if self._calls > CALLS:
            raise TooManyRequests
        message = self._door.shell.schema.decode(act.method, act.data, room=act.room)
        room = self._following.room(message.room)
        if room is None or not self._session.has_joined(message.room):
            raise NotJoined(message.room[:64])
        return room, message

    def _error(self, refused: Refused) -> codes.Error:
        self._door.shell.metrics.refusals.labels(refused.code).inc()
        return codes.Error(code=refused.code, message=refused.message, temporary=refused.temporary)

    def _join(self, act: acts.Join) -> None:
        def joined(result: SubscribeResult) -> None:
            """The reply leaves before anything that the channel is told afterwards."""
            self._carry(self._session.joined(act.channel, result))
            self._outlet.flush()

        def refused(why: Refused) -> None:
            self._carry(self._session.join_refused(act.channel, self._error(why)))

        role = self.actor_in(act.channel.id).role
        if (busy := self._door.gate.puts_off(role, recovers=act.recover is not None)) is not None:
            refused(busy)
        else:
            self._following.join(self, self._door.rooms, act.channel, act.recover, joined, refused)

    def _look_up(self, act: acts.Stats | acts.ListPresence | acts.ReadHistory) -> None:
        room = self._following.room(act.room)
        assert room is not None  # the session asks for joined rooms only
        try:
            result = room.looked_up(act)
        except Refused as refused:
            self._carry(self._session.failed(act.id, self._error(refused)))
        else:
            self._carry(self._session.answered(act.id, result))

    # --- the end

    def on_time(self, over: TimeOver) -> None:
        """A deadline of this connection has passed."""
        if self._closing:
            return
        match over:
            case TimeOver.PING:
                self._outlet.ping()
            case TimeOver.AUTHENTICATE:
                self._carry(self._session.stale())
            case TimeOver.PONG:
                if not self.paused:  # nothing is heard of whoever takes no more: his stall decides
                    self._carry(self._session.close(codes.NO_PONG))
            case TimeOver.TOKEN:
                self._carry(self._session.expired())

    def _close(self, why: codes.Disconnect) -> None:
        self._door.shell.metrics.closes.labels(why.code).inc()
        self._outlet.flush()
        self._frames.close(why.code, why.reason)
        self._send_own()

    def close(self, why: codes.Disconnect) -> None:
        """The server ends this connection."""
        if not self.gone and not self._closing:
            self._carry(self._session.close(why))

    def close_when_answered(self, why: codes.Disconnect) -> None:
        """The server ends this connection as soon as it owes it no answer."""
        self._leaving = why
        self._leave_if_answered()

    def _leave_if_answered(self) -> None:
        if self._leaving is not None and not self._calls:
            self._door.shell.loop.call_soon(self.close, self._leaving)


def taking_over(door: Door) -> Callable[..., WebSocket]:
    """What uvicorn calls to hand a connection over; its state is of no typed interface."""

    def made(*, server_state: Any, **_: object) -> WebSocket:
        return WebSocket(door, server_state.connections)

    return made
