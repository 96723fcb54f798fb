"""Tokens with the unmodified SDKs: fetched anew before they end, after they ended, and refused for good."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.sdk.face import Sdk
from tests.sdk.sdks import Build
from tests.server import RealServer, signed
from tests.story.wire import fresh, together

pytestmark = [pytest.mark.sdk, pytest.mark.store]

FOREIGN = "somebody else's secret, of thirty-two bytes or more"


@asynccontextmanager
async def one_of_each(builds: list[Build], server: RealServer) -> AsyncIterator[list[Sdk]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(build.at(server.url)) for build in builds]


async def test_a_token_is_refreshed_before_its_time_is_over(server: RealServer, builds: list[Build]) -> None:
    room = fresh("room")

    async def outlives_its_token(sdk: Sdk) -> None:
        user = fresh("ada")

        async def another() -> str:
            return server.sign(user, life=4)

        await sdk.enter(server.sign(user, life=4), room, another)
        await sdk.heard.until(lambda: sum(one["on"] == "token" for one in sdk.heard.all) >= 2)
        assert (await sdk.rpc("danmaku.send", room=room, text="still here"))["status"] == "accepted"
        assert sum(one["on"] == "connecting" for one in sdk.heard.all) == 1

    async with one_of_each(builds, server) as sdks:
        await together(*(outlives_its_token(sdk) for sdk in sdks))


async def test_an_expired_token_is_error_109_and_a_new_one_is_fetched(server: RealServer, build: Build) -> None:
    user = fresh("ada")

    async def another() -> str:
        return server.sign(user)

    async with build.at(server.url) as ada:
        await ada.enter(server.sign(user, life=-60), fresh("room"), another)
        assert (await ada.told("error"))["code"] == 109
        await ada.told("connected")


async def test_a_token_that_is_none_ends_it_for_good(server: RealServer, build: Build) -> None:
    foreign = signed(FOREIGN, {"sub": fresh("eve"), "exp": int(time.time()) + 3600})
    async with build.at(server.url) as eve:
        await eve.connect(foreign)
        assert (await eve.told("disconnected"))["code"] == 3500


async def test_a_refresh_for_somebody_else_ends_it_for_good(server: RealServer, builds: list[Build]) -> None:
    async def becomes_another(sdk: Sdk) -> None:
        ada = fresh("ada")

        async def anothers() -> str:
            """Not before he is in: on a slow machine his first token may be over before it is shown."""
            inside = any(one["on"] == "connected" for one in sdk.heard.all)
            return server.sign(fresh("eve")) if inside else server.sign(ada, life=4)

        await sdk.connect(server.sign(ada, life=1.5), anothers)
        assert (await sdk.told("disconnected"))["code"] == 3500

    async with one_of_each(builds, server) as sdks:
        await together(*(becomes_another(sdk) for sdk in sdks))
