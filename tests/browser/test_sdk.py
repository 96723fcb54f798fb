"""The unmodified JavaScript SDK in a real browser, both of its builds: chat, check-in, a lost connection, recovery."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.sdk.cable import Cable, laid
from tests.server import RealServer
from tests.story.wire import Wire, fresh, viewer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sdk,
    pytest.mark.store,
    pytest.mark.asyncio(loop_scope="session"),
]

PAGE = "<!doctype html><title>SDK</title><script src='/centrifuge.js'></script><script src='/client.js'></script>"
CLIENT = Path(__file__).with_name("client.js")


@pytest.fixture(params=["json", "protobuf"])
def build(request: pytest.FixtureRequest, node_packages: Path) -> Path:
    """The file of the npm package that a page loads."""
    name = "centrifuge.js" if request.param == "json" else "centrifuge.protobuf.js"
    return node_packages / "centrifuge" / "dist" / name


@asynccontextmanager
async def shop(browser: Browser, cable: Cable, build: Path) -> AsyncIterator[Page]:
    """A page of a shop that uses the SDK, reached over the cable."""
    # The page is the test's own and has no address, so Chromium would not let it speak with this machine.
    context = await browser.new_context(permissions=["local-network-access"])
    try:
        page = await context.new_page()
        await page.route("**/shop.html", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        await page.route("**/centrifuge.js", lambda route: route.fulfill(path=build))
        await page.route("**/client.js", lambda route: route.fulfill(path=CLIENT))
        await page.goto(f"http://127.0.0.1:{cable.port}/shop.html")
        yield page
    finally:
        await context.close()


async def enter(page: Page, cable: Cable, token: str, room: str, build: Path) -> Any:
    """Connect and join; what the application is told of the join."""
    given = {"url": cable.url, "token": token, "room": room, "binary": "protobuf" in build.name}
    return await page.evaluate("given => enter(given)", given)


async def rpc(page: Page, method: str, **data: object) -> Any:
    return await page.evaluate("([method, data]) => rpc(method, data)", [method, data])


async def heard(page: Page, count: int) -> list[str]:
    """The ids of the danmaku that were told, once there are so many."""
    ids: list[str] = await page.evaluate("count => heard(count)", count)
    return ids


@asynccontextmanager
async def speakers(server: RealServer, room: str, count: int) -> AsyncIterator[list[Wire]]:
    async with AsyncExitStack() as stack:
        tokens = [server.sign(fresh("bob")) for _ in range(count)]
        yield [await stack.enter_async_context(viewer(server.url, token, room)) for token in tokens]


async def all_say(everybody: Sequence[Wire], room: str, text: str) -> list[str]:
    """The ids of what they said, in order."""
    return [(await one.rpc("danmaku.send", room=room, text=text))["id"] for one in everybody]


async def test_it_chats_and_checks_in(server: RealServer, browser: Browser, build: Path) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with laid(server.port) as cable, shop(browser, cable, build) as page:
        joined = await enter(page, cable, server.sign(ada), room, build)
        assert joined["data"]["room"]["id"] == room
        assert joined["data"]["me"]["user"]["id"] == ada
        said = await rpc(page, "danmaku.send", room=room, text="你好 👋🏽")
        assert said["status"] == "accepted"
        assert await heard(page, 1) == [said["id"]]
        first, again = [await rpc(page, "checkin.mark", room=room) for _ in range(2)]
        assert (first["streak"], first["replayed"], again) == (1, False, {**first, "replayed": True})


@pytest.mark.parametrize("losing", ["the cable is cut", "the device goes offline"])
async def test_it_recovers_a_lost_connection_without_loss_or_repetition(
    server: RealServer, browser: Browser, build: Path, losing: str
) -> None:
    room = fresh("room")
    async with (
        laid(server.port) as cable,
        shop(browser, cable, build) as page,
        speakers(server, room, 5) as everybody,
    ):
        await enter(page, cable, server.sign(fresh("ada")), room, build)
        told = await all_say(everybody, room, "before")
        await heard(page, len(told))
        if losing == "the device goes offline":
            await page.context.set_offline(True)
        cable.cut()
        await page.evaluate("state('connecting')")
        told += await all_say(everybody, room, "meanwhile")
        cable.mend()
        await page.context.set_offline(False)
        back = await page.evaluate("rejoined()")
        told += await all_say(everybody, room, "after")
        assert (back["wasRecovering"], back["recovered"]) == (True, True)
        assert await heard(page, len(told)) == told
