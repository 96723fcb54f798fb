"""The page in the viewer's own way: his language, his small screen, his wish for stillness."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.tab import Tab, opened
from tests.server import RealServer
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1024, "height": 768}},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "phone": PHONE,
    "phone on its side": {**PHONE, "viewport": {"width": 740, "height": 360}},
}
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


PLACEHOLDER_FITS = """field => {
  const style = getComputedStyle(field);
  const ink = document.createElement('canvas').getContext('2d');
  ink.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return ink.measureText(field.placeholder).width <= room;
}"""


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_narrow_phone_never_scrolls_sideways(server: RealServer, browser: Browser, lang: str) -> None:
    room = fresh("room")
    async with opened(browser, **PHONE) as tab, viewer(server.url, server.sign(fresh("bob")), room) as bob:
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada", lang=lang)
        assert await tab["chat-input"].evaluate(PLACEHOLDER_FITS)
        await bob.rpc("danmaku.send", room=room, text=LONG)
        await expect(tab["chat-row"]).to_have_count(1)
        await tab["checkin"].tap()
        await tab.saw("receipt")
        assert await sideways(tab) == []
        for hook in ("tab-checkin", "tab-me", "tab-chat"):
            await tab[hook].tap()
            assert await sideways(tab) == [], hook
        await tab["settings-open"].tap()
        assert await sideways(tab) == [], "settings"


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
async def test_nothing_on_the_picture_covers_another_and_the_button_stands_still(
    server: RealServer, browser: Browser, look: dict[str, Any]
) -> None:
    room, ada, bob = fresh("room"), fresh("ada"), fresh("bob")
    await server.platform("POST", f"/rooms/{room}/members/{bob}/score", {"amount": 100_000, "reason": "test"})
    async with opened(browser, **look) as tab:
        await tab.enter(server.http, room=room, user=ada, name="Ada")
        before = await tab["checkin"].bounding_box()
        await tab.page.evaluate(COVERING)
        await tab["checkin"].click()
        await tab.saw("burst")
        token = server.sign(bob, info={"name": "Bob of the very long name"})
        async with viewer(server.url, token, room):
            await tab.saw("entrance", "Bob")
            assert await tab.page.evaluate("[...covered]") == []
        await expect(tab["checkin"]).to_have_attribute("data-state", "done")
        assert await tab["checkin"].bounding_box() == before


COVERING = """() => {
  window.covered = new Set();
  const all = ['.entrance-place', '.burst-place > *', '.controls', '.host-ring', '.host-name', '.host-title'];
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const look = () => {
    const shown = all.map((name) => [name, document.querySelector(name)?.getBoundingClientRect()])
      .filter(([, box]) => box?.width);
    shown.forEach(([one, a], at) => {
      for (const [other, b] of shown.slice(at + 1)) if (meet(a, b)) covered.add(`${one} and ${other}`);
    });
    requestAnimationFrame(look);
  };
  look();
}"""
"""From now on pairs of things on the picture that lie over each other are noted, frame by frame."""


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
        await tab.saw("shoutout", "thanks")
        await tab["checkin"].click()
        await tab.saw("receipt")
        await tab.saw("burst", "+1")
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
