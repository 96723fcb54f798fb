"""Webhooks: what durably happened in a room is posted to the platform's endpoints, in order, at least once.

    outbox of a room ─ after the endpoint's cursor ─ one POST per record ─ 2xx: cursor moves on ─ next record
                                                        └ else: the same record again, later and later, up to 72 h

The outbox and the cursors are in the store, so a restart forgets nothing; an endpoint that is new begins with all that
is kept. Per endpoint and room one record is under way at a time; a room that fails holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from roomserver.clock import wall_ms
from roomserver.metrics import Metrics
from roomserver.store import Store, StoreUnavailable
from roomserver.webhook_delivery import STORE_SECONDS, Delivery, Endpoint
from roomserver.webhook_post import Post

POLL_SECONDS = 0.2
"""Between two looks at which open rooms have stored something."""

SWEEP_SECONDS = 300.0
"""Between two looks at all rooms: another server may have stored something in them."""

log = logging.getLogger(__name__)


class Tailed(Protocol):
    """An open room: ``seq`` counts what was stored in it."""

    id: str
    seq: int


class Webhooks:
    """All endpoints of a server, and who wakes them; ``rooms`` are the open ones at any time."""

    def __init__(self, rooms: Iterable[Tailed], store: Store, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = tuple(deliveries)
        self._rooms = rooms
        self._store = store

    def lag_seconds(self) -> float:
        """How long ago the oldest thing happened that an endpoint has not taken."""
        return max((one.lag(wall_ms()) for one in self.deliveries if not one.gone), default=0) / 1000

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for delivery in self.deliveries:
                tasks.create_task(delivery.run(), name=f"webhooks {delivery.endpoint.name}")
            tasks.create_task(self._sweep(), name="webhooks of all rooms")
            await self._watch()

    async def _watch(self) -> None:
        seen: dict[str, int] = {}
        while True:
            now = {room.id: room.seq for room in self._rooms}
            self._wake(room for room, seq in now.items() if seen.get(room) != seq)
            seen = now
            await asyncio.sleep(POLL_SECONDS)

    async def _sweep(self) -> None:
        while True:
            pause = SWEEP_SECONDS
            try:
                self._wake(await self._store.rooms())
            except StoreUnavailable:
                pause = STORE_SECONDS
            await asyncio.sleep(pause)

    def _wake(self, rooms: Iterable[str]) -> None:
        for room in rooms:
            for delivery in self.deliveries:
                delivery.wake(room)


@asynccontextmanager
async def delivering(
    rooms: Iterable[Tailed], store: Store, endpoints: Sequence[Endpoint], metrics: Metrics
) -> AsyncIterator[Webhooks]:
    """Deliver to these endpoints for as long as the block lasts; what is under way then is posted again later."""
    posts = [Post(one.url, listed=one.listed) for one in endpoints]
    made = [Delivery(one, store, post, metrics) for one, post in zip(endpoints, posts, strict=True)]
    webhooks = Webhooks(rooms, store, made)
    for one in endpoints:
        log.info("delivering webhooks", extra={"endpoint": one.name, "host": one.host})
    task = asyncio.create_task(webhooks.run(), name="webhooks")
    task.add_done_callback(_say_why)
    try:
        yield webhooks
    finally:
        task.cancel()
        await asyncio.wait([task])
        for post in posts:
            await post.close()


def _say_why(ended: asyncio.Task[None]) -> None:
    """Deliveries end when they are cancelled; if ever by a fault, the rooms go on, and the log tells."""
    if not ended.cancelled() and (fault := ended.exception()) is not None:
        log.error("webhooks are delivered no more", exc_info=fault)
