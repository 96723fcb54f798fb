"""Erasing a member: looked up, written down, emptied in one commit, and again when the store has forgotten it.

    his places (boards, due, logs) ─ tombstone on disk ─ one Change: row emptied, places gone ─ room's parts and log
                └──────────────── his row was changed in between: again ──────┘

A crash leaves the tombstone, which the next start acts on. A store that was restored from a backup is compared with all
tombstones before anybody comes in, and when that is noticed while the server runs; a row that it has of an earlier
version, or has not, gets the tombstone's: whoever begins anew after that is never taken for who he was.
Other servers on the store hear of an erasure within 2 s, and show nothing more of him from their memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial

from effects.shoutout import Unpin
from erasure.feature import Erase, Erased, EraseResults
from room.house import House
from room.message import Command
from room.people import PLATFORM_ID, Actor, Role, User
from room.refusal import Contended, Refused, RowDamaged, UnknownRoom
from room.row import member
from roomserver.clock import secret_text, wall_ms
from roomserver.open_room import ITSELF
from roomserver.rooms import Rooms
from roomserver.rows import unpacked
from roomserver.store import Store, StoredRow, StoreUnavailable, Traces, Write
from roomserver.store_limits import PARTS
from roomserver.tombstones import Tombstones
from stage.messages import PutDown
from stage.refusals import NotOnStage

TRIES = 5
"""Runs of one erasure that may lose against another change of the row."""

REWRITE_SECONDS = 60.0
"""Between two requests that the store write its files anew: erasures that come together share one."""

LOOK_SECONDS = 2.0
"""Between two looks at whom other servers have erased."""

CLOCKS_MS = 600_000
"""How far other servers' clocks may be behind."""

EMPTY = b'{"s":{},"r":[]}'
"""The body of an emptied row."""

PLATFORM = Actor(id=PLATFORM_ID, name=PLATFORM_ID, role=Role.OPERATOR)

log = logging.getLogger(__name__)


