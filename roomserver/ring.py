"""A room's log: its last batches as they were written, for those who come back and those who fell behind.

At least the last 30 s, 256 batches and 512 KiB are kept, whichever is smallest; a quiet room keeps more, up to the same
numbers of batches and bytes. Recovery is whole or refused, never partial. What many recover at once is one object,
which is encoded once per encoding.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from roomserver.centrifuge.replies import Publication, Recovered
from roomserver.frame_variants import Variant

BATCHES = 256
BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch: its place in the log, its encoded data, and its frames by variant, made when first written."""

    offset: int
    data: bytes
    frames: dict[Variant, bytes] = field(default_factory=dict, compare=False, repr=False)


class Ring:
    """The log of one room since it was opened; ``epoch`` names this log, so that no other is taken for it."""

    def __init__(self, epoch: str, *, batches: int = BATCHES, size: int = BYTES) -> None:
        self.epoch = epoch
        self.offset = 0
        self.answers = 0
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._most_batches = batches
        self._most_bytes = size
        self._recovered: dict[int, Recovered] = {}

    def append(self, data: bytes) -> Entry:
        """Keep a batch under the next offset."""
        self.offset += 1
        entry = Entry(self.offset, data)
        self._entries.append(entry)
        self._recovered.clear()
        self._bytes += len(data)
        while len(self._entries) > self._most_batches or (self._bytes > self._most_bytes and len(self._entries) > 1):
            self._bytes -= len(self._entries.popleft().data)
        return entry

    def forget(self) -> None:
        """Drop every batch: who comes back hears that he missed some, and whoever is up to date goes on."""
        self._entries.clear()
        self._recovered.clear()
        self._bytes = 0

    def mentions(self, user: str) -> bool:
        """Whether some batch names a user by his id."""
        return any(f'"{user}"'.encode() in entry.data for entry in self._entries)

    def since(self, epoch: str, offset: int) -> Sequence[Entry] | None:
        """All batches after a position, or None when they are not all here."""
        missing = self.offset - offset
        if epoch != self.epoch or missing < 0 or missing > len(self._entries):
            return None
        return list(islice(self._entries, len(self._entries) - missing, None))

    def recovered(self, epoch: str, offset: int) -> Recovered | None:
        """What ``since`` gives as a reply has it: the same object for all who ask before the next batch.

        ``answers`` counts how often it was put together.
        """
        if epoch == self.epoch and (known := self._recovered.get(offset)) is not None:
            return known
        missed = self.since(epoch, offset)
        if missed is None:
            return None
        self.answers += 1
        found = Recovered(tuple(Publication(offset=entry.offset, data=entry.data) for entry in missed))
        self._recovered[offset] = found
        return found

    def entries(self) -> Sequence[Entry]:
        """All batches that are kept, oldest first."""
        return list(self._entries)
