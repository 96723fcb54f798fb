"""The official SDKs, unmodified, behind one face, so that one story is told with each of them."""

import asyncio
import json
from abc import ABC, abstractmethod
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import centrifuge  # type: ignore[import-untyped]  # the SDK says no types
from centrifuge import contexts

from tests.server import Json
from tests.story.wire import Heard, Refusal

PROGRAM = Path(__file__).parent.parent / "js" / "client.mjs"
RECONNECT = (0.05, 0.3)
"""Seconds between tries, so that tests need not wait long."""

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

    async def told(self, on: str, *, after: int = 0, seconds: float = 10, **fields: object) -> Json:
        """The first event of a kind with these fields, from the `after`-th event on."""

        def wanted(one: Json) -> bool:
            return one["on"] == on and all(one.get(name) == value for name, value in fields.items())

        return await self.heard.first(wanted, after=after, seconds=seconds)

    def publications(self) -> list[Json]:
        return [one for one in self.heard.all if one["on"] == "publication"]

    def events(self, *kinds: str) -> list[Json]:
        """The events in the room's batches."""
        told = [event for one in self.publications() for event in one["data"]["events"]]
        return [event for event in told if not kinds or event["type"] in kinds]


class NodeSdk(Sdk):
    """`centrifuge` from npm, in a Node process."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._tokens: Tokens | None = None

    async def connect(self, token: str, tokens: Tokens | None = None) -> None:
        self._tokens = tokens
        await self.ask("connect", token=token)

    async def subscribe(self, channel: str) -> None:
        await self.ask("subscribe", channel=channel)

    async def ask(self, doing: str, **rest: object) -> Any:
        number = len(self._answers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._write({"n": number, "do": doing, **rest})
        async with asyncio.timeout(10):
            answer = await self._answers[number]
        if "error" in answer:
            raise Refusal(answer["error"])
        return answer["result"]

    async def listen(self) -> None:
        """Take what the program says until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            if "n" in said:
                self._answers[said["n"]].set_result(said)
                continue
            self.heard.note(said)
            if said["on"] == "token" and self._tokens is not None:
                self._write({"token": await self._tokens()})

    def _write(self, message: Json) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")


class PythonSdk(Sdk):
    """`centrifuge-python`, in this process."""

    def __init__(self, url: str, *, protobuf: bool) -> None:
        super().__init__()
        self._url = url
        self._protobuf = protobuf
        self._client: centrifuge.Client | None = None

    async def connect(self, token: str, tokens: Tokens | None = None) -> None:
        self._client = centrifuge.Client(
            self._url,
            events=_ClientEvents(self),
            token=token,
            get_token=self._asked(tokens) if tokens is not None else None,
            use_protobuf=self._protobuf,
            min_reconnect_delay=RECONNECT[0],
            max_reconnect_delay=RECONNECT[1],
            proxy=None,
        )
        await self._client.connect()

    def _asked(self, tokens: Tokens) -> Tokens:
        async def given() -> str:
            self.heard.note({"on": "token"})
            return await tokens()

        return given

    async def subscribe(self, channel: str) -> None:
        await self.client.new_subscription(channel, events=_SubscriptionEvents(self, channel)).subscribe()

    async def ask(self, doing: str, **rest: object) -> Any:
        try:
            return await getattr(self, f"_{doing}")(**rest)
        except centrifuge.ReplyError as error:
            told = {"code": error.code, "message": error.message, "temporary": error.temporary}
            raise Refusal(told) from None

    async def disconnect(self) -> None:
        if self._client is not None:
            await self._client.disconnect()

    @property
    def client(self) -> centrifuge.Client:
        assert self._client is not None
        return self._client

    def pack(self, data: object) -> Any:
        return json.dumps(data).encode() if self._protobuf else data

    def unpack(self, data: Any) -> Any:
        return json.loads(data) if self._protobuf and data else data

    def _subscription(self, channel: str) -> centrifuge.Subscription:
        found = self.client.get_subscription(channel)
        assert found is not None
        return found

    async def _unsubscribe(self, channel: str) -> None:
        await self._subscription(channel).unsubscribe()

    async def _resubscribe(self, channel: str) -> None:
        await self._subscription(channel).subscribe()

    async def _rpc(self, method: str, data: object) -> Any:
        return self.unpack((await self.client.rpc(method, self.pack(data))).data)

    async def _publish(self, channel: str, data: object) -> None:
        await self._subscription(channel).publish(self.pack(data))

    async def _presence_stats(self, channel: str) -> Json:
        stats = await self._subscription(channel).presence_stats()
        return {"users": stats.num_users, "clients": stats.num_clients}

    async def _presence(self, channel: str) -> Json:
        clients = (await self._subscription(channel).presence()).clients
        return {one.client: one.user for one in clients.values()}

    async def _history(self, channel: str, limit: int, since: Json | None = None, reverse: bool = False) -> Json:
        position = None if since is None else centrifuge.StreamPosition(**since)
        read = await self._subscription(channel).history(limit=limit, since=position, reverse=reverse)
        told = [{"offset": one.offset, "data": self.unpack(one.data)} for one in read.publications]
        return {"epoch": read.epoch, "offset": read.offset, "publications": told}


