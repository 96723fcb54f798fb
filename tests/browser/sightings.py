"""What a viewer saw, and how long he had to wait for it."""

from collections.abc import Iterable
from typing import NamedTuple


class Sighting(NamedTuple):
    """Something of a kind was to be seen, `at` seconds after the page began; ``detail`` is of the kind's own sort."""

    at: float
    kind: str
    detail: str
    text: str = ""


def longest_wait(seen: Iterable[Sighting], kind: str, *, begin: float, end: float, different: int = 1) -> float:
    """The longest time in seconds in which fewer than so many different things of a kind were to be seen.

    Whoever looks from any moment on has seen enough after at most this time; what had not come by the end of the watch
    counts as coming then.
    """
    story = sorted(one for one in seen if one.kind == kind and begin < one.at <= end)
    looks = [begin, *(one.at for one in story)]
    return max(_enough(story[index:], end, different) - look for index, look in enumerate(looks))


def _enough(story: list[Sighting], end: float, different: int) -> float:
    """When so many different things had been seen, or the end."""
    met: set[str] = set()
    for number, one in enumerate(story):
        met.add(one.detail if different > 1 else str(number))
        if len(met) == different:
            return one.at
    return end
