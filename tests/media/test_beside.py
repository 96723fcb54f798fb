"""The picture while a room talks and checks in: Chromium and others watch; nothing is lost at the server.

MEDIA_BUDGET=full: fifty watch, and Chromium's picture never freezes; that is for a machine that does nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from loadtest.compare.bench import Started
from loadtest.media.sinks import metric, sink
from loadtest.plan import Scenario, ScenarioPlan
from loadtest.scenario import run_scenario
from tests.media.test_interop import frames, live, on_air, streaming, tabs
from tests.patience import until

FULL = os.environ.get("MEDIA_BUDGET") == "full"
WATCHING, TALKING, SECONDS = (49, 200, 10.0) if FULL else (9, 30, 2.0)

pytestmark = [pytest.mark.media, pytest.mark.slow, pytest.mark.store, pytest.mark.timeout(180)]

log = logging.getLogger(__name__)


async def test_a_picture_goes_on_while_people_talk_and_check_in(tmp_path: Path, chromium: Path) -> None:
    async with (
        live(tmp_path) as (server, host, viewer),
        streaming(server, host),
        tabs(chromium, f"{server.http}/livez", 1) as [seat],
    ):
        await until(lambda: on_air(server))
        assert server.process is not None
        started = Started(pid=server.process.pid, port=server.port)
        await seat.evaluate(f"rtc.watch(rtc.over('/whep/demo', '{viewer}'))")
        async with sink(started, await server.token(""), light=True) as others:
            await others.ask(str(WATCHING))
            before, unsent = await frames(seat), await metric(started, "unsent_total")
            for scenario in (Scenario.STORM, Scenario.TAP) if FULL else (Scenario.STORM,):
                plan = ScenarioPlan(
                    url=server.url,
                    run=scenario.value,
                    room="demo",
                    scenario=scenario,
                    viewers=TALKING,
                    seconds=SECONDS,
                )
                await run_scenario(plan, asyncio.Event())
            told = await others.ask("count")
        seen = (await seat.evaluate("rtc.received()"))["video"]
        log.info("%s of %s others, and in Chromium %s", told, WATCHING, seen)
        assert await frames(seat) > before
        assert told["packets"] > WATCHING * SECONDS * 5
        assert await metric(started, "unsent_total") == unsent
        if FULL:
            assert (seen["freezeCount"], seen["packetsLost"]) == (0, 0)
