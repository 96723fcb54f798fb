"""The operator's page over a real server: how it is, what it did not do, and who may see that."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Request, Route, expect

from loadtest.oscost import children_of
from tests.browser.ops_scenes import ELSEWHERE, REFUSED
from tests.browser.tab import LOST, Tab, opened
from tests.server import RealServer, running
from tests.story.wire import Refusal, fresh, viewer

HEARD = """() => {
  const fault = document.querySelector('[data-testid=key-fault]');
  window.heard = [];
  new MutationObserver(() => heard.push(fault.textContent))
    .observe(fault, { subtree: true, childList: true, characterData: true });
}"""
"""Notes what the line below the key says, each time that it changes: a screen reader says no text twice that stays."""

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.asyncio(loop_scope="session")]


async def in_state(tab: Tab, about: str, state: str) -> None:
    await expect(tab[f"verdict-{about}"]).to_have_attribute("data-state", state)


async def test_it_says_how_the_server_is_and_names_what_it_refused(server: RealServer, browser: Browser) -> None:
    room, ada = fresh("room"), fresh("ada")
    async with opened(browser) as tab, viewer(server.url, server.sign(ada), room) as wire:
        await tab.open(server.http, page="ops")
        for about, state in {"ready": "yes", "store": "ok", "worth": "local", "never": "none"}.items():
            await in_state(tab, about, state)
        with pytest.raises(Refusal) as refused:
            await wire.rpc("danmaku.send", room=fresh("elsewhere"), text="hello")
        loss = tab.page.locator(f'[data-name=refusals_total][data-why="{refused.value.code}"]')
        await expect(loss).to_contain_text("not in the room")
        await expect(tab["figure-people"]).not_to_have_attribute("data-value", "0")
        await tab["lang"].click()
        await expect(loss).to_contain_text("不在房间里")


async def test_from_elsewhere_it_asks_for_the_operators_key_and_keeps_it_nowhere(
    server: RealServer, browser: Browser
) -> None:
    async with opened(browser, REFUSED, extra_http_headers=ELSEWHERE) as tab:
        await tab.open(server.http, page="ops")
        await expect(tab["locked"]).to_be_visible()
        await tab.page.evaluate(HEARD)
        await tab["key"].fill("wrong")
        for times in (1, 2):
            await tab["key"].press("Enter")
            await tab.page.wait_for_function("times => heard.filter(Boolean).length === times", arg=times)
        heard = "|".join(await tab.page.evaluate("heard")).strip("|")
        assert heard == "This is not the operator's key.||This is not the operator's key."
        await tab["key"].fill(f" {server.operator} ")
        await tab["key-open"].click()
        await in_state(tab, "ready", "yes")
        kept = await tab.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])")
        assert server.operator not in kept
        await tab.page.reload()
        await expect(tab["locked"]).to_be_visible()


async def test_a_store_that_is_away_and_a_server_that_is_gone_are_seen_and_their_return_too(
    tmp_path: Path, browser: Browser
) -> None:
    room = fresh("room")
    async with running(tmp_path) as server, opened(browser, *LOST) as tab:
        assert server.process is not None
        await tab.open(server.http, page="ops")
        await in_state(tab, "store", "ok")
        [store] = stores_under(server.process.pid)
        async with viewer(server.url, server.sign(fresh("ada")), room) as wire:
            os.kill(store, signal.SIGSTOP)
            try:
                with pytest.raises(Refusal):
                    await wire.rpc("checkin.mark", room=room)
                await in_state(tab, "store", "away")
            finally:
                os.kill(store, signal.SIGCONT)
            await in_state(tab, "store", "ok")
        await server.stop()
        await expect(tab["stale"]).to_be_visible()
        await server.start()
        await expect(tab["ops"]).to_have_attribute("data-standing", "open")
        await expect(tab["stale"]).to_have_count(0)


def stores_under(pid: int) -> list[int]:
    """The store that a process started, itself or by another."""
    if b"-server" in Path(f"/proc/{pid}/cmdline").read_bytes():
        return [pid]
    return [store for child in children_of(pid) for store in stores_under(child)]


async def test_it_asks_nothing_while_nobody_looks(server: RealServer, browser: Browser) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    async with opened(browser) as tab:
        await tab.page.clock.install()
        await tab.open(server.http, page="ops")
        await in_state(tab, "ready", "yes")
        await tab.hide()
        tab.page.on("request", note)
        await tab.page.clock.run_for(60_000)
        assert asked == []
        async with tab.page.expect_request("**/metrics"):
            await tab.show()


@dataclass(slots=True)
class Answers:
    """What a server says to the operator's page, as a test has it: ``status`` of /metrics, what it counts."""

    status: int = 200
    step: int = 0
    keys: list[str | None] = field(default_factory=list)

    async def give(self, route: Route) -> None:
        self.keys.append(route.request.headers.get("authorization"))
        after = {HURRIED: {"Retry-After": "3000"}, ELSEWHERE_NOW: {"Location": "/livez"}}.get(self.status, {})
        await route.fulfill(status=self.status, headers=after, body=f"roomserver_load_step {self.step}\n")


