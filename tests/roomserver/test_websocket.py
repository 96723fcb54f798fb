"""A connection, spoken to by a WebSocket client that is joined to it by bytes."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from room.people import Role
from roomserver.addresses import Proxies
from roomserver.centrifuge import client_pb2, codes
from roomserver.clock import wall_ms
from roomserver.committer import Committer
from roomserver.door import Door
from roomserver.frames import FRAGMENTS, MESSAGE_BYTES
from roomserver.gate import Gate
from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.limits import Limits
from roomserver.load import Step
from roomserver.metrics import Metrics
from roomserver.outlet import HIGH_WATER, MOST_WAITING
from roomserver.pace import PATIENCE_BURST
from roomserver.ring import BATCHES
from roomserver.rooms import Rooms
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.stall import LAG_BYTES
from roomserver.websocket import CALLS, WebSocket, taking_over
from roomserver.wheel import Wheel
from tests.roomserver.hand_store import HandStore
from tests.roomserver.hand_time import HandClock, later, play, settle
from tests.roomserver.jars import HOUSE

Json = dict[str, Any]
JOIN = {"subscribe": {"channel": "room:demo"}}
DROP = {"rpc": {"method": "jar.drop", "data": {"room": "demo"}}}
SHOUT = {"rpc": {"method": "jar.shout", "data": {"room": "demo"}}}


class Tokens:
    """Knows tokens by heart: a user's name, perhaps with the seconds it lasts; `expired`, `bad`."""

    def verify(self, token: str) -> Identity:
        name, _, seconds = token.partition(" ")
        if name == "expired":
            raise ExpiredToken
        if name == "bad":
            raise InvalidToken("bad")
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


# --- the handshake


@pytest.mark.parametrize(
    ("path", "origin", "status"),
    [
        ("/connection/websocket", None, 101),
        ("/connection/websocket", "https://shop.test", 101),
        ("/connection/websocket", "https://evil.test", 403),
        ("/connection/websocket/more", None, 404),
        ("/", None, 404),
        ("//[", None, 404),
        ("/connection/websocket?[//", None, 101),
    ],
)
def test_who_is_let_in(path: str, origin: str | None, status: int) -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = made.client(path=path, origin=origin)
            await settle()
            assert client.status == status
            assert len(made.door.connections) == len(made.connections) == (1 if status == 101 else 0)
            await later(12)
            assert client.pipe.lost

    play(dialogue)


@pytest.mark.parametrize("twice", ["Host: room.test", "Origin: https://shop.test"])
def test_who_comes_under_two_names_is_not_let_in_and_leaves_nothing_behind(twice: str) -> None:
    async def dialogue() -> None:
        async with hall() as made:
            pipe, server = Pipe(made.shell.loop), taking_over(made.door)(server_state=made)
            pipe.protocol = server
            server.connection_made(pipe)
            named = ["Host: room.test", twice, twice, "Upgrade: websocket", "Connection: Upgrade"]
            keyed = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
            lines = ["GET /connection/websocket HTTP/1.1", *named, *keyed, "", ""]
            server.data_received("\r\n".join(lines).encode())
            await settle()
            assert pipe.sent.startswith(b"HTTP/1.1 403 ")
            assert made.door.empty.is_set()

    play(dialogue)


def test_nobody_is_let_in_while_the_server_drains() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            made.door.draining = True
            client = made.client()
            await settle()
            assert client.status == 503
            assert made.door.empty.is_set()

    play(dialogue)


@pytest.mark.parametrize("how", ["json", "subprotocol", "format"])
def test_both_encodings_connect_join_and_hear(how: str) -> None:
    async def dialogue() -> None:
        async with hall() as made:
            path = "/connection/websocket" + ("?format=protobuf" if how == "format" else "")
            client = made.client(path=path, protobuf=how == "subprotocol")
            client.protobuf = how != "json"
            connected = (await client.ask({"connect": {"token": "ada 600"}}))["connect"]
            assert connected["client"] == client.server.client
            assert (connected["ping"], connected["pong"], connected["expires"]) == (25, True, True)
            assert 598 <= connected["ttl"] <= 600
            assert list(connected["subs"]) == ["#ada"]
            joined = (await client.ask(JOIN))["subscribe"]
            assert joined["recoverable"]
            assert joined["positioned"]
            dropped = await client.ask(DROP)
            data = dropped["rpc"]["data"]
            assert (data if how == "json" else orjson.loads(data)) == {"coins": 1}
            await later(1)
            assert {push["channel"] for push in client.pushes()} == {"room:demo", "#ada"}
            first = int(joined.get("offset", 0)) + 1
            assert client.offsets() == list(range(first, first + len(client.offsets())))
            assert {frame.opcode for frame in client.frames} == {Opcode.TEXT if how == "json" else Opcode.BINARY}

    play(dialogue)


