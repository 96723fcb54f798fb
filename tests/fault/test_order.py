"""Write, then apply, then tell: what a store has not confirmed nobody hears, and a lost answer doubles nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from roomserver.embedded import Embedded
from tests.fault.client import STORE_AWAY, Device, Tap, told, without_replayed
from tests.fault.gate import Gate, Lost, gate_to
from tests.fault.invariants import credited, read, violations
from tests.fault.room_process import RoomProcess, room_process
from tests.patience import until

pytestmark = [pytest.mark.store, pytest.mark.fault]

ANSWER_SECONDS = 3.0 + 3.0
"""Until a check-in is answered, with what a machine at a third of the speed, or its disk, may add."""

DERIVED = ("checkin.burst", "checkin.milestone", "checkin.rewarded", "membership.points_earned")
"""What can be heard of a check-in."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """A server that reaches its store through a gate; the room is open, and commits have been made."""

    server: RoomProcess
    store: Embedded
    gate: Gate

    async def device(self, user: str) -> Device:
        """A device of a user in the room."""
        device = Device(user, "demo")
        await device.join(self.server.url, self.server.token(user))
        return device

    def assert_whole(self, *taps: Tap, days: int) -> None:
        """No promise is broken, and so many check-ins are stored."""
        stored = read(self.store.url, "demo")
        assert violations(stored, taps) == []
        assert credited(stored) == days

    async def written(self, user: str) -> None:
        """Wait until the store has a check-in of a user, told or not."""

        def stored() -> bool:
            member = read(self.store.url, "demo").members.get(user)
            return member is not None and bool(member.evidence)

        await until(stored)


@pytest_asyncio.fixture
async def scene(embedded: Embedded, tmp_path: Path) -> AsyncIterator[Scene]:
    async with (
        gate_to(embedded.url, tmp_path / "gate.sock") as gate,
        room_process("--redis", gate.url) as server,
    ):
        yield Scene(server=server, store=embedded, gate=gate)


def derived(device: Device) -> list[str]:
    """What a device has heard that follows from a check-in."""
    return [event["type"] for _, event in device.heard if event["type"] in DERIVED]


async def chat(speaker: Device, listener: Device, *texts: str) -> None:
    """Say something and hear it at both ends: whatever was to be told before has been told by then."""
    for text in texts:
        told(await speaker.ask("danmaku.send", text=text))
        for device in (speaker, listener):
            await device.hears("danmaku.said", text=text)


async def test_nobody_hears_of_a_check_in_before_the_store_has_answered(scene: Scene) -> None:
    alice, bob = await scene.device("alice"), await scene.device("bob")
    scene.gate.answers.clear()
    tap = Tap("alice", "held")
    answer = alice.tap(tap)
    await scene.written("alice")
    second = await scene.device("alice")  # before the server gives the store up
    card = told(await alice.ask("membership.card"))
    await chat(bob, alice, "one", "two", "three")

    assert tap.receipt is None
    assert [derived(device) for device in (alice, bob, second)] == [[], [], []]
    assert (second.snapshot["checkin"]["done"], second.snapshot["me"]["points"]) == (False, 0)
    assert (card["streak"]["done_today"], card["points"]) == (False, 0)

    scene.gate.answers.set()
    if given_up := (await answer).refusal is not None:  # all this took a slow machine longer than anybody waits
        await alice.tap(tap)
    receipt = tap.received()
    burst = await bob.hears("checkin.burst")
    assert (burst["delta"], burst["today"]) == (1, 1)
    for device in (alice, second):
        await device.hears("membership.points_earned", points=receipt["points"])
    assert receipt["replayed"] is given_up
    scene.assert_whole(tap, days=1)


@pytest.mark.slow
async def test_an_answer_that_takes_too_long_is_refused_in_time_and_the_retry_has_the_receipt(scene: Scene) -> None:
    alice, bob = await scene.device("alice"), await scene.device("bob")
    scene.gate.answers.clear()
    tap = await alice.tap(Tap("alice", "late"))
    assert tap.refusal is not None
    assert (tap.refusal.code, tap.refusal.temporary, tap.refusal.message.partition("; ")[2]) == (
        STORE_AWAY,
        True,
        "retry in 1000 ms",
    )
    assert tap.took < ANSWER_SECONDS
    assert derived(alice) == derived(bob) == []

    scene.gate.answers.set()
    receipt = (await alice.tap(tap)).received()
    other = await (await scene.device("alice")).tap(Tap("alice", "other device"))
    assert without_replayed(other.received()) == without_replayed(receipt)
    scene.assert_whole(tap, other, days=1)
    await bob.hears("room.changed", storage="away")
    await bob.hears("room.changed", storage="ok")


@pytest.mark.parametrize("lost", ["request", "reply", "late"])
async def test_what_is_lost_on_the_way_is_found_out_and_done_once(scene: Scene, lost: Lost) -> None:
    devices = [await scene.device(f"member-{number}") for number in range(10)]
    taps = []
    for device in devices:
        scene.gate.lose = lost
        taps.append(await device.tap(Tap(device.user, "once")))
        assert scene.gate.lose is None
    assert [tap.received()["replayed"] for tap in taps] == [False] * len(devices)
    assert max(tap.took for tap in taps) < ANSWER_SECONDS
    assert scene.server.metric("roomserver_commit_unknown_total") == len(devices)
    await devices[0].hears("checkin.burst", today=len(devices))
    assert sum(burst["delta"] for burst in devices[0].events("checkin.burst")) == len(devices)
    scene.assert_whole(*taps, days=len(devices))
