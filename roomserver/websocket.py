"""One WebSocket connection: what is heard becomes acts of the pure session, and these are carried out.

    message (wire.py) ─ codec ─ session ─ acts ─ open room
                                outlet.py: replies of one turn of the loop are one frame

What becomes of bytes and of the transport is in wire.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from effects.danmaku import SendDanmaku
from like.feature import SendLike
from room.message import Command, Query
from room.people import Actor, Role
from room.refusal import NotJoined, Refused, ServerBusy, TooManyRequests
from roomserver.centrifuge import acts, codes, commands
from roomserver.centrifuge.channels import Channel
from roomserver.centrifuge.codec import MalformedFrame
from roomserver.centrifuge.replies import SubscribeResult
from roomserver.centrifuge.session import Session, State
from roomserver.clock import jitter, wall_ms
from roomserver.door import Door
from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.liveness import TimeOver
from roomserver.open_room import OpenRoom
from roomserver.pace import Verdict
from roomserver.wire import Wire

PASSING = frozenset({SendDanmaku.kind, SendLike.kind})
"""What matters least: while not everybody can be heard in time, a connection is heard with one of it a second."""

PASSING_NAMES = tuple(kind.encode() for kind in PASSING)

PASSING_SECONDS = 1.0

CALLS = 64
"""Calls of one connection that may be under way."""

log = logging.getLogger(__name__)


class WebSocket(Wire):
    """One connection, as its room and its client know it."""

    __slots__ = ("_actors", "_calls", "_identity", "_leaving", "_session", "_spoke")

    def __init__(self, door: Door, uvicorn_connections: set[object]) -> None:
        super().__init__(door, uvicorn_connections)
        self._session = Session(client=self.client, version=door.version, publishes=SendDanmaku.kind)
        self._identity: Identity | None = None
        self._actors: dict[str, Actor] = {}
        self._calls = 0
        self._spoke = float("-inf")
        self._leaving: codes.Disconnect | None = None

    @property
    def identity(self) -> Identity | None:
        """Whom its token names; None before it has connected."""
        return self._identity

    # --- what rooms see of it

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

    # --- what is heard

    def heard(self, message: bytes) -> None:
        """Decode a whole message and carry out its commands."""
        try:
            said = self.variant.codec.decode(message)
        except MalformedFrame:
            self._carry(self._session.close(codes.BAD_REQUEST))
            return
        for command in said:
            self._take(command)

    def _take(self, command: commands.Command) -> None:
        match self._pace.judge(self._door.shell.loop.time()):
            case Verdict.GO:
                self._carry(self._session.receive(command))
            case Verdict.WAIT:
                error = self._error(TooManyRequests())
                self._carry(self._session.failed(command.id, error) if command.id else [])
            case Verdict.FLOOD:
                self._flooded()

    def can_wait(self) -> bool:
        """Whether all that waits is chatter: known by the names in it, which both encodings have in plain letters."""
        said = self._frames.glimpse(self.unheard)
        return any(name in said for name in PASSING_NAMES) and not any(name in said for name in self._door.durable)

    def left(self) -> None:
        """Leave every channel."""
        self._carry(self._session.disconnected())
        if self._identity is not None and self._identity.user:
            self._door.shell.people.remove(self._identity.user, self)

    def followed_again(self, lost: list[Channel]) -> None:
        """He takes more again; of what he missed in these channels the log no longer has all."""
        for channel in lost:
            self._door.shell.metrics.lagging.inc()
            self._carry(self._session.lagged(channel))

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
        first = self._identity is None
        if self._identity is not None:
            identity = identity.at_most(self._identity)
            self._leave_the_hosts(identity)  # while he still is who he was there
        self._identity = identity
        self._actors.clear()
        self._pace = self._door.pace(identity)
        self._liveness.renew(ttl)
        self._carry(wanted)
        if first and identity.user:
            self._outlet.flush()
            self._door.shell.people.add(identity.user, self)

    def _leave_the_hosts(self, identity: Identity) -> None:
        """Hear no more of what is for hosts alone, where the new token no longer makes one of him."""
        for channel in self._following.of_hosts():
            if identity.role_in(channel.id) < Role.MODERATOR:
                self._carry(self._session.lagged(channel))

    def _call(self, act: acts.Call) -> None:
        self._calls += 1

        def answer(result: bytes | Refused) -> None:
            self._calls -= 1
            self._leave_if_answered()
            if isinstance(result, Refused):
                self._carry(self._session.failed(act.id, self._error(result)))
            else:
                self._carry(self._session.rpc_done(act.id, result))

        if act.method in PASSING and self._door.intake.behind and self._is_too_much():
            answer(ServerBusy(retry_in=round(jitter(1_000, 3_000))))
            return
        try:
            room, message = self._understood(act)
        except Refused as refused:
            answer(refused)
        else:
            room.ask(self.actor_in(room.id), message, answer)

    def _is_too_much(self) -> bool:
        """Whether what he says now is beyond what a tick shows anyway, or his second chatter within a second."""
        if self._following.crowded:
            return True
        now = self._door.shell.loop.time()
        if now - self._spoke < PASSING_SECONDS:
            return True
        self._spoke = now
        return False

    def _understood(self, act: acts.Call) -> tuple[OpenRoom, Command | Query]:
        if self._calls > CALLS:
            raise TooManyRequests
        message = self._door.shell.schema.decode(act.method, act.data, room=act.room)
        room = self._following.room(message.room)
        if room is None:
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
        if over is TimeOver.CLOSE:
            self._transport.abort()
        elif not self._closing:
            self._over(over)

    def _over(self, over: TimeOver) -> None:
        match over:
            case TimeOver.PING:
                self._outlet.ping()
            case TimeOver.AUTHENTICATE:
                if self.unheard:  # it may say who he is: that nobody had the time to hear it must not send him away
                    self._liveness.wait_longer()
                else:
                    self._carry(self._session.stale())
            case TimeOver.PONG:
                if not self.paused and not self.unheard:  # of whoever takes no more, or must wait, nothing is heard
                    self._carry(self._session.close(codes.NO_PONG))
            case TimeOver.TOKEN:
                self._carry(self._session.expired())

    def _close(self, why: codes.Disconnect) -> None:
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
