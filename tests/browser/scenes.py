"""The states of the two pages, each played over a real server until the page stands in it.

A scene leaves its tab open in that state; whoever asked for it looks at it in both languages and at both widths.
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Browser, Route, expect

from tests.browser.evening import evening
from tests.browser.tab import LOST, SETTLED_MS, Tab, opened
from tests.sdk.cable import laid
from tests.server import RealServer
from tests.story.wire import Wire, fresh, viewer

TOP_TIER = 100_000
"""Enough score for the highest tier."""

TITLE = "Autumn tea evening 秋日茶会"
SAID = (
    ("Ann", "Which one is best with milk?", None),
    ("小林", "上次买的已经喝完了，今天再来两盒！", "gold"),
    ("Bo", "🍵🍵🍵", None),
    ("Maximilian Featherstonehaugh", "I have come every evening since the first of the month", "pink"),
    ("小满", "主播今天的茶杯好好看", None),
    ("Bo", "https://example.org/a/very/long/address/without/any/space/that/has/to/be/broken/somewhere", None),
)


@dataclass(slots=True)
class Play:
    """What a scene is made of; ``stack`` keeps its people in the room until it has been looked at."""

    server: RealServer
    browser: Browser
    stack: AsyncExitStack
    room: str = field(default_factory=lambda: fresh("room"))

    async def live(self) -> None:
        await self.server.platform("PUT", f"/rooms/{self.room}", {"title": TITLE, "host": "lin"})
        await self.server.platform("PUT", f"/rooms/{self.room}/live", {"live": True})

    async def tab(self, *expected: str, **look: Any) -> Tab:
        return await self.stack.enter_async_context(opened(self.browser, *expected, **look))

    async def person(self, name: str, user: str | None = None, role: str | None = None) -> Wire:
        """Somebody else in the room."""
        roles = {self.room: role} if role else {}
        token = self.server.sign(user or fresh("person"), info={"name": name}, roles=roles)
        return await self.stack.enter_async_context(viewer(self.server.url, token, self.room))

    async def score(self, user: str, amount: int = TOP_TIER) -> None:
        """Make somebody a member of a higher tier."""
        earned = {"amount": amount, "reason": "test"}
        await self.server.platform("POST", f"/rooms/{self.room}/members/{user}/score", earned)

    async def talk(self) -> None:
        """Some talk in colours, among people of several tiers."""
        for name, text, style in SAID:
            user = fresh("person")
            if style:
                await self.score(user)
            wire = await self.person(name, user)
            await wire.rpc("danmaku.send", room=self.room, text=text, **({"style": style} if style else {}))

    async def ada(self) -> Tab:
        """The tab of a member of level 3 in a live room."""
        ada = fresh("ada")
        await self.live()
        await self.score(ada, 3000)
        tab = await self.tab()
        await tab.enter(self.server.http, room=self.room, user=ada, name="Ada")
        return tab

    async def desk(self) -> Tab:
        """The host's tab, before anything has happened."""
        await self.live()
        tab = await self.tab()
        await tab.enter(self.server.http, page="host", room=self.room, user="lin", name="Lin")
        return tab


# --- the viewer's page


async def loading(play: Play) -> Tab:
    async def never(route: Route) -> None:
        """A server that does not answer."""

    tab = await play.tab()
    await tab.page.route("**/dev/token", never)
    await tab.open(play.server.http, room=play.room)
    await expect(tab["loading"]).to_be_visible()
    return tab


async def live(play: Play) -> Tab:
    tab = await play.ada()
    await play.talk()
    lin = await play.person("Lin", "lin", "host")
    await lin.rpc("danmaku.send", room=play.room, text="Welcome to the tea evening!")
    await lin.rpc("shoutout.send", room=play.room, to="lin", text="Thank you all for coming", key="1")
    await lin.rpc("like.send", room=play.room, count=20)
    card = {"title": "Oolong 乌龙茶", "price": "¥28", "was": "¥36", "url": "https://shop.example/1"}
    await play.server.platform("POST", f"/rooms/{play.room}/publish", {"type": "app.product", "data": card})
    await expect(tab["product"]).to_be_visible()
    await tab.saw("shoutout")
    return tab


async def checked_in(play: Play) -> Tab:
    tab = await play.ada()
    await tab["checkin"].click()
    await tab.saw("receipt")
    return tab