class Forgetting:
    """Erases members of one server's rooms."""

    def __init__(self, rooms: Rooms, store: Store, house: House, tombstones: Tombstones) -> None:
        self._rooms = rooms
        self._store = store
        self._parts = house.parts
        self._tombstones = tombstones
        self._outdated = asyncio.Event()
        self._heard: dict[tuple[str, str], int] = {}

    async def erase(self, room: str, user: str) -> None:
        """Keep nothing of a member in a room.

        Raises Refused (of an unknown room, too), StoreUnavailable, OSError.
        """
        await self._rooms.open(room, make=False)
        for left in reversed(range(TRIES)):
            try:
                if not await self._emptied(room, user):
                    break
            except Contended:
                if not left:
                    raise
        await self._cleared(room, user)
        self._outdated.set()
        self._heard[room, user] = at = wall_ms()
        await self._store.tell_erased(room, user, at)

    async def everywhere(self, user: str) -> list[str]:
        """Keep nothing of a member in any room; the rooms in which something was kept.

        Raises Refused, StoreUnavailable, OSError.
        """
        rooms = [room for room in await self._store.rooms() if await self._knows(room, user)]
        damaged: RowDamaged | None = None
        for room in rooms:
            try:
                await self.erase(room, user)
            except UnknownRoom:
                continue
            except RowDamaged as error:  # that of one room must not keep him in the others
                damaged = error
        if damaged is not None:
            raise damaged
        return rooms

    async def again(self, room: str | None = None) -> None:
        """Erase whoever is in the store though he was erased: of one room, or of all.

        Raises StoreUnavailable, OSError.
        """
        async for tombstones in self._tombstones.read():
            for name, versions in tombstones.items():
                if room in (None, name):
                    await self._compared(name, versions)

    async def follow(self) -> None:
        """Forget whom other servers on the store erase, until cancelled; of before the start nobody is known here."""
        looked = wall_ms()
        while True:
            try:
                looked = await self._look(looked)
            except StoreUnavailable as error:
                log.info("erasures of other servers were not looked at", extra={"why": str(error)})
            except Exception:  # no fault of a look must end the server
                log.exception("erasures of other servers were not looked at")
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, before: int) -> int:
        """Hear what was told since the last look that was answered; the instant of this one.

        Raises StoreUnavailable.
        """
        now = wall_ms()
        told = {(room, user): at for room, user, at in await self._store.erased(before - CLOCKS_MS)}
        for (room, user), at in told.items():
            if self._heard.get((room, user), -1) < at:
                await self._follow_one(room, user)
            self._heard[room, user] = at
        self._heard = {whom: at for whom, at in self._heard.items() if whom in told}
        return now

    async def _follow_one(self, room: str, user: str) -> None:
        """Hear of one erasure; what cannot be followed must not keep the others from being forgotten.

        Raises StoreUnavailable.
        """
        try:
            await self._heard_of(room, user)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("an erasure of another server was not followed", extra={"room": room})

    async def _heard_of(self, room: str, user: str) -> None:
        """Another server has erased a member: show nothing of him from this one's memory.

        Raises StoreUnavailable.
        """
        if (opened := self._rooms.get(room)) is not None:
            await self._rooms.reread(opened, [member(user), *self._parts])
            opened.happened_elsewhere(Erased(user=User(id=user, name=user)))
            opened.publisher.ring.forget()

    async def rewriting(self) -> None:
        """Have the store's files written anew after erasures, until cancelled: what was deleted still stands there."""
        while True:
            await self._outdated.wait()
            self._outdated.clear()
            try:
                await self._store.compact()
            except StoreUnavailable as error:
                log.warning("the store's files were not written anew", extra={"why": str(error)})
                self._outdated.set()
            await asyncio.sleep(REWRITE_SECONDS)

    async def _compared(self, room: str, versions: Mapping[str, int]) -> None:
        users = list(versions)
        rows = await self._store.load(room, [member(user) for user in users])
        parts = await self._store.load(room, self._parts)
        for user, row in zip(users, rows, strict=True):
            older = row is None or row.version < versions[user]
            if (older and not _is_empty(row)) or (_is_empty(row) and _named(user, parts)):
                await self._once_more(room, user)
            if older:
                await self._raised(room, user, versions[user])

    async def _once_more(self, room: str, user: str) -> None:
        """What cannot be erased must not keep a server from starting."""
        log.warning("somebody who was erased is in the store, and is erased again", extra={"room": room})
        try:
            await self.erase(room, user)
        except UnknownRoom:
            return
        except Refused as refused:
            log.error("somebody who was erased is still in the store", extra={"room": room, "why": refused.message})

    async def _raised(self, room: str, user: str, version: int) -> None:
        """Let an emptied row go on from the tombstone's version: any of his that is lower comes from before."""
        row = await self._row(room, user)
        since = 0 if row is None else row.version
        if _is_empty(row) and since < version:
            raised = Write(subject=member(user), id=secret_text(9), version=since, body=EMPTY, to=version)
            await self._store.commit({room: [raised]})
        if (opened := self._rooms.get(room)) is not None:
            opened.doubt(member(user))

    async def _knows(self, room: str, user: str) -> bool:
        """Whether anything of him is stored in a room, or in the memory of an open one."""
        opened = self._rooms.get(room)
        if opened is not None and opened.knows(user):
            return True
        row, *parts = await self._store.load(room, [member(user), *self._parts])
        return not _is_empty(row) or _named(user, parts)

    async def _emptied(self, room: str, user: str) -> bool:
        """Empty his row with all that one Change can carry; whether more is left.

        Raises Contended.
        """
        row = await self._row(room, user)
        traces = await self._store.traces(room, member(user))
        version = 0 if row is None else row.version
        await self._tombstones.add(room, user, version + 1)
        (await self._rooms.open(room, make=False)).doubt(member(user))  # another server may have written it
        first = Traces(boards=traces.boards[:PARTS], due=traces.due[:PARTS], logs=traces.logs[:PARTS])
        places = {"boards": first.boards, "due": first.due, "logs": first.logs}
        await self._carry_out(PLATFORM, Erase(room=room, user=user, version=version, **places))
        return first != traces

    async def _cleared(self, room: str, user: str) -> None:
        """Take him out of the room's own parts, and what he said out of its log."""
        await self._carry_out(ITSELF, Unpin(room=room, user=user))
        with suppress(NotOnStage):
            await self._carry_out(PLATFORM, PutDown(room=room, user=user))
        for part in self._parts:
            await self._carry_out(ITSELF, EraseResults(room=room, part=part, user=user))
        if (opened := self._rooms.get(room)) is not None:
            opened.publisher.ring.forget()

    async def _carry_out(self, actor: Actor, command: Command) -> None:
        """Have the room do it that is open now: while places are looked up it may be closed, and opened for somebody.

        Raises Refused.
        """
        room = await self._rooms.open(command.room, make=False)
        future: asyncio.Future[bytes | Refused] = asyncio.get_running_loop().create_future()
        room.ask(actor, command, partial(_settle, future))
        answer = await future
        if isinstance(answer, Refused):
            raise answer

    async def _row(self, room: str, user: str) -> StoredRow | None:
        [row] = await self._store.load(room, [member(user)])
        return row


def _is_empty(row: StoredRow | None) -> bool:
    return row is None or row.body == EMPTY


def _named(user: str, parts: Iterable[StoredRow | None]) -> bool:
    """Whether parts of a room have him: as a person, or as whose command they have answered."""
    marks = (f'"id":"{user}"'.encode(), f'"{user}#'.encode())
    return any(_has_one(marks, one.body) for one in parts if one is not None)


def _has_one(marks: Iterable[bytes], body: bytes) -> bool:
    """Whether one of these stands in a row, or may: of one that cannot be read whoever erases is told."""
    try:
        text = unpacked(body)
    except ValueError:
        return True
    return any(mark in text for mark in marks)


def _settle(future: asyncio.Future[bytes | Refused], answer: bytes | Refused) -> None:
    if not future.done():
        future.set_result(answer)
