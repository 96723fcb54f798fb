"""The page in the viewer's own way: his language, his small screen, his wish for stillness."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.tab import Tab, opened
from tests.server import RealServer
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LONG = "一个没有空格的很长的句子" * 4 + " https://example.org/" + "a" * 30
"""One that has to be broken."""


async def test_the_language_changes_without_a_reload(server: RealServer, browser: Browser) -> None:
    async with opened(browser) as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        await tab["chat-input"].fill("still here")
        await tab.page.evaluate("window.loadedOnce = true")
        await expect(tab["checkin"]).to_contain_text("Check in")
        await tab["lang"].click()
        await expect(tab["checkin"]).to_contain_text("签到")
        await expect(tab.page.locator("html")).to_have_attribute("lang", "zh-Hans")
        await tab["lang"].click()
        await expect(tab["checkin"]).to_contain_text("Check in")
        await expect(tab["chat-input"]).to_have_value("still here")
        assert await tab.page.evaluate("window.loadedOnce") is True


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_narrow_phone_never_scrolls_sideways(server: RealServer, browser: Browser, lang: str) -> None:
    room = fresh("room")
    async with opened(browser, **PHONE) as tab, viewer(server.url, server.sign(fresh("bob")), room) as bob:
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada", lang=lang)
        await bob.rpc("danmaku.send", room=room, text=LONG)
        await expect(tab["chat-row"]).to_have_count(1)
        await tab["checkin"].tap()
        await expect(tab["receipt"]).to_be_visible()
        assert await sideways(tab) == []
        for hook in ("tab-checkin", "tab-me", "tab-chat"):
            await tab[hook].tap()
            assert await sideways(tab) == [], hook
        await tab["settings-open"].tap()
        assert await sideways(tab) == [], "settings"


async def sideways(tab: Tab) -> list[str]:
    """What is wider than the screen: the page, or a part of it that scrolls."""
    found: list[str] = await tab.page.evaluate(
        """() => [...document.querySelectorAll('html, body, main, [role=tabpanel], [data-testid=chat-list], dialog')]
            .filter((one) => one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > innerWidth)
            .map((one) => `${one.tagName}.${one.className} ${one.scrollWidth}>${one.clientWidth}`)"""
    )
    return found


async def test_nothing_moves_for_who_asked_for_stillness(server: RealServer, browser: Browser) -> None:
    room, host = fresh("room"), fresh("host")
    token = server.sign(host, info={"name": "Lin"}, roles={room: "host"})
    async with opened(browser, reduced_motion="reduce") as tab, viewer(server.url, token, room) as wire:
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada")
        await tab.page.evaluate(NOTE_MOVES)
        await tab.say("quietly")
        await expect(tab.row("quietly")).to_have_count(1)
        await wire.rpc("shoutout.send", room=room, to=host, text="thanks", key="1")
        await expect(tab["shoutout"]).to_contain_text("thanks")
        await tab["checkin"].click()
        await expect(tab["receipt"]).to_be_visible()
        await expect(tab["burst"]).to_have_text(re.compile(r"\+1"))
        assert await tab.page.evaluate("moves") == []
        await expect(tab["danmaku"]).to_have_count(0)


NOTE_MOVES = """() => {
  window.moves = [];
  const look = () => {
    for (const one of document.getAnimations())
      if (one.effect.getKeyframes().some((frame) => (frame.transform ?? 'none') !== 'none' || frame.translate))
        moves.push(`${one.animationName ?? one.transitionProperty ?? 'script'} of ${one.effect.target.className}`);
    requestAnimationFrame(look);
  };
  look();
}"""
