"""What a process keeps as time goes by: resident memory and open files, by its samples."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from time import monotonic

PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """At an instant (s), so many bytes resident and so many files open."""

    at: float
    resident: int
    files: int


def sample(pid: int) -> Sample:
    """A process as it is now."""
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return Sample(monotonic(), resident, len(list(Path(f"/proc/{pid}/fd").iterdir())))


def growth(samples: Sequence[Sample]) -> tuple[float, int]:
    """MiB a minute, and how many files more stay open, once the first half of the samples has warmed it up."""
    warm = samples[len(samples) // 2 :]
    slope, _ = linear_regression([one.at for one in warm], [one.resident for one in warm])
    half = len(warm) // 2
    files = min(one.files for one in warm[half:]) - min(one.files for one in warm[:half])
    return slope * 60 / MIB, files