# --- bad frames


def test_what_is_no_frame_of_commands_closes_with_3501() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            for bad in (b"nonsense", b'{"id":"x"}', b"", b'{"id":1,"rpc":{}}'):
                client = made.client()
                client.send_raw(bad)
                assert client.closed == 3501, bad
            inside = await made.client().enter()
            inside.send_raw(b"{")
            assert inside.closed == 3501
            await settle()
            assert (len(made.door.connections), made.public) == (0, 0)

    play(dialogue)


def test_a_bad_frame_followed_by_a_close_in_one_segment_is_a_fault_of_nobody() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            client.ws.send_text(b"nonsense")
            client.ws.send_close(1000)
            client.exchange()
            await settle()
            assert client.pipe.lost
            assert made.public == 0

    play(dialogue)


def test_a_message_beyond_the_limit_closes_with_1009_whole_or_in_pieces() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            client.send_raw(b" " * (MESSAGE_BYTES + 1))
            assert client.closed == 1009
            pieces = await made.client().enter("bob")
            pieces.ws.send_text(b" " * MESSAGE_BYTES, fin=False)
            pieces.ws.send_continuation(b" ", fin=True)
            pieces.exchange()
            assert pieces.closed == 1009
            await settle()
            assert (made.public, len(made.door.connections)) == (0, 0)

    play(dialogue)


def test_a_message_in_as_many_pieces_as_may_be_is_one_message() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().connect()
            message = orjson.dumps({"id": 7, "ping": {}})
            client.ws.send_text(message[:3], fin=False)
            for _ in range(FRAGMENTS - 2):
                client.ws.send_continuation(b"", fin=False)
            client.exchange()
            assert client.server._frames.unfinished == 3
            client.ws.send_continuation(message[3:], fin=True)
            client.exchange()
            assert client.reply(7) == {"id": 7, "ping": {}}

    play(dialogue)


def test_a_message_in_more_pieces_closes_with_1009_though_they_are_empty() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            client.ws.send_text(b"", fin=False)
            for _ in range(FRAGMENTS):
                client.ws.send_continuation(b"", fin=False)
            assert client.closed == 1009
            await settle()
            assert (made.public, len(made.door.connections)) == (0, 0)

    play(dialogue)


# --- how many, and how fast


def test_who_asks_for_more_than_his_share_is_told_and_has_more_later() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=2, burst=4)) as made:
            client = await made.client().connect()
            first = client.send(*[{"ping": {}}] * 6)
            answers = [code(one) if "error" in one else 0 for one in map(client.reply, first)]
            assert answers == [0, 0, 0, 0, 111, 111]
            assert made.metrics.refusals.labels(111)._value.get() == 2
            await later(1)
            second = client.send(*[{"ping": {}}] * 3)
            assert ["error" in one for one in map(client.reply, second)] == [False, False, True]
            assert client.closed is None

    play(dialogue)


def test_the_share_is_a_users_over_all_his_connections_and_a_guests_over_one() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=4)) as made:
            here, there, guest = (made.client() for _ in range(3))
            await here.connect("ada")
            await there.connect("ada")
            await guest.connect("guest")
            here.send({"ping": {}}, {"ping": {}})
            answers = [there.reply(one) for one in there.send(*[{"ping": {}}] * 3)]
            assert ["error" in one for one in answers] == [False, False, True]
            assert not any("error" in one for one in map(guest.reply, guest.send({"ping": {}}, {"ping": {}})))

    play(dialogue)


def test_hosts_have_five_times_the_share() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=2)) as made:
            host = await made.client().connect("host")
            answers = [host.reply(one) for one in host.send(*[{"ping": {}}] * 11)]
            assert ["error" in one for one in answers] == [False] * 10 + [True]

    play(dialogue)


