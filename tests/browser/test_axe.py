"""axe-core finds nothing against WCAG 2.2 AA in any state of the pages, in both languages, large and small."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.tab import Tab, opened
from tests.conftest import CHECKOUT, Require
from tests.server import RealServer
from tests.story.wire import Wire, fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LOOKS = [(DESKTOP, "en"), (DESKTOP, "zh"), (PHONE, "en"), (PHONE, "zh")]

FIND = """async () => {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await axe.run({ runOnly: rules });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}"""


@pytest.fixture(scope="session")
def axe(require: Require) -> str:
    """The rules of accessibility as a script."""
    found = CHECKOUT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    require("axe-core (npm ci in web/ installs it)", found.is_file())
    return Path(found).read_text()


@asynccontextmanager
async def lively(
    server: RealServer, browser: Browser, look: dict[str, Any], lang: str
) -> AsyncIterator[tuple[Tab, Wire, str]]:
    """A room with somebody's words, a shout-out and a product in it, and Ada's tab."""
    room, ada = fresh("room"), fresh("ada")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea", "host": "lin"})
    await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
    await server.platform("POST", f"/rooms/{room}/members/{ada}/score", {"amount": 3000, "reason": "test"})
    token = server.sign("lin", info={"name": "Lin"}, roles={room: "host"})
    async with opened(browser, **look) as tab, viewer(server.url, token, room) as lin:
        await tab.enter(server.http, room=room, user=ada, name="Ada", lang=lang)
        card = {"title": "Oolong", "price": "¥28", "was": "¥36", "url": "https://shop.example/1"}
        await server.platform("POST", f"/rooms/{room}/publish", {"type": "app.product", "data": card})
        await lin.rpc("danmaku.send", room=room, text="hello")
        await lin.rpc("shoutout.send", room=room, to=ada, text="thanks", key="1")
        for hook in ("product", "shoutout", "chat-row"):
            await expect(tab[hook].first).to_be_visible()
        yield tab, lin, room


@pytest.mark.parametrize(("look", "lang"), LOOKS)
async def test_no_state_of_the_page_breaks_a_rule(
    server: RealServer, browser: Browser, axe: str, look: dict[str, Any], lang: str
) -> None:
    async with lively(server, browser, look, lang) as (tab, _, room):
        await tab.page.evaluate(axe)
        found = {"chat": await faults(tab)}
        await tab["chat-row"].first.click()
        await expect(tab["copy"]).to_be_visible()
        found["a message's menu"] = await faults(tab)
        for opener, part in (("style-open", "styles"), ("emotes-open", "emotes")):
            await tab[opener].click()
            await expect(tab[part]).to_be_visible()
            found[part] = await faults(tab)
            await tab.page.keyboard.press("Escape")
        for opener, part in (("tab-board", "board"), ("tab-me", "path"), ("tab-checkin", "calendar")):
            await tab[opener].click()
            await expect(tab[part]).to_be_visible()
            found[part] = await faults(tab)
        await tab["checkin"].click()
        await expect(tab["receipt"]).to_be_visible()
        found["receipt"] = await faults(tab)
        await tab["settings-open"].click()
        await expect(tab["settings"]).to_be_visible()
        found["settings"] = await faults(tab)
        await tab.page.keyboard.press("Escape")
        await server.platform("PUT", f"/rooms/{room}/live", {"live": False})
        await expect(tab["off-air"]).to_be_visible()
        found["ended"] = await faults(tab)
        assert {state: broken for state, broken in found.items() if broken} == {}


@pytest.mark.parametrize(("look", "lang"), LOOKS)
async def test_no_state_of_the_hosts_console_breaks_a_rule(
    server: RealServer, browser: Browser, axe: str, look: dict[str, Any], lang: str
) -> None:
    room = fresh("room")
    async with opened(browser, **look) as tab:
        await tab.enter(server.http, page="host", room=room, user=fresh("lin"), name="Lin", lang=lang)
        await tab.page.evaluate(axe)
        await expect(tab["cue-sample"]).to_be_visible()
        found = {"no cue": await faults(tab)}
        async with viewer(server.url, server.sign(fresh("ada"), info={"name": "Ada"}), room) as wire:
            await wire.rpc("danmaku.send", room=room, text="hello")
            await tab["cue-shout"].click()
            found["shout-out"] = await faults(tab)
            if look is PHONE:
                await tab["place-chat"].click()
            await tab.row("hello").get_by_test_id("row-menu").click()
            await tab["ban"].click()
            found["a message's menu"] = await faults(tab)
            if look is PHONE:
                await tab["place-room"].click()
            await tab["entrances"].locator("summary").click()
            await tab["mode-frozen"].get_by_role("checkbox").check()
            await expect(tab["mode-frozen"]).to_have_attribute("data-on", "true")
            found["frozen"] = await faults(tab)
        assert {state: broken for state, broken in found.items() if broken} == {}


async def faults(tab: Tab) -> list[str]:
    """The rules that are broken, and where; once nothing fades in any more."""
    await tab.page.wait_for_function(SETTLED)
    broken: list[str] = await tab.page.evaluate(FIND)
    return broken


SETTLED = """() => document.getAnimations().every(({ effect, playState }) =>
  playState !== 'running' || effect.target.closest('.danmaku, .like-place'))"""
"""Half faded in, everything has too little contrast."""
