"""Whether what clients saw is what one person, served one thing at a time, could have seen.

The search is Wing and Gong's: take any operation that nothing unanswered must precede, try each state that it may lead
to, and go on with the rest. A member's history has a dozen operations, so it needs no cleverness but a memory.
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
    seen: set[tuple[frozenset[int], State]] = set()
    todo = [(frozenset(range(len(history))), start)]
    while todo:
        left, state = todo.pop()
        if all(history[n].answered == NEVER for n in left):
            return True
        if (left, state) in seen:
            continue
        seen.add((left, state))
        first_answer = min(history[n].answered for n in left)
        next_ones = [n for n in left if history[n].sent <= first_answer]
        todo += [(left - {n}, after) for n in next_ones for after in history[n].leads_to(state)]
    return False
