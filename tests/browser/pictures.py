"""Pictures of the pages for the README, taken when there is much to see."""

import struct
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, expect

from tests.browser.tab import SETTLED_MS, opened

MOMENT_MS = 60_000
"""How long a picture may wait for its moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a picture is taken; ``flights``: danmaku that must be in it, none on the host's page."""

    name: str
    width: int
    height: int
    lang: str
    person: str
    flights: int = 0
    phone: bool = False

    @property
    def device(self) -> dict[str, Any]:
        screen = {"viewport": {"width": self.width, "height": self.height}}
        return {**screen, "is_mobile": True, "has_touch": True} if self.phone else screen


VIEWS = (
    View(name="viewer.png", width=1280, height=800, lang="en", person="Ann", flights=9),
    View(name="viewer-phone.png", width=360, height=740, lang="zh", person="小安", flights=4, phone=True),
)

HOST_VIEWS = (
    View(name="host.png", width=1280, height=800, lang="en", person="Lin"),
    View(name="host-phone.png", width=360, height=740, lang="zh", person="小满", phone=True),
)

LIVELY_DESK = """() => {
  const at = (hook) => document.querySelector(`[data-testid=${hook}]`);
  return (
    ['milestone', 'returning'].includes(at('cue').dataset.kind) &&
    Number(at('cue-left')?.dataset.ms) > 40_000 &&
    at('cue-next') &&
    document.querySelectorAll('[data-testid=chat-row]').length >= 14 &&
    Number(at('rollcall').dataset.count) >= 3 &&
    document.querySelector('[data-testid=row-shout]')
  );
}"""
"""Whether a card that matters is shown, another waits, and the chat and the roll-call are full."""

GOOD_MOMENT = """least => {
  const at = (hook) => document.querySelector(`[data-testid=${hook}]`);
  const box = (node) => node.getBoundingClientRect();
  const settled = (hook) => at(hook)?.getAnimations({ subtree: true }).length === 0;
  const stage = box(at('stage'));
  const flights = [...document.querySelectorAll('[data-testid=danmaku]')];
  const whole = flights.map(box).filter(({ left, right }) => left >= stage.left && right <= stage.right);
  const list = at('chat-list');
  return (
    whole.length >= least &&
    whole.some(({ left }) => left < stage.left + 0.3 * stage.width) &&
    new Set(flights.map((node) => node.style.color)).size >= 3 &&
    !flights.some((node) => node.classList.contains('flight-held')) &&
    list.scrollHeight > list.clientHeight &&
    ['entrance', 'burst', 'shoutout'].every(settled)
  );
}"""
"""Whether every kind of life is in the picture, settled, with comments all over its width and a full list beside it."""


async def picture(browser: Browser, http: str, view: View) -> bytes:
    """A PNG of the page of a viewer who has checked in, with every kind of life in it."""
    async with opened(browser, **view.device) as tab:
        await tab.enter(http, room="demo", user=f"picture-{view.lang}", name=view.person, lang=view.lang)
        await tab["checkin"].click()
        await expect(tab["checkin"]).to_have_attribute("data-state", "done", timeout=SETTLED_MS)
        await tab.saw("receipt")
        await tab.page.evaluate("document.querySelector('.receipt-close')?.click()")  # it goes by itself, too
        await expect(tab["receipt"]).to_have_count(0)
        await tab.page.wait_for_function(GOOD_MOMENT, arg=view.flights, timeout=MOMENT_MS, polling=100)
        return await tab.page.screenshot()


async def host_picture(browser: Browser, http: str, view: View) -> bytes:
    """A PNG of the host's page at work."""
    async with opened(browser, **view.device) as tab:
        await tab.enter(http, page="host", room="demo", user="host-demo", name=view.person, lang=view.lang)
        await tab.page.wait_for_function(LIVELY_DESK, timeout=MOMENT_MS, polling=100)
        return await tab.page.screenshot()


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its first chunk."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height
