"""What the room server asks of a store, in bytes; its twins are ``memory_store`` and ``redis_store``.

A store keeps a row per subject and writes a Change whole or not at all, comparing versions; it orders what must be
ordered, and nothing else does. It never retries a write: a lost reply is for the committer to resolve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from room.change import Claim, Counter, Due, Score
from room.value import value


class Durability(StrEnum):
    """What an acknowledgement is worth: nothing after a crash, on this store's disk, or on its replicas too."""

    MEMORY = "memory"
    LOCAL = "local"
    REPLICATED = "replicated"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A subject's row as it lies in the store: the header's version and change id, and the JSON after it."""

    version: int
    change: str
    body: bytes


@value(frozen=True, slots=True, kw_only=True)
class Write:
    """One Change in bytes: ``version`` is the one that the row was made from (0: nothing stored).

    ``to`` is the version that it gets, where that is not the next one. ``forgets`` are logs of the subject that are
    deleted. ``sound`` notes that it was looked at already (store_limits.py).
    """

    subject: str
    id: str
    version: int
    body: bytes
    claims: Sequence[Claim] = ()
    appends: Sequence[tuple[str, bytes]] = ()
    counters: Sequence[Counter] = ()
    scores: Sequence[Score] = ()
    due: Sequence[Due] = ()
    outbox: bytes | None = None
    forgets: Sequence[str] = ()
    to: int | None = None
    sound: bool = field(default=False, init=False, compare=False, repr=False)

    @property
    def next(self) -> int:
        """The version that the row gets."""
        return self.version + 1 if self.to is None else self.to


@value(frozen=True, slots=True, kw_only=True)
class Written:
    """The Change is stored; ``counters`` are the room's new sums, ``seq`` the room's count of Changes."""

    seq: int
    counters: Mapping[str, int] = field(default_factory=dict)


@value(frozen=True, slots=True)
class Conflict:
    """The subject is no longer at the version that the Change was made from; nothing was written."""


@value(frozen=True, slots=True)
class ClaimFailed:
    """A limited thing has run out; nothing was written."""

    name: str


@value(frozen=True, slots=True)
class TooLarge:
    """A part of the Change is larger than the store takes; nothing was written."""


@value(frozen=True, slots=True)
class Damaged:
    """A key that the Change needs holds what no room server wrote there; nothing was written."""

    key: str


Verdict = Written | Conflict | ClaimFailed | TooLarge | Damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxPage:
    """Records after an id, oldest first; ``oldest`` is the first id still kept, ``complete`` is False when
    records after the asked id were already trimmed."""

    records: Sequence[tuple[str, bytes]]
    oldest: str | None
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFacts:
    """What the store knows of a room when it is opened."""

    seq: int
    counters: Mapping[str, int]


@value(frozen=True, slots=True, kw_only=True)
class Traces:
    """Where a subject stands beside its row: names of boards and of what is due, and of its own logs."""

    boards: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()


class StoreUnavailable(Exception):
    """The store did not answer; ``written`` says whether a write was surely not done, or nobody knows."""

    def __init__(self, message: str, *, written: Literal["unknown", "no"] = "unknown") -> None:
        super().__init__(message)
        self.written = written


class StoreRefused(Exception):
    """The store answers, but is not one to rely on; the message is one sentence for whoever runs the server."""


class NotDurable(StoreRefused):
    """The store's live configuration may lose what it has acknowledged."""


class StoreTooOld(StoreRefused):
    """The store lacks what the room server needs: Redis 7.0 or Valkey."""


class Store(Protocol):
    """Rows, logs, sums, boards and the outbox of every room."""

    @property
    def run_id(self) -> str:
        """Which run of the store answered last; another one than before means that it was restarted or replaced."""

    @property
    def durability(self) -> Durability:
        """What an acknowledgement is worth, by the configuration that was last looked at: at every new connection."""

    async def connect(self) -> Durability:
        """Open, check the live configuration and say what an acknowledgement is worth.

        Raises StoreUnavailable, NotDurable, StoreTooOld.
        """

    async def close(self) -> None:
        """Give every connection back."""

    async def clock_offset(self) -> int:
        """Milliseconds by which the store's clock is ahead of this machine's."""

    async def touch(self) -> None:
        """Write what nobody reads, to see whether anything can be written.

        Raises StoreUnavailable.
        """

    async def open_room(self, room: str) -> RoomFacts:
        """The room's sequence and sums."""

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        """The rows of several subjects of one room, in one round trip."""

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        """Write the Changes of several rooms (at most 1,024 in all) in one round trip; a verdict for each.

        Changes are checked in the order given, and each sees what those before it took. Raises StoreUnavailable
        when it is not known what was written, ValueError for what no store could do: two Changes of one subject,
        more than 1,024 Changes, a name that is no name, a number that is no number.
        """

    async def log(self, room: str, subject: str, name: str) -> list[bytes]:
        """A subject's whole log, oldest first."""

    async def outbox(self, room: str, after: str, limit: int) -> OutboxPage:
        """The room's outbox after an id ("0" for all that is kept, which is always complete)."""

    async def cursor(self, room: str, name: str) -> str | None:
        """How far a reader of this name has come in the room's outbox; None when he has not begun."""

    async def move(self, room: str, name: str, to: str) -> None:
        """Keep how far a reader has come. Raises StoreUnavailable, ValueError for what is no record's id."""

    async def rooms(self) -> list[str]:
        """The ids of all rooms that have a stored part (or whose first part was refused)."""

    async def board(self, room: str, name: str, start: int, stop: int) -> list[tuple[str, float]]:
        """Places start to stop (0-based, inclusive) of a board, highest first."""

    async def rank(self, room: str, name: str, subject: str) -> tuple[int, float] | None:
        """A subject's place (0-based) and value on a board; None when it has none."""

    async def above(self, room: str, name: str, value: float, *, equal: bool) -> int:
        """How many places of a board are above a value, those of this very value too when they are wanted."""

    async def due(self, room: str, until: int, limit: int) -> list[tuple[str, str, int]]:
        """Subjects to look at again: (subject, what, at) with at ≤ until, earliest first."""

    async def soonest(self, rooms: Sequence[str]) -> list[int | None]:
        """When the first of what is due in each of several rooms is, in one round trip; None where nothing is."""

    async def traces(self, room: str, subject: str) -> Traces:
        """All places of a subject in a room; it looks at every key, so it takes seconds in a large store."""

    async def compact(self) -> None:
        """Begin to write the store's files anew, without what was deleted since they were written.

        Raises StoreUnavailable, also when the store is writing them already.
        """

    async def revoke(self, user: str, until: int) -> None:
        """Keep up to which second (since 1970) a user's tokens are good no more; never an earlier one than before.

        Raises StoreUnavailable.
        """

    async def revoked(self, since: int) -> list[tuple[str, int]]:
        """What was kept of all users whose second is this one or later, earliest first."""

    async def end_revocations(self, before: int) -> None:
        """Keep nothing of users whose second is before this one.

        Raises StoreUnavailable.
        """

    async def tell_erased(self, room: str, user: str, at: int) -> None:
        """Let other servers hear for an hour that a member was erased at an instant (ms since 1970).

        Raises StoreUnavailable.
        """

    async def erased(self, since: int) -> list[tuple[str, str, int]]:
        """Who was erased since an instant: (room, user, at), earliest first; of the last hour at least.

        Raises StoreUnavailable.
        """
