"""The port: HTTP with deadlines and bounds of our own, the hand-over of WebSockets, and the signals that end it all."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from roomserver.door import Door
from roomserver.doorstep import HEADER_SECONDS, Doorstep
from roomserver.garbage import tend
from roomserver.server import RoomServer
from roomserver.stall import CHECK_SECONDS, Stall
from roomserver.websocket import taking_over

HEADER_BYTES = 64 * 1024
"""The largest header of a request, a cookie or two included; uvicorn itself would take one without end."""

UNSENT_BYTES = 64 * 1024
"""What the kernel takes of one connection that is not on its way yet: else it would hide who reads nothing."""


class Requests(HttpToolsProtocol):
    """uvicorn's HTTP, which waits only so long for a header, and for who reads nothing, and takes only so much of one.

    ``on_nonsense`` hears of each request that is none, ``on_stall`` of each connection that is cut off.
    """

    _deadline: asyncio.TimerHandle | None = None
    _in_header = False
    _taken = _said = 0
    _stall: Stall | None = None
    _answering: RequestResponseCycle | None = None

    def __init__(self, *args: Any, on_nonsense: Callable[[], None], on_stall: Callable[[], None], **more: Any) -> None:
        super().__init__(*args, **more)
        self._on_nonsense = on_nonsense
        self._on_stall = on_stall

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as theirs
        """Wait for the first header."""
        super().connection_made(transport)
        self._await_header()

    def go_on(self, deadline: asyncio.TimerHandle) -> None:
        """Wait for the first header as long as it was to be waited for already."""
        self._stop_waiting()
        self._deadline = deadline

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        self._stall = None
        if self._answering is not None:  # theirs tells the last request alone, though an earlier one is answered
            self._answering.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and count what a header has cost that began before and goes on."""
        went_on = self._in_header
        super().data_received(data)
        if went_on and self._in_header:
            self._taken += len(data)
            if self._taken > HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response("The header of this request is too large.")

    def on_message_begin(self) -> None:
        """A header begins."""
        self._in_header, self._taken, self._said = True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a line of a header that came at once.

        Raises ValueError, for which the parser refuses the request.
        """
        self._said += len(name) + len(value)
        if self._said > HEADER_BYTES:
            raise ValueError("the header of this request is too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The header is here."""
        self._in_header = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next header, unless it came along with the last one."""
        came_along = bool(self.pipeline)
        super().on_response_complete()
        self._watch()
        if not came_along and not self.transport.is_closing():
            self._await_header()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answer a request."""
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """More waits than he reads: see whether he goes on."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """He has read."""
        self._stall = None if self._stall is None else self._stalled()
        super().resume_writing()

    def _stalled(self) -> Stall:
        return Stall(self.loop.time(), self.transport.get_write_buffer_size())

    def _watch(self) -> None:
        """As long as something waits to be read look whether it gets less, though the connection is closed already."""
        if self._stall is None and self.transport.get_write_buffer_size():
            self._stall = self._stalled()
            self.loop.call_later(CHECK_SECONDS, self._look)

    def _look(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        if self._stall is None or not waiting:
            self._stall = None
        elif self._stall.hopeless(self.loop.time(), waiting=waiting, lag=0):
            self._on_stall()
            self.transport.abort()
        else:
            self.loop.call_later(CHECK_SECONDS, self._look)

    def _should_upgrade(self) -> bool:
        """Nobody becomes a WebSocket by HTTP/1.0 (RFC 9110, 7.8)."""
        return super()._should_upgrade() and self.scope["http_version"] == "1.1"

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, unless an answer is due on it that would then stand among frames."""
        if self._answering is None or (self._answering.response_complete and not self.pipeline):
            self._stall = None
            super().handle_websocket_upgrade()
        else:
            self.send_400_response("An upgrade has to wait for the answer before it.")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request."""
        self._on_nonsense()
        super().send_400_response(msg)

    def _await_header(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers: the drain comes first."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets=sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``serve``."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ``::`` is every address of this machine, those of IPv4 too where it can be.

    Raises OSError when the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    listener = socket.create_server((host, port), family=family, backlog=2048, dualstack_ipv6=both)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # what is accepted inherits it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    return listener


def _heard_by(door: Door) -> Callable[..., Requests]:
    """What uvicorn calls for each connection of its own; what is no request is counted, and who is cut off."""
    metrics = door.shell.metrics
    return partial(Requests, on_nonsense=metrics.problems.labels(400).inc, on_stall=metrics.cut_off.inc)


def _first_at(door: Door) -> Callable[..., Doorstep]:
    """What uvicorn calls for each connection; its state is of no typed interface."""

    requests = _heard_by(door)

    def made(*, server_state: ServerState, **more: Any) -> Doorstep:
        http = partial(requests, server_state=server_state, **more)
        return Doorstep(door, cast(set[object], server_state.connections), http)

    return made


Platform = tuple[FastAPI, socket.socket]
"""The application of the platform's own listener, and its socket."""


async def serve(
    server: RoomServer,
    app: FastAPI,
    listener: socket.socket,
    *,
    platform: Platform | None = None,
    on_ready: Callable[[], None],
) -> None:
    """Serve HTTP and WebSocket on one socket, the platform on its own, until SIGTERM or SIGINT, then drain."""
    https = [(_Uvicorn(_configured(app, ws=taking_over(server.door), http=_first_at(server.door))), listener)]
    if platform is not None:
        https.append((_Uvicorn(_configured(platform[0], ws="none", http=_heard_by(server.door))), platform[1]))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as tasks:
        tending = tasks.create_task(tend(lambda: len(server.door.connections)), name="garbage")
        for http, where in https:
            tasks.create_task(http.serve(sockets=[where]), name="http")
            await http.listening.wait()
        on_ready()
        await stop.wait()
        await server.drain()
        for http, _ in https:
            http.should_exit = True
        tending.cancel()


def _configured(app: FastAPI, *, ws: Any, http: Any) -> uvicorn.Config:
    """How uvicorn serves an application; of what becomes of a connection it only calls what it is given."""
    return uvicorn.Config(
        app,
        ws=ws,
        http=http,
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
