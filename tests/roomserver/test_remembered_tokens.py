"""Tokens that were found good are not checked again, unless they have expired or the keys have changed."""

from __future__ import annotations

import pytest

from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.remembered_tokens import RememberedTokens


class Counted:
    """Knows tokens that begin with `good`, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def verify(self, token: str) -> Identity:
        self.asked.append(token)
        if not token.startswith("good"):
            raise InvalidToken("bad")
        return Identity(user=token, name=token, expires=100)


class World:
    """The clock (s), the keys' version and the checks."""

    def __init__(self, most: int = 10) -> None:
        self.now, self.version = 50, 1
        self.checks = Counted()
        self.tokens = RememberedTokens(
            self.checks, version=lambda: self.version, now=lambda: self.now * 1000, most=most
        )


def test_a_good_token_is_checked_once_and_gives_the_same_identity() -> None:
    world = World()
    first = world.tokens.verify("good")
    assert all(world.tokens.verify("good") is first for _ in range(100))
    assert world.checks.asked == ["good"]


def test_a_remembered_token_expires_like_any_other() -> None:
    world = World()
    world.tokens.verify("good")
    world.now = 99
    world.tokens.verify("good")
    world.now = 100
    with pytest.raises(ExpiredToken):
        world.tokens.verify("good")
    assert len(world.tokens) == 0


def test_a_bad_token_is_bad_each_time() -> None:
    world = World()
    for token in ("bad", "bad", "b\udca4d"):
        with pytest.raises(InvalidToken):
            world.tokens.verify(token)
    assert len(world.checks.asked) == 3


def test_new_keys_ask_anew() -> None:
    world = World()
    world.tokens.verify("good")
    world.version = 2
    world.tokens.verify("good")
    assert world.checks.asked == ["good", "good"]


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    world = World(most=3)
    for number in range(5):
        world.tokens.verify(f"good{number}")
    assert len(world.tokens) == 3
    world.checks.asked.clear()
    world.tokens.verify("good4")
    world.tokens.verify("good1")
    assert world.checks.asked == ["good1"]
