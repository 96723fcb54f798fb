"""The operator's page over a real server: how it is, what it did not do, and who may see that."""

import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Browser, Request, expect

from loadtest.oscost import children_of
from tests.browser.ops_scenes import ELSEWHERE, REFUSED
from tests.browser.tab import LOST, Tab, opened
from tests.server import RealServer, running
from tests.story.wire import Refusal, fresh, viewer

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
        await tab["key"].fill("wrong")
        await tab["key"].press("Enter")
        await expect(tab["key-fault"]).to_contain_text("not the operator's key")
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
        await tab.show()
        await expect(tab["ops"]).not_to_have_attribute("data-looks", "1")
        assert asked != []
