"""What a viewer sees and does in the room: chat, danmaku, check-in, and the same again after a reload."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.tab import Tab, opened
from tests.server import RealServer
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

HIGH_SCORE = 100_000
"""Enough for the highest tier."""

BUSY_KEY = 229
"""The code of keys that an input method takes for itself."""


async def test_the_page_goes_from_loading_to_live(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    async with opened(browser) as tab:
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada")
        assert await tab.states() == ["loading", "live"]
        await expect(tab["online"]).to_have_count(0)  # nobody is counted where nothing is on
        await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
        await expect(tab["online"]).to_have_attribute("data-count", "1")


# --- chat


async def test_enter_sends_and_the_own_message_appears_once(server: RealServer, browser: Browser) -> None:
    ada = fresh("ada")
    async with opened(browser) as tab:
        await tab.enter(server.http, room=fresh("room"), user=ada, name="Ada")
        await tab.say("hello, room")
        await expect(tab.row("hello, room")).to_have_attribute("data-status", "shown")
        await expect(tab.row("hello, room")).to_have_attribute("data-user", ada)
        await tab.saw("danmaku", "hello, room")
        await expect(tab["chat-input"]).to_have_value("")
        assert await tab.texts() == ["hello, room"]
        assert len(await tab.seen("danmaku")) == 1


async def test_enter_does_not_send_while_an_input_method_composes(server: RealServer, browser: Browser) -> None:
    async with opened(browser) as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        await tab["chat-input"].focus()
        keyboard = await tab.context.new_cdp_session(tab.page)
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": BUSY_KEY}
        await keyboard.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
        for kind in ("rawKeyDown", "keyUp"):
            await keyboard.send("Input.dispatchKeyEvent", {"type": kind, **enter})
        await keyboard.send("Input.insertText", {"text": "你好"})
        await expect(tab["chat-input"]).to_have_value("你好")
        assert await tab.texts() == []
        await tab.page.keyboard.press("Enter")
        await expect(tab.row("你好")).to_have_attribute("data-status", "shown")


async def test_the_danmaku_of_another_flies_in_his_colour(server: RealServer, browser: Browser) -> None:
    room, bob = fresh("room"), fresh("bob")
    async with opened(browser) as tab, viewer(server.url, server.sign(bob, info={"name": "Bob"}), room) as wire:
        await server.platform("POST", f"/rooms/{room}/members/{bob}/score", {"amount": HIGH_SCORE, "reason": "test"})
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada")
        await wire.rpc("danmaku.send", room=room, text="in my colour", style="gold")
        said = await wire.event("danmaku.said", text="in my colour")
        await tab.saw("danmaku", "in my colour", detail=css(said["style"]["color"]))
        assert said["style"]["color"] != 0xFFFFFF
        await expect(tab.row("in my colour")).to_have_attribute("data-user", bob)


def css(color: int) -> str:
    """As a style sheet says it."""
    return f"rgb({color >> 16}, {color >> 8 & 255}, {color & 255})"


# --- check-in


async def test_a_check_in_by_click_and_the_same_after_a_reload(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as tab:
        await tab.enter(server.http, room=room, user=ada, name="Ada")
        await expect(tab["streak"]).to_have_attribute("data-days", "0")
        await tab["checkin"].click()
        await tab.saw("receipt")
        await is_checked_in(tab)
        earned = await tab["me"].inner_text()
        await shows_the_day(tab)

        await tab.page.reload()
        await tab.is_("live")
        await is_checked_in(tab)
        await expect(tab["receipt"]).to_have_count(0)
        assert await tab["me"].inner_text() == earned
        assert await points(server, room, ada) == "".join(filter(str.isdigit, earned.split("\n")[-1]))
        await shows_the_day(tab)


async def is_checked_in(tab: Tab) -> None:
    """The first day is done, and the way to the first reward is said."""
    await expect(tab["checkin"]).to_have_attribute("data-state", "done")
    await expect(tab["streak"]).to_have_attribute("data-days", "1")
    bar = tab.page.locator(".bar").get_by_test_id("next")
    await expect(bar).to_have_attribute("data-in", "2")
    await expect(bar).to_contain_text("2 more days to")


async def shows_the_day(tab: Tab) -> None:
    """The calendar's cell of today is done."""
    await tab["tab-checkin"].click()
    today = tab["calendar"].locator("[aria-current=date]")
    await expect(today).to_have_attribute("data-kind", "done")


async def points(server: RealServer, room: str, user: str) -> str:
    card = await server.platform("GET", f"/rooms/{room}/members/{user}")
    return str(card["points"])


async def test_a_check_in_by_keyboard_alone(server: RealServer, browser: Browser) -> None:
    async with opened(browser) as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        await tab.page.keyboard.press("Tab")  # "Skip to check-in"
        await tab.page.keyboard.press("Enter")
        if not await has_focus(tab, "checkin"):
            await tab.page.keyboard.press("Tab")
        assert await has_focus(tab, "checkin")
        await tab.page.keyboard.press("Space")
        await expect(tab["checkin"]).to_have_attribute("data-state", "done")
        assert await has_focus(tab, "checkin")


async def has_focus(tab: Tab, hook: str) -> bool:
    return bool(await tab.page.evaluate("hook => document.activeElement?.dataset.testid === hook", hook))


async def test_a_second_device_learns_of_the_check_in_and_offers_none(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as phone, opened(browser) as tablet:
        for tab in (phone, tablet):
            await tab.enter(server.http, room=room, user=ada, name="Ada")
        await phone["checkin"].click()
        await phone.saw("receipt")
        await is_checked_in(phone)
        await is_checked_in(tablet)
        await shows_the_day(tablet)
        await expect(tablet["receipt"]).to_have_count(0)
        assert await tablet["me"].inner_text() == await phone["me"].inner_text()
