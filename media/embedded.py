"""Our own forwarding unit as a backend: the media process, started, called, listened to, and started again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from itertools import count
from typing import Any

from media.backend import (
    Answer,
    Gone,
    IceServer,
    MediaEvent,
    Patched,
    Playing,
    Published,
    PublishLimits,
    Reason,
    Redirect,
    Rejected,
    Unpublished,
)
from media.control import Call, Said, unnamed
from media.news import News, over
from media.process import CannotCarry, MediaProcess, Place, away

CALL_SECONDS = 5
AGAIN_SECONDS = 1.0
SILENT_SECONDS = 15.0
"""It says its numbers every second: one that says nothing for so long is stuck, and is ended."""

CALLS = 256
"""Calls that wait for an answer; beyond them clients are told to come back."""

ALWAYS = frozenset({"close", "stage"})
"""What the room asks is sent however many clients wait: whoever is put out must not be seen for the crowd."""

log = logging.getLogger(__name__)


class Embedded:
    """The backend ``embedded``; ``running`` makes it work."""

    capabilities = frozenset({"slots", "trickle", "ice-restart", "stats"})

    def __init__(
        self, place: Place, environment: Mapping[str, str] | None = None, *, silent_seconds: float = SILENT_SECONDS
    ) -> None:
        self.port: int | None = None
        self.starts = 0
        self._place = place
        self._environment = environment
        self._silent_seconds = silent_seconds
        self._process: MediaProcess | None = None
        self._ids = count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._news = News()
        self._counts: Mapping[str, float] = {}
        self._sessions: dict[str, Published | Playing] = {}
        self._stages: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {}

    @property
    def ice_servers(self) -> tuple[IceServer, ...]:
        """As ``MediaBackend``."""
        return self._place.ice_servers

    # --- its life

    @contextlib.asynccontextmanager
    async def running(self, *, lazily: bool = False) -> AsyncIterator[Embedded]:
        """Work until the block ends; ``lazily``: start the process when somebody publishes first.

        Raises CannotCarry.
        """
        if not lazily:
            await self._start()
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(self._keep(), name="media")
            try:
                yield self
            finally:
                keeping.cancel()
                if self._process is not None:
                    await self._process.stop()

    async def _start(self) -> None:
        self._process = await MediaProcess.started(self._place, self._environment)
        self.starts += 1
        self.port = self._process.port
        self._wanted.set()  # from now on it is kept
        self._ready.set()

    async def _keep(self) -> None:
        """Listen to the process, and start it again when it ends."""
        while True:
            if self._process is None:
                await self._wanted.wait()
                await self._try_to_start()
            else:
                await self._process.listen(self._silent_seconds, self._take)
                log.error("the media process ended")
                self._process = None
                self._forget()
                await asyncio.sleep(AGAIN_SECONDS)

    async def _try_to_start(self) -> None:
        try:
            await self._start()
        except (CannotCarry, OSError) as error:
            log.error("the media process did not start", extra={"why": str(error)})
            self._process = None
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            self._stage_anew()

    def _stage_anew(self) -> None:
        try:
            for room, (slots, muted) in self._stages.items():
                given = {"room": room, "slots": slots, "muted": muted}
                self._send(Call(id=next(self._ids), call="stage", arguments=given))
        except Rejected:
            log.error("the media process ended as it started")  # ``_keep`` hears its end next, and starts another

    def _take(self, said: Said) -> None:
        if said.event is not None:
            self._hear(unnamed(said.event))
        elif said.counts is not None:
            self._counts = said.counts
        elif said.id is not None and (waiting := self._calls.pop(said.id, None)) and not waiting.done():
            if said.rejected is not None:
                why = said.rejected
                waiting.set_exception(Rejected(Reason(why.reason), why.detail, retry_after=why.retry_after))
            else:
                waiting.set_result(unnamed(said.gave or {}))

    def _hear(self, event: MediaEvent) -> None:
        match event:
            case Unpublished() | Gone():
                self._sessions.pop(event.session, None)
            case _:
                pass
        self._news.tell(event)

    def _forget(self) -> None:
        """With the process all that it carried is gone."""
        self._ready.clear()
        calls, self._calls = self._calls, {}
        for waiting in calls.values():
            if not waiting.done():
                waiting.set_exception(away())
        for event in list(self._sessions.values()):
            self._hear(over(event, "lost"))

    # --- what is asked of it

    async def publish(self, room: str, member: str, slot: str, offer: str, limits: PublishLimits) -> Answer | Redirect:
        """As ``MediaBackend``."""
        await self._started()
        given = {"room": room, "member": member, "slot": slot, "sdp": offer, "bitrate": limits.bitrate}
        answer = self._with_servers(await self._call("publish", given))
        self._sessions[answer.session] = Published(room=room, member=member, slot=slot, session=answer.session)
        return answer

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        """As ``MediaBackend``."""
        given = {"room": room, "member": member, "slots": list(slots), "sdp": offer}
        if not self.starts:  # nor while it starts for the first who publishes
            raise Rejected(Reason.NOT_LIVE, "nobody publishes here now", retry_after=2)
        answer = self._with_servers(await self._call("play", given))
        self._sessions[answer.session] = Playing(room=room, member=member, session=answer.session)
        return answer

    async def _started(self) -> None:
        """Wait for the process.

        Raises Rejected.
        """
        self._wanted.set()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise away() from None

    def _with_servers(self, answer: Answer) -> Answer:
        return Answer(sdp=answer.sdp, session=answer.session, etag=answer.etag, ice_servers=self._place.ice_servers)

    async def patch(self, session: str, fragment: str, if_match: str | None) -> Patched:
        """As ``MediaBackend``."""
        if session not in self._sessions:
            raise Rejected(Reason.NO_SESSION, "there is no such session")
        patched: Patched = await self._call("patch", {"session": session, "text": fragment, "if_match": if_match})
        return patched

    async def close(self, session: str, reason: str) -> None:
        """As ``MediaBackend``."""
        if session in self._sessions:
            await self._call("close", {"session": session, "reason": reason})

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        """As ``MediaBackend``."""
        known, _ = self._stages.get(room, ({}, ()))
        self._stages[room] = ({**known, **slots}, tuple(muted))
        if not any(self._stages[room][0].values()):
            del self._stages[room]
        if self._process is not None:
            await self._call("stage", {"room": room, "slots": dict(slots), "muted": list(muted)})

    def events(self) -> AsyncIterator[MediaEvent]:
        """As ``MediaBackend``."""
        return self._news.events()

    def counts(self) -> Mapping[str, float]:
        """As ``MediaBackend``."""
        return {**self._counts, "starts_total": self.starts, "events_dropped_total": self._news.dropped}

    async def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        """What the process gives, as a value of its class.

        Raises Rejected.
        """
        if len(self._calls) >= CALLS and name not in ALWAYS:
            raise away()
        call = Call(id=next(self._ids), call=name, arguments=arguments)
        waiting = self._calls[call.id] = asyncio.get_running_loop().create_future()
        try:
            self._send(call)
            async with asyncio.timeout(CALL_SECONDS):
                return await waiting
        except TimeoutError:
            raise away() from None
        finally:
            self._calls.pop(call.id, None)

    def _send(self, call: Call) -> None:
        if self._process is None:
            raise away()
        self._process.send(call)
