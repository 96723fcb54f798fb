"""Names, titles and texts of strangers are text: whatever they contain, the page runs and loads none of it."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.tab import Tab, opened
from tests.server import RealServer
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

EVIL = "<img src=x onerror=window.pwned=1>"
WORSE = "</p><script>window.pwned=1</script>"
CUNNING = "javascript:window.pwned=1 {{pwned}} ${pwned} <svg/onload=pwned=1>"


async def test_markup_of_strangers_stays_text(server: RealServer, browser: Browser) -> None:
    room, bob = fresh("room"), fresh("bob")
    await server.platform("PUT", f"/rooms/{room}", {"title": EVIL})
    token = server.sign(bob, info={"name": EVIL, "avatar": "javascript:window.pwned=1"}, roles={room: "host"})
    async with opened(browser) as tab, viewer(server.url, token, room) as wire:
        await server.platform("POST", f"/rooms/{room}/members/{bob}/score", {"amount": 100_000, "reason": EVIL})
        await tab.enter(server.http, room=room, user=fresh("ada"), name=WORSE)
        for text in (EVIL, WORSE, CUNNING):
            await wire.rpc("danmaku.send", room=room, text=text)
            await expect(tab.row(text)).to_have_count(1)
            await tab.saw("danmaku", text)
        await wire.rpc("shoutout.send", room=room, to=bob, text=WORSE, key="1")
        await tab.saw("shoutout", WORSE)
        await wire.rpc("checkin.mark", room=room)
        await tab.saw("burst", EVIL)
        await tab["tab-me"].click()
        await expect(tab["card"]).to_contain_text(WORSE)
        assert EVIL in await tab.page.title()
        assert await executed(tab) == []


async def executed(tab: Tab) -> list[str]:
    """What became of strangers' markup: values it set, elements it made."""
    made: list[str] = await tab.page.evaluate(
        """() => [
            ...('pwned' in window ? ['pwned'] : []),
            ...[...document.querySelectorAll('#app img, #app script, [onload], [onerror]')].map((one) => one.outerHTML),
        ]"""
    )
    return made


async def test_the_policy_stops_what_would_get_in_anyway(server: RealServer, browser: Browser) -> None:
    async with opened(browser, "Content Security Policy", "broke its own policy", "TrustedScript") as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        refused = await tab.page.evaluate(
            """() => {
                const script = document.createElement('script');
                try { script.text = 'window.pwned = 1'; document.body.append(script); } catch { return 'refused'; }
                return 'taken';
            }"""
        )
        assert refused == "refused"
        assert await tab.page.evaluate("'pwned' in window") is False
        assert tab.faults != []