async def calendar(play: Play) -> Tab:
    tab = await checked_in(play)
    await tab["tab-checkin"].click()
    await expect(tab["calendar"]).to_be_visible()
    return tab


async def board(play: Play) -> Tab:
    tab = await play.ada()
    for name in ("Ann", "小林", "Maximilian Featherstonehaugh"):
        wire = await play.person(name)
        await wire.rpc("checkin.mark", room=play.room)
    await tab["checkin"].click()
    await tab["tab-board"].click()
    await expect(tab["my-rank"]).to_be_visible()
    return tab


async def card(play: Play) -> Tab:
    tab = await play.ada()
    await tab["tab-me"].click()
    await expect(tab["path"]).to_be_visible()
    return tab


async def settings(play: Play) -> Tab:
    tab = await play.ada()
    await tab["settings-open"].click()
    await expect(tab["settings"]).to_be_visible()
    return tab


async def emotes(play: Play) -> Tab:
    tab = await play.ada()
    await tab["emotes-open"].click()
    await expect(tab["emotes"]).to_be_visible()
    return tab


async def styles(play: Play) -> Tab:
    tab = await play.ada()
    await tab["style-open"].click()
    await expect(tab["styles"]).to_be_visible()
    return tab


async def row_actions(play: Play) -> Tab:
    tab = await play.ada()
    await play.talk()
    await expect(tab.row("milk")).to_have_count(1)
    await tab["chat-row"].first.click()
    await expect(tab["actions"]).to_be_visible()
    return tab


async def guest(play: Play) -> Tab:
    await play.live()
    tab = await play.tab()
    await tab.open(play.server.http, f"#token={play.server.sign('')}", room=play.room)
    await tab.is_("guest")
    await play.talk()
    return tab


async def muted(play: Play) -> Tab:
    await play.live()
    ada, tab = fresh("ada"), await play.tab()
    await tab.enter(play.server.http, room=play.room, user=ada, name="Ada")
    lin = await play.person("Lin", "lin", "host")
    await lin.rpc("moderation.mute", room=play.room, user=ada, seconds=900, reason="spam", key="1")
    await expect(tab["chat-hint"]).to_contain_text("spam")
    return tab


