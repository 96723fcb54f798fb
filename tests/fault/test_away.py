"""A store that is away: the room goes on and says so, and nothing durable is promised until it is back."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
import redis

from roomserver.embedded import Embedded
from tests.fault.client import STORE_AWAY, Device, Tap, told
from tests.fault.gate import gate_to
from tests.fault.invariants import credited, read, violations
from tests.fault.room_process import RoomProcess, room_process, start
from tests.patience import until
from tests.server import STOP_SECONDS

pytestmark = [pytest.mark.store, pytest.mark.fault]

NOTICED_SECONDS = 60.0
"""Until a server has seen that another run of its store answers."""


async def entered(server: RoomProcess, user: str) -> Device:
    device = Device(user, "demo")
    await device.join(server.url, server.token(user))
    return device


@pytest.mark.slow
async def test_a_store_that_goes_away_and_comes_back(embedded: Embedded, tmp_path: Path) -> None:
    async with (
        gate_to(embedded.url, tmp_path / "gate.sock") as gate,
        room_process("--redis", gate.url) as server,
    ):
        alice, bob = await entered(server, "alice"), await entered(server, "bob")
        gate.shut()
        tap = await alice.tap(Tap("alice", "away"))
        assert tap.refusal is not None
        assert (tap.refusal.code, tap.refusal.temporary) == (STORE_AWAY, True)

        await bob.hears("room.changed", storage="away")
        assert (await entered(server, "bob")).snapshot["room"]["storage"] == "away"
        assert server.readiness()["store"] == "away"
        told(await bob.ask("danmaku.send", text="still here"))
        await alice.hears("danmaku.said", text="still here")

        gate.open()
        await bob.hears("room.changed", storage="ok")  # though nobody asks for anything durable
        assert server.readiness()["store"] == "ok"
        assert (await alice.tap(tap)).receipt is not None
        stored = read(embedded.url, "demo")
        assert violations(stored, [tap]) == []
        assert credited(stored) == 1


async def test_a_store_that_was_emptied_is_noticed_and_believed(embedded: Embedded) -> None:
    """What it lost is lost; what is acknowledged from then on is stored, once."""
    async with room_process("--redis", embedded.url) as server:
        alice, bob = await entered(server, "alice"), await entered(server, "bob")
        first = (await alice.tap(Tap("alice", "before"))).received()
        with redis.Redis.from_url(embedded.url) as admin:
            admin.flushall()
        taps = [await bob.tap(Tap("bob", "after"))]
        await until(lambda: server.metric("roomserver_store_losses_total"), NOTICED_SECONDS)
        again = await entered(server, "alice")
        assert again.snapshot["checkin"]["done"] is False
        taps.append(await again.tap(Tap("alice", "again")))
        assert taps[-1].received()["id"] != first["id"]
        assert violations(read(embedded.url, "demo"), taps) == []


def test_without_its_store_a_server_does_not_start_and_says_so_in_a_sentence(tmp_path: Path) -> None:
    with tempfile.NamedTemporaryFile() as log:
        process = start("--redis", f"unix://{tmp_path}/nobody.sock", log=log)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        log.seek(0)
        said = log.read().decode()
    assert code == 1
    assert said.count("\n") == 1
    assert said.startswith("roomserver: ")
    assert "nobody.sock" in said
