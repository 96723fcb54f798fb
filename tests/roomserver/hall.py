"""A server without sockets, and WebSocket clients that are joined to it by bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from room.people import Role
from roomserver.centrifuge import client_pb2
from roomserver.clock import wall_ms
from roomserver.committer import Committer
from roomserver.door import Door
from roomserver.gate import Gate
from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.limits import Limits
from roomserver.metrics import Metrics
from roomserver.rooms import Rooms
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.websocket import WebSocket, taking_over
from roomserver.wheel import Wheel
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import HandClock, settle
from tests.roomserver.jars import HOUSE

Json = dict[str, Any]
JOIN = {"subscribe": {"channel": "room:demo"}}
DROP = {"rpc": {"method": "jar.drop", "data": {"room": "demo"}}}
SHOUT = {"rpc": {"method": "jar.shout", "data": {"room": "demo"}}}


class Tokens:
    """Knows tokens by heart: a user's name, perhaps with the seconds it lasts; `expired`, `bad`, `fault`."""

    def verify(self, token: str) -> Identity:
        name, _, seconds = token.partition(" ")
        if name == "expired":
            raise ExpiredToken
        if name == "bad":
            raise InvalidToken("bad")
        if name == "fault":
            raise RuntimeError("a fault of ours")
        expires = wall_ms() // 1000 + int(seconds or 3600)
        roles = {"demo": Role.HOST} if name == "host" else {}
        return Identity(user="" if name == "guest" else name, name=name.title(), expires=expires, roles=roles)


