"""What a run has seen and how often, and the longest silence of each kind of event."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from loadtest.protocol import Batch, Happening
from loadtest.roomlog import REMEMBERED_SECONDS


@dataclass(slots=True)
class Census:
    """Counts of the room's events by type; `started` and every `now` are seconds of one monotonic clock."""

    started: float
    events: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    shed: Counter[str] = field(default_factory=Counter)
    online: int = 0
    seconds: dict[int, Counter[str]] = field(default_factory=dict)
    _first: dict[str, float] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)
    _longest: dict[str, float] = field(default_factory=dict)

    def heard(self, batch: Batch, now: float) -> None:
        """Count a batch of the room."""
        for event in batch.events:
            self._count(event, now)
        self.shed.update(batch.shed)
        if batch.online is not None:
            self.online = batch.online
            self._beat("online", now)

    def _count(self, event: Happening, now: float) -> None:
        self.events[event.type] += 1
        self._second(int(now))[event.type] += 1
        self.sums[event.type] += event.delta
        self._beat(event.type, now)

    def _second(self, at: int) -> Counter[str]:
        """What was told in one second; only the last hour is kept."""
        counts = self.seconds.get(at)
        if counts is None:
            counts = self.seconds[at] = Counter()
            if len(self.seconds) > REMEMBERED_SECONDS:
                del self.seconds[next(iter(self.seconds))]
        return counts

    def _beat(self, kind: str, now: float) -> None:
        self._longest[kind] = self.silence(kind, now)
        self._first.setdefault(kind, now)
        self._last[kind] = now

    def silence(self, kind: str, now: float) -> float:
        """The longest time without an event of `kind`: from the start to the first one, between two, or until now."""
        return max(self._longest.get(kind, 0.0), now - self._last.get(kind, self.started))

    def paces(self) -> dict[str, float]:
        """Of each kind seen twice at least: how many came a second between its first and its last."""
        spans = {kind: self._last[kind] - first for kind, first in self._first.items() if self.events[kind] > 1}
        return {kind: (self.events[kind] - 1) / span for kind, span in spans.items() if span > 0}
