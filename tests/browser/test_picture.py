"""The picture on the pages: it plays under the danmaku, comes back, and nothing else waits for it."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.conftest import QUIET, Report
from tests.browser.elsewhere import SETTINGS, Elsewhere
from tests.browser.evening import camera_off, evening
from tests.browser.tab import LOST, Tab, opened
from tests.conftest import Require
from tests.server import RealServer, running
from tests.story.wire import fresh

pytestmark = [
    pytest.mark.browser,
    pytest.mark.media,
    pytest.mark.store,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "cmdline").exists()

BACK_MS = 40_000
"""A process has to start, somebody has to publish, and then everybody to connect anew."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def studio(chromium: Path, pages: Path) -> AsyncIterator[Browser]:
    """A browser with a camera and a microphone that it makes up, and whose user allows both."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *MADE_UP])
        yield browser
        await browser.close()


MADE_UP = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


async def shows(tab: Tab, state: str) -> None:
    await expect(tab["picture"]).to_have_attribute("data-state", state, timeout=BACK_MS)


MOVED = """frames => new Promise((done) => {
  let last = Infinity;
  const look = () => {
    const now = document.querySelector('[data-testid=video]').getVideoPlaybackQuality().totalVideoFrames;
    frames -= Math.max(0, now - last);  // a new stream counts anew
    last = now;
    if (frames > 0) setTimeout(look, 100);
    else done();
  };
  look();
})"""


async def moves(tab: Tab) -> None:
    """Wait until more frames were shown."""
    async with asyncio.timeout(BACK_MS / 1000):
        await tab.page.evaluate(MOVED, 5)


def kill_media(server: RealServer) -> None:
    """Kill the server's media processes (where /proc tells of processes)."""
    for process in PROC.glob("[0-9]*"):
        with suppress(OSError):
            line = (process / "cmdline").read_bytes().split(b"\0")
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if b"media" in line and server.process is not None and parent == server.process.pid:
                os.kill(int(process.name), signal.SIGKILL)


async def test_a_viewer_sees_the_picture_under_the_danmaku(
    server: RealServer, browser: Browser, report: Report
) -> None:
    room = fresh("room")
    async with opened(browser) as page:
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        async with evening(server, room):
            await shows(page, "playing")
            await moves(page)
            await page.say("what lanterns!")
            await page.saw("danmaku", "what lanterns!")
            assert await page["danmaku-layer"].evaluate(ABOVE), "comments fly over the picture"
            async with opened(browser) as late:
                await late.enter(server.http, room=room, user=fresh("cy"), name="Cy")
                began = await late.page.evaluate("performance.now()")
                await shows(late, "playing")
                report(f"a picture plays {await late.page.evaluate('performance.now()') - began:.0f} ms after joining")
            for live, state in ((False, "idle"), (True, "playing")):  # the platform's own stream, over the same picture
                await server.platform("PUT", f"/rooms/{room}/live", {"live": live})
                await shows(page, state)
            await moves(page)
        await shows(page, "away")
        await expect(page["picture-note"]).to_have_text("Back soon")


