"""The server stops politely, is killed, and starts again: every SDK comes back by itself."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.sdk.face import Sdk
from tests.sdk.sdks import Build
from tests.server import Json, RealServer, running
from tests.story.wire import fresh, together

pytestmark = [pytest.mark.sdk, pytest.mark.store]


async def test_a_restart_is_a_new_epoch_with_a_fresh_snapshot(tmp_path: Path, builds: list[Build]) -> None:
    room = fresh("room")
    async with running(tmp_path) as server, AsyncExitStack() as stack:
        sdks = [await stack.enter_async_context(build.at(server.url)) for build in builds]

        async def comes(sdk: Sdk) -> tuple[Json, Json]:
            joined = await sdk.enter(server.sign(fresh("ada")), room)
            return joined, await sdk.rpc("checkin.mark", room=room)

        known = await together(*(comes(sdk) for sdk in sdks))
        joined, receipts = [one for one, _ in known], [one for _, one in known]
        told = [len(sdk.heard.all) for sdk in sdks]
        back = await restarted(server, server.stop, sdks, joined)
        for sdk, after in zip(sdks, told, strict=True):
            assert (await sdk.told("connecting", after=after))["code"] == 3001
        await restarted(server, server.kill, sdks, back)
        for sdk, receipt in zip(sdks, receipts, strict=True):
            assert await sdk.rpc("checkin.mark", room=room) == {**receipt, "replayed": True}


async def restarted(
    server: RealServer, end: Callable[[], Awaitable[None]], sdks: list[Sdk], before: list[Json]
) -> list[Json]:
    """The server ends and starts again; what each SDK is told of its new join, which continues no log."""
    told = [len(sdk.heard.all) for sdk in sdks]
    await end()
    await server.start()
    joined = [await sdk.told("subscribed", after=after) for sdk, after in zip(sdks, told, strict=True)]
    for back, known in zip(joined, before, strict=True):
        assert (back["was_recovering"], back["recovered"]) == (True, False)
        assert back["epoch"] != known["epoch"]
        assert back["data"]["checkin"]["done"]
    for sdk, after in zip(sdks, told, strict=True):
        entered = await sdk.entered(after)
        assert entered["sample"] == []  # who recovers is counted and makes no entrance
    return joined
