"""What all SDKs have in common, so that one story is told with each of them."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from tests.patience import PATIENCE
from tests.server import Json
from tests.story.wire import Heard

Tokens = Callable[[], Awaitable[str]]


class Sdk(ABC):
    """A client; ``heard`` is what its application was told: ``{"on": kind of event, ...}``."""

    def __init__(self) -> None:
        self.heard = Heard()

    @abstractmethod
    async def connect(self, token: str, tokens: Tokens | None = None) -> None:
        """Begin to connect; ``tokens`` gives further tokens when the SDK asks for them."""

    @abstractmethod
    async def subscribe(self, channel: str) -> None:
        """Begin to subscribe."""

    @abstractmethod
    async def ask(self, doing: str, **rest: object) -> Any:
        """``rpc``, ``publish``, ``history``, ``presence``, ``presence_stats``, ``unsubscribe``, ``resubscribe``.

        Raises Refusal.
        """

    async def enter(self, token: str, room: str, tokens: Tokens | None = None) -> Json:
        """Connect and join a room; what the application is told of the join."""
        await self.connect(token, tokens)
        await self.subscribe(f"room:{room}")
        return await self.told("subscribed")

    async def rpc(self, method: str, **data: object) -> Any:
        return await self.ask("rpc", method=method, data=data)

    async def told(self, on: str, *, after: int = 0, seconds: float = PATIENCE, **fields: object) -> Json:
        """The first event of a kind with these fields, from the `after`-th event on."""

        def wanted(one: Json) -> bool:
            return one["on"] == on and all(one.get(name) == value for name, value in fields.items())

        return await self.heard.first(wanted, after=after, seconds=seconds)

    def publications(self, after: int = 0) -> list[Json]:
        return [one for one in self.heard.all[after:] if one["on"] == "publication"]

    def events(self, *kinds: str, after: int = 0) -> list[Json]:
        """The events in the room's batches."""
        told = [event for one in self.publications(after) for event in one["data"]["events"]]
        return [event for event in told if not kinds or event["type"] in kinds]

    async def entered(self, after: int) -> Json:
        """The first merged entry that was told after that many events."""
        await self.heard.until(lambda: self.events("presence.entered", after=after))
        return self.events("presence.entered", after=after)[0]