ABOVE = """flight => {
  const video = document.querySelector('[data-testid=video]');
  return Boolean(video.compareDocumentPosition(flight) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""


PLAYED = """seconds => new Promise((done) => {
  let last = Infinity;
  const look = () => {
    const now = document.querySelector('[data-testid=video]').currentTime;
    seconds -= Math.max(0, now - last);  // a new stream begins anew
    last = now;
    if (seconds > 0) setTimeout(look, 100);
    else done();
  };
  look();
})"""


async def goes_on(tab: Tab) -> None:
    """Wait until more was played, to be seen or heard."""
    async with asyncio.timeout(BACK_MS / 1000):
        await tab.page.evaluate(PLAYED, 0.5)


async def test_a_host_whose_camera_is_off_is_heard(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    async with opened(browser) as page:
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        async with camera_off(server, room) as camera:
            await shows(page, "sound")
            await expect(page["picture-note"]).to_have_text("No picture at the moment; the sound goes on.")
            await goes_on(page)
            camera.open.set()
            await shows(page, "playing")
            await moves(page)
            camera.open.clear()
            await shows(page, "sound")
            await goes_on(page)


async def test_the_sound_is_the_viewers_choice(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    async with opened(browser) as page, evening(server, room):
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        await shows(page, "playing")
        sound = await page["picture"].get_attribute("data-sound")
        await page["sound"].click()
        await expect(page["picture"]).to_have_attribute("data-sound", "false" if sound == "true" else "true")
        assert await page["video"].evaluate("video => video.muted") == (sound == "true")


async def test_a_picture_that_is_lost_comes_back(
    tmp_path: Path, browser: Browser, require: Require, report: Report
) -> None:
    require("/proc", HAS_PROC)
    async with running(tmp_path) as server, opened(browser, *LOST) as page:
        async with evening(server, "demo"):
            await page.enter(server.http, room="demo", user="bo", name="Bo")
            await shows(page, "playing")
            clock = asyncio.get_running_loop().time
            killed = clock()
            kill_media(server)
            await expect(page["picture-note"]).to_be_visible(timeout=BACK_MS)
            report(f"a picture that is lost is missed after {1000 * (clock() - killed):.0f} ms (of 3,000)")
            await page.say("still here")
            await expect(page.row("still here")).to_be_visible()
        async with evening(server, "demo"):
            began = clock()
            await shows(page, "playing")
            await moves(page)
            report(f"and moves again {1000 * (clock() - began):.0f} ms after its sender begins to start")
        assert all("the media process ended" in fault for fault in server.faults()), server.faults()
        await server.kill()


async def test_without_webrtc_everything_else_works(server: RealServer, browser: Browser) -> None:
    room = fresh("room")
    async with opened(browser) as page, evening(server, room):
        await page.context.add_init_script("delete globalThis.RTCPeerConnection")
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        await shows(page, "over")
        await expect(page["picture-note"]).to_contain_text("chat and check-in work")
        await page["checkin"].click()
        await expect(page["checkin"]).to_have_attribute("data-state", "done")


# --- the host's own


async def is_(desk: Tab, state: str) -> None:
    """Wait until the host's picture is in a state."""
    await expect(desk["golive"]).to_have_attribute("data-state", state, timeout=BACK_MS)


async def go_live(desk: Tab, server: RealServer, room: str) -> None:
    await desk.enter(server.http, page="host", room=room, user="lin", name="Lin")
    await desk["set-up"].click()
    await is_(desk, "setup")
    await expect(desk["level"]).to_have_attribute("data-heard", "true", timeout=BACK_MS)
    await desk["go-live"].click()
    await desk.saw("countdown", "Live in 3")
    await desk.page.evaluate(NOW)
    await is_(desk, "live")


NOW = "document.querySelector('[data-testid=live-now]')?.click()"
"""It goes without it, too, when the count has come to its end."""


PRESSED = """document.addEventListener('click', ({ target }) => {
  if (target.closest('[data-testid=live-now]')) window.pressedAt = Date.now();
}, true)"""
SEEN = """() => {
  const look = () => {
    const video = document.querySelector('[data-testid=video]');
    if (video?.getVideoPlaybackQuality().totalVideoFrames) window.seenAt = Date.now();
    else requestAnimationFrame(look);
  };
  look();
}"""
"""When the host pressed, and when the viewer's first frame was there."""


async def test_a_host_goes_live_from_his_page_and_ends(
    server: RealServer, studio: Browser, browser: Browser, report: Report
) -> None:
    room = fresh("room")
    async with opened(studio) as desk, opened(browser) as page:
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        await page.page.evaluate(SEEN)
        await desk.context.add_init_script(PRESSED)
        await go_live(desk, server, room)
        await shows(page, "playing")
        await page.page.wait_for_function("() => window.seenAt")
        if pressed := await desk.page.evaluate("window.pressedAt"):  # else the count had come to its end before
            took = await page.page.evaluate("seenAt") - pressed
            report(f"a viewer sees the host {took:.0f} ms after he has pressed (of 5,000)")
        await moves(page)
        await desk.saw("uplink", detail="good")
        await desk["mic"].click()
        await expect(desk["mic"]).to_have_attribute("aria-pressed", "true")
        await desk["end"].click()
        await expect(desk["end-sure"]).to_be_visible()
        await desk["end-sure"].click()
        await is_(desk, "setup")
        await shows(page, "away")


