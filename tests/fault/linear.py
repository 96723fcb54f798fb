"""Whether what clients saw is what one person, served one thing at a time, could have seen.

The search is Wing and Gong's: take any operation that no other one must precede, try each state that it may lead to,
and go on with the rest. What changes nothing is taken at once, so a thousand taps of one day are no work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")

NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[State]):
    """What was asked between two instants: ``leads_to`` are the states that its answer allows, after a state.

    ``answered`` is NEVER where nothing sure came back: then it may have been carried out at any time since, or never.
    """

    sent: float
    answered: float
    leads_to: Callable[[State], Iterable[State]]


def linearizable(history: Sequence[Operation[State]], start: State) -> bool:
    """Whether some order of the operations, each between its two instants, explains all answers."""
    seen: set[tuple[frozenset[int], frozenset[int], State]] = set()
    sure = frozenset(n for n, one in enumerate(history) if one.answered < NEVER)
    todo = [(sure, frozenset[int](), start)]
    while todo:
        left, used, state = todo.pop()
        if not left:
            return True
        if (left, used, state) in seen:
            continue
        seen.add((left, used, state))
        until = min(history[n].answered for n in left)
        looks = [n for n in left if history[n].sent <= until and tuple(history[n].leads_to(state)) == (state,)]
        if looks:  # what changes nothing is best done at once: it is in nobody's way
            todo.append((left.difference(looks), used, state))
            continue
        todo += [
            (left - {n}, used, new) for n in left if history[n].sent <= until for new in history[n].leads_to(state)
        ]
        for n, maybe in enumerate(history):
            if maybe.answered == NEVER and n not in used and maybe.sent <= until:
                todo += [(left, used | {n}, new) for new in maybe.leads_to(state) if new != state]
    return False