class _ClientEvents(centrifuge.ClientEventHandler):  # type: ignore[misc]
    def __init__(self, sdk: PythonSdk) -> None:
        self._sdk = sdk

    async def on_connecting(self, ctx: contexts.ConnectingContext) -> None:
        self._sdk.heard.note({"on": "connecting", "code": ctx.code, "reason": ctx.reason})

    async def on_connected(self, ctx: contexts.ConnectedContext) -> None:
        self._sdk.heard.note({"on": "connected", "client": ctx.client})

    async def on_disconnected(self, ctx: contexts.DisconnectedContext) -> None:
        self._sdk.heard.note({"on": "disconnected", "code": ctx.code, "reason": ctx.reason})

    async def on_error(self, ctx: contexts.ErrorContext) -> None:
        self._sdk.heard.note({"on": "error", "code": getattr(ctx.error, "code", ctx.code), "message": str(ctx.error)})

    async def on_publication(self, ctx: contexts.ServerPublicationContext) -> None:
        self._sdk.heard.note({"on": "told", "channel": ctx.channel, "data": self._sdk.unpack(ctx.pub.data)})


class _SubscriptionEvents(centrifuge.SubscriptionEventHandler):  # type: ignore[misc]
    def __init__(self, sdk: PythonSdk, channel: str) -> None:
        self._sdk = sdk
        self._channel = channel

    def _note(self, on: str, **fields: object) -> None:
        self._sdk.heard.note({"on": on, "channel": self._channel, **fields})

    async def on_subscribing(self, ctx: contexts.SubscribingContext) -> None:
        self._note("subscribing", code=ctx.code, reason=ctx.reason)

    async def on_subscribed(self, ctx: contexts.SubscribedContext) -> None:
        at = ctx.stream_position
        self._note(
            "subscribed",
            was_recovering=ctx.was_recovering,
            recovered=ctx.recovered,
            epoch=None if at is None else at.epoch,
            offset=None if at is None else at.offset,
            data=self._sdk.unpack(ctx.data),
        )

    async def on_unsubscribed(self, ctx: contexts.UnsubscribedContext) -> None:
        self._note("unsubscribed", code=ctx.code, reason=ctx.reason)

    async def on_publication(self, ctx: contexts.PublicationContext) -> None:
        self._note("publication", offset=ctx.pub.offset, data=self._sdk.unpack(ctx.pub.data))

    async def on_error(self, ctx: contexts.SubscriptionErrorContext) -> None:
        self._note("refused", code=getattr(ctx.error, "code", ctx.code), message=str(ctx.error))


@dataclass(frozen=True, slots=True)
class Build:
    """An SDK in one of its encodings; ``node`` where it is the JavaScript one."""

    node: Path | None
    protobuf: bool

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[Sdk]:
        """A client of the server at this address, not connected yet; gone at the end."""
        led = self._python(url) if self.node is None else self._node(self.node, url)
        async with led as sdk:
            yield sdk

    @asynccontextmanager
    async def _python(self, url: str) -> AsyncIterator[Sdk]:
        sdk = PythonSdk(url, protobuf=self.protobuf)
        try:
            yield sdk
        finally:
            await sdk.disconnect()
            if closing := [task for task in asyncio.all_tasks() if _closes(task)]:
                await asyncio.wait(closing, timeout=5)

    @asynccontextmanager
    async def _node(self, node: Path, url: str) -> AsyncIterator[Sdk]:
        encoding = "protobuf" if self.protobuf else "json"
        process = await asyncio.create_subprocess_exec(
            node, PROGRAM, encoding, url, stdin=PIPE, stdout=PIPE, limit=1 << 24
        )
        sdk = NodeSdk(process)
        listening = asyncio.create_task(sdk.listen())
        try:
            yield sdk
        finally:
            await _end(process)
            await listening


def _closes(task: asyncio.Task[Any]) -> bool:
    """Whether this is one of the tasks in which the Python SDK closes its sockets, and for which it does not wait."""
    return getattr(task.get_coro(), "__qualname__", "") == "Client._close_conn"


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(5):
            assert await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
