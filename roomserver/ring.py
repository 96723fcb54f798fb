"""A room's log: its last batches as they were written, for those who come back.

At least the last 30 s, 256 batches and 512 KiB are kept, whichever is smallest; a quiet room keeps more, up to the same
numbers of batches and bytes. Recovery is whole or refused, never partial.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

BATCHES = 256
BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch: its place in the log and its encoded data."""

    offset: int
    data: bytes


class Ring:
    """The log of one room since it was opened; ``epoch`` names this log, so that no other is taken for it."""

    def __init__(self, epoch: str, *, batches: int = BATCHES, size: int = BYTES) -> None:
        self.epoch = epoch
        self.offset = 0
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._most_batches = batches
        self._most_bytes = size

    def append(self, data: bytes) -> int:
        """Keep a batch and give its offset."""
        self.offset += 1
        self._entries.append(Entry(self.offset, data))
        self._bytes += len(data)
        while len(self._entries) > self._most_batches or (self._bytes > self._most_bytes and len(self._entries) > 1):
            self._bytes -= len(self._entries.popleft().data)
        return self.offset

    def since(self, epoch: str, offset: int) -> Sequence[Entry] | None:
        """All batches after a position, or None when they are not all here."""
        missing = self.offset - offset
        if epoch != self.epoch or missing < 0 or missing > len(self._entries):
            return None
        return list(islice(self._entries, len(self._entries) - missing, None))

    def entries(self) -> Sequence[Entry]:
        """All batches that are kept, oldest first."""
        return list(self._entries)
