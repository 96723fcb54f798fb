"""The page through thick and thin: a restart, a lost network, and visitors who may not do everything."""

import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.tab import LOST, opened
from tests.browser.test_ops import stores_under
from tests.sdk.cable import laid
from tests.server import RealServer, running
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]


async def test_a_restart_keeps_the_text_in_the_box_and_doubles_nothing(browser: Browser, tmp_path: Path) -> None:
    room = fresh("room")
    async with running(tmp_path) as server, opened(browser, *LOST) as tab:
        await tab.enter(server.http, room=room, user="ada", name="Ada")
        await tab.say("one")
        await expect(tab.row("one")).to_have_attribute("data-status", "shown")
        await tab["checkin"].click()
        await expect(tab["checkin"]).to_have_attribute("data-state", "done")
        await tab["chat-input"].fill("two")
        await server.stop()
        await tab.is_("reconnecting")
        await server.start()
        await tab.went("connection", "reconnecting", "gap")  # a restart ends the log of batches, and the page says so
        await expect(tab["chat-input"]).to_have_value("two")
        await tab["chat-input"].press("Enter")
        await expect(tab.row("two")).to_have_attribute("data-status", "shown")
        assert await tab.texts() == ["one", "two"]
        await expect(tab["checkin"]).to_have_attribute("data-state", "done")


async def test_a_lost_network_loses_and_doubles_nothing(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    async with (
        laid(server.port) as cable,
        opened(browser, *LOST) as tab,
        viewer(server.url, server.sign(fresh("bob")), room) as bob,
    ):
        await tab.enter(f"http://127.0.0.1:{cable.port}", room=room, user=fresh("ada"), name="Ada")
        await bob.rpc("danmaku.send", room=room, text="one")
        await expect(tab.row("one")).to_have_count(1)
        await tab.context.set_offline(True)
        cable.cut()
        await tab.is_("reconnecting")
        await expect(tab["connection"]).to_contain_text("You are offline.")
        await bob.rpc("danmaku.send", room=room, text="two")
        cable.mend()
        await tab.context.set_offline(False)
        await tab.is_("live")
        await bob.rpc("danmaku.send", room=room, text="three")
        await expect(tab.row("three")).to_have_count(1)
        assert await tab.texts() == ["one", "two", "three"]
        assert "gap" not in await tab.states()


async def test_who_comes_while_the_store_is_away_reads_so_and_is_let_in_when_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    async with running(tmp_path) as server, opened(browser, *LOST) as tab:
        assert server.process is not None
        [store] = stores_under(server.process.pid)
        async with viewer(server.url, server.sign("bob"), "demo"):
            os.kill(store, signal.SIGSTOP)
            try:
                await tab.open(server.http, room="demo", user="ada", name="Ada")
                await expect(tab["loading"]).to_contain_text("The server cannot open rooms right now.")
            finally:
                os.kill(store, signal.SIGCONT)
            await expect(tab["loading"]).to_have_count(0)


async def test_a_guest_watches_and_is_told_where_to_sign_in(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    async with opened(browser) as tab, viewer(server.url, server.sign(fresh("bob")), room) as bob:
        await tab.open(server.http, f"#token={server.sign('')}", room=room)
        await tab.is_("guest")
        await expect(tab["guest"]).to_contain_text("Sign in")
        await expect(tab["chat-input"]).to_have_count(0)
        await expect(tab["checkin"]).to_have_attribute("aria-disabled", "true")
        await bob.rpc("danmaku.send", room=room, text="welcome")
        await expect(tab.row("welcome")).to_have_count(1)
        assert "token" not in tab.page.url


async def test_without_a_token_the_page_says_where_to_sign_in(server: RealServer, browser: Browser) -> None:
    async def no_door(route: Route) -> None:
        """As in production, where the platform alone gives tokens."""
        await route.fulfill(status=404)

    async with opened(browser, "Failed to load resource.*404", "roomserver: connection") as tab:
        await tab.page.route("**/dev/token", no_door)
        await tab.open(server.http, room=fresh("room"))
        await expect(tab["sign-in"]).to_be_visible()
        await tab.is_("guest")


async def test_a_token_of_somebody_else_closes_the_door(server: RealServer, browser: Browser) -> None:
    async with opened(browser) as tab:
        await tab.open(server.http, "#token=e30.e30.e30", room=fresh("room"))
        await expect(tab["closed"]).to_have_attribute("data-code", "3500")
        await tab.is_("closed")
