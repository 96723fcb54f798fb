"""When things happen: open-loop arrivals from a seed, whatever the server does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random


def poisson(rng: Random, rate: float, seconds: float) -> Iterator[float]:
    """The times in [0, seconds) of a Poisson process with `rate` arrivals a second."""
    if rate <= 0:
        return
    at = rng.expovariate(rate)
    while at < seconds:
        yield at
        at += rng.expovariate(rate)


def even(rate: float, seconds: float) -> Iterator[float]:
    """The times in [0, seconds) with the same pause before each."""
    number = 0
    while (at := number / rate) < seconds:
        yield at
        number += 1


def gaps(rng: Random, mean: float, longest: float) -> Iterator[float]:
    """Pauses as of a Poisson process, but never longer than `longest` seconds, without end."""
    while True:
        yield min(rng.expovariate(1.0 / mean), longest)