async def reconnecting(play: Play) -> Tab:
    await play.live()
    cable = await play.stack.enter_async_context(laid(play.server.port))
    tab = await play.tab(*LOST)
    await tab.enter(f"http://127.0.0.1:{cable.port}", room=play.room, user=fresh("ada"), name="Ada")
    for language in ("zh", "en"):  # the words of a language are fetched when they are first wanted
        await tab["lang"].click()
        await expect(tab.page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
    cable.cut()
    await tab.is_("reconnecting")
    await expect(tab["connection"]).to_contain_text("Reconnecting")
    return tab


async def not_live(play: Play) -> Tab:
    await play.server.platform("PUT", f"/rooms/{play.room}", {"title": TITLE, "host": "lin"})
    plan = {"live": False, "schedule": {"next_at": 4_000_000_000_000}}
    await play.server.platform("PUT", f"/rooms/{play.room}/live", plan)
    tab = await play.tab()
    await tab.enter(play.server.http, room=play.room, user=fresh("ada"), name="Ada")
    await expect(tab["off-air"]).to_be_visible()
    return tab


async def ended(play: Play) -> Tab:
    tab = await play.ada()
    await play.server.platform("PUT", f"/rooms/{play.room}/live", {"live": False})
    await expect(tab["off-air"]).to_be_visible()
    return tab


async def closed(play: Play) -> Tab:
    await play.live()
    ada, tab = fresh("ada"), await play.tab()
    await tab.enter(play.server.http, room=play.room, user=ada, name="Ada")
    lin = await play.person("Lin", "lin", "host")
    await lin.rpc("moderation.ban", room=play.room, user=ada, seconds=900, reason="spam", key="1")
    await tab.is_("closed")
    await expect(tab["closed"]).to_be_visible()
    return tab


async def picture(play: Play) -> Tab:
    tab = await play.ada()
    await play.talk()
    await play.stack.enter_async_context(evening(play.server, play.room))
    await expect(tab["picture"]).to_have_attribute("data-state", "playing")
    await tab["hand"].click()
    await expect(tab["hand"]).to_have_attribute("aria-pressed", "true")
    return tab


async def invited(play: Play) -> Tab:
    await play.live()
    ada, tab = fresh("ada"), await play.tab()
    await tab.enter(play.server.http, room=play.room, user=ada, name="Ada")
    lin = await play.person("Lin", "lin", "host")
    await lin.rpc("stage.invite", room=play.room, user=ada)
    await expect(tab["stage-accept"]).to_be_visible()
    return tab


# --- the host's page


async def no_cues(play: Play) -> Tab:
    tab = await play.desk()
    await expect(tab["cue-sample"]).to_be_visible()
    return tab


async def cue(play: Play) -> Tab:
    tab = await play.desk()
    await play.talk()
    await expect(tab["cue-script"]).to_be_visible()
    return tab


async def composer(play: Play) -> Tab:
    tab = await play.desk()
    await play.person("Ann")
    await tab["cue-shout"].click()
    await expect(tab["shout-text"]).to_be_visible()
    return tab


async def row_menu(play: Play) -> Tab:
    tab = await play.desk()
    await play.talk()
    await expect(tab.row("milk")).to_have_count(1)
    await tab.row("milk").get_by_test_id("row-menu").click()
    await expect(tab["menu"]).to_be_visible()
    return tab


async def ban(play: Play) -> Tab:
    tab = await row_menu(play)
    await tab["ban"].click()
    await expect(tab["sure"]).to_be_visible()
    return tab


async def roll_call(play: Play) -> Tab:
    await play.live()
    for name, user in {"小林": fresh("lin"), "Maximilian Featherstonehaugh": fresh("max")}.items():
        days = [(datetime.now(UTC).date() - timedelta(days=ago)).isoformat() for ago in range(4, 34)]
        brought = {"days": days, "score": 1200, "points": 250, "name": name}
        await play.server.platform("PUT", f"/rooms/{play.room}/members/{user}/import", brought)
        await play.person(name, user)
    tab = await play.desk()
    await expect(tab["rollcall"]).to_have_attribute("data-count", "2", timeout=SETTLED_MS)
    await tab["regular"].first.get_by_role("checkbox").check()
    return tab


async def modes(play: Play) -> Tab:
    tab = await play.desk()
    lin = await play.person("Lin", "lin", "host")
    await lin.rpc("room.settings", room=play.room, frozen=True, slow_seconds=10)
    await lin.rpc("moderation.mute", room=play.room, user=fresh("bo"), seconds=900, reason="spam", key="1")
    await expect(tab["mode-frozen"]).to_have_attribute("data-on", "true")
    await expect(tab["unmute-line"]).to_be_attached()
    await tab["entrances"].locator("summary").click()
    return tab


async def seats(play: Play) -> Tab:
    await play.live()
    bo, max_ = fresh("bo"), fresh("max")
    wires = [await play.person("Bo", bo), await play.person("Maximilian Featherstonehaugh", max_)]
    lin = await play.person("Lin", "lin", "host")
    await lin.rpc("stage.invite", room=play.room, user=bo)
    await wires[0].rpc("stage.accept", room=play.room)
    await wires[1].rpc("stage.raise", room=play.room)
    tab = await play.desk()
    await tab["set-up"].click()
    await expect(tab["device-trouble"]).to_be_visible()
    await expect(tab["candidate"]).to_be_attached()
    return tab


async def not_allowed(play: Play) -> Tab:
    await play.live()
    tab = await play.tab()
    await tab.open(play.server.http, f"#token={play.server.sign(fresh('ada'))}", page="host", room=play.room)
    await expect(tab["denied"]).to_be_visible()
    return tab


Scene = Callable[[Play], Awaitable[Tab]]

VIEWER: tuple[Scene, ...] = (
    loading,
    live,
    checked_in,
    calendar,
    board,
    card,
    settings,
    emotes,
    styles,
    row_actions,
    guest,
    muted,
    reconnecting,
    not_live,
    ended,
    closed,
    picture,
    invited,
)

HOST: tuple[Scene, ...] = (no_cues, cue, composer, row_menu, ban, roll_call, modes, seats, not_allowed)

PLACES = {
    no_cues: "cues",
    cue: "cues",
    composer: "cues",
    row_menu: "chat",
    ban: "chat",
    roll_call: "cues",
    modes: "room",
    seats: "picture",
}
"""Which part of the console a scene plays in, where a narrow screen shows one part only."""
