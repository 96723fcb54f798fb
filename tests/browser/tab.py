"""A tab of a real browser on one of the pages, under watch: no fault of the page passes unnoticed."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.sightings import Sighting

WATCH = Path(__file__).with_name("watch.js")
SETTLED_MS = 30_000
"""How long a test waits for what must be seen, on the slowest machine."""

expect.set_options(timeout=SETTLED_MS)

WENT = """([hook, states]) => {
  let met = 0;
  for (const [, kind, detail] of sightings()) if (kind === hook && detail === states[met]) met += 1;
  return met === states.length;
}"""

SAW = """([hook, wanted, look]) =>
  sightings().some(([, kind, detail, text]) => kind === hook && text.includes(wanted) && (look ?? detail) === detail)"""

PRESS = """hook => {
  const watch = new MutationObserver(() => {
    const button = document.querySelector(`[data-testid=${hook}]`);
    if (!button) return;
    watch.disconnect();
    button.click();
  });
  watch.observe(document, { subtree: true, childList: true });
}"""

HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""

LOST = (
    "WebSocket connection to",
    "Failed to load resource",
    "roomserver: connection",
    "roomserver: room",
    "roomserver: .* connection closed",
)
"""Faults that are none while the server or the network is away; the last is of what was just being asked."""


@dataclass(slots=True)
class Tab:
    """One page; ``faults`` are its console's errors and warnings, broken policies and uncaught exceptions."""

    page: Page
    context: BrowserContext
    faults: list[str] = field(default_factory=list)

    def __getitem__(self, hook: str) -> Locator:
        """What carries the test hook of this name."""
        return self.page.get_by_test_id(hook)

    async def open(self, http: str, fragment: str = "", page: str = "", **visit: str) -> None:
        """Load a page (the viewer's unless another is named) for a visit: ``room``, ``user``, ``name``, ``lang``…"""
        query = urlencode({"lang": "en", **visit})
        await self.page.goto(f"{http}/{page}?{query}{fragment}")

    async def enter(self, http: str, page: str = "", **visit: str) -> None:
        """Load a page and wait until it is in the room."""
        await self.open(http, page=page, **visit)
        await self.is_("live")

    async def is_(self, state: str) -> None:
        """Wait until the connection is in a state."""
        await expect(self["connection"]).to_have_attribute("data-state", state, timeout=SETTLED_MS)

    async def say(self, text: str) -> None:
        await self["chat-input"].fill(text)
        await self["chat-input"].press("Enter")

    def row(self, text: str) -> Locator:
        """The rows of the chat that say so."""
        return self["chat-row"].filter(has_text=text)

    async def texts(self) -> list[str]:
        """What the chat's rows say, in order."""
        return await self.page.locator("[data-testid=chat-row] .said").all_text_contents()

    async def sightings(self) -> list[Sighting]:
        """What was to be seen so far."""
        return [Sighting(at / 1000, *what) for at, *what in await self.page.evaluate("sightings()")]

    async def states(self, hook: str = "connection") -> list[str]:
        """The states that the connection, or another part under watch, went through."""
        states = [one.detail for one in await self.sightings() if one.kind == hook]
        return [state for index, state in enumerate(states) if index == 0 or states[index - 1] != state]

    async def went(self, hook: str, *states: str, timeout_ms: float = SETTLED_MS) -> None:
        """Wait until a part under watch has gone through these states in this order, however short each was."""
        await self.page.wait_for_function(WENT, arg=[hook, states], timeout=timeout_ms)

    async def saw(self, hook: str, text: str = "", *, detail: str | None = None) -> None:
        """Wait until a part under watch that says so was to be seen, though it may be gone again by now."""
        await self.page.wait_for_function(SAW, arg=[hook, text, detail])

    async def seen(self, hook: str) -> list[str]:
        """What a part under watch has said, one after another."""
        return [one.text for one in await self.sightings() if one.kind == hook]

    async def press_when_there(self, hook: str) -> None:
        """See to it that a button is pressed as soon as it comes: it may be there for moments only."""
        await self.page.evaluate(PRESS, hook)

    async def hide(self) -> None:
        """As if another tab were in front."""
        await self.page.evaluate(HIDE, True)

    async def show(self) -> None:
        """And back again."""
        await self.page.evaluate(HIDE, False)

    def watch(self) -> None:
        self.page.set_default_timeout(SETTLED_MS)
        self.page.on("console", lambda message: self._hear(message))  # noqa: PLW0108 - Playwright marks what it calls
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text}")

    def unexpected(self, expected: Sequence[str]) -> list[str]:
        """Faults that none of these patterns names."""
        return [fault for fault in self.faults if not any(re.search(pattern, fault) for pattern in expected)]


@asynccontextmanager
async def opened(browser: Browser, *expected: str, **look: Any) -> AsyncIterator[Tab]:
    """A tab of its own, as of another device; afterwards its faults must all have been ``expected``.

    ``look``: how the device is, in Playwright's words: ``viewport``, ``reduced_motion``…
    """
    context = await browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **look})
    try:
        await context.add_init_script(path=WATCH)
        tab = Tab(await context.new_page(), context)
        tab.watch()
        yield tab
        unexpected = tab.unexpected(expected)
        assert unexpected == [], unexpected
    finally:
        await context.close()
