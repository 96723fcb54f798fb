"""The media process: started, spoken with, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from media.backend import (
    Answer,
    Gone,
    MediaEvent,
    Playing,
    Published,
    PublishLimits,
    Quality,
    Reason,
    Rejected,
    Unpublished,
)
from media.embedded import CALLS, Embedded
from media.process import CannotCarry, Place
from tests.media.client import Client, client, picture
from tests.patience import PATIENCE, until


async def event(backend: Embedded, kind: type[MediaEvent]) -> MediaEvent:
    """The next event, which is of this kind; how well a picture arrives that stops is another matter."""
    async with asyncio.timeout(PATIENCE):
        while isinstance(found := await anext(aiter(backend.events())), Quality):
            pass
    assert isinstance(found, kind), found
    return found


async def publish(backend: Embedded, host: Client) -> Answer:
    answer = await backend.publish("room", "host", "main", host.offer(["audio", "video"], "sendonly"), PublishLimits())
    assert isinstance(answer, Answer)
    await host.connect(answer.sdp)
    picture(host)
    await event(backend, Published)
    return answer


async def watch(backend: Embedded, viewer: Client) -> Answer:
    answer = await backend.play("room", "viewer", ["main"], viewer.offer(["audio", "video"], "recvonly"))
    assert isinstance(answer, Answer)
    await viewer.connect(answer.sdp)
    await event(backend, Playing)
    return answer


async def test_a_picture_goes_through_a_process_of_its_own() -> None:
    async with Embedded(Place()).running() as backend, client() as host, client() as viewer:
        answer = await publish(backend, host)
        await watch(backend, viewer)
        assert len(await viewer.until(3)) == 3
        await backend.close(answer.session, "closed")
        ended = await event(backend, Unpublished)
        assert isinstance(ended, Unpublished)
        assert ended.reason == "closed"
        async with asyncio.timeout(PATIENCE):
            await host.ended.wait()


async def test_a_refusal_keeps_its_reason() -> None:
    async with Embedded(Place()).running() as backend:
        with pytest.raises(Rejected) as refused:
            await backend.publish("room", "host", "main", "nonsense", PublishLimits())
        assert refused.value.reason is Reason.MALFORMED
        with pytest.raises(Rejected) as refused:
            await backend.play("room", "viewer", ["main"], client_offer())
        assert (refused.value.reason, refused.value.retry_after) == (Reason.NOT_LIVE, 2)


def client_offer() -> str:
    return Client().offer(["video"], "recvonly")


async def test_it_may_wait_until_somebody_publishes() -> None:
    backend = Embedded(Place())
    async with backend.running(lazily=True), client() as host:
        with pytest.raises(Rejected) as refused:
            await backend.play("room", "viewer", ["main"], client_offer())
        assert refused.value.reason is Reason.NOT_LIVE
        await backend.stage("room", {"guest1": "ada"})
        assert (backend.starts, backend.port) == (0, None)
        publishing = asyncio.create_task(publish(backend, host))
        await asyncio.sleep(0)
        with pytest.raises(Rejected) as refused:  # it is starting: there is a publisher soon, not now
            await backend.play("room", "viewer", ["main"], client_offer())
        assert refused.value.reason is Reason.NOT_LIVE
        await publishing
        assert backend.starts == 1


async def test_when_it_is_killed_everybody_is_gone_and_it_starts_again() -> None:
    backend = Embedded(Place())
    async with backend.running(), client() as host, client() as viewer, client() as again:
        await publish(backend, host)
        await watch(backend, viewer)
        assert backend._process is not None
        os.kill(backend._process.pid, signal.SIGKILL)
        lost = [await event(backend, kind) for kind in (Unpublished, Gone)]
        assert [getattr(one, "reason", None) for one in lost] == ["lost", "lost"]
        await until(lambda: backend.starts == 2)
        await publish(backend, again)


async def test_who_is_put_out_goes_however_many_wait_to_come_in() -> None:
    async with Embedded(Place()).running() as backend, client() as host:
        answer = await publish(backend, host)
        assert backend._process is not None
        os.kill(backend._process.pid, signal.SIGSTOP)
        crowd = [asyncio.create_task(backend.play("room", "viewer", ["main"], "nonsense")) for _ in range(CALLS)]
        await asyncio.sleep(0)
        with pytest.raises(Rejected) as refused:
            await backend.play("room", "viewer", ["main"], "nonsense")
        assert refused.value.reason is Reason.AWAY
        closing = asyncio.create_task(backend.close(answer.session, "put out"))
        await asyncio.sleep(0)
        os.kill(backend._process.pid, signal.SIGCONT)
        await closing
        ended = await event(backend, Unpublished)
        assert getattr(ended, "reason", None) == "put out"
        done, _ = await asyncio.wait(crowd)
        assert {type(one.exception()) for one in done} == {Rejected}


async def test_one_that_is_stuck_is_ended_and_started_again() -> None:
    backend = Embedded(Place(), silent_seconds=6)
    async with backend.running(), client() as host, client() as again:
        await publish(backend, host)
        assert backend._process is not None
        os.kill(backend._process.pid, signal.SIGSTOP)
        lost = await event(backend, Unpublished)
        assert getattr(lost, "reason", None) == "lost"
        await until(lambda: backend.starts == 2)
        await publish(backend, again)


DIES_AT_ONCE = """
import os, pathlib
times = pathlib.Path(__file__).with_name("times")
times.write_text(str(int(times.read_text()) + 1 if times.exists() else 1))
if times.read_text() != "3":
    os.close(0)
    print('{"ready": 1}', flush=True)
    os._exit(1)
"""


async def test_one_that_dies_as_it_says_it_is_ready_is_a_start_that_failed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(DIES_AT_ONCE)
    backend = Embedded(Place(), {**os.environ, "PYTHONPATH": str(tmp_path)})
    async with backend.running(lazily=True), client() as host:
        await backend.stage("room", {"guest1": "ada"})
        with pytest.raises(Rejected):
            await publish(backend, host)
        await until(lambda: backend.starts == 3)
        await publish(backend, host)


async def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CannotCarry, match=f"cannot listen on 127.0.0.1 UDP port {port}"):
            async with Embedded(Place(port=port)).running():
                pass


def test_the_room_server_itself_never_imports_aiortc() -> None:
    code = (
        "import sys, roomserver.cli, media.embedded, media.null; sys.exit({'aiortc', 'av'} & {*sys.modules} != set())"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
