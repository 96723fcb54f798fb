"""What is due though nobody comes: any worker looks for it, and the room itself commands what its feature asks for.

    open rooms  every 5 s                 all rooms  every minute, one after another, with a pause between two

A subject that was commanded is looked at again only after a minute: by then its ``Due`` has moved, unless that failed.
Two workers may command the same; the second one's turn finds the first one's row, and nothing left to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from room.message import Command
from room.refusal import Refused
from roomserver.open_room import ITSELF, OpenRoom
from roomserver.rooms import Rooms
from roomserver.shell import Shell
from roomserver.store import Store, StoreUnavailable

OPEN_SECONDS = 5.0
"""Between two looks at the open rooms: what is due is a matter of days, and nobody waits for the second."""

ALL_SECONDS = 60.0
"""Between two looks at all rooms that are stored."""

PAUSE_SECONDS = 0.01
"""Between two rooms that are not open: a hundred a second leave the store to those who are here."""

BATCH = 64
"""Subjects of one room at a time: the next ones have their turn with the next look. Also rooms in one question."""

AGAIN_MS = 60_000
"""Until a subject is commanded again whose ``Due`` stayed where it was."""

AHEAD_MS = 60_000
"""How far a look sees: a room in which nothing is due so soon is looked at again after that."""

TRIED = 10_000
"""Subjects at most that are remembered as commanded; beyond that, the rest waits for the next minute."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quiet:
    """Nothing is due in a room before an instant (ms since 1970), unless this server has stored more there since."""

    seq: int
    until: int


class Sweep:
    """Looks for what is due."""

    def __init__(self, shell: Shell, rooms: Rooms, store: Store) -> None:
        self._shell = shell
        self._rooms = rooms
        self._store = store
        self._tried: dict[tuple[str, str, str], int] = {}
        self._quiet: dict[str, _Quiet] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._for_ever(OPEN_SECONDS, self._open_ones), name="sweep open rooms")
            tasks.create_task(self._for_ever(ALL_SECONDS, self._all), name="sweep all rooms")

    async def _for_ever(self, seconds: float, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await look()
            except StoreUnavailable as error:  # the committer says so; what is due waits
                log.info("what is due was not looked for", extra={"why": str(error)})
            except Exception:
                log.exception("a sweep failed")

    async def _open_ones(self) -> None:
        """Ask the store about those rooms only in which something may be due: idle rooms cost no round trip each."""
        now = self._shell.clock.now()
        quiet = {room.id: known for room in self._rooms if (known := self._quiet.get(room.id)) is not None}
        self._quiet = quiet
        loud = {
            room.id: room.seq
            for room in self._rooms
            if (known := quiet.get(room.id)) is None or known.seq != room.seq or now >= known.until
        }
        for start in range(0, len(loud), BATCH):
            some = list(loud)[start : start + BATCH]
            for room, at in zip(some, await self._store.soonest(some), strict=True):
                until = min(now + AHEAD_MS if at is None else at, now + AHEAD_MS)
                quiet[room] = _Quiet(seq=loud[room], until=until if until > now else await self.room(room))

    async def _all(self) -> None:
        for room in await self._store.rooms():
            if self._rooms.get(room) is None:
                await self.room(room)
                await asyncio.sleep(PAUSE_SECONDS)

    async def room(self, room: str) -> int:
        """Have done in one room what is due there by now, a batch at most; until when nothing else is (ms since 1970).

        Another server may have something due before that, but not more than a minute before. Raises StoreUnavailable.
        """
        now = self._shell.clock.now()
        self._forget(now)
        known = sum(tried[0] == room for tried in self._tried) if self._tried else 0
        ahead = await self._store.due(room, now + AHEAD_MS, BATCH + known)
        due = [one for one in ahead if one[2] <= now]
        new = [one for one in due if (room, one[0], one[1]) not in self._tried][: TRIED - len(self._tried)]
        self._tried.update(((room, subject, what), now) for subject, what, _ in new)
        commands = [
            command for subject, what, _ in new for command in self._shell.house.due(what, subject, room)
        ]  # what no feature of this server knows is another server's
        if commands:
            await self._carry_out(room, commands)
        return now if due else min((at for _, _, at in ahead), default=now + AHEAD_MS)

    def _forget(self, now: int) -> None:
        """Those who are to be looked at again; they stand in the order in which they were tried."""
        for tried, at in list(self._tried.items()):
            if at > now - AGAIN_MS:
                return
            del self._tried[tried]

    async def _carry_out(self, room: str, commands: Sequence[Command]) -> None:
        try:
            opened = await self._rooms.open(room)
        except Refused as refused:
            log.warning("a room with something due was not opened", extra={"room": room, "why": str(refused)})
            return
        asked = _asked(self._shell.loop, opened, commands)
        for command, waiting in zip(commands, asked, strict=True):
            if isinstance(answer := await waiting, Refused):
                facts = {"room": room, "kind": type(command).kind, "why": str(answer)}
                log.warning("what is due was refused", extra=facts)


def _asked(
    loop: asyncio.AbstractEventLoop, room: OpenRoom, commands: Sequence[Command]
) -> list[asyncio.Future[bytes | Refused]]:
    """The answers to commands that the room itself gives, all under way at once."""
    answers: list[asyncio.Future[bytes | Refused]] = [loop.create_future() for _ in commands]
    for command, answer in zip(commands, answers, strict=True):
        room.ask(ITSELF, command, partial(_settle, answer))
    return answers


def _settle(future: asyncio.Future[bytes | Refused], answer: bytes | Refused) -> None:
    if not future.done():
        future.set_result(answer)