@pytest.mark.parametrize("how", ["commands", "pings"])
def test_a_flood_closes_with_3013(how: str) -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=4)) as made:
            client = await made.client().enter()
            for _ in range(4 + PATIENCE_BURST):
                client.ws.send_ping(b"") if how == "pings" else client.send_raw(b'{"id": 9, "ping": {}}')
            assert client.closed == 3013
            assert made.metrics.closes.labels(3013)._value.get() == 1
            await settle()
            assert (made.public, len(made.door.connections)) == (0, 0)

    play(dialogue)


def test_one_connection_of_a_user_too_many_is_closed_with_3504_and_the_others_stay() -> None:
    async def dialogue() -> None:
        async with hall(Limits(per_user=2)) as made:
            first, second = await made.client().enter("ada"), await made.client().enter("ada")
            third = made.client()
            third.send({"connect": {"token": "ada"}})
            assert (first.closed, second.closed, third.closed) == (None, None, 3504)
            first.pipe.abort()
            await settle()
            assert (await made.client().enter("ada")).closed is None
            guests = [await made.client().enter("guest") for _ in range(3)]
            assert [one.closed for one in guests] == [None] * 3

    play(dialogue)


def test_a_full_server_answers_503_says_when_to_come_back_and_counts_it() -> None:
    async def dialogue() -> None:
        async with hall(Limits(connections=1)) as made:
            inside = await made.client().enter()
            refused = made.client()
            await settle()
            assert (refused.status, inside.closed) == (503, None)
            assert 1 <= int(refused.headers["Retry-After"]) <= 5
            assert made.metrics.turned_away.labels("full")._value.get() == 1
            inside.pipe.abort()
            await settle()
            assert (await made.client().enter("bob")).closed is None

    play(dialogue)


def test_a_strained_server_puts_newcomers_off_and_lets_in_who_recovers_or_hosts() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            inside = await made.client().enter("ada")
            made.shell.load.step = Step.STRAINED
            newcomer = await made.client().connect("bob")
            told = await newcomer.ask(JOIN)
            assert (code(told), told["error"]["temporary"]) == (1010, True)
            assert "; retry in " in told["error"]["message"]
            host = await made.client().connect("host")
            assert "subscribe" in await host.ask(JOIN)
            back = {"subscribe": {"channel": "room:demo", "recover": True, "offset": 0, "epoch": "gone"}}
            assert "subscribe" in await (await made.client().connect("cem")).ask(back)
            assert inside.closed is None

    play(dialogue)


# --- tokens and time


def test_no_token_and_a_bad_one_close_for_good_and_an_expired_one_is_an_error() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            for token in ("", "bad"):
                client = made.client()
                client.send({"connect": {"token": token}})
                assert client.closed == 3500
            client = made.client()
            assert code(await client.ask({"connect": {"token": "expired"}})) == 109
            assert client.closed is None

    play(dialogue)


def test_who_does_not_connect_in_time_is_stale() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            silent, refused, good = made.client(), made.client(), made.client()
            await refused.ask({"connect": {"token": "expired"}})
            await good.connect()
            await later(4.9)
            assert (silent.closed, refused.closed) == (None, None)
            await later(1.2)
            assert (silent.closed, refused.closed, good.closed) == (3502, 3502, None)

    play(dialogue)


def test_a_ping_that_nothing_follows_closes_with_3012() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            silent, lively = await made.client().connect(), await made.client().connect("bob")
            for _ in range(60):
                await later(1)
                lively._hear()
                if lively.pings and not bytes(lively.frames[-1].data).strip(b"{}\n"):
                    lively.send_raw(b"{}")
                if silent.closed is not None:
                    break
            assert (silent.pings, silent.closed, lively.closed) == (1, 3012, None)

    play(dialogue)


def test_an_expired_token_that_is_not_renewed_closes_with_3005() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            lapsed, renewed = await made.client().enter("ada 30"), await made.client().enter("bob 30")
            for second in range(90):
                await later(1)
                for client in (lapsed, renewed):
                    if client.closed is None:
                        client.send_raw(b"{}")
                if second == 20:
                    assert (await renewed.ask({"refresh": {"token": "bob 3600"}}))["refresh"]["expires"]
                if lapsed.closed is not None:
                    break
            assert 50 <= second <= 60
            assert (lapsed.closed, renewed.closed) == (3005, None)
            other = await renewed.ask({"refresh": {"token": "expired"}})
            assert code(other) == 109
            renewed.send({"refresh": {"token": "cyd"}})
            assert renewed.closed == 3500

    play(dialogue)


