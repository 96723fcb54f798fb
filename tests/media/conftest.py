"""A forwarding unit in the test's own loop, on a port of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from media.backend import MediaEvent, PublishLimits
from media.port import MediaPort
from media.sfu import Sfu
from tests.media.client import Client
from tests.media.janus import ADDRESS, PROGRAM
from tests.patience import PATIENCE

APART = {"test_janus.py": "external", "test_whip_client.py": "external", "test_goals.py": "goals"}
"""Suites for a machine of another kind, each with its marker."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect them only where they are asked for: by `make external`, `make goals`, or by name."""
    marker = APART.get(collection_path.name)
    return None if marker is None or marker in config.getoption("markexpr") else True


@dataclass
class Unit:
    """The unit, and what it has told."""

    port: MediaPort
    sfu: Sfu
    events: list[MediaEvent] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: MediaEvent) -> None:
        self.events.append(event)
        self.told.set()

    async def until(self, kind: type[MediaEvent], count: int = 1) -> MediaEvent:
        """The latest event of a kind, once there were so many."""
        async with asyncio.timeout(PATIENCE):
            while len(found := [one for one in self.events if isinstance(one, kind)]) < count:
                self.told.clear()
                await self.told.wait()
        return found[-1]

    async def publishing(
        self, client: Client, member: str = "host", slot: str = "main", *, setup: str = "actpass"
    ) -> str:
        """Let a client publish; the session's name."""
        sdp = client.offer(["audio", "video"], "sendonly", setup)
        answer = self.sfu.publish("room", member, slot, sdp, PublishLimits())
        await client.connect(answer.sdp)
        return answer.session

    async def playing(self, client: Client, *slots: str) -> str:
        """Let a client watch; the session's name."""
        wanted = slots or ("main",)
        answer = self.sfu.play("room", "viewer", wanted, client.offer(["audio", "video"] * len(wanted), "recvonly"))
        await client.connect(answer.sdp)
        return answer.session


@pytest.fixture
async def unit() -> AsyncIterator[Unit]:
    async with asyncio.TaskGroup() as tasks:

        def spawn(work: Coroutine[Any, Any, None], name: str) -> object:
            return tasks.create_task(work, name=name)

        port = MediaPort("127.0.0.1", 0)
        events: list[MediaEvent] = []
        made: Unit | None = None

        def hear(event: MediaEvent) -> None:
            assert made is not None
            made.hear(event)

        made = Unit(port, Sfu(port, ["127.0.0.1"], spawn, hear), events)
        running = tasks.create_task(made.sfu.run())
        yield made
        made.sfu.end_all()
        running.cancel()
    port.close()


@pytest.fixture(scope="session")
def own_network() -> None:
    """The address that `make external` gives to this machine; without it nothing of libnice can be reached."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((ADDRESS, 0))
        except OSError:
            pytest.fail(f"no address {ADDRESS}: this suite is run by `make external`")


@pytest.fixture(scope="session")
def janus_here(own_network: None) -> None:
    """Debian's Janus."""
    if PROGRAM is None:
        pytest.fail("Janus is missing: apt-get install --no-install-recommends janus")
