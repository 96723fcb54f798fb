"""One WebSocket connection: sockets, timers and acts around the pure session.

    bytes ─ websockets' Sans-I/O protocol ─ codec ─ session ─ acts ─ open room
                                                       replies of one turn of the loop are one frame

uvicorn hands the connection over after its HTTP parser saw the upgrade. Batches do not pass through here: the hub
writes them straight to the transport.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qs

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from room.message import Command, Query
from room.people import Actor
from room.refusal import NotJoined, Refused, TooManyRequests
from roomserver.centrifuge import acts, codes
from roomserver.centrifuge.channels import Channel, Kind
from roomserver.centrifuge.codec import Codec, MalformedFrame
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.centrifuge.protobuf_codec import ProtobufCodec
from roomserver.centrifuge.replies import Result, SubscribeResult
from roomserver.centrifuge.session import PING_SECONDS, Session, State
from roomserver.clock import secret_text, wall_ms
from roomserver.hub import Write, framed
from roomserver.identity import Checks, ExpiredToken, Identity, InvalidToken
from roomserver.open_room import OpenRoom
from roomserver.rooms import Rooms
from roomserver.shell import Shell
from roomserver.wheel import Wheel

PATH = "/connection/websocket"
PROTOBUF = Subprotocol("centrifuge-protobuf")
MESSAGE_BYTES = 16 * 1024
"""The largest message of a client: a token and a name fit many times over."""

STALE_SECONDS = 5
PONG_SECONDS = 8
EXPIRY_GRACE_SECONDS = 25
CLOSE_SECONDS = 5
LAG_SECONDS = 10
HIGH_WATER = 64 * 1024
"""Bytes that may wait in a transport before its connection leaves its channels until it has read them."""

BUFFER_BYTES = 1024 * 1024
"""Bytes that may wait at all (snapshots, replies, pongs); a peer that reads none of them is cut off."""

CALLS = 64
"""Calls of one connection that may be under way."""

JSON, PROTO = JsonCodec(), ProtobufCodec()
CODECS: tuple[Codec, ...] = (JSON, PROTO)
PING_FRAMES: dict[Codec, bytes] = {codec: framed(codec.join((codec.ping,)), text=codec.text) for codec in CODECS}

log = logging.getLogger(__name__)
frames_log = logging.getLogger("roomserver.frames")
frames_log.setLevel(logging.WARNING)
"""The WebSocket library's own: it tells of every connection at info."""


@dataclass(slots=True, kw_only=True)
class Door:
    """What all connections of this process share; ``admits`` judges an Origin and a Host header."""

    shell: Shell
    rooms: Rooms
    checks: Checks
    wheel: Wheel
    version: str
    admits: Callable[[str | None, str], bool]
    connections: set[WebSocket] = field(default_factory=set)
    draining: bool = False
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.empty.set()

    def protocol(self, *, server_state: Any, **_: object) -> WebSocket:
        """What uvicorn calls to hand a connection over; its state is of no typed interface."""
        return WebSocket(self, server_state.connections)


