"""Every state of every page, in both languages, on a desk and on a phone: fit, accessible, without a fault."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.axe import Inspector, Violation
from tests.browser.fit import CLOSE, LONGER, SPACED, cut, misfits
from tests.browser.ops_scenes import OPERATOR
from tests.browser.pictures import size_of
from tests.browser.scenes import HOST, PLACES, VIEWER, Play, Scene, calendar, cue, live, modes
from tests.browser.tab import Tab, opened
from tests.conftest import CHECKOUT, Require
from tests.server import RealServer

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]

UPDATING = os.environ.get("UPDATE_SCREENSHOTS") == "1"
PICTURES = CHECKOUT / "build" / "scenes"
"""Where UPDATE_SCREENSHOTS=1 leaves a picture of every scene, to be looked at."""

PICTURED = (live, calendar, cue, modes)
"""The scenes that are pictured in every run."""

SIZES = {"1280": (1280, 800), "360": (360, 740)}
SETTLED = """() => Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime < 2000)
  .map((one) => one.finished.catch(() => 0)))"""
"""Until what fades in has done so: half-faded text has no contrast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A scene as somebody sees it."""

    lang: str
    size: str


LOOKS = [Look(lang=lang, size=size) for size in SIZES for lang in ("en", "zh")]


@pytest.fixture(scope="session")
def axe(require: Require) -> Path:
    """The npm package axe-core."""
    found = CHECKOUT / "web" / "node_modules" / "axe-core"
    require("axe-core (npm ci in web/ installs it)", found.is_dir())
    return found


async def seen_as(tab: Tab, scene: Scene, look: Look) -> None:
    """Turn a tab to a language and a size, as its user would."""
    width, height = SIZES[look.size]
    await tab.page.set_viewport_size({"width": width, "height": height})
    if await tab.page.evaluate("document.documentElement.lang.slice(0, 2)") != look.lang:
        await tab["lang"].evaluate("button => button.click()")  # also behind a sheet
    await expect(tab.page.locator("html")).to_have_attribute("lang", re.compile(f"^{look.lang}"))
    if look.size == "360" and scene in PLACES:
        await tab[f"place-{PLACES[scene]}"].click()
    await tab.page.evaluate(SETTLED)


def told(look: Look, violations: list[Violation]) -> list[str]:
    """In words, one line for each rule and element."""
    return [
        f"{look.size} {look.lang}: {one.impact} {one.rule} {one.target} {one.html} ({one.why})" for one in violations
    ]


@pytest.mark.parametrize("scene", [*VIEWER, *HOST, *OPERATOR], ids=lambda scene: scene.__name__)
async def test_a_state_fits_and_breaks_no_rule(
    server: RealServer, browser: Browser, scene: Scene, axe: Path, tmp_path: Path
) -> None:
    faults: list[str] = []
    async with AsyncExitStack() as stack:
        tab = await scene(Play(server, browser, stack))
        inspector = await Inspector.of(tab.page, axe)
        for look in LOOKS:
            await seen_as(tab, scene, look)
            if UPDATING or scene in PICTURED:
                place = PICTURES if UPDATING else tmp_path
                assert size_of(await picture(tab, scene, look, place)) == SIZES[look.size]
            faults += told(look, await inspector.violations())
            faults += [f"{look.size} {look.lang}: {one}" for one in await misfits(tab.page) + await cut(tab.page)]
        faults += [fault async for fault in strained(tab, scene)]
    assert faults == [], "\n".join(faults)


async def picture(tab: Tab, scene: Scene, look: Look, place: Path) -> bytes:
    """A PNG of a scene, also left in a folder."""
    page = "host" if scene in HOST else "ops" if scene in OPERATOR else "viewer"
    return await tab.page.screenshot(path=place / f"{page}-{scene.__name__}-{look.size}-{look.lang}.png")


STRAINS = {"320 px": (320, 640), "zoomed to 200 %": (640, 400)}


async def strained(tab: Tab, scene: Scene) -> AsyncIterator[str]:
    """What does not fit on a small screen, zoomed, with letters apart, or in a language of longer words."""
    await seen_as(tab, scene, Look(lang="en", size="360"))
    await tab.page.evaluate(SPACED)
    for one in await misfits(tab.page) + await cut(tab.page):
        yield f"letters apart: {one}"
    await tab.page.evaluate(CLOSE)
    for name, (width, height) in STRAINS.items():
        await tab.page.set_viewport_size({"width": width, "height": height})
        for one in await misfits(tab.page) + await cut(tab.page):
            yield f"{name}: {one}"
    await tab.page.set_viewport_size({"width": 360, "height": 740})
    await tab.page.evaluate(LONGER)
    for one in await misfits(tab.page) + await cut(tab.page):
        yield f"longer words: {one}"


PLANTED = """() => {
  const bad = document.createElement('button');
  bad.className = 'planted';
  const place = 'position: fixed; top: 90px; left: 90px; width: 10px; height: 10px;';
  bad.style.cssText = `${place} min-width: 0; min-height: 0; padding: 0; border: 0`;
  document.getElementById('app').append(bad);
  const pale = document.createElement('p');
  pale.textContent = 'hard to read';
  pale.style.cssText = 'color: #888; background: #999; width: 2000px; font-size: 9px';
  document.getElementById('app').append(pale);
}"""


async def test_what_is_planted_is_found(server: RealServer, browser: Browser, axe: Path) -> None:
    async with opened(browser) as tab:
        await tab.enter(server.http, room="planted", user="ada", name="Ada")
        await tab.page.evaluate(PLANTED)
        rules = {one.rule: one.impact for one in await (await Inspector.of(tab.page, axe)).violations()}
        assert rules["button-name"] == "critical"
        assert rules["color-contrast"] == "serious"
        found = "\n".join(await misfits(tab.page))
        for fault in ("px wide in a window", "is written in 9 px", "is 10×10 px, less than 24"):
            assert fault in found
