import asyncio
from random import Random

import pytest

from loadtest import protocol
from loadtest.connection import Connection, open_connection
from loadtest.decoder import SharedDecoder
from loadtest.faults import HandshakeRefused, ServerUnreachable
from loadtest.protocol import Notice, Push
from loadtest.target import parse_target
from tests.loadtest.fake_room import FakeRoom, fake_room
from tests.patience import until


class Ear:
    """Remembers what a connection tells its owner."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.why: Notice | None = None

    def pushed(self, push: Push, now: float) -> None:
        self.pushes.append(push)

    def closed(self, why: Notice) -> None:
        self.why = why


async def opened(room: FakeRoom, ear: Ear) -> Connection:
    connection = await open_connection(ear, parse_target(room.url), SharedDecoder(), Random(1))
    await connection.call(protocol.connect("ann"))
    return connection


async def test_a_command_gets_its_reply() -> None:
    async with fake_room(FakeRoom()) as room:
        connection = await open_connection(Ear(), parse_target(room.url), SharedDecoder(), Random(1))
        reply = await connection.call(protocol.connect("ann"))
        assert reply.connect is not None
        assert reply.connect.ping == 25


async def test_a_refusal_is_a_reply() -> None:
    async with fake_room(FakeRoom()) as room:
        connection = await opened(room, Ear())
        reply = await connection.call(protocol.rpc("no.such", {}))
        assert reply.error == protocol.Refusal(104, "method not found")


async def test_commands_of_one_turn_share_a_frame_and_get_their_own_replies() -> None:
    async with fake_room(FakeRoom()) as room:
        connection = await opened(room, Ear())
        frames = room.frames
        async with asyncio.TaskGroup() as group:
            first = group.create_task(connection.call(protocol.rpc("checkin.mark", {})))
            second = group.create_task(connection.call(protocol.rpc("no.such", {})))
        assert first.result().rpc is not None
        assert second.result().error is not None
        assert room.frames == frames + 1


async def test_a_ping_is_answered() -> None:
    async with fake_room(FakeRoom()) as room:
        await opened(room, Ear())
        room.ping()
        await until(lambda: room.pongs == 1)


async def test_pushes_and_bytes_arrive() -> None:
    async with fake_room(FakeRoom()) as room:
        ear = Ear()
        connection = await opened(room, ear)
        before = connection.bytes_in
        await connection.call(protocol.subscribe("room:demo"))
        await until(lambda: ear.pushes)
        assert ear.pushes[0].channel == "room:demo"
        assert connection.bytes_in > before


async def test_a_close_tells_its_code() -> None:
    async with fake_room(FakeRoom()) as room:
        ear = Ear()
        connection = await opened(room, ear)
        room.close(3503)
        await until(lambda: ear.why)
        assert ear.why == Notice(3503, "told to")
        reply = await connection.call(protocol.rpc("x.y", {}))
        assert reply.error is not None
        assert reply.error.code == protocol.CONNECTION_LOST


async def test_who_waits_when_the_connection_is_lost_is_told() -> None:
    async with fake_room(FakeRoom()) as room:
        connection = await opened(room, Ear())
        waiting = asyncio.create_task(connection.call(protocol.rpc("checkin.mark", {})))
        await asyncio.sleep(0)
        for guest in room.guests:
            guest.writer.transport.abort()
        reply = await waiting
        assert reply.error is not None
        assert reply.error.temporary


async def test_a_reply_nobody_asked_for_ends_the_connection() -> None:
    async with fake_room(FakeRoom()) as room:
        ear = Ear()
        await opened(room, ear)
        room.guests[0].say({"id": 1, "rpc": {"data": {}}})
        await until(lambda: ear.why)
        assert ear.why is not None
        assert "waits for no reply" in ear.why.reason


async def test_no_reply_in_time_is_a_reply_with_an_error() -> None:
    async with fake_room(FakeRoom()) as room:
        connection = await opened(room, Ear())
        reply = await connection.call(protocol.Command(), timeout=0.0)
        assert reply.error is not None
        assert reply.error.code == protocol.NO_ANSWER


async def test_nobody_at_the_address_is_one_sentence() -> None:
    async with fake_room(FakeRoom()) as room:
        url = room.url
    with pytest.raises(ServerUnreachable, match=r"^No server answers at 127\.0\.0\.1:\d+\.$"):
        await open_connection(Ear(), parse_target(url), SharedDecoder(), Random(1))


async def test_a_server_that_speaks_something_else_is_one_sentence() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(HandshakeRefused, match="404"):
            await open_connection(Ear(), parse_target(url), SharedDecoder(), Random(1))
