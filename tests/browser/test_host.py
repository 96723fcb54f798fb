"""What a host sees and does on his console, and what of it reaches the viewers."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from tests.browser.conftest import Report
from tests.browser.tab import LOST, SETTLED_MS, Tab, opened
from tests.server import RealServer, running
from tests.story.wire import Wire, fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """A room with a host at his console and a viewer, Ada, who is new."""

    room: str
    ada: str
    desk: Tab
    wire: Wire


@asynccontextmanager
async def evening(server: RealServer, browser: Browser, *expected: str, role: str = "host") -> AsyncIterator[Evening]:
    """The host is at his console; then Ada comes in, who is on a card."""
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser, *expected) as desk:
        await desk.enter(server.http, page="host", room=room, user=fresh("lin"), name="Lin", role=role)
        await expect(desk["cue-sample"]).to_be_visible()
        async with viewer(server.url, server.sign(ada, info={"name": "Ada"}), room) as wire:
            yield Evening(room=room, ada=ada, desk=desk, wire=wire)


async def count_is(hook: Locator, count: int) -> None:
    await expect(hook).to_have_attribute("data-count", str(count), timeout=SETTLED_MS)


# --- cues


async def test_a_cue_reaches_the_page_and_said_puts_it_away(
    server: RealServer, browser: Browser, report: Report
) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as desk:
        await desk.enter(server.http, page="host", room=room, user=fresh("lin"), name="Lin")
        await expect(desk["cue-sample"]).to_be_visible()
        began = time.perf_counter()
        async with viewer(server.url, server.sign(ada, info={"name": "Ada"}), room) as wire:
            await expect(desk["cue-name"]).to_have_text("Ada")
            report(f"a cue reaches the host's page {time.perf_counter() - began:.3f} s after the viewer begins to join")
            await expect(desk["cue-script"]).to_have_text("Welcome, Ada, here for the first time!")
            await expect(desk.page).to_have_title(re.compile(r"^\(1\) "))
            await desk.saw("spoken", "Cue: Welcome, Ada", detail="polite")
            await desk["cue-said"].click()
            await expect(desk["cue-sample"]).to_be_visible()
            await expect(desk.page).to_have_title(re.compile(r"^[^(]"))
            assert not wire.events("host.cue", channel="")


async def test_a_card_is_answered_by_keyboard_alone(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as on:
        await expect(on.desk["cue-name"]).to_have_text("Ada")
        keyboard = on.desk.page.keyboard
        await keyboard.press("Tab")  # "Skip to the cue card"
        await keyboard.press("Enter")
        await keyboard.press("s")
        await expect(on.desk["shout-text"]).to_be_focused()
        await keyboard.type(" s l x")  # letters in a field are letters
        await expect(on.desk["shout-text"]).to_have_value(re.compile("first time! s l x$"))
        await keyboard.press("Escape")
        await expect(on.desk["cue"]).to_be_focused()
        await expect(on.desk["cue"]).to_have_attribute("data-held", "true")
        await keyboard.press("Enter")
        await expect(on.desk["cue-sample"]).to_be_visible()
        await expect(on.desk["cue"]).to_be_focused()


async def test_keys_can_be_switched_off(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as on:
        await expect(on.desk["cue-name"]).to_have_text("Ada")
        await on.desk["cue-keys"].uncheck()
        await on.desk["cue"].focus()
        await on.desk.page.keyboard.press("x")
        await expect(on.desk["cue-name"]).to_have_text("Ada")
        await on.desk["cue-keys"].check()
        await on.desk["cue"].focus()
        await on.desk.page.keyboard.press("x")
        await expect(on.desk["cue-sample"]).to_be_visible()


async def test_a_card_that_another_host_puts_away_goes_from_every_console(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as on, opened(browser) as other:
        await other.enter(server.http, page="host", room=on.room, user=fresh("mia"), name="Mia", role="moderator")
        await expect(other["cue-name"]).to_have_text("Ada")
        await on.desk["cue"].focus()
        await other["cue-said"].click()
        await expect(on.desk["cue-note"]).to_have_text("Mia has answered this card")
        await expect(on.desk["cue-sample"]).to_be_visible()


async def test_a_shout_out_from_a_card_reaches_the_viewers_page(
    server: RealServer, browser: Browser, report: Report
) -> None:
    async with evening(server, browser) as on, opened(browser) as page:
        await page.enter(server.http, room=on.room, user=fresh("bo"), name="Bo")
        await on.desk["cue-shout"].click()
        await expect(on.desk["shout-text"]).to_have_value("Welcome, Ada, here for the first time!")
        await on.desk["shout-text"].fill("Welcome, dear Ada!")
        began = time.perf_counter()
        await on.desk["shout-send"].click()
        await page.saw("shoutout", "Welcome, dear Ada!")
        report(f"a shout-out from the console is on the viewer's page after {time.perf_counter() - began:.3f} s")
        await expect(on.desk["shout-result"]).to_contain_text("Reached 3 of 3")
        await expect(on.desk["cue"]).not_to_have_attribute("data-id", re.compile("."))  # Bo came too late to be on it
        assert (await on.wire.event("shoutout.shown"))["to"]["id"] == on.ada


async def test_who_was_thanked_a_moment_ago_is_not_thanked_again_and_the_wait_is_counted_down(
    server: RealServer, browser: Browser
) -> None:
    async with evening(server, browser) as on:
        token = server.sign(fresh("mo"), roles={on.room: "moderator"})
        async with viewer(server.url, token, on.room) as mo:
            await on.desk["cue-shout"].click()
            await mo.rpc("shoutout.send", room=on.room, to=on.ada, text="first", key="1")
            await on.desk["shout-send"].click()
            await expect(on.desk["shout-trouble"]).to_have_text(
                re.compile(r"^Thanked a moment ago: again in (0:5|1:00)")
            )
            await expect(on.desk["shout-send"]).to_have_attribute("aria-disabled", "true")
            before = await on.desk["shout-trouble"].text_content() or ""
            await expect(on.desk["shout-trouble"]).not_to_have_text(before)
            assert len(mo.events("shoutout.shown")) == 1


# --- the chat


async def said(on: Evening, text: str) -> Locator:
    """The console's row of what Ada says."""
    await on.wire.rpc("danmaku.send", room=on.room, text=text)
    await expect(on.desk.row(text)).to_be_visible()
    return on.desk.row(text)