# --- slow readers


def test_a_slow_reader_leaves_the_channel_and_comes_back_without_a_gap() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
            await later(1)
            slow.pipe.stuck = True
            slow.pipe.high = 1000
            for _ in range(30):
                fast.send(SHOUT)
                await later(0.06)
            assert made.public == 1
            assert len(slow.pipe.waiting) < 2000
            slow.pipe.read_on()
            await settle()
            assert made.public == 2
            fast.send(SHOUT)
            await later(1)
            assert slow.offsets() == fast.offsets()[-len(slow.offsets()) :] == sorted(set(slow.offsets()))
            assert slow.offsets()[0] <= 2

    play(dialogue)


def test_a_join_while_the_transport_is_full_misses_nothing_and_hears_nothing_twice() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().connect("slow"), await made.client().enter("fast")
            await later(1)
            slow.pipe.stuck = True
            slow.pipe.high = 10
            slow.send({"ping": {}}, JOIN, {"unsubscribe": {"channel": "room:demo"}}, JOIN)
            assert slow.server.paused
            for _ in range(4):
                fast.send(SHOUT)
                await later(0.1)
            slow.pipe.read_on()
            fast.send(SHOUT)
            await later(1)
            slow.exchange()
            told = [one for one in slow.said if "subscribe" in one or "pub" in one.get("push", {})]
            joins = [index for index, one in enumerate(told) if "subscribe" in one]
            assert len(joins) == 2
            position = told[joins[-1]]["subscribe"]["offset"]
            assert [one["push"]["pub"]["offset"] for one in told[joins[-1] + 1 :]] == list(
                range(position + 1, fast.offsets()[-1] + 1)
            )

    play(dialogue)


def test_two_rooms_of_a_slow_reader_both_go_on_whole() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
            for client in (slow, fast):
                await client.ask({"subscribe": {"channel": "room:two"}})
            await later(1)
            slow.pipe.stuck = True
            slow.pipe.high = 500
            for _ in range(10):
                fast.send(SHOUT, {"rpc": {"method": "jar.shout", "data": {"room": "two"}}})
                await later(0.06)
            assert slow.server.paused
            for _ in range(3):  # what the first room has for him fills the transport again
                slow.pipe.sent += slow.pipe.waiting
                slow.pipe.waiting.clear()
                slow.pipe.over_high = False
                slow.server.resume_writing()
                await settle()
            slow.pipe.read_on()
            fast.send(SHOUT, {"rpc": {"method": "jar.shout", "data": {"room": "two"}}})
            await later(1)
            for channel in ("room:demo", "room:two"):
                offsets = [p["pub"]["offset"] for p in slow.pushes() if p["channel"] == channel]
                assert offsets == list(range(offsets[0], offsets[-1] + 1)), channel
                room = made.rooms.get(channel[5:])
                assert room is not None
                assert offsets[-1] == room.publisher.ring.offset

    play(dialogue)


def test_a_slow_reader_whom_the_log_has_left_behind_is_told_of_the_gap() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
            await later(1)
            slow.pipe.stuck = True
            slow.pipe.high = 10
            room = made.rooms.get("demo")
            assert room is not None
            fast.send(SHOUT)
            await later(0.1)
            for number in range(BATCHES + 1):
                room.publisher.ring.append(b"%d" % number)
            slow.pipe.read_on()
            await later(1)
            ends = [push["unsubscribe"] for push in slow.pushes() if "unsubscribe" in push]
            assert [one["code"] for one in ends] == [2500]
            assert made.public == 1
            assert made.metrics.lagging._value.get() == 1
            assert "subscribe" in await slow.ask(JOIN)

    play(dialogue)


def test_who_does_not_read_for_ten_seconds_is_closed_as_slow_and_cut_off() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
            await later(1)
            slow.pipe.stuck = True
            slow.pipe.high = 10
            fast.send(SHOUT)
            await later(9)
            lost = [slow.pipe.lost]
            await later(2.5)
            assert [*lost, slow.pipe.lost] == [False, True]
            assert bytes(slow.pipe.waiting).endswith(b"slow")
            assert codes.SLOW.code.to_bytes(2, "big") in slow.pipe.waiting
            assert len(made.door.connections) == 1

    play(dialogue)


