"""The open rooms of this process: opened when somebody comes, closed a while after the last one went."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from room.live import Room
from room.people import PLATFORM_ID, Actor, Role
from room.refusal import InternalError, Refused, RowDamaged, StoreAway, UnknownRoom
from roomserver.loads import crowded
from roomserver.open_room import ITSELF, OpenRoom, nobody
from roomserver.rows import RowCodec, UnreadableRow
from roomserver.shell import Shell
from roomserver.store import Durability, Store, StoreUnavailable
from settings.messages import Configure, SetStorage

IDLE_SECONDS = 60.0
"""How long an empty room stays open, so that a reload finds its log."""

OPENING = 1_000
"""Visitors who may wait for rooms to open; more are refused at once."""

log = logging.getLogger(__name__)

T = TypeVar("T")

Opened = Callable[[OpenRoom | Refused], None]


class Rooms:
    """Finds or opens rooms.

    ``make`` says whether unknown ones are made at first join (development); ``days`` are the zone and the boundary of
    new ones.
    """

    def __init__(
        self, shell: Shell, store: Store, codec: RowCodec, *, make: bool = False, days: tuple[str, int] = ("UTC", 240)
    ) -> None:
        self._shell = shell
        self._store = store
        self._codec = codec
        self._make = make
        self._zone, self._boundary = days
        self._open: dict[str, OpenRoom] = {}
        self._opening: dict[str, list[Opened]] = {}
        self._to_be_made: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.durability = Durability.MEMORY
        self.storage = "ok"

    def __iter__(self) -> Iterator[OpenRoom]:
        return iter(tuple(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def get(self, room: str) -> OpenRoom | None:
        """The room, if it is open."""
        return self._open.get(room)

    def find(self, room: str, opened: Opened, *, make: bool | None = None) -> None:
        """Tell the open room, now or when it is loaded; UnknownRoom, StoreAway, ServerBusy where there is none.

        ``make``: whether one that is unknown is made; when not given, as this server does it.
        """
        found = self._open.get(room)
        if found is not None:
            opened(found)
            return
        waiting = self._opening.setdefault(room, [])
        if len(waiting) >= OPENING:
            opened(crowded())
            return
        waiting.append(opened)
        if self._make if make is None else make:
            self._to_be_made.add(room)
        if len(waiting) == 1:
            task = self._shell.loop.create_task(self._load(room), name=f"open {room}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def open(self, room: str, *, make: bool | None = None) -> OpenRoom:
        """The open room.

        Raises UnknownRoom, StoreAway, ServerBusy.
        """
        future: asyncio.Future[OpenRoom | Refused] = self._shell.loop.create_future()
        self.find(room, partial(_settle, future), make=make)
        found = await future
        if isinstance(found, Refused):
            raise found
        return found

    async def _load(self, room: str) -> None:
        found = await self._found(room)
        self._to_be_made.discard(room)
        if isinstance(found, OpenRoom):
            found.state.storage = self.storage
            self._open[room] = found
            self._shell.loop.call_later(IDLE_SECONDS, self._look_after, found)
        for opened in self._opening.pop(room):
            try:
                opened(found)
            except Exception:  # one visitor's fault must not shut the others out
                log.exception("a visitor was not told of his room", extra={"room": room})

    async def _found(self, room: str) -> OpenRoom | Refused:
        try:
            found = await self._loaded(room)
            if found.state.settings.made:
                return found
            return await self._made(found) if room in self._to_be_made else UnknownRoom(room)
        except StoreUnavailable:
            return StoreAway(retry_in=1000)
        except UnreadableRow as error:
            log.error("unreadable room", extra={"room": room, "why": str(error)})
            return RowDamaged()
        except Refused as refused:
            return refused
        except Exception:
            log.exception("a room was not opened", extra={"room": room})
            return InternalError()

    async def _loaded(self, room: str) -> OpenRoom:
        subjects = self._shell.house.parts
        rows = await self._store.load(room, subjects)
        facts = await self._store.open_room(room)
        state = Room(id=room, durability=self.durability, storage=self.storage)
        state.counters.update(facts.counters)
        for subject, stored in zip(subjects, rows, strict=True):
            state.rows[subject] = self._codec.decode(subject, stored)
        return OpenRoom(self._shell, state, facts)

    async def _made(self, room: OpenRoom) -> OpenRoom:
        """Make the room with the settings of new ones; another worker may be making it at the same time."""
        future: asyncio.Future[bytes | Refused] = self._shell.loop.create_future()
        operator = Actor(id=PLATFORM_ID, name=PLATFORM_ID, role=Role.OPERATOR)
        face = Configure(room=room.id, title=room.id, zone=self._zone, boundary=self._boundary)
        room.ask(operator, face, partial(_settle, future))
        answer = await future
        if isinstance(answer, Refused):
            raise answer
        return room

    async def reread(self, room: OpenRoom, subjects: Sequence[str]) -> None:
        """Take what the store has now of rows that are in memory, where another server has written them since.

        Raises StoreUnavailable.
        """
        stored = await self._store.load(room.id, subjects)
        for subject, one in zip(subjects, stored, strict=True):
            known = room.state.rows.get(subject)
            if known is None or one is None or one.version <= known.version:
                continue
            try:
                room.keep(self._codec.decode(subject, one))
            except UnreadableRow as error:
                log.error("unreadable row", extra={"room": room.id, "why": str(error)})

    def _look_after(self, room: OpenRoom) -> None:
        if room.idle:
            room.close()
            del self._open[room.id]
        else:
            self._shell.loop.call_later(IDLE_SECONDS, self._look_after, room)

    def durability_is(self, durability: Durability) -> None:
        """Receipts say from now on what they are worth."""
        if durability is not self.durability:
            log.warning("what an acknowledgement is worth has changed", extra={"durability": durability.value})
        self.durability = durability
        for room in self:
            room.state.durability = durability

    def storage_is(self, available: bool) -> None:
        """Tell every room whether durable commands can be stored."""
        self.storage = "ok" if available else "away"
        for room in self:
            room.ask(ITSELF, SetStorage(room=room.id, storage=self.storage), nobody)


def _settle(future: asyncio.Future[T], answer: T) -> None:
    """Give an answer to whoever waits for it, if he still does."""
    if not future.done():
        future.set_result(answer)
