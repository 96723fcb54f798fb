"""The media process of the server under test, and its CPU."""

from __future__ import annotations

from pathlib import Path

from loadtest.compare.bench import Started
from loadtest.faults import PartFailed
from loadtest.oscost import cost_of


def carrier_of(server: Started) -> int:
    """Its process id."""
    [carrier] = [pid for pid in server.children if b"media" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return carrier


def cpu_of(pid: int) -> float:
    """What a process has cost so far, in seconds.

    Raises PartFailed.
    """
    cost = cost_of(pid)
    if cost is None:
        raise PartFailed("What the server has cost cannot be read here.")
    return cost.cpu