async def menu(on: Evening, row: Locator) -> None:
    await row.get_by_test_id("row-menu").click()
    await expect(on.desk["menu"]).to_be_visible()


async def test_a_mute_reaches_the_viewers_page_and_is_undone(
    server: RealServer, browser: Browser, report: Report
) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as desk, opened(browser) as page:
        await desk.enter(server.http, page="host", room=room, user=fresh("lin"), name="Lin")
        await page.enter(server.http, room=room, user=ada, name="Ada")
        await page.say("buy my things")
        await desk.row("buy my things").get_by_test_id("row-menu").click()
        await desk["reason"].fill("advertising")
        began = time.perf_counter()
        await desk["menu"].get_by_role("button", name="10 min").click()
        await expect(desk["unmute-line"]).to_contain_text("advertising")
        report(f"a mute is in the console's list after {time.perf_counter() - began:.3f} s")
        await page.say("buy more")
        await expect(page["chat-row"].filter(has_text="buy more")).to_have_count(0)
        await expect(page["chat-hint"]).not_to_be_empty()
        await desk["unmute-line"].get_by_role("button").click()
        await count_is(desk["sanctions"], 0)
        await desk.row("buy my things").get_by_test_id("row-menu").click()
        await desk.press_when_there("undo")
        await desk["menu"].get_by_role("button", name="10 min").click()
        await desk["role"].hover()  # the chat holds still under the pointer
        await expect(desk["row-done"].filter(has_text="may speak again")).to_have_count(2)
        await count_is(desk["sanctions"], 0)


async def test_a_deletion_waits_for_second_thoughts_and_then_reaches_everybody(
    server: RealServer, browser: Browser
) -> None:
    async with evening(server, browser) as on:
        kept, gone = await said(on, "keep me"), await said(on, "delete me")
        await menu(on, kept)
        await on.desk.press_when_there("undo")
        await on.desk["delete"].click()
        await on.desk.saw("chat-row", "keep me", detail="doomed")
        await expect(kept).to_have_attribute("data-state", "shown")
        await menu(on, gone)
        await on.desk.press_when_there("now")
        await on.desk["delete"].click()
        await on.wire.event("danmaku.removed")
        await expect(gone).to_have_attribute("data-state", "removed")
        await expect(kept).to_have_attribute("data-state", "shown")
        assert len(on.wire.events("danmaku.removed")) == 1


