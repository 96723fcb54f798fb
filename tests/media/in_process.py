"""The forwarding unit as a backend in the test's own loop: what the media process does, without the process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from typing import Any

from media.backend import Answer, IceServer, MediaEvent, Patched, Published, PublishLimits, Redirect
from media.port import MediaPort
from media.sfu import Sfu

TURN = IceServer(url="turn:turn.example:3478?transport=udp", username="user", credential="secret")


class InProcess:
    """A backend; ``ice_servers`` are told with every answer."""

    capabilities = frozenset({"slots", "trickle", "ice-restart", "stats"})

    def __init__(self, ice_servers: tuple[IceServer, ...] = ()) -> None:
        self._queue: asyncio.Queue[MediaEvent] = asyncio.Queue()
        self.ice_servers = ice_servers
        self.sfu: Sfu | None = None
        self.on_air = False

    @contextlib.asynccontextmanager
    async def running(self, port: MediaPort | None = None) -> AsyncIterator[InProcess]:
        async with asyncio.TaskGroup() as tasks:

            def spawn(work: Coroutine[Any, Any, None], name: str) -> object:
                return tasks.create_task(work, name=name)

            port = port or MediaPort("127.0.0.1", 0)
            self.sfu = Sfu(port, ["127.0.0.1"], spawn, self._hear)
            work = tasks.create_task(self.sfu.run())
            try:
                yield self
            finally:
                self.sfu.end_all()
                work.cancel()
        port.close()

    def _hear(self, event: MediaEvent) -> None:
        self.on_air = self.on_air or isinstance(event, Published)
        self._queue.put_nowait(event)

    @property
    def _sfu(self) -> Sfu:
        assert self.sfu is not None
        return self.sfu

    async def publish(self, room: str, member: str, slot: str, offer: str, limits: PublishLimits) -> Answer | Redirect:
        return self._with_servers(self._sfu.publish(room, member, slot, offer, limits))

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        return self._with_servers(self._sfu.play(room, member, slots, offer))

    def _with_servers(self, answer: Answer) -> Answer:
        return Answer(sdp=answer.sdp, session=answer.session, etag=answer.etag, ice_servers=self.ice_servers)

    async def patch(self, session: str, fragment: str, if_match: str | None) -> Patched:
        return self._sfu.patch(session, fragment, if_match)

    async def close(self, session: str, reason: str) -> None:
        self._sfu.close(session, reason)

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        self._sfu.stage(room, slots, muted)

    async def events(self) -> AsyncIterator[MediaEvent]:
        while True:
            yield await self._queue.get()

    def counts(self) -> Mapping[str, float]:
        return self._sfu.counts()