class WebSocket(asyncio.Protocol):
    """One connection, from the upgrade to its end."""

    def __init__(self, door: Door, uvicorn_connections: set[object]) -> None:
        self.client = secret_text(12)
        self.gone = False
        self.codec: Codec = JSON
        self.write: Write = _not_connected
        self._door = door
        self._registered = uvicorn_connections
        self._ws = ServerProtocol(
            max_size=MESSAGE_BYTES, subprotocols=[PROTOBUF], select_subprotocol=_select, logger=frames_log
        )
        self._session = Session(client=self.client, version=door.version)
        self._identity: Identity | None = None
        self._actors: dict[str, Actor] = {}
        self._rooms: dict[Channel, OpenRoom] = {}
        self._paused: dict[OpenRoom, Position] | None = None
        self._fragments = bytearray()
        self._parts: list[bytes] = []
        self._flushing = False
        self._corked = False
        self._calls = 0
        self._heard = self._pinged = door.shell.loop.time()
        self._expires = 0.0
        self._closing = False
        self._leaving: codes.Disconnect | None = None

    def actor_in(self, room: str) -> Actor:
        """This person as he acts in one room."""
        actor = self._actors.get(room)
        if actor is None:
            assert self._identity is not None
            actor = self._actors[room] = self._identity.actor(room, self.client)
        return actor

    @property
    def paused(self) -> bool:
        """Whether the transport takes no more at the moment."""
        return self._paused is not None

    def lose(self, channel: str) -> None:
        """What he followed in a channel does not go on: he must come back to it."""
        followed = Channel.parse(channel)
        if followed is not None and not self.gone:
            self._carry(self._session.lagged(followed))

    # --- the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over from uvicorn, whose protocol is broken open so that nothing is left to collect."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        self.write = self._transport.write
        self._registered.add(self)
        self._door.connections.add(self)
        self._door.empty.clear()
        self._door.shell.loop.call_soon(_break_cycle, self._transport.get_protocol())
        self._door.wheel.put(STALE_SECONDS, self._on_stale)
        self._door.wheel.put(PING_SECONDS, self._on_ping)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave everything behind, at once."""
        self.gone = True
        self._registered.discard(self)
        self._door.connections.discard(self)
        if not self._door.connections:
            self._door.empty.set()
        self._stop_hearing()
        self._parts.clear()
        vars(self._ws).clear()  # its parser and its callback point back at it: no garbage for every connection

    def _stop_hearing(self) -> None:
        """Leave every channel."""
        self._carry(self._session.disconnected())
        if self._identity is not None and self._identity.user:
            self._door.shell.people.remove(self._identity.user, self)

    def data_received(self, data: bytes) -> None:
        """Feed the protocol and carry out what the client sent; what that says leaves as one frame."""
        self._heard = self._door.shell.loop.time()
        self._corked = True
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            else:
                self._take(cast(Frame, event))
        self._corked = False
        self._flush()
        self._send_own()

    def eof_received(self) -> None:
        """The client sends no more."""
        self._ws.receive_eof()
        self._send_own()

    def pause_writing(self) -> None:
        """The client does not read fast enough: leave the channels, and note where."""
        self._paused = {room: room.voice.pause(self) for ch, room in self._rooms.items() if ch.kind is Kind.ROOM}
        self._door.wheel.put(LAG_SECONDS, partial(self._on_lag, self._paused))

    def resume_writing(self) -> None:
        """The client has read what waited: catch up from the log, or tell him of the gap."""
        paused, self._paused = self._paused or {}, None
        for room, since in paused.items():
            self._catch_up(room, since)

    def _catch_up(self, room: OpenRoom, since: Position) -> None:
        channel = Channel(Kind.ROOM, room.id)
        if self._rooms.get(channel) is not room:  # he has left it
            return
        if self._paused is not None:  # what another room had for him has filled the transport again
            self._paused[room] = since
        elif not room.voice.resume(self, since):
            self._door.shell.metrics.lagging.inc()
            self._carry(self._session.lagged(channel))

    def shutdown(self) -> None:
        """The HTTP server ends: whoever was not closed by the drain is cut off."""
        self._transport.close()

    # --- frames

    def _shake_hands(self, request: Request) -> None:
        path, _, query = request.path.partition("?")
        origins, hosts = request.headers.get_all("Origin"), request.headers.get_all("Host")
        origin, host = ", ".join(origins) if origins else None, ", ".join(hosts)  # two of them are on no list
        if path != PATH:
            response = self._ws.reject(404, "Not here: connect to /connection/websocket.\n")
        elif not self._door.admits(origin, host):
            response = self._ws.reject(403, "This origin or host is not on the server's list.\n")
        elif self._door.draining:
            response = self._ws.reject(503, "The server is stopping: try again.\n")
        else:
            response = self._ws.accept(request)
        self._ws.send_response(response)
        if self._ws.subprotocol == PROTOBUF or parse_qs(query).get("format") == ["protobuf"]:
            self.codec = PROTO

    def _take(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.fin and frame.opcode is not Opcode.CONT:
            self._receive(bytes(frame.data))
            return
        self._fragments += frame.data
        if frame.fin:
            message, self._fragments = bytes(self._fragments), bytearray()
            self._receive(message)

    def _receive(self, message: bytes) -> None:
        try:
            commands = self.codec.decode(message)
        except MalformedFrame:
            self._carry(self._session.close(codes.BAD_REQUEST))
            return
        for command in commands:
            self._carry(self._session.receive(command))

    def _say(self, part: bytes) -> None:
        self._parts.append(part)
        if not self._corked and not self._flushing:
            self._flushing = True
            self._door.shell.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._parts and not self.gone:
            self.write(framed(self.codec.join(self._parts), text=self.codec.text))
            self._parts.clear()
            self._check_buffer()

    def _send_own(self) -> None:
        """Send what the WebSocket protocol itself has to say: the handshake, pongs, the close and nothing after it."""
        if self._ws.close_expected() and not self._closing:
            self._closing = True
            self._stop_hearing()
            self._door.wheel.put(CLOSE_SECONDS, self._transport.abort)
        for data in self._ws.data_to_send():
            if data:
                self.write(data)
            else:
                self._transport.close()
        self._check_buffer()

    def _check_buffer(self) -> None:
        if self._transport.get_write_buffer_size() > BUFFER_BYTES:
            self._door.shell.metrics.closes.labels(codes.SLOW.code).inc()
            self._transport.abort()

    # --- acts

    def _carry(self, wanted: list[acts.Act]) -> None:
        for act in wanted:
            match act:
                case acts.Reply():
                    self._say(self.codec.encode_reply(act.id, act.result))
                case acts.Push():
                    self._say(self.codec.encode_push(act.push))
                case acts.Call():
                    self._call(act)
                case acts.Authenticate():
                    self._authenticate(act)
                case acts.Join():
                    self._join(act)
                case acts.Leave():
                    self._leave(act.channel)
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
        ttl = max(1, identity.expires - wall_ms() // 1000)
        wanted = self._session.authenticated(act.id, user=identity.user, ttl=ttl)
        if self._session.state is not State.CONNECTED:
            self._carry(wanted)
            return
        first, self._identity = self._identity is None, identity
        self._actors.clear()
        self._expires = self._door.shell.loop.time() + ttl + EXPIRY_GRACE_SECONDS
        self._watch_expiry()
        self._carry(wanted)
        if first and identity.user:
            self._flush()
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
        room = self._rooms.get(Channel(Kind.ROOM, message.room))
        if room is None or not self._session.has_joined(message.room):
            raise NotJoined(message.room[:64])
        return room, message

    def _error(self, refused: Refused) -> codes.Error:
        self._door.shell.metrics.refusals.labels(refused.code).inc()
        return codes.Error(code=refused.code, message=refused.message, temporary=refused.temporary)

    def _join(self, act: acts.Join) -> None:
        channel = act.channel

        def opened(found: OpenRoom | Refused) -> None:
            if isinstance(found, Refused):
                refuse(found)
            elif not self.gone:
                enter(found)

        def enter(room: OpenRoom) -> None:
            if channel.kind is Kind.ROOM:
                room.join(self, act.recover, partial(done, room), refuse)
            else:
                room.join_hosts(self, partial(done, room), refuse)

        def done(room: OpenRoom, result: SubscribeResult) -> bool:
            """The reply leaves before anything that the channel is told afterwards."""
            self._rooms[channel] = room
            if self._paused is not None and channel.kind is Kind.ROOM:
                self._paused[room] = Position(offset=result.offset, epoch=result.epoch)
            self._carry(self._session.joined(channel, result))
            self._flush()
            return channel in self._rooms

        def refuse(refused: bytes | Refused) -> None:
            assert isinstance(refused, Refused)
            self._carry(self._session.join_refused(channel, self._error(refused)))

        self._door.rooms.find(channel.id, opened)

    def _leave(self, channel: Channel) -> None:
        room = self._rooms.pop(channel, None)
        if room is None:
            return
        if channel.kind is Kind.ROOM:
            room.leave(self)
        else:
            room.leave_hosts(self)

    def _look_up(self, act: acts.Stats | acts.ListPresence | acts.ReadHistory) -> None:
        room = self._rooms[Channel(Kind.ROOM, act.room)]
        try:
            result = _looked_up(room, act)
        except Refused as refused:
            self._carry(self._session.failed(act.id, self._error(refused)))
        else:
            self._carry(self._session.answered(act.id, result))

    def _close(self, why: codes.Disconnect) -> None:
        self._door.shell.metrics.closes.labels(why.code).inc()
        self._flush()
        if self._ws.state is OPEN:  # else the client, or a broken frame of his, was faster
            self._ws.send_close(why.code, why.reason)
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

    # --- the wheel

    def _on_stale(self) -> None:
        if not self.gone and not self._closing:
            self._carry(self._session.stale())

    def _on_ping(self) -> None:
        if self.gone or self._closing:
            return
        self._pinged = self._door.shell.loop.time()
        self.write(PING_FRAMES[self.codec])
        self._door.wheel.put(PONG_SECONDS, self._on_pong_due)
        self._door.wheel.put(PING_SECONDS, self._on_ping)
        self._watch_expiry()

    def _on_pong_due(self) -> None:
        """Any frame since the ping counts as life."""
        if self._heard < self._pinged:
            self.close(codes.NO_PONG)

    def _watch_expiry(self) -> None:
        """Ask to be woken at the token's end once it is near: the wheel would keep a lost connection until then."""
        left = self._expires - self._door.shell.loop.time()
        if left <= PING_SECONDS + 1:
            self._door.wheel.put(max(0.0, left), self._on_expiry)

    def _on_expiry(self) -> None:
        if not self.gone and not self._closing and self._door.shell.loop.time() >= self._expires:
            self._carry(self._session.expired())

    def _on_lag(self, paused: dict[OpenRoom, Position]) -> None:
        if self._paused is paused and not self.gone:
            self.close(codes.SLOW)
            self._transport.abort()


def _looked_up(room: OpenRoom, act: acts.Stats | acts.ListPresence | acts.ReadHistory) -> Result:
    match act:
        case acts.Stats():
            return room.stats()
        case acts.ListPresence():
            return room.present()
        case acts.ReadHistory():
            return room.voice.history(act.limit, act.since, reverse=act.reverse)


def _select(_protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    """Centrifuge's subprotocol where it is offered; others are ignored, since the default needs none."""
    return PROTOBUF if PROTOBUF in offered else None


def _break_cycle(taken_over: Any) -> None:
    """Let go of what uvicorn's HTTP protocol holds, whose parser points back at it."""
    for name in ("parser", "scope", "headers", "flow", "cycle"):
        if hasattr(taken_over, name):
            setattr(taken_over, name, None)


def _not_connected(_: bytes) -> None:
    raise RuntimeError("no transport yet")