async def test_a_ban_asks_once_and_puts_him_out(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as on:
        await menu(on, await said(on, "something bad"))
        await on.desk["ban"].click()
        await expect(on.desk["menu"].get_by_role("button", name="Cancel")).to_be_focused()
        await on.desk["sure"].click()
        await expect(on.desk["unban-line"]).to_have_attribute("data-user", on.ada)
        await on.desk["role"].hover()  # the chat holds still under the pointer
        await expect(on.desk["row-done"].filter(has_text="was banned")).to_be_visible()


async def test_the_chat_holds_still_under_the_pointer_and_counts(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as on:
        await said(on, "first")
        await on.desk["chat-list"].hover()
        await expect(on.desk["chat-list"]).to_have_attribute("data-held", "true")
        await on.wire.rpc("danmaku.send", room=on.room, text="second")
        await expect(on.desk["to-end"]).to_have_text("↓ 1 new")
        await expect(on.desk.row("second")).to_have_count(0)
        await on.desk["to-end"].click()
        await expect(on.desk.row("second")).to_be_visible()


# --- the room


async def test_modes_reach_the_viewers_page_and_every_console(
    server: RealServer, browser: Browser, report: Report
) -> None:
    async with evening(server, browser) as on, opened(browser) as page, opened(browser) as other:
        await page.enter(server.http, room=on.room, user=fresh("bo"), name="Bo")
        await other.enter(server.http, page="host", room=on.room, user=fresh("mia"), name="Mia", role="moderator")
        began = time.perf_counter()
        await on.desk["mode-frozen"].get_by_role("checkbox").check()
        await expect(page["chat-hint"]).to_contain_text("paused by the host")
        report(f"a mode set on the console is on the viewer's page after {time.perf_counter() - began:.3f} s")
        await expect(other["mode-frozen"]).to_have_attribute("data-on", "true")
        await on.desk["mode-slow"].get_by_role("radio", name="10 s").check()
        await expect(other["mode-slow"]).to_have_attribute("data-seconds", "10")
        await other["mode-frozen"].get_by_role("checkbox").uncheck()
        await expect(on.desk["mode-frozen"]).to_have_attribute("data-on", "false")
        await expect(page["chat-hint"]).to_contain_text("Slow mode")


async def test_the_figures_are_the_rooms(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as on:
        await on.wire.rpc("like.send", room=on.room, count=3)
        await on.wire.rpc("checkin.mark", room=on.room)
        await said(on, "hello")
        for hook, count in {"online": 2, "today": 1, "likes": 3, "pace": 1}.items():
            await count_is(on.desk[f"figure-{hook}"], count)
        await on.desk.page.reload()
        await on.desk.is_("live")
        for hook, count in {"today": 1, "likes": 3}.items():
            await count_is(on.desk[f"figure-{hook}"], count)


async def test_the_roll_call_calls_a_regular_by_his_name(server: RealServer, browser: Browser) -> None:
    room, ann = fresh("room"), fresh("ann")
    async with viewer(server.url, server.sign(ann, info={"name": "Ann"}), None) as wire:
        today = date.fromisoformat((await wire.join(fresh("elsewhere")))["data"]["checkin"]["day"])
        days = [(today - timedelta(days=ago)).isoformat() for ago in range(4, 11)]
        await server.platform("PUT", f"/rooms/{room}", {})
        await server.platform("PUT", f"/rooms/{room}/members/{ann}/import", {"days": days})
        await wire.join(room)
        async with opened(browser) as desk:
            await desk.enter(server.http, page="host", room=room, user="lin", name="Lin")
            await expect(desk["cue-script"]).to_have_text("Welcome back, Ann: 7 days with us, back after 4!")
            await desk["cue-skip"].click()
            await count_is(desk["rollcall"], 1)
            await expect(desk["regular"]).to_contain_text("7 days · back after 4 days")
            await desk["regular"].get_by_role("checkbox").check()
            await desk["roll-call"].click()
            assert [user["name"] for user in (await wire.event("host.called"))["users"]] == ["Ann"]
            await expect(desk["cue"]).to_have_attribute("data-kind", "call")
            await expect(desk["cue-name"]).to_have_text("Ann")


# --- who may be here, and what becomes of the connection


async def test_a_moderator_has_the_same_console_under_his_own_name(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser, role="moderator") as on:
        await expect(on.desk["role"]).to_have_attribute("data-role", "moderator")
        await expect(on.desk["cue-name"]).to_have_text("Ada")
        lin = server.sign(fresh("lin"), info={"name": "Lin"}, roles={on.room: "host"})
        async with viewer(server.url, lin, on.room) as host:
            await host.rpc("danmaku.send", room=on.room, text="I am the host")
            await menu(on, on.desk.row("I am the host"))
            await on.desk["menu"].get_by_role("button", name="1 min").click()
            await expect(on.desk["step"]).to_contain_text("your own or a higher role")
            await count_is(on.desk["sanctions"], 0)


async def test_who_hosts_nothing_is_told_so_and_is_not_counted(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    token = server.sign(fresh("ada"))
    async with opened(browser) as tab, viewer(server.url, server.sign(fresh("bob")), room) as wire:
        await tab.open(server.http, f"#token={token}", page="host", room=room)
        await expect(tab["denied"]).to_be_visible()
        await tab.is_("denied")
        assert "token" not in tab.page.url
        await tab["denied"].get_by_role("link").click()
        assert (await wire.rpc("presence.roster", room=room))["online"] <= 3


async def test_without_a_token_the_page_says_where_to_sign_in(server: RealServer, browser: Browser) -> None:
    async def no_door(route: Route) -> None:
        """As in production, where the platform alone gives tokens."""
        await route.fulfill(status=404)

    async with opened(browser, "Failed to load resource.*404", "roomserver: connection") as tab:
        await tab.page.route("**/dev/token", no_door)
        await tab.open(server.http, page="host", room=fresh("room"))
        await expect(tab["sign-in"]).to_be_visible()
        await tab.is_("guest")


async def test_the_console_comes_back_with_the_server(browser: Browser, tmp_path: Path) -> None:
    async with running(tmp_path) as server, opened(browser, *LOST) as desk:
        await desk.enter(server.http, page="host", room="demo", user="lin", name="Lin")
        await desk["say"].fill("what I began to write")
        server.begin_to_stop()
        await desk.is_("reconnecting")
        await server.stopped()
        await server.start()
        await desk.is_("live")
        await expect(desk["say"]).to_have_value("what I began to write")
        async with viewer(server.url, server.sign("ada", info={"name": "Ada"}), "demo"):
            await expect(desk["cue-name"]).to_have_text("Ada")


# --- how it looks elsewhere


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_every_part_is_reached_on_a_phone_and_nothing_is_cut(
    server: RealServer, browser: Browser, lang: str
) -> None:
    room = fresh("room")
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    async with opened(browser, **phone) as desk, viewer(server.url, server.sign(fresh("ada")), room):
        await desk.enter(server.http, page="host", room=room, user=fresh("lin"), name="Lin", lang=lang)
        for place, hook in {"cues": "cue-said", "room": "modes", "chat": "say"}.items():
            await desk[f"place-{place}"].click()
            await expect(desk[hook]).to_be_visible()
            assert await desk.page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_docks_show_one_part_at_three_hundred_pixels(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    look = {"viewport": {"width": 300, "height": 600}}
    async with opened(browser, **look) as cues, opened(browser, **look) as chat:
        for tab, view in ((cues, "cues"), (chat, "chat")):
            await tab.enter(server.http, page="host", room=room, user=fresh("lin"), name="Lin", view=view)
            assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 300
        async with viewer(server.url, server.sign(fresh("ada"), info={"name": "Ada"}), room):
            name, script = cues["cue-name"], cues["cue-script"]
            await expect(name).to_have_text("Ada")
            sizes = [
                await one.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") for one in (name, script)
            ]
            assert sizes >= [32, 28]
        await expect(cues["chat-list"]).to_have_count(0)
        await expect(chat["say"]).to_be_visible()
        await expect(chat["cue"]).to_have_count(0)


async def test_strangers_names_and_texts_are_text(server: RealServer, browser: Browser) -> None:
    evil = "<img src=x onerror=window.pwned=1>"
    async with evening(server, browser) as on:
        async with viewer(server.url, server.sign(fresh("eve"), info={"name": evil}), on.room) as eve:
            await eve.rpc("danmaku.send", room=on.room, text=evil)
            await expect(on.desk.row(evil)).to_be_visible()
            await menu(on, on.desk.row(evil))
        assert await on.desk.page.evaluate("'pwned' in window") is False
        assert await on.desk.page.locator("#app img").count() == 0
