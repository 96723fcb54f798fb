"""All endpoints together: who wakes them, and when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from roomserver.metrics import Metrics
from roomserver.webhook_delivery import Delivery
from roomserver.webhooks import Webhooks
from roomserver.webhooks import delivering as every_endpoint
from tests.roomserver.hand_time import later, play
from tests.roomserver.shop import SHOP, Outbox, Receiver


@dataclass
class Tailed:
    id: str
    seq: int


def test_all_rooms_are_looked_at_when_it_starts_and_open_ones_whenever_they_store() -> None:
    async def dialogue() -> None:
        store, receiver, rooms = Outbox(), Receiver(), [Tailed("open", 0)]
        await store.happen("closed", "room.made", number=1)
        webhooks = Webhooks(rooms, store, [Delivery(SHOP, store, receiver, Metrics())])
        task = asyncio.create_task(webhooks.run())
        await later(1)
        assert receiver.taken == [("closed", 1)]
        await store.happen("open", "room.made", number=2)
        rooms[0].seq += 1
        await later(1)
        assert receiver.taken[1:] == [("open", 2)]
        await store.happen("elsewhere", "room.made", number=3)
        await later(400)
        assert receiver.taken[2:] == [("elsewhere", 3)]
        assert webhooks.lag_seconds() == 0
        task.cancel()
        await asyncio.wait([task])

    play(dialogue)


def test_a_fault_that_ends_all_deliveries_is_told(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Outbox):
        async def rooms(self) -> list[str]:
            raise ZeroDivisionError

    async def dialogue() -> None:
        async with every_endpoint([], Broken(), [SHOP], Metrics()):
            await later(1)

    play(dialogue)
    assert [record.message for record in caplog.records] == ["webhooks are delivered no more"]
