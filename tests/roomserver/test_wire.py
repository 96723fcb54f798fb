"""What becomes of a connection's bytes: the handshake, frames that are none, and transports that take no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from websockets.frames import Frame, Opcode

from roomserver.centrifuge import codes
from roomserver.frames import FRAGMENTS
from roomserver.outlet import HIGH_WATER, MOST_WAITING
from roomserver.ring import BATCHES
from roomserver.stall import LAG_BYTES
from roomserver.upgrade import plain_upgrade
from roomserver.websocket import taking_over
from roomserver.whole_frames import MESSAGE_BYTES
from tests.roomserver.hall import DROP, JOIN, SHOUT, Client, Hall, Pipe, hall
from tests.roomserver.hand_time import later, play, settle

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


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([f"X-{number}: 1" for number in range(200)], 431),
        (["Cookie: " + "c" * 10_000], 431),
        (["Sec-WebSocket-Version: 8"], 400),
        (["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: short"], 400),
    ],
)
@pytest.mark.parametrize("path", ["/connection/websocket", "/elsewhere"])
def test_what_is_no_request_for_a_websocket_is_answered_and_counted(more: list[str], status: int, path: str) -> None:
    """As uvicorn hands it over, and as it comes by itself."""

    async def dialogue() -> None:
        async with hall() as made:
            named = ["Host: room.test", "Upgrade: websocket", "Connection: Upgrade"]
            request = "\r\n".join([f"GET {path} HTTP/1.1", *named, *more, "", ""]).encode()
            assert plain_upgrade(request, deflates=True) is None
            pipe, server = Pipe(made.shell.loop), taking_over(made.door)(server_state=made)
            pipe.protocol = server
            server.connection_made(pipe)
            server.data_received(request)
            await settle()
            turned_away = {why: made.metrics.turned_away.labels(why)._value.get() for why in ("request", "path")}
            if path == "/elsewhere" and status == 400:
                assert pipe.sent.startswith(b"HTTP/1.1 404 ")
                assert turned_away == {"request": 0, "path": 1}
            else:
                assert pipe.sent.startswith(b"HTTP/1.1 %d " % status)
                assert turned_away == {"request": 1, "path": 0}
            assert pipe.lost
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
            assert made.metrics.closes.labels(1009)._value.get() == 2
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
            assert len(client.server._frames._fragments) == 3
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


# --- slow readers


@asynccontextmanager
async def beside_a_stuck_one(*, high: int) -> AsyncIterator[tuple[Hall, Client, Client]]:
    """Two in a room: one whose transport takes so many bytes more and no other, and one who reads."""
    async with hall() as made:
        slow, fast = await made.client().enter("slow"), await made.client().enter("fast")
        await later(1)
        slow.pipe.stuck, slow.pipe.high = True, high
        yield made, slow, fast


def test_a_slow_reader_leaves_the_channel_and_comes_back_without_a_gap() -> None:
    async def dialogue() -> None:
        async with beside_a_stuck_one(high=1000) as (made, slow, fast):
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
        async with beside_a_stuck_one(high=10) as (made, slow, fast):
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
        async with beside_a_stuck_one(high=10) as (made, slow, fast):
            fast.send(SHOUT)
            await later(9)
            lost = [slow.pipe.lost]
            await later(2.5)
            assert [*lost, slow.pipe.lost] == [False, True]
            assert bytes(slow.pipe.waiting).endswith(b"slow")
            assert codes.SLOW.code.to_bytes(2, "big") in slow.pipe.waiting
            assert len(made.door.connections) == 1

    play(dialogue)


@pytest.mark.parametrize("more", [0, MOST_WAITING])
@pytest.mark.parametrize("why", [codes.SLOW, codes.SHUTDOWN])
def test_a_close_is_counted_once_though_nothing_of_it_is_taken(more: int, why: codes.Disconnect) -> None:
    async def dialogue() -> None:
        async with beside_a_stuck_one(high=10) as (made, slow, _):
            room = made.rooms.get("demo")
            assert room is not None
            room.publisher.public.publish(b'"%b"' % (b"x" * more))
            if why is codes.SLOW:
                await later(11.5)
            else:
                slow.server.close(why)
                await later(6)
            assert slow.pipe.lost
            counted = {code: made.metrics.closes.labels(code)._value.get() for code in (3001, 3008)}
            assert counted == {3001: 0, 3008: 0} | {why.code: 1}

    play(dialogue)


def test_who_says_no_more_and_takes_nothing_leaves_at_once_and_is_cut_off() -> None:
    async def dialogue() -> None:
        async with beside_a_stuck_one(high=HIGH_WATER) as (made, slow, fast):
            fast.send(SHOUT)
            await later(0.1)
            assert 0 < len(slow.pipe.waiting) < HIGH_WATER
            slow.server.eof_received()
            assert made.public == 1
            await later(6.5)
            assert slow.pipe.lost
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
        async with beside_a_stuck_one(high=100) as (_, slow, fast):
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
        async with beside_a_stuck_one(high=100) as (made, slow, fast):
            fast.send(SHOUT)
            await later(0.1)
            room = made.rooms.get("demo")
            assert room is not None
            room.publisher.public.publish(b"x" * (LAG_BYTES + 1))
            await later(2.5)
            assert slow.pipe.lost
            assert codes.SLOW.code.to_bytes(2, "big") in slow.pipe.waiting

    play(dialogue)
