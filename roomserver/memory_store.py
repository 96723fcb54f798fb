"""The store's twin in this process's memory, on which the suites run that need no disk.

It can misbehave on demand: hold its answers back behind an event, and lose commits or their replies by a list.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from room.change import Claim, Counter
from roomserver.clock import wall_ms
from roomserver.store import (
    ClaimFailed,
    Conflict,
    Durability,
    OutboxPage,
    RoomFacts,
    StoredRow,
    StoreUnavailable,
    TooLarge,
    Traces,
    Verdict,
    Write,
    Written,
)
from roomserver.store_limits import NUMBER, TOLD_MS, check, parse_record_id, too_large


class Fault(Enum):
    """What befalls a commit: nothing, the command is lost, or it is done and its reply is lost."""

    NONE = auto()
    LOST_BEFORE = auto()
    LOST_AFTER = auto()


@dataclass(slots=True)
class StoredRoom:
    """Everything that is stored of one room."""

    seq: int = 0
    rows: dict[str, StoredRow] = field(default_factory=dict)
    logs: dict[tuple[str, str], list[bytes]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)
    boards: dict[str, dict[str, float]] = field(default_factory=dict)
    due: dict[tuple[str, str], int] = field(default_factory=dict)
    outbox: list[tuple[tuple[int, int], bytes]] = field(default_factory=list)
    trimmed: bool = False
    cursors: dict[str, str] = field(default_factory=dict)


class MemoryStore:
    """A store that forgets when its process ends.

    ``gate``: commits answer only while it is set (what they wrote is there before). ``faults``: what befalls the
    first commits, one each. ``clock``: the store's, in ms since 1970. ``outbox_age``: ms after which a record may go.
    """

    def __init__(
        self,
        *,
        gate: asyncio.Event | None = None,
        faults: Iterable[Fault] = (),
        clock: Callable[[], int] = wall_ms,
        outbox_age: int = 72 * 3_600_000,
    ) -> None:
        self.stored: dict[str, StoredRoom] = {}
        self.revocations: dict[str, int] = {}
        self.erasures: dict[tuple[str, str], int] = {}
        self.commits = 0
        self._gate = gate
        self._faults = iter(faults)
        self._clock = clock
        self._outbox_age = outbox_age

    @property
    def run_id(self) -> str:
        return f"memory-{id(self):x}"

    @property
    def durability(self) -> Durability:
        return Durability.MEMORY

    async def connect(self) -> Durability:
        return self.durability

    async def close(self) -> None:
        pass

    async def clock_offset(self) -> int:
        return self._clock() - wall_ms()

    async def touch(self) -> None:
        """Memory takes everything."""

    async def open_room(self, room: str) -> RoomFacts:
        stored = self._room(room)
        return RoomFacts(seq=stored.seq, counters=dict(stored.counters))

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        rows = self._room(room).rows
        return [rows.get(subject) for subject in subjects]

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        check(batches)
        self.commits += 1
        fault = next(self._faults, Fault.NONE)
        if fault is Fault.LOST_BEFORE:
            raise StoreUnavailable("the command was lost")
        verdicts = {room: [self._write(room, write) for write in writes] for room, writes in batches.items()}
        if self._gate is not None:
            await self._gate.wait()
        if fault is Fault.LOST_AFTER:
            raise StoreUnavailable("the reply was lost")
        return verdicts

    async def log(self, room: str, subject: str, name: str) -> list[bytes]:
        return list(self._room(room).logs.get((subject, name), ()))

    async def outbox(self, room: str, after: str, limit: int) -> OutboxPage:
        stored = self._room(room)
        place = parse_record_id(after)
        start = bisect_right(stored.outbox, place, key=lambda record: record[0])
        page = [(_record_id(at), record) for at, record in stored.outbox[start : start + limit]]
        oldest = stored.outbox[0][0] if stored.outbox else None
        complete = place == (0, 0) or not stored.trimmed or (oldest is not None and place >= oldest)
        return OutboxPage(records=page, oldest=oldest and _record_id(oldest), complete=complete)

    async def cursor(self, room: str, name: str) -> str | None:
        return self._room(room).cursors.get(name)

    async def move(self, room: str, name: str, to: str) -> None:
        parse_record_id(to)
        self.stored.setdefault(room, StoredRoom()).cursors[name] = to

    async def rooms(self) -> list[str]:
        return sorted(room for room, stored in self.stored.items() if any(s.startswith("p:") for s in stored.rows))

    async def board(self, room: str, name: str, start: int, stop: int) -> list[tuple[str, float]]:
        return self._places(room, name)[start : stop + 1]

    async def rank(self, room: str, name: str, subject: str) -> tuple[int, float] | None:
        places = enumerate(self._places(room, name))
        return next(((rank, value) for rank, (one, value) in places if one == subject), None)

    async def above(self, room: str, name: str, value: float, *, equal: bool) -> int:
        return sum(one > value or (equal and one == value) for _, one in self._places(room, name))

    async def due(self, room: str, until: int, limit: int) -> list[tuple[str, str, int]]:
        entries = [(subject, what, at) for (subject, what), at in self._room(room).due.items() if at <= until]
        return sorted(entries, key=lambda entry: (entry[2], f"{entry[0]} {entry[1]}".encode()))[:limit]

    async def soonest(self, rooms: Sequence[str]) -> list[int | None]:
        return [min(self._room(room).due.values(), default=None) for room in rooms]

    async def traces(self, room: str, subject: str) -> Traces:
        stored = self._room(room)
        return Traces(
            boards=tuple(sorted(name for name, places in stored.boards.items() if subject in places)),
            due=tuple(sorted(what for one, what in stored.due if one == subject)),
            logs=tuple(sorted(name for one, name in stored.logs if one == subject)),
        )

    async def compact(self) -> None:
        """Memory keeps nothing that was deleted."""

    async def revoke(self, user: str, until: int) -> None:
        self.revocations[user] = max(until, self.revocations.get(user, until))

    async def revoked(self, since: int) -> list[tuple[str, int]]:
        found = [(user, until) for user, until in self.revocations.items() if until >= since]
        return sorted(found, key=lambda one: (one[1], one[0]))

    async def end_revocations(self, before: int) -> None:
        self.revocations = {user: until for user, until in self.revocations.items() if until >= before}

    async def tell_erased(self, room: str, user: str, at: int) -> None:
        self.erasures[room, user] = at
        self.erasures = {whom: told for whom, told in self.erasures.items() if told >= at - TOLD_MS}

    async def erased(self, since: int) -> list[tuple[str, str, int]]:
        return sorted(((*whom, at) for whom, at in self.erasures.items() if at >= since), key=lambda one: (one[2], one))

    def _places(self, room: str, name: str) -> list[tuple[str, float]]:
        places = self._room(room).boards.get(name, {}).items()
        return sorted(places, key=lambda place: (place[1], place[0].encode()), reverse=True)

    def _room(self, room: str) -> StoredRoom:
        return self.stored.get(room) or StoredRoom()

    def _write(self, room: str, write: Write) -> Verdict:
        stored = self._room(room)
        refusal = _refusal(stored, write)
        if refusal is None:
            self.stored[room] = stored
            return self._apply(stored, write)
        return refusal

    def _apply(self, stored: StoredRoom, write: Write) -> Written:
        stored.seq += 1
        stored.rows[write.subject] = StoredRow(version=write.next, change=write.id, body=write.body)
        for claim in write.claims:
            stored.stock[claim.name] = _left(stored, claim) - claim.take
            stored.began[claim.name] = claim.stock
        for name in write.forgets:
            stored.logs.pop((write.subject, name), None)
        for name, entry in write.appends:
            stored.logs.setdefault((write.subject, name), []).append(entry)
        for counter in write.counters:
            stored.counters[counter.name] = stored.counters.get(counter.name, 0) + counter.add
        _rank(stored, write)
        if write.outbox is not None:
            self._send(stored, write.outbox)
        return Written(seq=stored.seq, counters={c.name: stored.counters[c.name] for c in write.counters})

    def _send(self, stored: StoredRoom, record: bytes) -> None:
        now = self._clock()
        last = stored.outbox[-1][0] if stored.outbox else (0, 0)
        stored.outbox.append((max((now, 0), (last[0], last[1] + 1)), record))
        kept = bisect_right(stored.outbox, (now - self._outbox_age, -1), key=lambda entry: entry[0])
        stored.trimmed = stored.trimmed or kept > 0
        del stored.outbox[:kept]


def _record_id(place: tuple[int, int]) -> str:
    return f"{place[0]}-{place[1]}"


def _refusal(stored: StoredRoom, write: Write) -> Verdict | None:
    row = stored.rows.get(write.subject)
    if too_large(write):
        return TooLarge()
    if (row.version if row else 0) != write.version:
        return Conflict()
    return _claim_refusal(stored, write.claims) or _sum_refusal(stored, write.counters)


def _left(stored: StoredRoom, claim: Claim) -> int:
    """The pieces left of a stock, which may be another than the one that they were counted from last."""
    began = stored.began.get(claim.name, claim.stock)
    return stored.stock.get(claim.name, claim.stock) + claim.stock - began


def _claim_refusal(stored: StoredRoom, claims: Sequence[Claim]) -> Verdict | None:
    taken: dict[str, int] = {}
    for claim in claims:
        taken[claim.name] = taken.get(claim.name, _left(stored, claim)) - claim.take
        if taken[claim.name] < 0:
            return ClaimFailed(claim.name)
    return None


def _sum_refusal(stored: StoredRoom, counters: Sequence[Counter]) -> Verdict | None:
    sums = dict(stored.counters)
    for counter in counters:
        sums[counter.name] = sums.get(counter.name, 0) + counter.add
        if abs(sums[counter.name]) > NUMBER:
            return TooLarge()
    return None


def _rank(stored: StoredRoom, write: Write) -> None:
    for score in write.scores:
        board = stored.boards.setdefault(score.board, {})
        board.pop(write.subject, None)
        if score.value is not None:
            board[write.subject] = score.value
    for due in write.due:
        stored.due.pop((write.subject, due.what), None)
        if due.at is not None:
            stored.due[write.subject, due.what] = due.at