ELSEWHERE_NOW, HURRIED = 307, 429
START = 1_700_000_000


@asynccontextmanager
async def answered(server: RealServer, browser: Browser) -> AsyncIterator[tuple[Tab, Answers]]:
    """The operator's page, its clock in the test's hands, and what is answered there."""
    answers = Answers()
    async with opened(browser, REFUSED) as tab:
        await tab.page.route("**/metrics", lambda route: answers.give(route))  # noqa: PLW0108 - Playwright marks what it calls
        await tab.page.clock.install(time=START)
        await tab.page.clock.pause_at(START + 1)
        await tab.open(server.http, page="ops")
        await in_state(tab, "load", "0")
        yield tab, answers


async def standing(tab: Tab, expected: str) -> None:
    await expect(tab["ops"]).to_have_attribute("data-standing", expected)


async def asked(tab: Tab, answers: Answers) -> None:
    """Let the page ask once more, and wait until it shows what came of that; no time passes meanwhile."""
    looks = len(answers.keys) + 1
    await tab.page.clock.run_for(2_000)
    await expect(tab["ops"]).to_have_attribute("data-looks", str(looks))


async def test_what_becomes_bad_is_said_once_and_what_only_changes_is_not(server: RealServer, browser: Browser) -> None:
    async with answered(server, browser) as (tab, answers):
        for answers.step in (0, 1, 2, 2, 3, 3):
            await asked(tab, answers)
            await in_state(tab, "load", str(answers.step))
        answers.status = 503
        await asked(tab, answers)
        await standing(tab, "silent")
        await asked(tab, answers)
        answers.status = 200
        await asked(tab, answers)
        await standing(tab, "open")
        for _ in range(5):
            await asked(tab, answers)
        await tab.page.wait_for_function("() => sightings().filter(([, kind]) => kind === 'spoken').length >= 3")
        spoken = [(one.detail, one.text.split(".")[0]) for one in await tab.sightings() if one.kind == "spoken"]
    assert spoken == [("polite", text) for text in ("Strained", "The server does not answer", "The server answers")]


async def test_a_key_that_is_taken_back_is_shown_once_more_and_not_again(server: RealServer, browser: Browser) -> None:
    async with answered(server, browser) as (tab, answers):
        answers.status = 401
        await asked(tab, answers)
        await standing(tab, "locked")
        await tab["key"].fill("once good")
        await tab["key"].press("Enter")
        await standing(tab, "wrong")
        shown = len(answers.keys)
        for _ in range(3):
            await tab.hide()
            await tab.show()
            await tab.page.clock.run_for(60_000)
        assert answers.keys[shown:] == []
        assert answers.keys[shown - 1] == "Bearer once good"
        await tab["key"].fill("")
        await tab["key-open"].click()
        await standing(tab, "locked")
        assert answers.keys[shown:] == [None]


async def test_the_key_goes_nowhere_else_and_not_back_to_a_page_that_was_left(
    server: RealServer, browser: Browser
) -> None:
    async with answered(server, browser) as (tab, answers):
        answers.status = 401
        await asked(tab, answers)
        await standing(tab, "locked")
        answers.status = 200
        await tab["key"].fill("good")
        await tab["key"].press("Enter")
        await standing(tab, "open")
        answers.status = ELSEWHERE_NOW
        await asked(tab, answers)
        await standing(tab, "silent")
        assert answers.keys[-1] == "Bearer good"
        await tab.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        await asked(tab, answers)
        assert answers.keys[-1] is None


async def test_who_is_put_off_for_others_wrong_keys_is_back_by_himself(server: RealServer, browser: Browser) -> None:
    async with answered(server, browser) as (tab, answers):
        answers.status = HURRIED
        await asked(tab, answers)
        await standing(tab, "wait")
        await expect(tab["key-fault"]).to_contain_text("3,000 seconds")
        answers.status, before = 200, len(answers.keys)
        await tab.page.clock.run_for(2_500_000)
        assert len(answers.keys) == before
        await tab.page.clock.run_for(502_000)
        await standing(tab, "open")


async def test_it_is_read_by_keys_alone_and_in_the_readers_own_colours(server: RealServer, browser: Browser) -> None:
    async with opened(browser, forced_colors="active", viewport={"width": 320, "height": 400}) as tab:
        await tab.open(server.http, page="ops")
        await in_state(tab, "ready", "yes")
        await tab.page.keyboard.press("End")
        await tab.page.wait_for_function("() => scrollY > 0")
        drawn = "ones => ones.map((one) => getComputedStyle(one).stroke)"
        strokes = await tab.page.locator(".curve path, .verdict .icon").evaluate_all(drawn)
        assert set(strokes) == {await tab.page.evaluate("() => getComputedStyle(document.body).color")}
        edges = "one => getComputedStyle(one).borderTopStyle"
        assert await tab["verdict-ready"].evaluate(edges) == "solid"
