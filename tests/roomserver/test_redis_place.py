"""Where a URL leads; what follows a real failover is in tests/fault/test_sentinel.py."""

from __future__ import annotations

import pytest
from redis.asyncio.sentinel import SentinelConnectionPool

from roomserver.redis_place import Place
from roomserver.redis_store import RedisStore
from roomserver.store import StoreRefused, StoreUnavailable
from tests.server import free_port


def followed(url: str) -> tuple[SentinelConnectionPool, list[tuple[str, int]]]:
    """The connections of a place that moves, and the Sentinels that it asks."""
    place = Place(url, 2.0)
    assert place.moves
    pool = place._connections
    assert isinstance(pool, SentinelConnectionPool)
    asked = [one.connection_pool.connection_kwargs for one in pool.sentinel_manager.sentinels]
    return pool, [(one["host"], one["port"]) for one in asked]


def test_sentinels_are_named_with_their_ports_and_the_primary_by_its_name() -> None:
    pool, asked = followed("redis+sentinel://one.example,two.example:5000,[::1]:5001/shop")
    assert (pool.service_name, asked) == ("shop", [("one.example", 26379), ("two.example", 5000), ("::1", 5001)])
    assert [pool.connection_kwargs[name] for name in ("db", "username", "password")] == [0, None, None]


def test_the_stores_password_is_not_the_sentinels() -> None:
    pool, _ = followed("redis+sentinel://room:p%40ss@one.example/shop/3?password=s%26cret")
    assert [pool.connection_kwargs[name] for name in ("db", "username", "password")] == [3, "room", "p@ss"]
    [sentinel] = pool.sentinel_manager.sentinels
    asked = sentinel.connection_pool.connection_kwargs
    assert (asked["password"], asked.get("username")) == ("s&cret", None)


def test_all_sentinels_are_asked_before_the_store_is_away() -> None:
    pool, asked = followed("redis+sentinel://a,b,c/shop")
    each = [one.connection_pool.connection_kwargs["socket_connect_timeout"] for one in pool.sentinel_manager.sentinels]
    assert sum(each) < 2.0
    assert len(asked) == 3


def test_an_address_does_not_move() -> None:
    assert not Place("redis://one.example:6379/0", 2.0).moves


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one.example",
        "redis+sentinel://one.example/",
        "redis+sentinel:///shop",
        "redis+sentinel://one.example,/shop",
        "redis+sentinel://one.example:port/shop",
        "redis+sentinel://one.example/shop/zero",
        "redis+sentinel://one.example/shop?password",
        "rediss+sentinel://one.example/shop",
        "http://one.example",
    ],
)
def test_what_is_no_place_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(StoreRefused, match="no URL of a store"):
        RedisStore(url)


async def test_where_no_sentinel_answers_the_store_is_away() -> None:
    store = RedisStore(f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{free_port()}/shop")
    with pytest.raises(StoreUnavailable, match=r"^no Sentinel that answers knows a primary called 'shop'$"):
        await store.connect()
    await store.close()
