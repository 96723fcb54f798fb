"""Webhooks of one endpoint: in order per room, at least once, later and later, and nobody is held up by another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from roomserver.clock import wall_ms
from roomserver.metrics import Metrics
from roomserver.store_limits import BODY
from roomserver.webhook_delivery import GIVE_UP_MS, LONGEST_PAUSE, PAGE, PARALLEL, Delivery, Endpoint, backoff, envelope
from roomserver.webhook_post import Attempt
from tests.roomserver.hand_time import later, play, settle
from tests.roomserver.shop import SECRET, SHOP, Outbox, Receiver, said


@asynccontextmanager
async def delivering(store: Outbox, receiver: Receiver, endpoint: Endpoint = SHOP, **options: Any) -> Any:
    delivery = Delivery(endpoint, store, receiver, options.pop("metrics", None) or Metrics(), **options)
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        task.cancel()
        await asyncio.wait([task])


def failing(times: int) -> Callable[[str, int], Attempt]:
    return lambda room, asked: Attempt.FAILED if asked <= times else Attempt.DONE


def test_what_happened_is_delivered_in_order_and_signed() -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver()
        for number in range(200):
            await store.happen("demo", "checkin.marked", number=number)
        async with delivering(store, receiver) as delivery:
            delivery.wake("demo")
            await later(1)
            assert receiver.taken == [("demo", number) for number in range(200)]
            await store.happen("demo", "checkin.marked", number=200)
            delivery.wake("demo")
            await later(1)
        assert receiver.taken[-1] == ("demo", 200)
        assert len(set(receiver.ids)) == 201

    play(dialogue)


def test_a_failure_is_tried_again_under_the_same_id_and_what_follows_waits() -> None:
    async def dialogue() -> None:
        store, receiver, metrics = Outbox(), Receiver(answer=failing(3)), Metrics()
        for number in range(3):
            await store.happen("demo", "checkin.marked", number=number)
        async with delivering(store, receiver, pause=lambda failures: 2.0**failures, metrics=metrics) as delivery:
            delivery.wake("demo")
            await later(1)
            assert delivery.lag(wall_ms() + 5000) >= 5000
            await later(100)
            assert delivery.lag(wall_ms() + 5000) == 0
        assert receiver.taken == [("demo", 0), ("demo", 1), ("demo", 2)]
        assert len(set(receiver.ids[:4])) == 1
        assert [round(b - a) for a, b in zip(receiver.at[:3], receiver.at[1:4], strict=True)] == [2, 4, 8]
        page = metrics.page().decode()
        assert f'roomserver_webhooks_failed_total{{endpoint="{SHOP.name}"}} 3.0' in page
        assert f'roomserver_webhooks_delivered_total{{endpoint="{SHOP.name}"}} 3.0' in page

    play(dialogue)


def test_news_does_not_hurry_a_room_that_waits_after_a_failure() -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver(answer=failing(1))
        await store.happen("demo", "checkin.marked")
        async with delivering(store, receiver, pause=lambda failures: 60.0) as delivery:
            for _ in range(10):
                delivery.wake("demo")
                await later(1)
            assert len(receiver.ids) == 1

    play(dialogue)


def test_what_happens_while_a_room_is_served_is_delivered_too() -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver(held=asyncio.Event())
        await store.happen("demo", "checkin.marked", number=1)
        async with delivering(store, receiver) as delivery:
            delivery.wake("demo")
            await settle()
            await store.happen("demo", "checkin.marked", number=2)
            delivery.wake("demo")
            assert receiver.held is not None
            receiver.held.set()
            await later(1)
        assert receiver.taken == [("demo", 1), ("demo", 2)]

    play(dialogue)


def test_after_a_success_pauses_are_short_again() -> None:
    async def dialogue() -> None:
        failed, pauses = {1, 2, 4}, []

        def pause(failures: int) -> float:
            pauses.append(failures)
            return 1.0

        store, receiver = Outbox(), Receiver(answer=lambda _, n: Attempt.FAILED if n in failed else Attempt.DONE)
        for number in range(2):
            await store.happen("demo", "checkin.marked", number=number)
        async with delivering(store, receiver, pause=pause) as delivery:
            delivery.wake("demo")
            await later(10)
        assert receiver.taken == [("demo", 0), ("demo", 1)]
        assert pauses == [1, 2, 1]

    play(dialogue)


def test_a_restart_goes_on_where_it_was() -> None:
    async def dialogue() -> None:
        store, first = Outbox(), Receiver(answer=lambda room, asked: Attempt.DONE if asked < 3 else Attempt.FAILED)
        for number in range(5):
            await store.happen("demo", "checkin.marked", number=number)
        async with delivering(store, first, pause=lambda failures: 60.0) as delivery:
            delivery.wake("demo")
            await later(1)
        second = Receiver()
        async with delivering(store, second) as delivery:
            delivery.wake("demo")
            await later(1)
        assert first.taken == [("demo", 0), ("demo", 1)]
        assert second.taken == [("demo", 2), ("demo", 3), ("demo", 4)]
        assert second.ids[0] == first.ids[-1]

    play(dialogue)


def test_a_room_that_fails_holds_up_no_other_and_few_are_under_way_at_a_time() -> None:
    async def dialogue() -> None:
        gate = asyncio.Event()
        store = Outbox()
        receiver = Receiver(answer=lambda room, _: Attempt.FAILED if room < "r20" else Attempt.DONE, held=gate)
        rooms = [f"r{number}" for number in range(10, 40)]
        async with delivering(store, receiver, pause=lambda failures: 3600.0) as delivery:
            for room in rooms:
                await store.happen(room, "checkin.marked")
                delivery.wake(room)
            await settle()
            assert len(receiver.under_way) == PARALLEL
            gate.set()
            await later(1)
        assert sorted(room for room, _ in receiver.taken) == rooms[10:]
        assert receiver.most == PARALLEL

    play(dialogue)


def test_an_endpoint_that_is_gone_gets_nothing_more(caplog: pytest.LogCaptureFixture) -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver(answer=lambda room, asked: Attempt.GONE)
        for number in range(3):
            await store.happen("demo", "checkin.marked", number=number)
        delivery = Delivery(SHOP, store, receiver, Metrics())
        delivery.wake("demo")
        await delivery.run()
        assert delivery.gone
        assert len(receiver.ids) == 1
        delivery.wake("demo")

    play(dialogue)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "a webhook endpoint is gone, and gets nothing until the next start"
    ]


def test_what_fails_for_72_hours_is_given_up_and_the_next_one_comes() -> None:
    async def dialogue() -> None:
        now = wall_ms() - GIVE_UP_MS - 1000
        store, receiver = Outbox(clock=lambda: now), Receiver(answer=failing(1))
        await store.happen("demo", "checkin.marked", number=1)
        now = wall_ms() - 1000
        store._outbox_age = 10**12
        await store.happen("demo", "checkin.marked", number=2)
        metrics = Metrics()
        async with delivering(store, receiver, metrics=metrics) as delivery:
            delivery.wake("demo")
            await later(1)
        assert receiver.taken == [("demo", 2)]
        assert f'roomserver_webhooks_lost_total{{endpoint="{SHOP.name}"}} 1.0' in metrics.page().decode()

    play(dialogue)


def test_a_store_that_is_away_is_asked_again() -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver()
        await store.happen("demo", "checkin.marked")
        store.away = True
        async with delivering(store, receiver) as delivery:
            delivery.wake("demo")
            await later(5)
            assert receiver.taken == []
            store.away = False
            await later(5)
        assert receiver.taken == [("demo", 0)]

    play(dialogue)


def test_an_endpoint_gets_the_kinds_and_rooms_that_it_wants() -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver()
        picky = Endpoint(url="https://a.example", secrets=(SECRET,), events=("checkin.*", "room.made"), rooms=("demo",))
        await store.happen("demo", "membership.points_earned", number=1)
        await store.happen("demo", "checkin.marked", "membership.points_earned", number=2)
        await store.happen("demo", "room.made", number=3)
        await store.happen("demo", "room.changed", number=4)
        await store.happen("tea", "checkin.marked", number=5)
        async with delivering(store, receiver, picky) as delivery:
            delivery.wake("demo")
            delivery.wake("tea")
            await later(1)
        assert receiver.taken == [("demo", 2), ("demo", 3)]
        assert await store.cursor("demo", picky.name) == (await store.outbox("demo", "0", 9)).records[2][0]

    play(dialogue)


def test_what_is_of_no_interest_is_read_once_and_after_a_restart_no_more_than_a_page_of_it() -> None:
    async def dialogue() -> None:
        store, receiver = Outbox(), Receiver()
        picky = Endpoint(url="https://a.example", secrets=(SECRET,), events=("room.made",))
        for number in range(3 * PAGE + 5):
            await store.happen("demo", "checkin.marked", number=number)
        for first in (3 * PAGE + 5, 5 + 3):  # at the start, and at a restart
            async with delivering(store, receiver, picky) as delivery:
                for read in (first, 1, 1):
                    delivery.wake("demo")
                    await later(1)
                    assert store.read_since() == read
                    await store.happen("demo", "checkin.marked")
                delivery.wake("demo")
                await later(1)
                store.read_since()
        await store.happen("demo", "room.made", number=1000)
        async with delivering(store, receiver, picky) as delivery:
            delivery.wake("demo")
            await later(1)
        assert receiver.taken == [("demo", 1000)]

    play(dialogue)


def test_what_is_kept_no_more_is_counted_once_though_it_is_missed_at_every_attempt() -> None:
    async def dialogue() -> None:
        now = wall_ms() - 10_000
        store, receiver, metrics = Outbox(clock=lambda: now, outbox_age=1000), Receiver(answer=failing(5)), Metrics()
        await store.happen("demo", "checkin.marked", number=1)
        await store.move("demo", SHOP.name, "1-0")
        now += 5000
        for number in (2, 3):
            await store.happen("demo", "checkin.marked", number=number)
        async with delivering(store, receiver, pause=lambda failures: 1.0, metrics=metrics) as delivery:
            delivery.wake("demo")
            await later(20)
        assert receiver.taken == [("demo", 2), ("demo", 3)]
        assert len(receiver.ids) == 7
        assert f'roomserver_webhooks_lost_total{{endpoint="{SHOP.name}"}} 1.0' in metrics.page().decode()

    play(dialogue)


def test_what_is_too_large_comes_without_its_events() -> None:
    record = json.dumps({"events": [said("checkin.marked", text="x" * (BODY - 70))]}).encode()
    body = envelope(SHOP, "demo", "1-0", record)
    assert json.loads(body or b"") == {"room": "demo", "id": "1-0", "events": [], "large": True}


def test_pauses_grow_to_an_hour_and_are_spread() -> None:
    for failures in (1, 5, 12, 1000):
        drawn = [backoff(failures) for _ in range(50)]
        assert 0 <= min(drawn) <= max(drawn) <= min(LONGEST_PAUSE, 2.0**failures)
        assert max(drawn) - min(drawn) > min(LONGEST_PAUSE, 2.0**failures) / 3


def test_secrets_and_paths_are_not_shown() -> None:
    hidden = Endpoint(url="https://shop.example/token-123", secrets=(SECRET,))
    assert "ssss" not in repr(hidden)
    assert (hidden.host, "token-123" in hidden.name) == ("shop.example", False)


def test_an_endpoint_that_asks_for_time_gets_it_and_never_more_than_an_hour() -> None:
    async def dialogue() -> None:
        for asks, gap in ((30.0, 30), (1.0, 2), (1e9, LONGEST_PAUSE)):
            store, receiver = Outbox(), Receiver(answer=failing(1), asks=asks)
            await store.happen("demo", "checkin.marked", number=1)
            async with delivering(store, receiver, pause=lambda failures: 2.0) as delivery:
                delivery.wake("demo")
                await later(LONGEST_PAUSE + 10)
            assert round(receiver.at[1] - receiver.at[0]) == gap

    play(dialogue)
