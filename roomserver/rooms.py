"""The open rooms of this process: opened when somebody comes, closed a while after the last one went."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator

from room.live import Room
from room.people import Actor, Role
from room.refusal import Refused, StoreAway, UnknownRoom
from room.row import part
from roomserver.open_room import ITSELF, OpenRoom, nobody
from roomserver.rows import RowCodec, UnreadableRow
from roomserver.shell import Shell
from roomserver.store import Durability, Store, StoreUnavailable
from settings.feature import Configure, SetStorage

IDLE_SECONDS = 60.0
"""How long an empty room stays open, so that a reload finds its log."""

OPENING = 1_000
"""Visitors who may wait for rooms to open; more are refused at once."""

log = logging.getLogger(__name__)

Opened = Callable[[OpenRoom | Refused], None]


class Rooms:
    """Finds or opens rooms; ``make`` says whether unknown ones are made at first join (development)."""

    def __init__(self, shell: Shell, store: Store, codec: RowCodec, *, make: bool = False) -> None:
        self._shell = shell
        self._store = store
        self._codec = codec
        self._make = make
        self._open: dict[str, OpenRoom] = {}
        self._opening: dict[str, list[Opened]] = {}
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

    def find(self, room: str, opened: Opened, *, make: bool = False) -> None:
        """Tell the open room, now or when it is loaded; UnknownRoom, StoreAway where there is none."""
        found = self._open.get(room)
        if found is not None:
            opened(found)
            return
        waiting = self._opening.setdefault(room, [])
        if len(waiting) >= OPENING:
            opened(StoreAway(retry_in=1000))
            return
        waiting.append(opened)
        if len(waiting) == 1:
            task = self._shell.loop.create_task(self._load(room, make or self._make), name=f"open {room}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def open(self, room: str, *, make: bool = False) -> OpenRoom:
        """The open room.

        Raises UnknownRoom, StoreAway.
        """
        future: asyncio.Future[OpenRoom | Refused] = self._shell.loop.create_future()
        self.find(room, lambda found: None if future.done() else future.set_result(found), make=make)
        found = await future
        if isinstance(found, Refused):
            raise found
        return found

    async def _load(self, room: str, make: bool) -> None:
        found: OpenRoom | Refused
        try:
            found = await self._loaded(room)
            if not found.state.settings.made:
                found = await self._made(found) if make else UnknownRoom(room)
        except StoreUnavailable:
            found = StoreAway(retry_in=1000)
        except UnreadableRow as error:
            log.error("unreadable room", extra={"room": room, "why": str(error)})
            found = StoreAway()
        except Refused as refused:
            found = refused
        if isinstance(found, OpenRoom):
            self._open[room] = found
            self._shell.loop.call_later(IDLE_SECONDS, self._look_after, found)
        for opened in self._opening.pop(room):
            opened(found)

    async def _loaded(self, room: str) -> OpenRoom:
        subjects = [part(f.name) for f in self._shell.house.features if f.part is not None]
        rows = await self._store.load(room, subjects)
        facts = await self._store.open_room(room)
        state = Room(id=room, durability=self.durability, storage=self.storage)
        state.counters.update(facts.counters)
        state.exhausted |= facts.exhausted
        for subject, stored in zip(subjects, rows, strict=True):
            state.rows[subject] = self._codec.decode(subject, stored)
        return OpenRoom(self._shell, state, facts)

    async def _made(self, room: OpenRoom) -> OpenRoom:
        """Make the room with default settings; another worker may be making it at the same time."""
        future: asyncio.Future[bytes | Refused] = self._shell.loop.create_future()
        operator = Actor(id="operator", name="operator", role=Role.OPERATOR)
        room.ask(operator, Configure(room=room.id, title=room.id), future.set_result)
        answer = await future
        if isinstance(answer, Refused):
            raise answer
        return room

    def _look_after(self, room: OpenRoom) -> None:
        if room.idle:
            room.close()
            del self._open[room.id]
        else:
            self._shell.loop.call_later(IDLE_SECONDS, self._look_after, room)

    def storage_is(self, available: bool) -> None:
        """Tell every room whether durable commands can be stored."""
        self.storage = "ok" if available else "away"
        for room in self:
            room.ask(ITSELF, SetStorage(room=room.id, storage=self.storage), nobody)
