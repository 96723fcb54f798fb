"""A store in which things happen, and a platform's end that takes posts as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from standardwebhooks import Webhook

from roomserver.memory_store import MemoryStore
from roomserver.store import OutboxPage, StoreUnavailable, Write
from roomserver.webhook_delivery import Endpoint
from roomserver.webhook_post import Attempt

SECRET = b"s" * 32


SHOP = Endpoint(url="https://shop.example/hook", secrets=(SECRET,))


def said(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, "id": "x", "at": 1, **fields}


class Outbox(MemoryStore):
    """A store whose rooms have things happen, and which can be away."""

    away = False
    read = 0

    async def outbox(self, room: str, after: str, limit: int) -> OutboxPage:
        page = await super().outbox(room, after, limit)
        self.read += len(page.records)
        return page

    def read_since(self) -> int:
        """How many records were read since this was last asked."""
        read, self.read = self.read, 0
        return read

    async def happen(self, room: str, *kinds: str, number: int = 0) -> None:
        row = (await self.load(room, ["p:settings"]))[0]
        record = json.dumps({"events": [said(kind, number=number) for kind in kinds]}).encode()
        version = 0 if row is None else row.version
        await self.commit({room: [Write(subject="p:settings", id="c", version=version, body=b"{}", outbox=record)]})

    async def cursor(self, room: str, name: str) -> str | None:
        if self.away:
            raise StoreUnavailable("away")
        return await super().cursor(room, name)


@dataclass
class Receiver:
    """Takes posts, and answers as it is told: by the room and how often it was asked."""

    answer: Callable[[str, int], Attempt] = lambda room, asked: Attempt.DONE
    taken: list[tuple[str, int]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    held: asyncio.Event | None = None
    under_way: set[str] = field(default_factory=set)
    most: int = 0
    asks: float = 0.0

    async def attempt(self, body: bytes, headers: Mapping[str, str]) -> tuple[Attempt, str, float]:
        posted = Webhook(SECRET).verify(body, dict(headers))
        room = posted["room"]
        assert room not in self.under_way, "one record of a room at a time"
        self.under_way.add(room)
        self.most = max(self.most, len(self.under_way))
        if self.held is not None:
            await self.held.wait()
        self.under_way.discard(room)
        self.ids.append(headers["webhook-id"])
        self.at.append(asyncio.get_running_loop().time())
        became = self.answer(room, len(self.ids))
        if became is Attempt.DONE:
            self.taken += [(room, event["number"]) for event in posted["events"]]
        return became, "because", self.asks