async def test_a_host_tests_his_line_before_anybody_sees_him(
    server: RealServer, studio: Browser, browser: Browser
) -> None:
    room = fresh("room")
    async with opened(studio) as desk, opened(browser) as page:
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        await desk.enter(server.http, page="host", room=room, user="lin", name="Lin")
        await desk["set-up"].click()
        await is_(desk, "setup")
        await desk["check-line"].click()
        await expect(desk["check"]).to_have_attribute("data-state", re.compile("^(good|weak)$"), timeout=BACK_MS)
        await expect(desk["check"]).to_contain_text("Mbit/s")
        assert await desk["golive"].get_attribute("data-state") == "setup"
        assert await page["live"].get_attribute("data-live") == "false"


async def test_a_hosts_page_sends_anew_what_was_lost(
    tmp_path: Path, studio: Browser, browser: Browser, require: Require, report: Report
) -> None:
    require("/proc", HAS_PROC)
    async with running(tmp_path) as server, opened(studio, *LOST) as desk, opened(browser, *LOST) as page:
        await go_live(desk, server, "demo")
        await page.enter(server.http, room="demo", user="bo", name="Bo")
        await shows(page, "playing")
        clock = asyncio.get_running_loop().time
        killed = clock()
        kill_media(server)
        await desk.went("golive", "live", "reconnecting", "live", timeout_ms=BACK_MS)
        await shows(page, "playing")
        await moves(page)
        report(f"a host's picture moves again {1000 * (clock() - killed):.0f} ms after the media process was killed")
        await server.kill()


async def test_a_host_whose_camera_is_denied_reads_where_to_allow_it(server: RealServer, browser: Browser) -> None:
    async with opened(browser) as desk:
        await desk.enter(server.http, page="host", room=fresh("room"), user="lin", name="Lin")
        await desk["set-up"].click()
        await expect(desk["device-trouble"]).to_be_visible()
        await expect(desk["set-up"]).to_have_text("Try again")


async def test_a_moderator_has_no_picture_to_send(server: RealServer, browser: Browser) -> None:
    async with opened(browser) as desk:
        await desk.enter(server.http, page="host", room=fresh("room"), user="mia", name="Mia", role="moderator")
        await expect(desk["role"]).to_have_attribute("data-role", "moderator")
        await expect(desk["golive"]).to_have_count(0)


# --- the stage

ENDED = r"status of 404"
"""A session that the host has ended is not there any more when the page takes its leave."""

DECODED = """user => {
  const video = document.querySelector(`[data-testid=tile][data-user=${user}] video`);
  return video && video.getVideoPlaybackQuality().totalVideoFrames > 3;
}"""


async def sounding(tab: Tab) -> None:
    """Let the page be heard, whatever the browser has allowed by itself."""
    if await tab["picture"].get_attribute("data-sound") == "false":
        await tab["sound"].click()
    await expect(tab["picture"]).to_have_attribute("data-sound", "true")


