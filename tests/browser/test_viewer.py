"""What a viewer sees of the room's rules, its host, its shop and his own standing, and what he may choose himself."""

import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from time import perf_counter

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Report
from tests.browser.tab import Tab, opened
from tests.server import RealServer
from tests.story.wire import Wire, fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

TOP_TIER = 100_000
"""Enough score for the highest tier."""


@asynccontextmanager
async def evening(server: RealServer, browser: Browser, **look: object) -> AsyncIterator[tuple[Tab, Wire, str, str]]:
    """A live room with its host Lin on the wire and Ada's tab in it: the tab, the wire, the room and Ada's id."""
    room, ada = fresh("room"), fresh("ada")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea", "host": "lin"})
    await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
    token = server.sign("lin", info={"name": "Lin"}, roles={room: "host"})
    async with opened(browser, **look) as tab, viewer(server.url, token, room) as lin:
        await tab.enter(server.http, room=room, user=ada, name="Ada")
        yield tab, lin, room, ada


async def took(seen: Awaitable[None], since: float) -> float:
    """The milliseconds until something is to be seen."""
    await seen
    return (perf_counter() - since) * 1000


# --- what others do


async def test_a_mute_a_mode_and_a_shoutout_reach_the_page(
    server: RealServer, browser: Browser, report: Report
) -> None:
    async with evening(server, browser) as (tab, lin, room, ada):
        await tab["chat-input"].fill("kept")
        since = perf_counter()
        await lin.rpc("moderation.mute", room=room, user=ada, seconds=900, reason="spam", key="1")
        mute = await took(
            expect(tab["chat-hint"]).to_contain_text("(spam). You can watch and check in. 15 minutes left."), since
        )
        await expect(tab["send"]).to_have_attribute("aria-disabled", "true")
        await lin.rpc("moderation.unmute", room=room, user=ada, key="2")
        await expect(tab["chat-hint"]).to_have_text("")

        since = perf_counter()
        await lin.rpc("room.settings", room=room, frozen=True)
        mode = await took(expect(tab["chat-hint"]).to_contain_text("The chat is paused by the host"), since)
        await expect(tab["chat-input"]).to_have_value("kept")
        await lin.rpc("room.settings", room=room, frozen=False)

        since = perf_counter()
        await lin.rpc("shoutout.send", room=room, to=ada, text="Thank you!", key="3")
        shout = await took(tab.saw("shoutout", "Thank you!"), since)
        await tab.saw("shoutout", "for you", detail="true")
        report(f"until the viewer's page says it: mute {mute:.0f} ms, mode {mode:.0f} ms, shout-out {shout:.0f} ms")


@pytest.mark.parametrize(
    ("modes", "said"),
    [
        ({"hosts_only": True}, "Only hosts may write"),
        ({"members_only": True}, "Only members from level 1"),
        ({"min_tier": 3}, "Only members from level 3"),
        ({"emotes_only": True}, "Only emotes are shown"),
    ],
)
async def test_each_mode_says_itself_in_the_box(
    server: RealServer, browser: Browser, modes: dict[str, object], said: str
) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        await lin.rpc("room.settings", room=room, **modes)
        await expect(tab["chat-hint"]).to_contain_text(said)
        await expect(tab["send"]).to_have_attribute("aria-disabled", "true")