class Pipe(asyncio.Transport):
    """A transport whose other end reads only while it is not `stuck`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__({"peername": ("203.0.113.7", 5000)})
        self.loop = loop
        self.protocol: asyncio.BaseProtocol | None = None
        self.sent = bytearray()
        self.waiting = bytearray()
        self.stuck = False
        self.reading = True
        self.over_high = False
        self.high = 0
        self.closing = False
        self.lost = False
        self.writes: list[bytes] = []

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high or 0

    def get_write_buffer_size(self) -> int:
        return len(self.waiting)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol or asyncio.Protocol()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closing, "a write after the end"
        self.writes.append(bytes(data))
        if not self.stuck:
            self.sent += data
            return
        self.waiting += data
        if len(self.waiting) > self.high and not self.over_high:
            self.over_high = True
            assert isinstance(self.protocol, WebSocket)
            self.protocol.pause_writing()

    def read_on(self) -> None:
        """The other end reads again, all of it."""
        self.stuck = False
        self.sent += self.waiting
        self.waiting.clear()
        if self.over_high:
            self.over_high = False
            assert isinstance(self.protocol, WebSocket)
            self.protocol.resume_writing()
        if self.closing:
            self._end()

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            if not self.waiting:
                self.loop.call_soon(self._end)

    def abort(self) -> None:
        self.closing = True
        self.loop.call_soon(self._end)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def _end(self) -> None:
        if not self.lost:
            self.lost = True
            assert isinstance(self.protocol, WebSocket)
            protocol, self.protocol = self.protocol, None
            protocol.connection_lost(None)


class Client:
    """The other end: a WebSocket client, and what the Centrifuge protocol said to it."""

    def __init__(self, hall: Hall, path: str, origin: str | None, *, protobuf: bool) -> None:
        self.protobuf = protobuf
        offered = [Subprotocol("centrifuge-protobuf")] if protobuf else None
        uri = parse_uri(f"ws://room.test{path}")
        self.ws = ClientProtocol(
            uri, origin=None if origin is None else Origin(origin), subprotocols=offered, max_size=2**24
        )
        self.pipe = Pipe(hall.shell.loop)
        self.server = taking_over(hall.door)(server_state=hall)
        self.status = 0
        self.headers = Headers()
        self.frames: list[Frame] = []
        self.said: list[Json] = []
        self.pings = 0
        self.next_id = 0
        self.unheard = b""
        self.server.connection_made(self.pipe)
        self.ws.send_request(self.ws.connect())
        self.exchange()
        self.pipe.protocol = self.server

    # --- bytes

    def exchange(self) -> None:
        """Carry bytes both ways until nobody has anything to say."""
        self.unheard += b"".join(self.ws.data_to_send())
        while (self.unheard and self.pipe.reading) or self.pipe.sent:
            out, self.unheard = self.unheard, b""
            if out and not self.pipe.lost:
                self.server.data_received(out)
            self._hear()
            self.unheard += b"".join(self.ws.data_to_send())

    def _hear(self) -> None:
        heard, self.pipe.sent = bytes(self.pipe.sent), bytearray()
        if heard:
            self.ws.receive_data(heard)
        for event in self.ws.events_received():
            if isinstance(event, Response):
                self.status, self.headers = event.status_code, event.headers
            elif isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY):
                self.frames.append(event)
                self._understand(bytes(event.data))

    def _understand(self, data: bytes) -> None:
        replies = _protobuf_replies(data) if self.protobuf else [orjson.loads(line) for line in data.split(b"\n")]
        for reply in replies:
            if reply:
                self.said.append(reply)
            else:
                self.pings += 1

    # --- what it says

    def send(self, *requests: Json) -> list[int]:
        """Send commands in one frame; the ids they got."""
        commands = []
        for request in requests:
            self.next_id += 1
            commands.append({"id": self.next_id, **request})
        self.send_raw(b"\n".join(map(orjson.dumps, commands)) if not self.protobuf else _protobuf_commands(commands))
        return [command["id"] for command in commands]

    def send_raw(self, data: bytes) -> None:
        if self.protobuf:
            self.ws.send_binary(data)
        else:
            self.ws.send_text(data)
        self.exchange()

    async def ask(self, request: Json) -> Json:
        """Send a command and wait for its reply."""
        [number] = self.send(request)
        await settle()
        return self.reply(number)

    async def connect(self, token: str = "ada") -> Client:
        await self.ask({"connect": {"token": token}})
        return self

    async def enter(self, token: str = "ada") -> Client:
        await self.connect(token)
        await self.ask(JOIN)
        return self

    # --- what it heard

    def reply(self, number: int) -> Json:
        self._hear()
        [found] = [one for one in self.said if one.get("id") == number]
        return found

    def pushes(self) -> list[Json]:
        self._hear()
        return [one["push"] for one in self.said if "push" in one]

    def offsets(self) -> list[int]:
        return [p["pub"]["offset"] for p in self.pushes() if p.get("pub", {}).get("offset")]

    @property
    def closed(self) -> int | None:
        """The code with which the server closed; this end answers."""
        self.exchange()
        return None if self.ws.close_rcvd is None else self.ws.close_rcvd.code


class Hall:
    """The server's side, and what uvicorn would bring along."""

    def __init__(self, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        self.connections: set[object] = set()
        self.store = HandStore()
        codec = RowCodec(HOUSE)
        self.metrics = Metrics()
        self.committer = Committer(self.store, codec, on_storage=lambda ok: None, on_facts=lambda *_: None)
        self.shell = Shell(
            house=HOUSE, clock=HandClock(loop), committer=self.committer, metrics=self.metrics, loop=loop
        )
        self.rooms = Rooms(self.shell, self.store, codec, make=True)
        self.wheel = Wheel(loop)
        self.door = Door(
            shell=self.shell,
            rooms=self.rooms,
            checks=Tokens(),
            wheel=self.wheel,
            version="test",
            admits=lambda origin, host: origin in (None, "https://shop.test") and host.split(":")[0] == "room.test",
            gate=Gate(limits=limits, load=self.shell.load),
        )

    def client(
        self, *, path: str = "/connection/websocket", origin: str | None = None, protobuf: bool = False
    ) -> Client:
        return Client(self, path, origin, protobuf=protobuf)

    @property
    def public(self) -> int:
        room = self.rooms.get("demo")
        return 0 if room is None else room.publisher.public.up_to_date


@asynccontextmanager
async def hall(limits: Limits | None = None) -> AsyncIterator[Hall]:
    made = Hall(limits or Limits(calls=1000, burst=1000))
    task = asyncio.get_running_loop().create_task(made.committer.run())
    made.wheel.start()
    try:
        yield made
        assert not task.done()
    finally:
        made.wheel.stop()
        task.cancel()
        for room in made.rooms:
            room.close()


def code(reply: Json) -> int:
    number: int = reply["error"]["code"]
    return number


# --- Protobuf, by the library and not by our codec


def _protobuf_commands(commands: list[Json]) -> bytes:
    frame = b""
    for command in commands:
        message = client_pb2.Command(id=command["id"])
        for name, fields in command.items():
            if name == "id":
                continue
            values = {k: orjson.dumps(v) if k == "data" else v for k, v in fields.items()}
            getattr(message, name).CopyFrom(type(getattr(message, name))(**values))
        body = message.SerializeToString()
        frame += _varint(len(body)) + body
    return frame


def _protobuf_replies(data: bytes) -> list[Json]:
    from google.protobuf.json_format import MessageToDict

    replies = []
    while data:
        size, shift = 0, 0
        while True:
            byte, data = data[0], data[1:]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        message = client_pb2.Reply.FromString(data[:size])
        data = data[size:]
        replies.append(_plain(MessageToDict(message, preserving_proto_field_name=True)))
    return replies


def _plain(value: Any) -> Any:
    """JSON's own idea of Protobuf: bytes are base64 and 64-bit numbers are texts."""
    from base64 import b64decode

    if isinstance(value, dict):
        return {k: b64decode(v) if k == "data" else _plain(int(v) if k == "offset" else v) for k, v in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])
