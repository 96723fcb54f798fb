"""Erasing a member: looked up, written down, emptied in one commit, and again when the store has forgotten it.

    his places (boards, due, logs) ─ tombstone on disk ─ one Change: row emptied, places gone ─ seat, pin, room's log
                └──────────────── his row was changed in between: again ──────┘

A crash before the commit leaves the tombstone, which the next start acts on. A store that was restored from a backup is
compared with all tombstones before anybody comes in, and when that is noticed while the server runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from effects.shoutout import Unpin
from erasure.feature import Erase
from room.message import Command
from room.people import PLATFORM_ID, Actor, Role
from room.refusal import Contended, Refused, UnknownRoom
from room.row import member
from roomserver.open_room import ITSELF, OpenRoom
from roomserver.rooms import Rooms
from roomserver.store import Store, StoredRow, StoreUnavailable, Traces
from roomserver.store_limits import PARTS
from roomserver.tombstones import Tombstones
from stage.messages import PutDown
from stage.refusals import NotOnStage

TRIES = 5
"""Runs of one erasure that may lose against another change of the row."""

REWRITE_SECONDS = 60.0
"""Between two requests that the store write its files anew: erasures that come together share one."""

EMPTY = b'{"s":{},"r":[]}'
"""The body of an emptied row."""

PLATFORM = Actor(id=PLATFORM_ID, name=PLATFORM_ID, role=Role.OPERATOR)

log = logging.getLogger(__name__)


class Forgetting:
    """Erases members of one server's rooms."""

    def __init__(self, rooms: Rooms, store: Store, tombstones: Tombstones) -> None:
        self._rooms = rooms
        self._store = store
        self._tombstones = tombstones
        self._outdated = asyncio.Event()

    async def erase(self, room: str, user: str) -> None:
        """Keep nothing of a member in a room.

        Raises Refused (of an unknown room, too), StoreUnavailable, OSError.
        """
        opened = await self._rooms.open(room, make=False)
        for left in reversed(range(TRIES)):
            try:
                if not await self._emptied(opened, user):
                    break
            except Contended:
                if not left:
                    raise
        await self._cleared(opened, user)
        self._outdated.set()

    async def everywhere(self, user: str) -> list[str]:
        """Keep nothing of a member in any room; the rooms in which something was kept.

        Raises Refused, StoreUnavailable, OSError.
        """
        rooms = [room for room in await self._store.rooms() if not _is_empty(await self._row(room, user))]
        for room in rooms:
            with suppress(UnknownRoom):
                await self.erase(room, user)
        return rooms

    async def again(self, room: str | None = None) -> None:
        """Erase whoever is in the store though he was erased: of one room, or of all.

        Raises Refused, StoreUnavailable, OSError.
        """
        tombstones = await self._tombstones.read()
        for name, versions in tombstones.items():
            if room in (None, name):
                await self._compared(name, versions)

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
        for user, row in zip(users, rows, strict=True):
            if row is not None and row.version < versions[user] and not _is_empty(row):
                log.warning("somebody who was erased is in the store, and is erased again", extra={"room": room})
                with suppress(UnknownRoom):
                    await self.erase(room, user)

    async def _emptied(self, room: OpenRoom, user: str) -> bool:
        """Empty his row with all that one Change can carry; whether more is left.

        Raises Contended.
        """
        row = await self._row(room.id, user)
        traces = await self._store.traces(room.id, member(user))
        version = 0 if row is None else row.version
        await self._tombstones.add(room.id, user, version + 1)
        room.doubt(member(user))  # another server may have written it
        first = Traces(boards=traces.boards[:PARTS], due=traces.due[:PARTS], logs=traces.logs[:PARTS])
        places = {"boards": first.boards, "due": first.due, "logs": first.logs}
        await _carried_out(room, PLATFORM, Erase(room=room.id, user=user, version=version, **places))
        return first != traces

    async def _cleared(self, room: OpenRoom, user: str) -> None:
        """Take him out of the room's own parts, and what he said out of its log."""
        await _carried_out(room, ITSELF, Unpin(room=room.id, user=user))
        with suppress(NotOnStage):
            await _carried_out(room, PLATFORM, PutDown(room=room.id, user=user))
        room.publisher.ring.forget()

    async def _row(self, room: str, user: str) -> StoredRow | None:
        [row] = await self._store.load(room, [member(user)])
        return row


def _is_empty(row: StoredRow | None) -> bool:
    return row is None or row.body == EMPTY


async def _carried_out(room: OpenRoom, actor: Actor, command: Command) -> None:
    """Raises Refused."""
    future: asyncio.Future[bytes | Refused] = asyncio.get_running_loop().create_future()
    room.ask(actor, command, partial(_settle, future))
    answer = await future
    if isinstance(answer, Refused):
        raise answer


def _settle(future: asyncio.Future[bytes | Refused], answer: bytes | Refused) -> None:
    if not future.done():
        future.set_result(answer)
