"""A viewer's machine vanishes without a word: the ping that it does not answer ends its connection.

Only `make soak` has the time: pings are 25 s apart.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from roomserver.centrifuge.session import PING_SECONDS
from roomserver.liveness import PONG_SECONDS
from tests.conftest import Require
from tests.fault.cable import HERE, Cable, cable
from tests.fault.figures import Book, Figures
from tests.server import plain_http, running
from tests.story.wire import Wire, fresh, viewer

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

GRACE = 10
"""Seconds for which one who is gone is still counted."""

NEW_NETWORK = 0x4000_0000
"""CLONE_NEWNET: of a thread's namespaces the one of its network."""


def dialled_from(line: Cable, port: int) -> socket.socket:
    """A socket of the other machine, connected to a port of this one; the thread that makes it stays over there."""

    def dial() -> socket.socket:
        with Path(f"/run/netns/{line.name}").open("rb") as namespace:
            assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), NEW_NETWORK) == 0
        return socket.create_connection((HERE, port), timeout=10)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(dial).result()


@pytest.mark.timeout(240)
async def test_a_viewer_behind_a_pulled_cable_is_gone_with_the_first_ping_that_he_misses(
    tmp_path: Path, require: Require, figures: Book
) -> None:
    require("root, who may make a network namespace,", os.geteuid() == 0 and shutil.which("ip"))
    room = fresh("room")
    with cable() as line:
        async with running(tmp_path, ("--host", "0.0.0.0")) as server:
            await server.platform("PUT", f"/rooms/{room}", {"title": "An evening"})
            async with viewer(server.url, server.sign("bob"), room) as bob:
                far = await asyncio.to_thread(dialled_from, line, server.port)
                connection = await connect(server.url, sock=far, ping_interval=None, close_timeout=1)
                wire = Wire(connection, protobuf=False)
                async with asyncio.TaskGroup() as group:
                    listening = group.create_task(wire.listen())
                    await wire.done(connect={"token": server.sign("ann")})
                    await wire.join(room)
                    await bob.heard.until(lambda: onlines(bob)[-1:] == [2])
                    line.part()
                    loop = asyncio.get_running_loop()
                    begun = loop.time()
                    await bob.heard.until(lambda: onlines(bob)[-1] == 1, PING_SECONDS + PONG_SECONDS + GRACE + 60)
                    took = loop.time() - begun
                    connection.transport.abort()
                    listening.cancel()
            async with plain_http() as page:
                lines = (await page.get(f"{server.http}/metrics")).text.splitlines()
    assert 'roomserver_closes_total{code="3012"} 1.0' in lines
    note = f"gone for the others after {took:.0f} s, {GRACE} of them his grace"
    figures(Figures(what="a viewer's cable pulled", rounds=1, faults=1, acknowledged=0, note=note))


def onlines(wire: Wire) -> list[int]:
    """What a viewer was told, batch after batch, of how many are here."""
    return [batch["data"]["online"] for batch in wire.batches() if "online" in batch["data"]]
