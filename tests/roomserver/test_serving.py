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
from roomserver.stall import STALL_SECONDS
from tests.roomserver.hand_time import later, play


class Line(asyncio.Transport):
    """The server's end of a connection: what is written to it, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closing = self.aborted = False
        self.waiting = 0
        self.protocol: asyncio.BaseProtocol | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.aborted, "nobody is there any more"
        self.sent += bytes(data)

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.aborted = self.closing = True

    def get_write_buffer_size(self) -> int:
        """What the client has not read."""
        return self.waiting

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        """What comes along is held back."""

    def resume_reading(self) -> None:
        """Nothing was held back."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over."""
        self.protocol = protocol


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers everything in the same way."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


class Noted(list[None]):
    """What was told."""

    def note(self) -> None:
        self.append(None)


class Upgraded(asyncio.Protocol):
    """Who has become a WebSocket."""

    def __init__(self, **_: object) -> None:
        """However uvicorn calls it."""


def caller(nonsense: Noted | None = None, stalled: Noted | None = None) -> tuple[Requests, Line]:
    config = uvicorn.Config(hello, ws=Upgraded, http=Requests, lifespan="off", log_config=None)
    config.load()
    on = [(noted if noted is not None else Noted()).note for noted in (nonsense, stalled)]
    requests = Requests(config=config, server_state=ServerState(), app_state={}, on_nonsense=on[0], on_stall=on[1])
    line = Line()
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


def test_a_header_that_comes_at_once_has_the_same_largest_size() -> None:
    async def dialogue() -> None:
        for size, answer in ((HEADER_BYTES - 100, b"204"), (HEADER_BYTES, b"400")):
            requests, line = caller(nonsense := Noted())
            requests.data_received(HEADER + b"Cookie: %s\r\n\r\n" % (b"c" * size))
            await later(0.1)
            assert answer in line.sent
            assert len(nonsense) == line.closing == (answer == b"400")
            requests.connection_lost(None)

    play(dialogue)


@pytest.mark.parametrize("paused", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_who_reads_nothing_of_his_answer_is_cut_off(paused: bool, closed: bool) -> None:
    async def dialogue() -> None:
        requests, line = caller(stalled=(stalled := Noted()))
        line.waiting = 50_000
        requests.data_received(HEADER + b"Connection: close\r\n\r\n" if closed else WHOLE)
        if paused:
            requests.pause_writing()
        await later(STALL_SECONDS - 1)
        assert (line.aborted, len(stalled)) == (False, 0)
        await later(3)
        assert (line.aborted, line.closing, len(stalled)) == (True, True, 1)
        requests.connection_lost(None)

    play(dialogue)


def test_who_reads_slowly_is_served_as_long_as_he_reads() -> None:
    async def dialogue() -> None:
        requests, line = caller()
        line.waiting = 80_000
        requests.data_received(WHOLE)
        for turn in range(4):
            requests.pause_writing()
            await later(STALL_SECONDS - 2)
            line.waiting = 16_000
            requests.resume_writing()
            await later(STALL_SECONDS - 2)
            line.waiting = 8_000
            await later(2)
            line.waiting = 80_000 if turn < 3 else 0
        await later(STALL_SECONDS * 2)
        assert not line.aborted
        requests.connection_lost(None)

    play(dialogue)


def test_who_has_gone_is_answered_no_more_however_much_he_asked(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        requests, line = caller()
        line.waiting = 80_000
        requests.pause_writing()
        requests.data_received(WHOLE * 3)
        await later(0.1)
        line.abort()
        requests.connection_lost(None)
        await later(1)

    play(dialogue)
    assert caplog.messages == []


UPGRADE = HEADER + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def test_an_upgrade_waits_for_the_answer_before_it() -> None:
    async def dialogue() -> None:
        requests, line = caller(nonsense := Noted())
        requests.data_received(WHOLE + UPGRADE)
        assert b"400" in line.sent
        assert (line.closing, len(nonsense)) == (True, 1)
        assert line.protocol is None
        requests.connection_lost(None)

        requests, line = caller()
        requests.data_received(WHOLE)
        await later(0.1)
        requests.data_received(UPGRADE)
        assert isinstance(line.protocol, Upgraded)
        requests.connection_lost(None)

    play(dialogue)


def test_nobody_becomes_a_websocket_by_an_older_http() -> None:
    async def dialogue() -> None:
        requests, line = caller()
        requests.data_received(UPGRADE.replace(b"HTTP/1.1", b"HTTP/1.0"))
        await later(0.1)
        assert b"204" in line.sent
        assert line.protocol is None
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
