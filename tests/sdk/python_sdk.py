"""`centrifuge-python`, unmodified."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import centrifuge  # type: ignore[import-untyped]  # the SDK says no types
from centrifuge import contexts

from tests.sdk.face import Sdk, Tokens
from tests.server import Json
from tests.story.wire import Refusal

RECONNECT = (0.05, 0.3)
"""Seconds between tries, so that tests need not wait long."""


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


@asynccontextmanager
async def python_sdk(url: str, *, protobuf: bool) -> AsyncIterator[Sdk]:
    """A client in this process, not connected yet; gone at the end."""
    sdk = PythonSdk(url, protobuf=protobuf)
    try:
        yield sdk
    finally:
        await sdk.disconnect()
        if closing := [task for task in asyncio.all_tasks() if _closes(task)]:
            await asyncio.wait(closing, timeout=5)


def _closes(task: asyncio.Task[Any]) -> bool:
    """Whether this is one of the tasks in which the Python SDK closes its sockets, and for which it does not wait."""
    return getattr(task.get_coro(), "__qualname__", "") == "Client._close_conn"