async def test_a_viewer_comes_on_stage_and_is_seen_by_all(
    server: RealServer, studio: Browser, browser: Browser
) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with (
        opened(browser, ENDED) as desk,
        opened(studio, ENDED, "status of 403") as guest,
        opened(browser, ENDED) as page,
        evening(server, room),
    ):
        await desk.enter(server.http, page="host", room=room, user="mia", name="Mia")
        await guest.enter(server.http, room=room, user=ada, name="Ada")
        await page.enter(server.http, room=room, user=fresh("bo"), name="Bo")
        await guest.say("may I come?")
        await desk.row("may I come?").get_by_test_id("row-menu").click()
        await desk["menu-stage"].click()
        await expect(guest["invitation"]).to_contain_text("Mia asks you on stage")
        await guest["stage-accept"].click()
        await expect(guest["self"]).to_be_visible()
        await guest.page.route("**/whip/**", lambda route: route.fulfill(status=403))
        await guest["stage-accept"].click()
        await expect(guest["invitation"]).to_contain_text("nobody sees you", timeout=BACK_MS)
        await guest.page.unroute("**/whip/**")
        await guest["stage-again"].click()
        tile = page["tile"].and_(page.page.locator(f"[data-user={ada}]"))
        await expect(tile).to_have_attribute("data-coming", "true", timeout=BACK_MS)
        await page.page.wait_for_function(DECODED, arg=ada, timeout=BACK_MS)
        await expect(guest["invitation"]).to_contain_text("all see and hear you", timeout=BACK_MS)
        async with opened(browser) as second:
            await second.enter(server.http, room=room, user=ada, name="Ada")
            await expect(second["invitation"]).to_contain_text("with another page or device")
            await expect(second["stage-leave"]).to_be_visible()
            await expect(second["stage-again"]).to_have_count(0)
        await guest.page.reload()
        await guest["stage-again"].press("Enter", timeout=BACK_MS)  # a session of which no end is told ends after 30 s
        await expect(guest["invitation"]).to_contain_text("all see and hear you", timeout=BACK_MS)
        await page.page.wait_for_function(DECODED, arg=ada, timeout=BACK_MS)
        for tab in (guest, page):
            await sounding(tab)
        await expect(tile.locator("video")).to_have_js_property("muted", False)
        await desk["seat-light"].click()
        await expect(tile.locator("video")).to_have_js_property("muted", True)
        await expect(guest["video"]).to_have_js_property("muted", True)
        await expect(page["video"]).to_have_js_property("muted", False)
        await desk["seat-mute"].click()
        await expect(tile).to_contain_text("muted")
        await expect(guest["invitation"]).to_contain_text("A host has muted you")
        await desk["seat-kick"].click()
        await expect(page["tile"]).to_have_count(0)
        await expect(guest["invitation"]).to_have_count(0)


async def test_a_viewer_raises_his_hand_and_is_asked(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as desk, opened(browser) as page, evening(server, room):
        await page.enter(server.http, room=room, user=ada, name="Ada")
        await shows(page, "playing")
        await page["hand"].click()
        await expect(page["hand"]).to_have_attribute("aria-pressed", "true")
        await desk.enter(server.http, page="host", room=room, user="mia", name="Mia")
        await expect(desk["candidate"]).to_have_attribute("data-user", ada)
        await desk["seat-invite"].click()
        await expect(page["invitation"]).to_contain_text("Mia asks you on stage")
        await expect(page["hand"]).to_have_count(0)
        await page["stage-leave"].click()
        await expect(page["hand"]).to_have_attribute("aria-pressed", "false")


LATER = """(() => {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wish) => {
    await new Promise((allow) => { window.allow = allow; });
    window.filmed = await open(wish);
    return window.filmed;
  };
})()"""
"""The browser's question is answered when the test says so."""

CLOSED = "() => window.filmed?.getTracks().every((track) => track.readyState === 'ended')"


async def test_an_invitation_may_be_declined(server: RealServer, studio: Browser, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as desk, opened(studio) as guest:
        await guest.context.add_init_script(LATER)
        await desk.enter(server.http, page="host", room=room, user="lin", name="Lin")
        await guest.enter(server.http, room=room, user=ada, name="Ada")
        await guest.say("hello")
        await desk.row("hello").get_by_test_id("row-menu").click()
        await desk["menu-stage"].click()
        await guest["stage-accept"].click()
        await guest.page.wait_for_function("() => Boolean(window.allow)")
        await guest["stage-leave"].click()
        await expect(guest["invitation"]).to_have_count(0)
        await guest.page.evaluate("allow()")
        await guest.page.wait_for_function(CLOSED)
        await expect(desk["seats"]).to_have_attribute("data-count", "0")


async def test_a_picture_that_another_server_carries_plays_too(tmp_path: Path, browser: Browser) -> None:
    """Who comes the moment the host is let in there is told 404, and asks again."""
    there = Elsewhere()
    settings = tmp_path / "elsewhere.toml"
    settings.write_text(SETTINGS.format(port=there.port))
    async with (
        running(tmp_path, ("--dev", "--config", str(settings))) as server,
        there.running(server),
        opened(browser, *LOST) as page,
    ):
        await page.enter(server.http, room="demo", user="bo", name="Bo")
        async with evening(server, "demo"):
            await shows(page, "playing")
            await moves(page)
            assert there.turned
            await expect(page["hand"]).to_have_count(0)
