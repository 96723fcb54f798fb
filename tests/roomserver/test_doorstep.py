"""The first bytes of a connection: a plain upgrade is taken at once, all else is uvicorn's."""

from __future__ import annotations

import asyncio

import pytest

from roomserver.doorstep import HEADER_SECONDS, Doorstep
from roomserver.websocket import WebSocket
from tests.roomserver.hall import Hall, Pipe, hall
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.test_upgrade import CHROME, FIELDS, written


class Http(asyncio.Protocol):
    """uvicorn's side: what it was given."""

    def __init__(self) -> None:
        self.heard = b""
        self.deadline: asyncio.TimerHandle | None = None

    def go_on(self, deadline: asyncio.TimerHandle) -> None:
        self.deadline = deadline

    def data_received(self, data: bytes) -> None:
        self.heard += data


class Street(Pipe):
    """A transport whose protocol is changed on the way."""

    def __init__(self, made: Hall) -> None:
        super().__init__(made.shell.loop)
        self.others: list[Http] = []
        self.protocol = Doorstep(made.door, made.connections, self._http)
        self.protocol.connection_made(self)

    def _http(self) -> Http:
        self.others.append(Http())
        return self.others[-1]

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def say(self, data: bytes) -> None:
        assert isinstance(self.protocol, asyncio.Protocol)
        self.protocol.data_received(data)

    def _end(self) -> None:
        if not self.lost and self.protocol is not None:
            self.lost = True
            self.protocol.connection_lost(None)


def test_a_plain_upgrade_is_a_connection_at_once() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            street = Street(made)
            street.say(written(CHROME | {"Host": "room.test"}))
            connection = street.protocol
            assert isinstance(connection, WebSocket)
            assert street.sent.startswith(b"HTTP/1.1 101 ")
            assert b"permessage-deflate" in street.sent
            assert connection.variant.deflates
            assert (made.connections, street.others) == ({connection}, [])
            await later(2 * HEADER_SECONDS)
            assert street.lost  # since nobody has authenticated
            assert (made.connections, len(made.door.connections)) == (set(), 0)

    play(dialogue)


@pytest.mark.parametrize(
    ("fields", "target", "status"),
    [
        ({}, "/elsewhere", b"404"),
        ({"Origin": "https://evil.test"}, "/connection/websocket", b"403"),
        ({"Host": "evil.test"}, "/connection/websocket", b"403"),
    ],
)
def test_who_is_not_let_in_hears_why_and_leaves_nothing_behind(
    fields: dict[str, str], target: str, status: bytes
) -> None:
    async def dialogue() -> None:
        async with hall() as made:
            street = Street(made)
            street.say(written(FIELDS | fields, target=target))
            await settle()
            assert street.sent.startswith(b"HTTP/1.1 %b " % status)
            await later(HEADER_SECONDS)
            assert street.lost
            assert made.door.empty.is_set()
            assert made.connections == set()

    play(dialogue)


def test_nobody_is_let_in_while_the_server_drains() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            made.door.draining = True
            street = Street(made)
            street.say(written(FIELDS))
            assert street.sent.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After: 1" in street.sent
            await later(HEADER_SECONDS)
            assert made.door.empty.is_set()

    play(dialogue)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost: room.test\r\n\r\n", written(FIELDS)[:20], b"\x16\x03\x01"])
def test_all_else_goes_on_elsewhere_by_the_same_deadline(said: bytes) -> None:
    async def dialogue() -> None:
        async with hall() as made:
            street = Street(made)
            await later(HEADER_SECONDS / 2)
            street.say(said)
            [http] = street.others
            assert street.protocol is http
            assert http.heard == said
            assert http.deadline is not None
            assert http.deadline.when() - made.shell.loop.time() == HEADER_SECONDS / 2
            await later(HEADER_SECONDS / 2)
            assert street.closing
            assert made.metrics.turned_away.labels("late")._value.get() == 1
            assert made.connections == set()

    play(dialogue)


def test_who_says_nothing_is_given_up_and_forgotten() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            street = Street(made)
            assert len(made.connections) == 1
            await later(HEADER_SECONDS)
            assert street.lost
            assert made.metrics.turned_away.labels("late")._value.get() == 1
            assert made.connections == set()

    play(dialogue)


def test_the_end_of_the_server_ends_who_has_said_nothing() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            street = Street(made)
            [waiting] = made.connections
            assert isinstance(waiting, Doorstep)
            waiting.shutdown()
            await settle()
            assert street.lost

    play(dialogue)
