"""The port: who says no whole request, headers without end, what the kernel keeps, a port that is taken."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from roomserver.doorstep import HEADER_SECONDS
from roomserver.serving import HEADER_BYTES, UNSENT_BYTES, Requests, listen
from tests.roomserver.hand_time import later, play


class Line(asyncio.Transport):
    """The server's end of a connection: what is written to it, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def resume_reading(self) -> None:
        """Nothing was held back."""


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers everything in the same way."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def caller() -> tuple[Requests, Line]:
    config = uvicorn.Config(hello, ws="none", http=Requests, lifespan="off", log_config=None)
    config.load()
    requests, line = Requests(config=config, server_state=ServerState(), app_state={}), Line()
    requests.connection_made(line)
    return requests, line


HEADER = b"GET / HTTP/1.1\r\nHost: room.test\r\n"
WHOLE = HEADER + b"\r\n"


@pytest.mark.parametrize("said", [b"", b"GET / HT", HEADER, WHOLE, WHOLE + b"\r\n", WHOLE + b"GET"])
def test_who_says_no_whole_request_is_given_up(said: bytes) -> None:
    async def dialogue() -> None:
        requests, line = caller()
        requests.data_received(said)
        await later(1)
        assert not line.is_closing()
        assert (b"204" in line.sent) == said.startswith(WHOLE)
        await later(HEADER_SECONDS)
        assert line.is_closing()
        requests.connection_lost(None)

    play(dialogue)


def test_a_header_has_a_largest_size_and_each_request_its_own() -> None:
    async def dialogue() -> None:
        requests, line = caller()
        cookie = b"Cookie: %s\r\n" % (b"c" * (HEADER_BYTES - 100))
        for _ in range(3):
            for part in (HEADER, cookie, b"\r\n"):
                requests.data_received(part)
            await later(0.1)
        assert (line.sent.count(b"204"), line.is_closing()) == (3, False)
        for part in (HEADER, cookie, cookie):
            requests.data_received(part)
        assert b"400" in line.sent
        assert line.is_closing()
        requests.connection_lost(None)

    play(dialogue)


def test_the_kernel_hides_no_megabytes_of_who_reads_nothing() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT_BYTES


def test_all_addresses_are_those_of_ipv4_too() -> None:
    if not socket.has_dualstack_ipv6():
        return  # this machine has those of IPv4 alone
    with listen("::", 0) as listener, socket.create_connection(("127.0.0.1", listener.getsockname()[1])):
        accepted, peer = listener.accept()
        accepted.close()
        assert peer[0] == "::ffff:127.0.0.1"


def test_a_port_that_is_taken_says_so() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", port)