def test_a_peer_that_pings_and_never_reads_is_not_heard_and_then_cut_off() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            client.pipe.stuck = True
            for _ in range(2 * MOST_WAITING // 125):
                client.ws.send_ping(b"p" * 125)
                client.exchange()
            assert not client.pipe.reading
            assert len(client.pipe.waiting) <= HIGH_WATER + 200
            await later(11.5)
            assert client.pipe.lost

    play(dialogue)


def test_of_pings_that_come_together_the_last_ten_are_answered() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            client.pipe.writes.clear()
            for number in range(1000):
                client.ws.send_ping(b"%d" % number)
            client.exchange()
            pongs = [Frame(Opcode.PONG, b"%d" % number).serialize(mask=False) for number in range(990, 1000)]
            assert b"".join(client.pipe.writes) == b"".join(pongs)

    play(dialogue)


def test_who_takes_nothing_and_is_told_much_in_person_is_cut_off() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            client.pipe.stuck = True
            numbers = client.send(*[{"rpc": {"method": "no.such", "data": {"room": "demo"}}}] * 200)
            assert client.server.paused
            assert not client.pipe.closing
            for number in numbers * 20:
                client.server._carry(client.server._session.rpc_done(number, b'"%s"' % (b"x" * 100)))
                await settle()
            assert client.pipe.lost
            assert len(client.pipe.waiting) <= MOST_WAITING + 200
            assert made.metrics.closes.labels(codes.SLOW.code)._value.get() == 1

    play(dialogue)


def test_who_takes_a_little_now_and_then_is_slow_and_not_stalled() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
            slow.pipe.stuck = True
            slow.pipe.high = 100
            for _ in range(20):
                fast.send(SHOUT)
                await later(0.2)
            for _ in range(20):
                await later(1)
                assert not slow.pipe.lost
                del slow.pipe.waiting[:1]
            await later(12)
            assert slow.pipe.lost

    play(dialogue)


def test_who_is_further_behind_than_the_log_can_tell_is_closed_at_once() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
            slow.pipe.stuck = True
            slow.pipe.high = 100
            fast.send(SHOUT)
            await later(0.1)
            room = made.rooms.get("demo")
            assert room is not None
            room.publisher.public.publish(b"x" * (LAG_BYTES + 1))
            await later(2.5)
            assert slow.pipe.lost
            assert codes.SLOW.code.to_bytes(2, "big") in slow.pipe.waiting

    play(dialogue)

    play(dialogue)


# --- replies and calls


def test_the_replies_of_one_turn_are_one_frame() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            await later(1)
            client.exchange()
            client.frames.clear()
            client.send(*[{"ping": {}}] * 5)
            assert len(client.frames) == 1
            numbers = client.send(*[{"rpc": {"method": "jar.shout", "data": {"room": "demo"}}}] * 5)
            await settle()
            client._hear()
            assert len(client.frames) == 3  # the batch, and all replies
            assert [one["id"] for one in client.said if one.get("id") in numbers] == numbers

    play(dialogue)


def test_calls_that_are_refused_are_answered_by_name_and_close_nothing() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            calls: dict[int, Json] = {
                104: {"rpc": {"method": "no.such", "data": {"room": "demo"}}},
                107: {"rpc": {"method": "jar.drop", "data": {"room": "demo", "coins": "1"}}},
                1002: {"rpc": {"method": "jar.drop", "data": {"room": "other"}}},
                103: {"rpc": {"method": "jar.paint", "data": {"room": "demo"}}},
                100: {"rpc": {"method": "jar.cry", "data": {"room": "demo"}}},
                102: {"subscribe": {"channel": "nonsense"}},
                105: JOIN,
            }
            for expected, call in calls.items():
                reply = await client.ask(call)
                assert code(reply) == expected, reply
                assert reply["error"]["message"]
            assert client.closed is None

    play(dialogue)


def test_presence_and_history_are_answered() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            await later(1)
            stats = (await client.ask({"presence_stats": {"channel": "room:demo"}}))["presence_stats"]
            assert (stats["num_users"], stats["num_clients"]) == (1, 1)
            members = (await client.ask({"presence": {"channel": "room:demo"}}))["presence"]["presence"]
            assert [one["user"] for one in members.values()] == ["ada"]
            history = (await client.ask({"history": {"channel": "room:demo", "limit": 1}}))["history"]
            assert len(history["publications"]) == 1
            since = {"offset": 99, "epoch": "other"}
            assert code(await client.ask({"history": {"channel": "room:demo", "limit": 1, "since": since}})) == 112

    play(dialogue)


def test_calls_under_way_are_bounded_and_each_is_answered_once() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter("host")
            made.store.gate.clear()
            numbers = [number for _ in range(CALLS + 5) for number in client.send(SHOUT)]
            busy = [one for one in client.said if one.get("id") in numbers]
            assert [code(one) for one in busy] == [111] * 5
            await later(1)
            client._hear()
            assert sorted(one["id"] for one in client.said if one.get("id") in numbers) == numbers
            assert client.server._calls == 0

    play(dialogue)


# --- the end


def test_a_connection_lost_during_its_join_leaves_nothing() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            other = await made.client().enter("bob")
            made.store.reads.clear()
            client = await made.client().connect()
            client.send(JOIN)
            await settle()
            client.pipe.abort()
            await settle()
            made.store.reads.set()
            await later(1)
            room = made.rooms.get("demo")
            assert room is not None
            assert (made.public, room.state.online, list(room.state.actors)) == (1, 1, ["bob"])
            assert made.shell.people.tell("ada", b"{}") == 0
            assert other.closed is None
            assert made.door.connections == {other.server}

    play(dialogue)


def test_a_connection_that_closes_hears_nothing_after_its_close() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, other = await made.client().enter(), await made.client().enter("bob")
            client.pipe.stuck = True
            client.ws.send_close(1000)
            client.exchange()
            assert made.public == 1
            assert made.shell.people.tell("ada", b"{}") == 0
            written = len(client.pipe.writes)
            other.send(SHOUT)
            await later(1)
            assert len(client.pipe.writes) == written
            await later(6)  # it never reads the answer
            assert client.pipe.lost
            assert made.door.connections == {other.server}

    play(dialogue)


def test_a_server_that_closes_says_so_last() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, other = await made.client().enter(), await made.client().enter("bob")
            client.server.close(codes.FORCED)
            assert client.closed == 3503
            other.send(SHOUT)
            await later(1)
            assert client.pipe.lost
            assert made.public == 1
            client.server.close(codes.FORCED)

    play(dialogue)


def test_a_drain_closes_when_everything_is_answered() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, idle = await made.client().enter(), await made.client().enter("bob")
            made.store.gate.clear()
            [number] = client.send(DROP)
            await settle()
            for one in (client, idle):
                one.server.close_when_answered(codes.SHUTDOWN)
            await settle()
            assert (client.closed, idle.closed) == (None, 3001)
            made.store.gate.set()
            await settle()
            assert client.reply(number)["rpc"]["data"] == {"coins": 1}
            assert client.closed == 3001
            await settle()
            assert made.door.empty.is_set()

    play(dialogue)


def test_a_lost_connection_is_nobodys_any_more_and_leaves_no_garbage() -> None:
    """Its token lasts for an hour, and its wheel's entries are few: soon nothing holds it."""

    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter("ada 3600")
            await client.ask(DROP)
            server = weakref.ref(client.server)
            inner = weakref.ref(client.server._frames._ws)
            gc.collect()
            gc.disable()
            try:
                client.pipe.abort()
                await settle()
                del client
                await later(40)
                await (await made.client().enter("cyd")).ask(DROP)  # the committer's last batch is another's now
                assert server() is None
                assert inner() is None
            finally:
                gc.enable()

    play(dialogue)


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


def test_from_where_only_bad_tokens_come_nobody_is_heard_for_a_while() -> None:
    async def dialogue() -> None:
        async with hall(Limits(per_address=3)) as made:
            made.door.gate.proxies = Proxies(())
            for token in ("bad", "ada", "bad", "bad", "ada", "bad"):
                client = made.client()
                client.send({"connect": {"token": token}})
                assert (client.status, client.closed) == (101, 3500 if token == "bad" else None)
                client.pipe.abort()
                await settle()
            assert made.client().status == 503
            assert made.metrics.turned_away.labels("failures")._value.get() == 1
            await later(2)
            client = await made.client().connect()
            assert client.status == 101

    play(dialogue)
