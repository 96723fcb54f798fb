"""A retry of a passing command gets the first reply, and nothing is said twice."""

from __future__ import annotations

from room.refusal import BadRequest, KeyTaken, Refused
from roomserver.passing_keys import KEPT_MS, MOST, PassingKeys

NAME = ("ada", "danmaku.send", "k1")


def test_a_retry_gets_the_first_reply() -> None:
    keys, got = PassingKeys(), list[bytes | Refused]()
    first = keys.first(NAME, 0, got.append)
    assert first is not None
    first(b"said")
    assert keys.first(NAME, 1, got.append) is None
    assert got == [b"said", b"said"]


def test_a_retry_that_comes_too_early_waits_for_the_first_reply() -> None:
    keys, got = PassingKeys(), list[bytes | Refused]()
    first = keys.first(NAME, 0, got.append)
    assert keys.first(NAME, 1, got.append) is None
    assert got == []
    assert first is not None
    first(b"said")
    assert got == [b"said", b"said"]


def test_a_refusal_is_not_remembered() -> None:
    keys, got = PassingKeys(), list[bytes | Refused]()
    first, refused = keys.first(NAME, 0, got.append), BadRequest()
    assert first is not None
    first(refused)
    assert got == [refused]
    assert keys.first(NAME, 1, got.append) is not None


def test_a_key_that_comes_again_with_something_else_is_refused() -> None:
    keys, got = PassingKeys(), list[bytes | Refused]()
    assert keys.first(NAME, 0, got.append, said="this") is not None
    assert keys.first(NAME, 1, got.append, said="that") is None
    assert [type(one) for one in got] == [KeyTaken]


def test_keys_of_other_people_methods_and_names_are_others() -> None:
    keys = PassingKeys()
    names = [NAME, ("bob", *NAME[1:]), (NAME[0], "other", NAME[2]), (*NAME[:2], "k2")]
    assert all(keys.first(name, 0, lambda _: None) is not None for name in names)


def test_a_key_is_forgotten_after_five_minutes() -> None:
    keys = PassingKeys()
    assert keys.first(NAME, 0, lambda _: None) is not None
    assert keys.first(NAME, KEPT_MS - 1, lambda _: None) is None
    assert keys.first(NAME, KEPT_MS, lambda _: None) is not None


def test_only_so_many_keys_are_kept() -> None:
    keys = PassingKeys()
    for number in range(MOST + 100):
        keys.first(("ada", "danmaku.send", str(number)), 0, lambda _: None)
    assert len(keys) == MOST
