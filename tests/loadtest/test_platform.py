from dataclasses import replace
from datetime import date

import pytest

from loadtest.cast import Cast, Member
from loadtest.faults import PlatformRefused, ServerUnreachable, TokenRefused
from loadtest.platform import Platform
from loadtest.target import parse_target
from tests.loadtest.fake_room import FakeRoom, fake_room

CAST = Cast(seed=1, run="t")


def with_tier(tier: int) -> Member:
    return next(member for member in map(CAST.member, range(100)) if member.tier == tier)


def platform(room: FakeRoom, key: str | None = "operator") -> Platform:
    return Platform(parse_target(room.url), "demo", "t", key)


async def test_a_token_is_fetched() -> None:
    async with fake_room(FakeRoom()) as room, platform(room) as calls:
        assert await calls.token(CAST.member(0)) == CAST.member(0).user


async def test_a_server_without_tokens_is_one_sentence() -> None:
    async with fake_room(FakeRoom(tokens=False)) as room, platform(room) as calls:
        with pytest.raises(TokenRefused, match="serve --dev"):
            await calls.token(CAST.member(0))


async def test_no_server_is_one_sentence() -> None:
    async with fake_room(FakeRoom()) as room:
        pass
    async with platform(room) as calls:
        with pytest.raises(ServerUnreachable, match="No server answers"):
            await calls.token(CAST.member(0))


async def test_the_ladder_is_learned_and_a_tier_given_in_one_call() -> None:
    async with fake_room(FakeRoom()) as room, platform(room) as calls:
        assert await calls.learn_ladder(CAST.climber()) == 3
        await calls.promote(with_tier(2))
        await calls.promote(with_tier(0))
        await calls.promote(with_tier(6))
        assert room.scores[CAST.climber().user] == 2000
        assert room.scores[with_tier(2).user] == 500
        assert room.scores[with_tier(6).user] == 2000
        assert with_tier(0).user not in room.scores


async def test_the_same_promotion_twice_has_one_key() -> None:
    async with fake_room(FakeRoom()) as room, platform(room) as calls:
        await calls.learn_ladder(CAST.climber())
        await calls.promote(with_tier(2))
        await calls.promote(with_tier(2))
        assert room.scores[with_tier(2).user] == 500


async def test_a_regular_brings_his_days_along_once() -> None:
    async with fake_room(FakeRoom()) as room, platform(room) as calls:
        regular = replace(CAST.member(0), days=3, away=2)
        await calls.remember(regular, date(2026, 11, 21))
        await calls.remember(replace(regular, days=8), date(2026, 11, 21))
        await calls.remember(CAST.member(2), date(2026, 11, 21))
        assert room.days == {regular.user: ["2026-11-19", "2026-11-18", "2026-11-17"]}


@pytest.mark.parametrize("key", [None, "wrong"])
async def test_a_wrong_operators_key_is_one_sentence(key: str | None) -> None:
    async with fake_room(FakeRoom()) as room, platform(room, key) as calls:
        with pytest.raises(PlatformRefused, match="ROOMSERVER_OPERATOR_TOKEN"):
            await calls.learn_ladder(CAST.climber())
