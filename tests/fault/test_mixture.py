"""Faults of every kind, one after the other, by a seed: whatever the mixture, each check-in is there once."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fault.client import Tap
from tests.fault.figures import SOAKING, Book, Figures, size
from tests.fault.growth import growth, sample
from tests.fault.invariants import Judgement, StoredRoom, credited, judge, read
from tests.fault.mixture import FAULTS, Mixture, mixture, order

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

PASSES = size(1, 120)
"""Of a quarter of an hour or more: rooms stay open for a minute, and keys are remembered for five."""

MEMBERS = size(6, 24)
SEED = 28

MOST_MIB_A_MINUTE = 0.5
"""What a server that is never killed may grow by, once it is warm: one that kept its closed rooms grew by 0.9."""

MOST_FILES = 8
"""Open at the moment by chance; one for each round that is kept would be hundreds."""


@pytest.mark.timeout(size(240, 7200))
async def test_a_mixture_of_faults_loses_and_doubles_nothing(tmp_path: Path, figures: Book) -> None:
    rng = Random(SEED)
    samples = []
    acknowledged = 0
    async with mixture(tmp_path, rng) as mixed:
        for number in range(PASSES):
            acknowledged += (await one_pass(mixed, f"room-{number}", order(rng))).acknowledged
            samples.append(sample(mixed.steady.process.pid))
    note = f"seed {SEED}"
    if SOAKING:
        slope, files = growth(samples)
        note += f", {slope:.2f} MiB a minute and {files} files more after {samples[-1].at - samples[0].at:.0f} s"
        assert slope <= MOST_MIB_A_MINUTE, note
        assert files <= MOST_FILES, note
    rounds = PASSES * len(FAULTS)
    figures(Figures(what="a mixture of faults", rounds=rounds, faults=rounds, acknowledged=acknowledged, note=note))


async def one_pass(mixed: Mixture, room: str, faults: list[str]) -> Judgement:
    """Every fault once in a room, in some order; after each nothing is lost, doubled or in doubt any more."""
    taps: list[Tap] = []
    judgement = judge(StoredRoom(members={}), taps)
    for number, fault in enumerate(faults):
        taps += await mixed.round(room, number, MEMBERS, fault)
        stored = read(mixed.store.url, room)
        judgement = judge(stored, taps)
        assert judgement.broken == [], (room, number, fault)
        assert (judgement.lost, judgement.doubled) == (0, 0), (room, number, fault)
        assert credited(stored) == (number + 1) * MEMBERS, (room, number, fault)
    return judgement
