"""Pictures of rooms: who may send and see them, and what a room hears of them.

    WHIP, WHEP ─ may he? (a turn of stage) ─ MediaBackend ─ events ─ live state, media.changed, media.quality
    stage.changed ─ seats ─ MediaBackend

What the backend tells is applied again until it is: a room that is opened later learns of its pictures within a second,
and one that was live by a picture which is no longer there ends, after a grace in which a host may come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import Any

import orjson

from media.backend import (
    CHECK,
    MAIN,
    SLOTS,
    Answer,
    Gone,
    MediaBackend,
    MediaEvent,
    Patched,
    Playing,
    Published,
    PublishLimits,
    Quality,
    Reason,
    Redirect,
    Rejected,
    Unpublished,
)
from media.hooks import Asked
from media.whipwhep import WhipWhep
from room.message import Command, Stamped
from room.people import GUEST_ID, Actor, Role
from room.refusal import PermissionDenied, Refused
from roomserver.clock import wall_ms
from roomserver.coming_pictures import Coming
from roomserver.metrics import Family, counter, gauge
from roomserver.open_room import ITSELF, OpenRoom
from roomserver.picture_sessions import Making, Session, Sessions
from roomserver.server import RoomServer
from settings.messages import FollowPicture
from stage.messages import STAGE, Changed, Publish, TellQuality, Watch
from stage.seats import Seats

TEND_SECONDS = 1.0

log = logging.getLogger(__name__)


class Pictures:
    """The pictures of one server; ``name`` tells it from others on the same store, if there may be any."""

    def __init__(self, server: RoomServer, backend: MediaBackend, limits: PublishLimits, *, name: str = "") -> None:
        self.sessions = Sessions(server.door.gate.limits)
        self.backend = backend
        self.coming = Coming(name)
        self._telling: set[tuple[str, type[Command]]] = set()
        self._revoked = 0
        self._server = server
        self._limits = limits
        self._news = asyncio.Event()
        self._spawn: Callable[[Coroutine[Any, Any, None]], object] | None = None

    # --- what clients ask

    async def publish(
        self, actor: Actor, room: str, offer: str, caller: str = "", *, issued: int | None = None, check: bool = False
    ) -> Answer | Redirect:
        """Take the picture of the host, or of somebody on stage; for a ``check`` of his line nobody sees it.

        ``issued``: the second of his token.

        Raises Refused, Rejected.
        """
        if actor.role is Role.GUEST:
            raise Rejected(Reason.UNACCEPTABLE, "a guest has no picture")
        given = orjson.loads(await self._server.command(actor, Publish(room=room)))
        slot, number = CHECK if check else str(given["slot"]), int(given["number"])
        facts = {"room": room, "user": actor.id, "member": actor.id, "caller": caller, "slot": slot}
        session = Session(**facts, issued=issued, number=number)
        with self.sessions.making(session) as making:
            await self._set_stage(await self._server.rooms.open(room))
            return await self._made(await self.backend.publish(room, actor.id, slot, offer, self._limits), making)

    async def play(
        self, actor: Actor, room: str, slots: Sequence[str], offer: str, caller: str = "", *, issued: int | None = None
    ) -> Answer | Redirect:
        """Show a room's pictures to somebody who may come in.

        Raises Refused, Rejected.
        """
        guest = actor.role is Role.GUEST
        user = "" if guest else actor.id
        session = Session(room=room, user=user, member=actor.id, caller=caller, issued=issued)
        with self.sessions.making(session) as making:
            if guest:
                await self._server.rooms.open(room)
            else:
                await self._server.command(actor, Watch(room=room))
            return await self._made(await self.backend.play(room, actor.id, slots, offer), making)

    async def _made(self, answer: Answer | Redirect, making: Making) -> Answer | Redirect:
        """Raises PermissionDenied."""
        if not isinstance(answer, Answer):
            return answer
        if making.out:
            await self._end([answer.session], "put out")
            raise PermissionDenied
        self.sessions.made(answer.session, making)
        return answer

    async def hook(self, asked: Asked) -> bool:
        """Whether a server to which clients are sent may let somebody in, who must not have been put out since."""
        if not isinstance(self.backend, WhipWhep) or (ticket := self.backend.judge(asked)) is None:
            return False
        if asked.begins and not ticket.member.startswith(GUEST_ID):
            try:
                await self._server.command(Actor(id=ticket.member, name=""), Watch(room=ticket.room))
            except Refused:
                return False
        self.backend.note(asked, ticket)
        return True

    async def patch(self, name: str, fragment: str, if_match: str | None) -> Patched:
        """Raises Rejected."""
        return await self.backend.patch(name, fragment, if_match)

    async def close(self, name: str) -> None:
        """End a session."""
        await self.backend.close(name, "closed")

    # --- what the backend tells

    async def listen(self) -> None:
        """Hear of what happens, until cancelled."""
        async for event in self.backend.events():
            try:
                self._hear(event)
            except Exception:  # one room's fault must not deafen the others
                log.exception("an event of the media backend was not heard", extra={"room": event.room})

    def _hear(self, event: MediaEvent) -> None:
        match event:
            case Published(room=room, member=member, session=session, slot=slot):
                self.sessions.learn(session, _elsewhere(room, member, slot))
                self.coming.begin(room, session, slot)
            case Unpublished(room=room, session=session):
                self.sessions.drop(session)
                self.coming.end(room, session)
            case Gone(session=session):
                self.sessions.drop(session)
            case Quality():
                self._tell(event)
            case Playing(room=room, member=member, session=session):
                self.sessions.learn(session, _elsewhere(room, member))
        self._news.set()

    def _tell(self, event: Quality) -> None:
        facts = {"room": event.room, "user": event.member, "slot": event.slot}
        told = TellQuality(**facts, level=event.level, loss=event.loss, bitrate=event.bitrate)
        if (room := self._server.rooms.get(event.room)) is not None:
            room.ask(ITSELF, told, lambda _: None)

    # --- what rooms are told, again and again

    async def tend(self) -> None:
        """Bring rooms to what is, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TEND_SECONDS):
                    await self._news.wait()
            self._news.clear()
            self._end_revoked()
            now = asyncio.get_running_loop().time()
            for command in self.due(now):
                self._say(command)

    def _end_revoked(self) -> None:
        """End the sessions of tokens that have been taken back since this was last asked."""
        revoked = self._server.revoked
        if revoked.noted != self._revoked:
            self._revoked = revoked.noted
            out = self.sessions.put_out(lambda one: revoked.covers_token(one.user, one.issued))
            self._later(self._end(out, "put out"))

    def due(self, now: float) -> list[Command]:
        """What open rooms are to be told at an instant (seconds of the loop's clock)."""
        rooms = (room.state for room in self._server.rooms)
        return [*self.coming.due(rooms, now, sees_all="slots" in self.backend.capabilities)]

    def _say(self, command: Command) -> None:
        """Tell a room; none waits for another's, which may take as long as the store is away."""
        about = (command.room, type(command))
        if about not in self._telling:
            self._telling.add(about)
            self._later(self._try(command, about))

    async def _try(self, command: Command, about: tuple[str, type[Command]]) -> None:
        try:
            await self._server.command(ITSELF, command)
        except Refused as refused:
            log.warning("a room did not learn of its picture", extra={"room": command.room, "why": refused.message})
            if refused.temporary:
                return
        except Exception:
            log.exception("a room did not learn of its picture", extra={"room": command.room})
        finally:
            self._telling.discard(about)
        if isinstance(command, FollowPicture):
            self.coming.told(command)

    # --- what rooms tell

    def hear_room(self, room: str, stamped: Stamped) -> None:
        """Follow a room's stage, and end the sessions of whoever is put out."""
        event = stamped.event
        if isinstance(event, Changed):
            seats = Seats(seats=event.seats, number=event.number, spotlight=event.spotlight)
            self._later(self._restage(room, seats))
        elif type(event).closes and event.concerns is not None:
            out = self.sessions.put_out(lambda one: (one.room, one.member) == (room, event.concerns))
            self._later(self._end(out, "put out"))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        if self._spawn is None:
            work.close()
        else:
            self._spawn(self._carried_out(work))

    async def _carried_out(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("the stage did not reach the media backend")

    async def _restage(self, room: str, seats: Seats) -> None:
        """The seats first, and before anything is waited for: they reach the backend in their order."""
        out = self.sessions.put_out(lambda one: one.room == room and _lost(one, seats))
        await self._stage(room, seats)
        await self._end(out, "off")

    async def _end(self, names: Sequence[str], reason: str) -> None:
        for name in names:
            with contextlib.suppress(Rejected):  # then the process is gone, and the session with it
                await self.backend.close(name, reason)

    async def _set_stage(self, room: OpenRoom) -> None:
        seats = room.state.row(STAGE).of(Seats)
        if seats.seats:
            await self._stage(room.id, seats)

    async def _stage(self, room: str, seats: Seats) -> None:
        slots: dict[str, str | None] = dict.fromkeys(SLOTS)
        slots |= {seat.slot: seat.user.id for seat in seats.seats if seat.state == "on"}
        slots[MAIN] = seats.spotlight  # without one it is whoever publishes there
        with contextlib.suppress(Rejected):  # it is told again when the process is back
            await self.backend.stage(room, slots, [seat.user.id for seat in seats.seats if seat.muted])

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[Pictures]:
        """Work until the block ends."""
        async with asyncio.TaskGroup() as tasks:
            self._spawn = tasks.create_task
            works = [tasks.create_task(self.listen(), name="pictures"), tasks.create_task(self.tend(), name="tend")]
            self._server.shell.listeners.append(self.hear_room)
            try:
                yield self
            finally:
                self._server.shell.listeners.remove(self.hear_room)
                self._spawn = None
                for work in works:
                    work.cancel()


def _elsewhere(room: str, member: str, slot: str | None = None) -> Session:
    """A session that was made at another server, with a token that is not known here: as good as one of now."""
    return Session(room=room, user=member, member=member, issued=wall_ms() // 1000, slot=slot)


def _lost(session: Session, seats: Seats) -> bool:
    """Whether a picture is of a seat that its sender no longer has."""
    if session.slot in (None, MAIN, CHECK):
        return False
    seat = seats.of(session.member)
    return seat is None or seat.number != session.number


def carried(backend: MediaBackend) -> Iterator[Family]:
    """What the backend counts."""
    for name, value in backend.counts().items():
        if name.endswith("_total"):
            yield counter(f"media_{name.removesuffix('_total')}", "Of the media backend.", value)
        else:
            yield gauge(f"media_{name}", "Of the media backend.", value)
