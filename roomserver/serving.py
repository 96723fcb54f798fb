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
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from roomserver.door import Door
from roomserver.doorstep import HEADER_SECONDS, Doorstep
from roomserver.garbage import tend
from roomserver.server import RoomServer
from roomserver.websocket import taking_over

HEADER_BYTES = 64 * 1024
"""The largest header of a request, a cookie or two included; uvicorn itself would take one without end."""

UNSENT_BYTES = 64 * 1024
"""What the kernel takes of one connection that is not on its way yet: else it would hide who reads nothing."""


class Requests(HttpToolsProtocol):
    """uvicorn's HTTP, which waits for a header only so long and takes only so much of it."""

    _deadline: asyncio.TimerHandle | None = None
    _in_header = False
    _taken = 0

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
        self._in_header, self._taken = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The header is here."""
        self._in_header = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next header, unless it came along with the last one."""
        came_along = bool(self.pipeline)
        super().on_response_complete()
        if not came_along and not self.transport.is_closing():
            self._await_header()

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


def _first_at(door: Door) -> Callable[..., Doorstep]:
    """What uvicorn calls for each connection; its state is of no typed interface."""

    def made(*, server_state: ServerState, **more: Any) -> Doorstep:
        http = partial(Requests, server_state=server_state, **more)
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
        https.append((_Uvicorn(_configured(platform[0], ws="none", http=Requests)), platform[1]))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as tasks:
        tending = tasks.create_task(tend(), name="garbage")
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
