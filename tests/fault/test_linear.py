"""Histories that one served at a time could have seen, and those that nobody could."""

from __future__ import annotations

import pytest

from tests.fault.client import Json, Tap, Try
from tests.fault.invariants import StoredRoom, violations
from tests.fault.linear import NEVER

FIRST: Json = {"id": "a", "day": "2026-11-21", "replayed": False}
AGAIN: Json = {"id": "a", "day": "2026-11-21", "replayed": True}
NEXT: Json = {"id": "b", "day": "2026-11-22", "replayed": False}

FITTING = [
    [Try(0, 1, FIRST), Try(2, 3, AGAIN)],
    [Try(0, 9, AGAIN), Try(1, 2, FIRST)],  # the slower answer is of the later one
    [Try(0, 1), Try(2, 3, FIRST)],  # the refused one was not done
    [Try(0, 1), Try(2, 3, AGAIN)],  # or was
    [Try(0, NEVER), Try(1, 2, FIRST), Try(3, 4, AGAIN)],
    [Try(0, NEVER), Try(5, 6, AGAIN)],
    [Try(0, 1), *[Try(2, 3, AGAIN)] * 300, *[Try(0, 9)] * 300],
    [Try(0, 1, FIRST), Try(2, 3, NEXT), Try(4, 5, AGAIN)],  # a known key gets its first reply on another day too
    [],
]
IMPOSSIBLE = [
    [Try(0, 1, NEXT), Try(2, 3, {**NEXT, "id": "c"})],
    [Try(0, 1, AGAIN)],  # a replay of nothing
    [Try(0, 1, FIRST), Try(2, 3, FIRST)],
    [Try(0, 1, AGAIN), Try(2, 3, FIRST)],  # known before it was done
    [Try(0, 1, AGAIN), Try(2, NEVER)],  # by a tap that was not sent yet
    [*[Try(0, 3, AGAIN)] * 300, *[Try(0, 9, FIRST)] * 2],
]


def said_of(tries: list[Try]) -> list[str]:
    tap = Tap("alice", "key", tries=tries)
    return [one for one in violations(StoredRoom(members={}), [tap]) if "fit no order" in one]


@pytest.mark.parametrize("tries", FITTING)
def test_what_one_after_the_other_could_have_seen_is_well(tries: list[Try]) -> None:
    assert said_of(tries) == []


@pytest.mark.parametrize("tries", IMPOSSIBLE)
def test_what_nobody_could_have_seen_is_named(tries: list[Try]) -> None:
    assert len(said_of(tries)) == 1
