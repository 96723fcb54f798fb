"""The states of the operator's page, as `scenes.py` has those of the others."""

from playwright.async_api import Route, expect

from roomserver.metrics import Metrics
from tests.browser.scenes import Play, Scene
from tests.browser.tab import Tab

ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}
"""Of a request that does not come from this machine: it needs the operator's key."""

REFUSED = "Failed to load resource"
"""What Chromium says of an answer that is no success."""


async def ops(play: Play, *expected: str, **look: object) -> Tab:
    """The operator's page in a tab of its own."""
    tab = await play.tab(*expected, **look)
    await tab.open(play.server.http, page="ops")
    return tab


async def server_well(play: Play) -> Tab:
    await play.live()
    tab = await ops(play)
    await expect(tab["verdict-ready"]).to_have_attribute("data-state", "yes")
    await tab["counters"].locator("summary").click()
    await expect(tab["counters"].locator("tbody tr").first).to_be_visible()
    return tab


def ill() -> bytes:
    """Counters of a server that could not be worse."""
    metrics = Metrics()
    metrics.losses.inc()
    for code in (100, 111, 1003, 1010, 1402):
        metrics.refusals.labels(code).inc(code * 1_000)
    for code in (3008, 3012, 3013, 3503):
        metrics.closes.labels(code).inc()
    metrics.given_up.inc(12)
    metrics.turned_away.labels("arrivals").inc(31_000_000)
    metrics.webhooks_failed.labels("https://shop.example/a/very/long/address/of/a/webhook/that/must/be/broken").inc()
    return metrics.page() + b"roomserver_load_step 3.0\nroomserver_loop_lag_seconds 1.6\n"


async def server_ill(play: Play) -> Tab:
    said = {"ready": False, "durability": "memory", "store": "away", "rooms": 1, "connections": 2, "version": "1"}
    tab = await play.tab()
    await tab.page.route("**/metrics", lambda route: route.fulfill(body=ill(), content_type="text/plain"))
    await tab.page.route("**/readyz", lambda route: route.fulfill(json=said))
    await tab.open(play.server.http, page="ops")
    await expect(tab["verdict-never"]).to_have_attribute("data-grade", "bad")
    return tab


async def server_locked(play: Play) -> Tab:
    tab = await ops(play, REFUSED, extra_http_headers=ELSEWHERE)
    await tab["key"].fill("no key at all")
    await tab["key"].press("Enter")
    await expect(tab["key-fault"]).not_to_be_empty()
    return tab


async def server_silent(play: Play) -> Tab:
    async def away(route: Route) -> None:
        await route.abort()

    tab = await play.tab(REFUSED)
    await tab.page.route("**/metrics", away)
    await tab.open(play.server.http, page="ops")
    await expect(tab["silent"]).to_be_visible()
    return tab


OPERATOR: tuple[Scene, ...] = (server_well, server_ill, server_locked, server_silent)