async def test_slow_mode_counts_down_and_keeps_the_text(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        await lin.rpc("room.settings", room=room, slow_seconds=60)
        await expect(tab["chat-hint"]).to_have_text("Slow mode: one message every 60 s")
        await tab.say("first")
        await expect(tab.row("first")).to_have_count(1)
        await tab.say("second")
        await expect(tab["send"]).to_have_attribute("aria-label", re.compile(r"Send in \d+ s"))
        await expect(tab["chat-input"]).to_have_value("second")
        await lin.rpc("room.settings", room=room, slow_seconds=0)
        await expect(tab["send"]).not_to_have_attribute("aria-label", re.compile(r"Send in \d+ s"))
        await tab["chat-input"].press("Enter")
        await expect(tab.row("second")).to_have_count(1)


async def test_emotes_go_out_where_texts_do_not(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        await lin.rpc("room.settings", room=room, emotes_only=True)
        await expect(tab["chat-hint"]).to_contain_text("Only emotes")
        await tab["emotes-open"].click()
        await expect(tab["emote"].filter(has_text="crown")).to_have_attribute("aria-disabled", "true")
        await tab["emote"].filter(has_text="waves").click()
        await expect(tab.row("waves")).to_have_attribute("data-status", "shown")
        await tab["emotes-open"].click()
        await expect(tab["emotes"]).to_contain_text("Used last")


async def test_what_is_taken_back_leaves_list_and_picture(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, ada):
        bad = await lin.rpc("danmaku.send", room=room, text="bad words")
        await tab.saw("danmaku", "bad words")
        await lin.rpc("danmaku.remove", room=room, id=bad["id"])
        await expect(tab.row("bad words")).to_have_count(0)
        await expect(tab["danmaku"].filter(has_text="bad words")).to_have_count(0)
        await tab.say("mine")
        await expect(tab.row("mine")).to_have_attribute("data-status", "shown")
        await lin.rpc("danmaku.remove", room=room, user=ada)
        await expect(tab.row("mine")).to_contain_text("taken back by a moderator")


async def test_whom_the_host_calls_sees_it(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, ada):
        await lin.rpc("host.call", room=room, users=[ada])
        await tab.saw("called", "Lin calls you by your name")
        await expect(tab["called-row"]).to_contain_text("Ada")


async def test_likes_are_counted_for_all(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        await lin.rpc("like.send", room=room, count=20)
        await expect(tab["like"]).to_have_attribute("data-count", "20")
        await tab["like"].evaluate("button => [1, 2, 3].forEach(() => button.click())")  # within one handful
        assert (await lin.event("like.counted", delta=3))["total"] == 23
        await expect(tab["like"]).to_have_attribute("data-count", "23")


async def test_a_product_is_on_show_until_it_is_closed(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, _, room, _ada):
        card = {"title": "Oolong <b>", "price": 28, "currency": "EUR", "url": "https://shop.example/1"}
        await server.platform("POST", f"/rooms/{room}/publish", {"type": "app.product", "data": card})
        await expect(tab["product"]).to_contain_text("Oolong <b>")
        await expect(tab["product"].get_by_role("link")).to_have_attribute("href", "https://shop.example/1")
        order = {"title": "Oolong", "user": "Bo", "count": 2}
        await server.platform("POST", f"/rooms/{room}/publish", {"type": "app.order", "data": order})
        await expect(tab["shop-row"].last).to_contain_text("Bo ordered Oolong")
        await server.platform("POST", f"/rooms/{room}/publish", {"type": "app.product_closed", "data": {}})
        await expect(tab["product"]).to_have_count(0)


async def test_who_is_banned_learns_why_and_until_when(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, ada):
        await lin.rpc("moderation.ban", room=room, user=ada, seconds=900, reason="spam", key="1")
        await tab.is_("closed")
        await expect(tab["closed"]).to_contain_text("You are banned from this room.")
        await expect(tab["closed"]).to_contain_text(re.compile(r"Reason: spam\. Until .+\. Your streak"))


async def test_a_banned_viewer_who_reloads_hears_the_same(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    token = server.sign("lin", info={"name": "Lin"}, roles={room: "host"})
    async with opened(browser, "roomserver: room") as tab, viewer(server.url, token, room) as lin:
        await lin.rpc("moderation.ban", room=room, user=ada, seconds=900, key="1")
        await tab.open(server.http, room=room, user=ada, name="Ada")
        await expect(tab["closed"]).to_contain_text("You are banned from this room.")
        await expect(tab["closed"]).to_contain_text("Until")


async def test_the_end_of_the_stream_says_what_works_and_when_it_goes_on(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, _, room, _ada):
        await expect(tab["online"]).to_be_visible()
        plan = {"live": False, "schedule": {"next_at": 4_000_000_000_000}}
        await server.platform("PUT", f"/rooms/{room}/live", plan)
        await expect(tab["off-air"]).to_contain_text("The stream has ended")
        await expect(tab["off-air"]).to_contain_text("You are in the right room: Tea.")
        await expect(tab["off-air"]).to_contain_text("Next stream:")
        await expect(tab["off-air"]).to_contain_text("streak stay open")
        await expect(tab["online"]).to_have_count(0)


# --- what he chooses


async def test_a_message_held_still_can_be_copied_and_its_sender_blocked(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        await lin.rpc("danmaku.send", room=room, text="look at me")
        await tab.page.wait_for_function(FLOWN_IN)
        await tab["danmaku-pick"].press("Enter")
        await expect(tab["held"].get_by_role("button").first).to_be_focused()
        await expect(tab["held"]).to_have_attribute("aria-label", "Message of Lin: look at me")
        before = await tab["danmaku"].first.bounding_box()
        await tab["block-user"].click()
        await expect(tab["danmaku"]).to_have_count(0)
        await expect(tab.row("look at me")).to_have_count(0)
        assert before is not None
        await lin.rpc("danmaku.send", room=room, text="still there?")
        await tab["settings-open"].click()
        await tab["blocked"].get_by_role("button", name="Unblock Lin").click()
        await tab.page.keyboard.press("Escape")
        await expect(tab.row("still there?")).to_have_count(1)


FLOWN_IN = """() => {
  const layer = document.querySelector('[data-testid=danmaku-layer]').getBoundingClientRect();
  const flying = document.querySelector('[data-testid=danmaku]')?.getBoundingClientRect();
  return flying && flying.left < layer.right - 40;
}"""
"""One can be chosen as soon as so much of it is over the picture."""


async def test_blocked_words_and_kinds_stay_chosen_after_a_reload(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        await tab["settings-open"].click()
        await tab["block-word"].fill("Spoiler")
        await tab["block-word"].press("Enter")
        await tab["kind-top"].uncheck(force=True)
        await tab.page.keyboard.press("Escape")
        await tab.page.reload()
        await tab.is_("live")
        await lin.rpc("danmaku.send", room=room, text="a ＳＰＯＩＬＥＲ for you")
        await lin.rpc("danmaku.send", room=room, text="a word for you")
        await expect(tab.row("a word for you")).to_have_count(1)
        await expect(tab.row("ＳＰＯＩＬＥＲ")).to_have_count(0)
        await tab["settings-open"].click()
        await expect(tab["kind-top"]).not_to_be_checked()


async def test_a_message_in_the_list_has_its_menu_by_keys(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, lin, room, _):
        for text in ("one", "two"):
            await lin.rpc("danmaku.send", room=room, text=text)
            await expect(tab.row(text)).to_have_count(1)
        await tab["chat-list"].focus()
        await tab.page.keyboard.press("ArrowUp")
        await tab.page.keyboard.press("ArrowUp")
        await tab.page.keyboard.press("Enter")
        await expect(tab.row("one").get_by_test_id("actions")).to_be_visible()
        await tab["block-words"].click()
        await expect(tab["block-field"]).to_have_value("one")
        await tab["block-field"].press("Enter")
        await expect(tab.row("one")).to_have_count(0)
        await expect(tab.row("two")).to_have_count(1)


async def test_a_style_and_a_place_are_chosen_by_name(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea"})
    await server.platform("POST", f"/rooms/{room}/members/{ada}/score", {"amount": 3000, "reason": "test"})
    async with opened(browser) as tab:
        await tab.enter(server.http, room=room, user=ada, name="Ada")
        await tab["style-open"].click()
        group = tab["styles"].get_by_role("radiogroup", name="Colour")
        await expect(group.get_by_role("radio", name="Pink")).to_be_focused()
        gold = group.get_by_role("radio", name=re.compile("^Gold"))
        await expect(gold).to_have_attribute("aria-disabled", "true")
        await expect(gold).to_contain_text(re.compile(r"Lv 6 · [\d,]+ points to go"))
        await tab.page.keyboard.press("ArrowLeft")
        await expect(group.get_by_role("radio", name="Lilac")).to_have_attribute("aria-checked", "true")
        await tab["mode"].filter(has_text="Bottom").click()
        await tab.page.keyboard.press("Escape")
        await expect(tab["style-open"]).to_be_focused()
        await tab.say("below")
        await tab.saw("held-danmaku", "below", detail="rgb(201, 182, 255)")


# --- his standing


async def test_the_board_shows_my_row_among_my_neighbours(server: RealServer, browser: Browser) -> None:
    room, ada, bob = fresh("room"), fresh("ada"), fresh("bob")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea"})
    async with opened(browser) as tab, viewer(server.url, server.sign(bob, info={"name": "Bob"}), room) as wire:
        await wire.rpc("checkin.mark", room=room)
        await tab.enter(server.http, room=room, user=ada, name="Ada")
        await tab["tab-board"].click()
        await expect(tab["board-standing"]).to_contain_text("not on the board yet")
        await tab["checkin"].click()
        await expect(tab["my-rank"]).to_have_attribute("data-rank", "2")
        await expect(tab["my-rank"]).to_contain_text("1 day")
        await expect(tab["board-standing"]).to_have_text("Bob has as many days as you and was earlier.")
        await tab["board"].get_by_role("checkbox", name="Hide my streak").check()
        await expect(tab["my-rank"]).to_have_count(0)
        await expect(tab["board-standing"]).to_contain_text("You are hidden")


async def test_the_card_shows_the_way_up_and_what_today_gave(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea"})
    async with opened(browser) as tab:
        await tab.enter(server.http, room=room, user=ada, name="Ada")
        await tab["tab-me"].click()
        await expect(tab["path"].locator("[aria-current=step]")).to_have_attribute("data-level", "0")
        await server.platform("POST", f"/rooms/{room}/members/{ada}/score", {"amount": TOP_TIER, "reason": "test"})
        await expect(tab["tier"]).to_contain_text("Lv 6")
        await tab["tab-chat"].click()
        await tab["tab-me"].click()
        await expect(tab["path"].locator("[aria-current=step]")).to_have_attribute("data-level", "6")
        await expect(tab["tier-history"]).to_contain_text("Up to Legend")
        await expect(tab["points-today"].locator("[data-rule=chatting]")).to_contain_text("0 of 10")


async def test_medals_shine_on_the_card_and_beside_the_name(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, _lin, room, ada):
        await tab["tab-me"].click()
        three = tab["medals"].locator("[data-medal=three]")
        await expect(three).to_have_attribute("data-state", "ahead")
        await expect(three).to_contain_text("3 more days in a row")
        await server.platform("PUT", f"/rooms/{room}", {"cadence": "per_stream"})
        async with viewer(server.url, server.sign(ada), room) as phone:
            for stream in ("first", "second", "third"):
                await server.platform("PUT", f"/rooms/{room}/live", {"live": True, "stream": stream})
                await phone.rpc("checkin.mark", room=room)
            await expect(three).to_have_attribute("data-state", "lit")
            await expect(tab["medals"].locator("[data-medal=week]")).to_contain_text("4 more days in a row")
            await phone.rpc("danmaku.send", room=room, text="look at that")
        await tab["tab-chat"].click()
        await expect(tab.row("look at that").get_by_label("Three days in a row")).to_have_text("3")


async def test_points_are_spent_by_two_taps(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, _lin, room, ada):
        await server.platform("POST", f"/rooms/{room}/members/{ada}/score", {"amount": 150, "reason": "test"})
        await tab["tab-me"].click()
        coupon = tab["offer"].locator("[data-item=coupon_5]")
        await expect(tab["offer"].locator("[data-item=gift] button")).to_have_text("650 missing")
        await expect(coupon).to_contain_text("100 points")
        await coupon.get_by_role("button").click()
        await expect(coupon.get_by_role("button")).to_have_text("Pay 100?")
        await expect(tab["points"]).to_contain_text("150")
        await coupon.get_by_role("button").click()
        await expect(tab["offer-said"]).to_contain_text("Yours: Coupon of 5")
        await expect(tab["points"]).to_contain_text("50")
        await expect(coupon.get_by_role("button")).to_have_text("50 missing")


async def test_days_excused_meanwhile_are_in_the_calendar_at_once(server: RealServer, browser: Browser) -> None:
    async with evening(server, browser) as (tab, _lin, room, _ada):
        await tab["checkin"].click()
        await expect(tab["checkin"]).to_have_attribute("data-state", "done")
        await tab["tab-checkin"].click()
        await expect(tab["total-ladder"]).to_contain_text("10 check-ins")
        today = await tab["calendar"].locator("[aria-current=date]").get_attribute("data-date")
        await server.platform("POST", f"/rooms/{room}/excuse", {"from": today, "to": today, "reason": "power cut"})
        await tab["tab-chat"].click()
        await expect(tab["excused-row"]).to_contain_text("(power cut)")


async def test_without_a_stream_a_check_in_waits_and_the_streak_is_safe(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea", "cadence": "per_stream"})
    async with opened(browser) as tab:
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada")
        await expect(tab["checkin-hint"]).to_have_text("Opens with the stream; your streak is safe.")
        await tab["checkin"].click()
        await expect(tab["checkin-hint"]).to_have_text("No stream today: your streak is safe.")
        await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
        await expect(tab["checkin"]).to_have_attribute("data-state", "idle")
        await tab["checkin"].click()
        await expect(tab["checkin"]).to_have_attribute("data-state", "done")


async def test_presence_that_is_missing_is_counted_down_in_the_button(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    await server.platform("PUT", f"/rooms/{room}", {"title": "Tea", "dwell_seconds": 90})
    async with opened(browser) as tab:
        await tab.enter(server.http, room=room, user=fresh("ada"), name="Ada")
        await expect(tab["checkin"]).to_have_attribute("aria-label", re.compile(r"Check in · in 1:[0-3]\d"))
        await expect(tab["checkin"]).to_have_attribute("aria-disabled", "true")
