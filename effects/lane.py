"""The one lane in which a room's entrances play: one at a time, the most important first, none of them late.

    arrive ─ waiting, by (priority, tier, arrival) ─ plays alone, for its duration
                 └─ would start later than its delay budget ─ one of "A, B, C and 34 others"

Each entrant either plays or is counted in exactly one merged line. Times are ms since 1970, durations ms.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from effects.catalogue import EffectDef
from room.people import User
from room.until import Until

FLUSH_MS = 250
"""Between two flushes that show anything: four a second."""

LINE_MS = 2_000
"""Between two merged lines."""

SAMPLE = 3
"""How many of a merged line are named."""

BOUNDS_MS = (100, 250, 500, 1_000, 2_000, 4_000, 7_000)
"""Upper bounds of the histogram's buckets; one more counts what is above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody came in at ``at`` and has an effect; ``number`` counts arrivals."""

    user: User
    effect: EffectDef
    at: int
    number: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """What goes first: the greater priority, then the higher tier, then the earlier arrival."""
        return (-self.effect.priority, -self.user.tier, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplayed:
    """Those of highest rank among some entrants who did not play, and how many they were."""

    users: tuple[User, ...]
    count: int


@dataclass(slots=True)
class Delays:
    """A histogram of the time from arrival to emission: counts per bucket (not cumulative), and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))
    total_ms: int = 0

    def add(self, ms: int) -> None:
        """Count one delay."""
        self.counts[bisect_left(BOUNDS_MS, ms)] += 1
        self.total_ms += ms

    @property
    def played(self) -> int:
        """How many were measured."""
        return sum(self.counts)

    def below(self, share: float) -> int | None:
        """The bucket's bound (ms) below which at least this share of the delays were; None above the last one."""
        wanted = share * self.played
        reached = (bound for bound, sum_ in zip(BOUNDS_MS, accumulate(self.counts), strict=False) if sum_ >= wanted)
        return next(reached, None)


@dataclass(slots=True)
class Entrances:
    """A room's lane, in memory.

    ``silent`` is when each user's next entrance may play; ``delays`` and ``drops`` (entrances merged instead of
    played) are by tier, for metrics.
    """

    silent: Until = field(default_factory=Until)
    delays: dict[int, Delays] = field(default_factory=dict)
    drops: dict[int, int] = field(default_factory=dict)
    waiting: list[Arrival] = field(default_factory=list)
    named: list[Arrival] = field(default_factory=list)
    late: int = 0
    free_at: int = 0
    line_at: int = 0
    flush_at: int = 0
    arrivals: int = 0

    def arrive(self, user: User, effect: EffectDef, at: int) -> None:
        """Put an entrant into the lane; whoever can no longer start in time goes to the next line."""
        self.arrivals += 1
        insort(self.waiting, Arrival(user=user, effect=effect, at=at, number=self.arrivals), key=_rank)
        self._merge_late(at)

    def flush(self, now: int) -> Iterator[Arrival | Unplayed]:
        """What is shown now: at most one entrance and one line, and nothing within 250 ms of the last."""
        if now < self.flush_at:
            return
        self._merge_late(now)
        if self.waiting and self.free_at <= now:
            yield self._play(now)
        if self.late and self.line_at <= now:
            yield self._told(now)

    def figures(self) -> list[Mapping[str, int | None]]:
        """By tier: entrances ``played``, their mean delay, a bound that 95 % of them kept, and ``merged`` ones."""
        return [self._figures(tier) for tier in sorted(self.delays.keys() | self.drops.keys())]

    def _figures(self, tier: int) -> Mapping[str, int | None]:
        delays = self.delays.get(tier, Delays())
        played = delays.played
        return {
            "tier": tier,
            "played": played,
            "merged": self.drops.get(tier, 0),
            "mean_ms": round(delays.total_ms / played) if played else None,
            "p95_ms": delays.below(0.95) if played else None,
        }

    def next_at(self) -> int | None:
        """When there will be something to show; an instant gone by means at once, None never."""
        wanted = ([self.free_at] if self.waiting else []) + ([self.line_at] if self.late else [])
        return max(min(wanted), self.flush_at) if wanted else None

    def _merge_late(self, now: int) -> None:
        start = max(self.free_at, self.flush_at, now)
        kept: list[Arrival] = []
        for arrival in self.waiting:
            if start - arrival.at <= arrival.effect.max_delay_ms:
                kept.append(arrival)
                start += arrival.effect.duration_ms
            else:
                self._drop(arrival)
        self.waiting = kept

    def _drop(self, arrival: Arrival) -> None:
        self.late += 1
        insort(self.named, arrival, key=_rank)
        del self.named[SAMPLE:]
        tier = arrival.user.tier
        self.drops[tier] = self.drops.get(tier, 0) + 1

    def _play(self, now: int) -> Arrival:
        arrival = self.waiting.pop(0)
        self.free_at = now + arrival.effect.duration_ms
        self.flush_at = now + FLUSH_MS
        self.delays.setdefault(arrival.user.tier, Delays()).add(max(0, now - arrival.at))
        return arrival

    def _told(self, now: int) -> Unplayed:
        told = Unplayed(users=tuple(arrival.user for arrival in self.named), count=self.late)
        self.named, self.late = [], 0
        self.line_at = now + LINE_MS
        self.flush_at = now + FLUSH_MS
        return told


def _rank(arrival: Arrival) -> tuple[int, int, int]:
    return arrival.rank
