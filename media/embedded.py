"""Our own forwarding unit as a backend: the media process, started, called, listened to, and started again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
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
from media.control import LONGEST, Call, Said, line, read_said, unnamed

START_SECONDS = 20
CALL_SECONDS = 5
STOP_SECONDS = 5
AGAIN_SECONDS = 1.0
SILENT_SECONDS = 15.0
"""It says its numbers every second: one that says nothing for so long is stuck, and is ended."""

EVENTS = 4096
"""Events that wait for the room server; beyond them the oldest are dropped, and counted."""

CALLS = 256
"""Calls that wait for an answer; beyond them clients are told to come back."""

log = logging.getLogger(__name__)


class CannotCarry(Exception):
    """Why there is no media process; one sentence for whoever started the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the media port is: what it is bound to, and under which addresses clients reach it."""

    host: str = "127.0.0.1"
    port: int = 0
    addresses: tuple[str, ...] = ("127.0.0.1",)
    ice_servers: tuple[IceServer, ...] = ()


class Embedded:
    """The backend ``embedded``; ``running`` makes it work."""

    capabilities = frozenset({"slots", "trickle", "ice-restart", "stats"})

    def __init__(
        self, place: Place, environment: Mapping[str, str] | None = None, *, silent_seconds: float = SILENT_SECONDS
    ) -> None:
        self.port: int | None = None
        self.dropped = 0
        self.starts = 0
        self._place = place
        self._environment = environment
        self._silent_seconds = silent_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._ids = count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue(EVENTS)
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
                await self._stop()

    async def _start(self) -> None:
        place = self._place
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "media", place.host, str(place.port), *place.addresses),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if self._environment is None else dict(self._environment),
            limit=LONGEST,
            start_new_session=True,  # Ctrl-C in a terminal is for the server, which ends this process
        )
        self.starts += 1
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                said = read_said(await self._process.stdout.readline())
        except (TimeoutError, ValueError):
            raise CannotCarry(await self._why()) from None
        self.port = said.ready
        self._wanted.set()  # from now on it is kept
        self._ready.set()

    async def _why(self) -> str:
        process = self._process
        assert process is not None
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        said = b"" if process.stderr is None else await process.stderr.read()
        await process.wait()
        return said.decode(errors="replace").strip().rpartition("\n")[2] or "the media process did not start"

    async def _keep(self) -> None:
        """Listen to the process, and start it again when it ends."""
        while True:
            if self._process is None:
                await self._wanted.wait()
                await self._try_to_start()
            else:
                await self._listen()
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
            for room, (slots, muted) in self._stages.items():
                given = {"room": room, "slots": slots, "muted": muted}
                self._send(Call(id=next(self._ids), call="stage", arguments=given))

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.TaskGroup() as tasks:
            complaints = tasks.create_task(self._complain(), name="media log")
            try:
                while data := await self._next_line(self._process.stdout):
                    self._take(read_said(data))
            except TimeoutError:
                log.error("the media process is stuck, and killed")  # there is nothing to trace
                self._process.kill()
            except (ValueError, LookupError):  # it says what nobody understands: it is not to be relied on
                log.exception("the media process is ended")
                await self._stop()
            complaints.cancel()

    async def _next_line(self, out: asyncio.StreamReader) -> bytes:
        """Raises TimeoutError, ValueError."""
        async with asyncio.timeout(self._silent_seconds):
            return await out.readline()

    async def _complain(self) -> None:
        """Say in the log what the process says is wrong."""
        assert self._process is not None
        if self._process.stderr is not None:
            async for data in self._process.stderr:
                log.warning("the media process says", extra={"what": data.decode(errors="replace").strip()[:500]})

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
        if self._events.full():
            self._events.get_nowait()
            self.dropped += 1
        self._events.put_nowait(event)

    def _forget(self) -> None:
        """With the process all that it carried is gone."""
        self._ready.clear()
        calls, self._calls = self._calls, {}
        for waiting in calls.values():
            if not waiting.done():
                waiting.set_exception(_away())
        for event in list(self._sessions.values()):
            facts = {"room": event.room, "member": event.member, "session": event.session, "reason": "lost"}
            self._hear(Unpublished(**facts, slot=event.slot) if isinstance(event, Published) else Gone(**facts))

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

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
        if not self._wanted.is_set():
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
            raise _away() from None

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

    async def events(self) -> AsyncIterator[MediaEvent]:
        """As ``MediaBackend``."""
        while True:
            yield await self._events.get()

    def counts(self) -> Mapping[str, float]:
        """As ``MediaBackend``."""
        return {**self._counts, "starts_total": self.starts, "events_dropped_total": self.dropped}

    async def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        """What the process gives, as a value of its class.

        Raises Rejected.
        """
        if len(self._calls) >= CALLS:
            raise _away()
        call = Call(id=next(self._ids), call=name, arguments=arguments)
        waiting = self._calls[call.id] = asyncio.get_running_loop().create_future()
        try:
            self._send(call)
            async with asyncio.timeout(CALL_SECONDS):
                return await waiting
        except TimeoutError:
            raise _away() from None
        finally:
            self._calls.pop(call.id, None)

    def _send(self, call: Call) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            raise _away()
        self._process.stdin.write(line(call))


def _away() -> Rejected:
    return Rejected(Reason.AWAY, "no picture can be carried just now", retry_after=2)
