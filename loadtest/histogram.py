"""Percentiles of durations in bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

_STEP = 1.01  # each bucket is 1 % wide, so that a percentile is off by at most 1 %
_LOG_STEP = math.log(_STEP)
_FINEST = 1e-6


@dataclass(slots=True)
class Histogram:
    """Durations in seconds, in buckets 1 % wide from a microsecond up; what is given back is never too low."""

    _buckets: Counter[int] = field(default_factory=Counter)
    count: int = 0
    longest: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self._buckets[max(0, math.ceil(math.log(max(seconds, _FINEST) / _FINEST) / _LOG_STEP))] += 1
        self.count += 1
        self.longest = max(self.longest, seconds)

    def merge(self, other: Histogram) -> None:
        """Take over what another one has counted."""
        self._buckets.update(other._buckets)
        self.count += other.count
        self.longest = max(self.longest, other.longest)

    def percentile(self, percent: float) -> float:
        """The duration in seconds that `percent` of all do not exceed; 0 when there are none."""
        wanted = math.ceil(self.count * percent / 100)
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= wanted:
                return min(self.longest, _FINEST * _STEP**bucket)
        return 0.0

    def summary(self) -> dict[str, float]:
        """Count, and p50, p99, p99.9 and the longest in milliseconds."""
        points = {name: self.percentile(percent) for name, percent in (("p50", 50), ("p99", 99), ("p999", 99.9))}
        return {"count": self.count} | {
            f"{name}_ms": round(value * 1000, 3) for name, value in (points | {"max": self.longest}).items()
        }
