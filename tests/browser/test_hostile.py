"""Whatever strangers, the platform and hosts write: both pages show it as text, run none of it and keep their shape."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Dialog, expect

from tests.browser.feed import Feed, fed
from tests.browser.hostile import CORPUS, TRIP
from tests.browser.tab import Tab, opened
from tests.server import Json, RealServer
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
PER_BATCH = 30
MOST_LINES = 6

ARMED = """() => {
  window.tripped = [];
  window.tripwire = () => tripped.push(new Error('it ran').stack);
  window.mine = new Set([...document.querySelectorAll('head *')]);
}"""

MADE = """() => {
  const tame = new Set(`DIV SPAN P B I S BDI BUTTON A SVG PATH HEADER MAIN NAV SECTION H1 H2 H3 FORM LABEL TEXTAREA
    INPUT SMALL UL OL LI DL DT DD TABLE THEAD TBODY TR TH TD CAPTION DETAILS SUMMARY SELECT OPTION FIELDSET LEGEND KBD
    STRONG EM CIRCLE RECT G LINE POLYLINE TIME FOOTER ASIDE ARTICLE`.split(/\\s+/));
  const found = [...tripped];
  for (const one of document.body.querySelectorAll('*')) {
    if (one.parentElement === document.body && ['SCRIPT', 'NOSCRIPT'].includes(one.tagName)) continue;
    const known = tame.has(one.tagName.toUpperCase()) || one.matches('video.picture-main');
    if (!known) found.push(`an element nobody made: ${one.outerHTML.slice(0, 120)}`);
    for (const { name, value } of one.attributes) {
      if (name.startsWith('on')) found.push(`a handler: ${one.outerHTML.slice(0, 120)}`);
      if (['href', 'src', 'action', 'formaction'].includes(name) && !/^(https:|#|\\/(?!\\/))/.test(value))
        found.push(`an address: ${value.slice(0, 80)}`);
    }
  }
  for (const one of document.head.querySelectorAll('*'))
    if (!mine.has(one) && one.tagName !== 'LINK') found.push(`in the head: ${one.outerHTML.slice(0, 120)}`);
  return found;
}"""
"""What became of texts: what ran, elements that no page makes, handlers, addresses of other schemes."""

SHAPE = """most => {
  const bad = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) bad.push(`the page is ${page.scrollWidth} px wide`);
  for (const one of document.querySelectorAll('[data-testid=chat-list], .panel, .part, [role=tabpanel], .row'))
    if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'hidden')
      bad.push(`${one.className} is ${one.scrollWidth} px wide: ${one.textContent.slice(0, 40)}`);
  for (const one of document.querySelectorAll('.row')) {
    const lines = one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight);
    if (lines > most + 0.9) bad.push(`${lines.toFixed(1)} lines of ${one.className}: ${one.textContent.slice(0, 60)}`);
  }
  return bad;
}"""
"""What leaves its place: anything wider than the window, and rows of too many lines (their padding aside)."""


def person(text: str, number: int) -> Json:
    return {"id": f"eve-{number}", "name": text, "tier": number % 7}


def said(text: str, number: int) -> Json:
    style = {"id": "white", "color": 0xFFFFFF, "mode": (1, 4, 5)[number % 3], "size": 25}
    return {"type": "danmaku.said", "user": person(text, number), "text": text, "style": style}


def shown(text: str, number: int) -> list[Json]:
    """Everything else in which a room shows words of others."""
    user = person(text, number)
    effect = {"id": text, "priority": 9, "duration_ms": 40, "reduced": text}
    card = {"title": text, "note": text, "price": text, "was": text, "url": text, "image": text}
    return [
        {"type": "shoutout.shown", "by": user, "to": user, "text": text, "pinned_until": 4_000_000_000_000},
        {"type": "effects.entered", "user": user, "effect": effect},
        {"type": "presence.entered", "count": 1, "sample": [user]},
        {"type": "checkin.burst", "delta": 1, "today": 9, "sample": [{"user": user, "streak": 7}]},
        {"type": "checkin.milestone", "user": user, "streak": text, "measure": "length", "count": 100},
        {"type": "host.called", "by": user, "users": [user]},
        {"type": "membership.tier_changed", "user": user, "tier": 3, "from_tier": 2, "name": text},
        {"type": "checkin.excused", "first": "2026-11-01", "last": "2026-11-02", "reason": text},
        {"type": "room.changed", "title": text, "host": {"id": "lin", "name": text}},
        {"type": "app.product", "data": card},
        {"type": "app.order", "data": {"title": text, "user": user, "count": 2}},
        {"type": "app.news", "data": {"text": text}},
    ]


def to_me(text: str, user: str) -> list[Json]:
    return [
        {"type": "moderation.changed", "kind": "mute", "until": 4_000_000_000_000, "reason": text},
        {"type": "membership.medal_earned", "medal": {"id": text, "title": text}},
        {"type": "membership.tier_changed", "user": {"id": user, "name": text, "tier": 2}, "tier": 2, "name": text},
    ]


def cue(text: str, number: int) -> Json:
    user = person(text, number)
    told = {"kind": "returning", "priority": 5, "user": user, "users": [user], "count": 1}
    return {"type": "host.cue", **told, "script": text, "expires_at": 4_000_000_000_000}


@asynccontextmanager
async def armed(
    server: RealServer, browser: Browser, page: str, user: str, name: str
) -> AsyncIterator[tuple[Tab, Feed, str]]:
    """A phone on a page in a live room, on a line of the test's own, with the tripwire laid."""
    room = fresh("room")
    await server.platform("PUT", f"/rooms/{room}", {"title": name, "host": "lin"})
    await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
    async with fed(server.port) as feed, opened(browser, **PHONE) as tab:
        dialogs: list[str] = []

        async def dismiss(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            await dialog.dismiss()

        tab.page.on("dialog", dismiss)
        await tab.enter(feed.http, page=page, room=room, user=user, name=name)
        await tab.page.evaluate(ARMED)
        yield tab, feed, room
        assert dialogs == []


async def unharmed(tab: Tab) -> None:
    faults = [*await tab.page.evaluate(MADE), *await tab.page.evaluate(SHAPE, MOST_LINES)]
    assert not faults, "\n".join(faults)


def parts(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[at : at + PER_BATCH] for at in range(0, len(texts), PER_BATCH)]


async def test_the_viewers_page_shows_all_of_it_as_text(server: RealServer, browser: Browser) -> None:
    ada = fresh("ada")
    async with armed(server, browser, "", ada, "Ada") as (tab, feed, room):
        for number, part in enumerate(parts(CORPUS)):
            await feed.room(room, [said(text, at) for at, text in enumerate(part)])
            await feed.room(room, [event for at, text in enumerate(part) for event in shown(text, at)])
            await feed.personal(ada, [event for text in part for event in to_me(text, ada)])
            await feed.room(room, [said(f"end of part {number}", number)])
            await expect(tab.row(f"end of part {number}")).to_have_count(1)
            await unharmed(tab)
        for hook in ("tab-checkin", "tab-board", "tab-me", "tab-chat"):
            await tab[hook].click()
            await unharmed(tab)


async def test_what_is_read_is_what_was_said(server: RealServer, browser: Browser) -> None:
    async with armed(server, browser, "", fresh("ada"), "Ada") as (tab, feed, room):
        for part in parts(CORPUS):
            await feed.room(room, [said(text, at) for at, text in enumerate(part)])
        await feed.room(room, [said("the end", 0)])
        await expect(tab.row("the end")).to_have_count(1)
        rows = await tab.texts()
        assert rows == [*CORPUS, "the end"][-len(rows) :]
        names = await tab.page.locator("[data-testid=chat-row] .name").all_text_contents()
        assert names == rows


async def test_the_console_shows_all_of_it_as_text(server: RealServer, browser: Browser) -> None:
    async with armed(server, browser, "host", "lin", "Lin") as (tab, feed, room):
        for number, part in enumerate(parts(CORPUS)):
            await feed.room(room, [said(text, at) for at, text in enumerate(part)])
            await feed.room(room, [event for at, text in enumerate(part) for event in shown(text, at)])
            await feed.host(room, [cue(text, at) for at, text in enumerate(part)])
            muted = {"type": "moderation.changed", "kind": "mute", "until": 4_000_000_000_000}
            await feed.host(room, [{**muted, "user": person(text, at), "reason": text} for at, text in enumerate(part)])
            await feed.room(room, [said(f"end of part {number}", number)])
            await tab["place-chat"].click()
            await expect(tab.row(f"end of part {number}")).to_have_count(1)
            for place in ("cues", "room", "chat"):
                await tab[f"place-{place}"].click()
                await unharmed(tab)


async def test_it_is_text_by_way_of_the_server_too(server: RealServer, browser: Browser) -> None:
    """Names come from tokens, titles and reasons from the platform, words from people: a few of each kind."""
    some = [text for text in CORPUS if TRIP in text and text.isprintable() and len(text) <= 100][::6]
    ada, room = fresh("ada"), fresh("room")
    lin = server.sign("lin", info={"name": some[0]}, roles={room: "host"})
    await server.platform("PUT", f"/rooms/{room}", {"title": some[1], "host": "lin", "words": ["<b>forbidden</b>"]})
    await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
    async with opened(browser, **PHONE) as tab, opened(browser, **PHONE) as desk, viewer(server.url, lin, room) as host:
        await desk.enter(server.http, page="host", room=room, user="lin", name="Lin")
        await tab.enter(server.http, room=room, user=ada, name=some[2])
        for one in (tab, desk):
            await one.page.evaluate(ARMED)
        for text in some:
            token = server.sign(fresh("eve"), info={"name": text, "avatar": "javascript:tripwire()"})
            async with viewer(server.url, token, room) as eve:
                await eve.rpc("danmaku.send", room=room, text=text)
                await eve.rpc("checkin.mark", room=room)
            card = {"title": text, "url": text, "image": text}
            await server.platform("POST", f"/rooms/{room}/publish", {"type": "app.product", "data": card})
        await host.rpc("shoutout.send", room=room, to=ada, text=some[3], key="1")
        await host.rpc("moderation.mute", room=room, user=ada, seconds=900, reason=some[4], key="2")
        await expect(tab["chat-hint"]).not_to_be_empty()
        await tab.saw("shoutout")
        for one in (tab, desk):
            await unharmed(one)


async def test_what_would_run_is_found(server: RealServer, browser: Browser) -> None:
    async with opened(browser, "Content Security Policy", "broke its own policy") as tab:
        await tab.enter(server.http, room=fresh("room"), user=fresh("ada"), name="Ada")
        await tab.page.evaluate(ARMED)
        assert await tab.page.evaluate(MADE) == []
        await tab.page.evaluate(
            """() => {
                const bad = document.createElement('marquee');
                bad.setAttribute('onnothing', '1'); // a real one the policy refuses
                bad.setAttribute('src', 'javascript:1');
                document.getElementById('app').append(bad);
                tripwire();
            }"""
        )
        found = "\n".join(await tab.page.evaluate(MADE))
        for fault in ("it ran", "nobody made", "a handler", "an address: javascript:1"):
            assert fault in found
