"""Both pages for who hears them or has no pointer: focus stays and returns, one quiet voice, a calendar by keys."""

import re
from itertools import pairwise

import pytest
from playwright.async_api import Browser, expect

from tests.browser.feed import fed
from tests.browser.tab import Tab, opened
from tests.server import Json, RealServer
from tests.story.wire import fresh

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

LIN: Json = {"id": "lin", "name": "Lin", "tier": 0}
LATER = 4_000_000_000_000

LISTEN = """() => {
  window.spoken = [];
  const note = (changes) => {
    for (const { addedNodes, target } of changes)
      for (const { textContent } of addedNodes) spoken.push([performance.now(), target.id, textContent]);
  };
  for (const id of ['polite', 'assertive'])
    new MutationObserver(note).observe(document.getElementById(id), { childList: true });
}"""

FOCUS = "() => document.activeElement?.dataset.testid ?? document.activeElement?.tagName"


def shoutout(number: int, to: Json = LIN) -> Json:
    return {"type": "shoutout.shown", "by": LIN, "to": to, "text": f"thanks {number}", "pinned_until": LATER}


async def focus(tab: Tab) -> str:
    return str(await tab.page.evaluate(FOCUS))


async def test_what_arrives_moves_no_focus(server: RealServer, browser: Browser) -> None:
    """A4."""
    room, ada = fresh("room"), fresh("ada")
    me = {"id": ada, "name": "Ada", "tier": 1}
    async with fed(server.port) as feed, opened(browser) as tab, opened(browser) as desk:
        await tab.enter(feed.http, room=room, user=ada, name="Ada")
        await desk.enter(feed.http, page="host", room=room, user="lin", name="Lin")
        await tab["chat-input"].fill("what I write")
        await desk["say"].fill("what I write")
        cue = {"kind": "milestone", "priority": 9, "user": me, "users": [me], "count": 1, "script": "Well done, Ada!"}
        await feed.host(room, [{"type": "host.cue", **cue, "expires_at": LATER}])
        await feed.room(room, [shoutout(1, me), {"type": "host.called", "by": LIN, "users": [me]}])
        card = {"title": "Oolong", "price": "¥28", "url": "https://shop.example/1"}
        await feed.room(room, [{"type": "app.product", "data": card}, {"type": "room.changed", "slow_seconds": 5}])
        await feed.personal(ada, [{"type": "moderation.changed", "kind": "mute", "until": None, "reason": "spam"}])
        await expect(tab["product"]).to_be_visible()
        await expect(tab["called-row"]).to_be_visible()
        await expect(tab["chat-hint"]).to_contain_text("spam")
        await expect(desk.page).to_have_title(re.compile(r"^\(2\) "))  # Ada is new here, and has done well
        assert (await focus(tab), await focus(desk)) == ("chat-input", "say")


async def test_a_sheet_gives_the_focus_back(server: RealServer, browser: Browser) -> None:
    """A4, A2: by keys alone."""
    async with opened(browser) as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        for opener, sheet in (("settings-open", "settings"), ("emotes-open", "emotes"), ("style-open", "styles")):
            await tab[opener].focus()
            await tab.page.keyboard.press("Enter")
            await expect(tab[sheet]).to_be_visible()
            await expect(tab[sheet].locator(":focus")).to_have_count(1)  # it is listening from then on
            await tab.page.keyboard.press("Escape")
            await expect(tab[sheet]).to_have_count(0)
            await expect(tab[opener]).to_be_focused()


async def test_the_voice_speaks_once_in_two_seconds_and_of_what_matters(server: RealServer, browser: Browser) -> None:
    """A6–A8: a crowd of events is not read out, chat not at all, and what is for me comes as an alert."""
    room, ada = fresh("room"), fresh("ada")
    async with fed(server.port) as feed, opened(browser) as tab:
        await tab.enter(feed.http, room=room, user=ada, name="Ada")
        await expect(tab["chat-list"]).to_have_attribute("aria-live", "off")
        await tab.page.evaluate(LISTEN)
        await feed.room(room, [shoutout(number) for number in range(50)])
        await feed.room(room, [shoutout(99, {"id": ada, "name": "Ada", "tier": 0})])
        await tab.page.wait_for_function("() => spoken.length >= 3")
        spoken = await tab.page.evaluate("spoken")
        assert all(after[0] - before[0] > 1900 for before, after in pairwise(spoken))
        assert await tab.page.locator("#polite > *, #assertive > *").count() <= 3


async def test_the_calendar_is_read_by_keys(server: RealServer, browser: Browser) -> None:
    """A16: one tab stop, arrows from day to day, the edges of the week, another month."""
    async with opened(browser) as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        await tab["checkin"].click()
        await tab["tab-checkin"].click()
        grid = tab.page.get_by_role("grid")
        today = grid.locator("[aria-current=date]")
        await expect(today).to_have_attribute("data-kind", "done")
        await expect(grid.locator("[tabindex='0']")).to_have_count(1)
        assert "checked in" in str(await today.get_attribute("aria-label")).lower()
        month = await tab["calendar"].get_attribute("data-month")
        await today.focus()
        await tab.page.keyboard.press("PageUp")
        await expect(tab["calendar"]).not_to_have_attribute("data-month", str(month))
        await expect(grid.locator("[tabindex='0']")).to_be_focused()
        middle = grid.locator("[data-date$='-15']")  # its week is whole in every month
        await middle.click()
        await expect(middle).to_be_focused()
        for key, column in {"Home": 0, "ArrowRight": 1, "End": 6, "ArrowLeft": 5}.items():
            await tab.page.keyboard.press(key)
            await tab.page.wait_for_function("column => document.activeElement.cellIndex === column", arg=column)
        await tab.page.keyboard.press("Tab")
        assert not await grid.evaluate("grid => grid.contains(document.activeElement)")


async def test_the_focus_goes_along_into_a_month_that_comes_late(server: RealServer, browser: Browser) -> None:
    """A16: keys that were pressed while it was awaited take nothing away."""
    async with fed(server.port) as feed, opened(browser) as tab:
        await tab.enter(feed.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        await tab["tab-checkin"].click()
        grid = tab.page.get_by_role("grid")
        month = str(await tab["calendar"].get_attribute("data-month"))
        await grid.locator("[data-date$='-15']").click()
        with feed.silent():
            await tab.page.keyboard.press("PageUp")
            await tab.page.keyboard.press("ArrowRight")
            await expect(grid.locator(f"[data-date='{month}-16']")).to_be_focused()
        await expect(tab["calendar"]).not_to_have_attribute("data-month", month)
        await expect(grid.locator("[data-date$='-16']")).to_be_focused()


async def test_forced_colours_leave_buttons_and_days_to_be_told_apart(server: RealServer, browser: Browser) -> None:
    """A15: where colours are the reader's own, edges and marks still say what colours said."""
    async with opened(browser, forced_colors="active") as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        edge = await tab["checkin"].evaluate("one => getComputedStyle(one).borderTopStyle")
        assert edge == "solid"
        await tab["checkin"].click()
        await tab["tab-checkin"].click()
        done = tab["calendar"].locator("[data-kind=done]")
        await expect(done).to_have_count(1)
        await expect(done.locator("svg")).to_have_count(1)
        await tab["chat-input"].focus()
        outline = "one => [one, one.parentElement].some((it) => getComputedStyle(it).outlineStyle !== 'none')"
        assert await tab["chat-input"].evaluate(outline)
