"""What a real server tells: no secret in arguments, children, log or metrics, and nobody's text in the metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import LOG, RealServer, plain_http, signed
from tests.story.wire import Refusal, dialled, fresh, viewer

pytestmark = pytest.mark.store

MARK = "zqx7marsupial"
"""A word that nobody else says."""


def family(pid: int) -> Iterator[int]:
    """A process and all that it started, in turn."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def known_of(pid: int) -> tuple[list[str], list[str]]:
    """The arguments of a process and all that it started, and the environments of these."""
    processes = list(family(pid))
    arguments = [Path(f"/proc/{one}/cmdline").read_bytes().decode() for one in processes]
    return arguments, [Path(f"/proc/{one}/environ").read_bytes().decode() for one in processes[1:]]


def store_password(data: Path) -> str:
    [password] = re.findall(r"^requirepass (\S+)", (data / "store.conf").read_text(), re.MULTILINE)
    return str(password)


async def life(server: RealServer, room: str) -> list[str]:
    """Do what could leave traces: what goes wrong above all. The secrets that were used."""
    good = server.sign(fresh("ann"), info={"name": f'{MARK}\x1b[31m\n{{"level": "error"}}'})
    forged = signed("w" * 32, {"sub": "ann", "exp": 2**33})
    async with viewer(server.url, good, room) as ann:
        await ann.rpc("danmaku.send", room=room, text=f"hello {MARK}")
        for method in (f"{MARK}.{MARK}", "danmaku.send"):
            with pytest.raises(Refusal):
                await ann.rpc(method, room=room, **{MARK: MARK})
    async with dialled(server.url) as wire:
        await wire.say({"id": 1, "connect": {"token": forged}})
        assert (await wire.ended())[0] == 3500
    async with plain_http() as client:
        for header in (f"Bearer {server.operator}x", f"Bearer {good}"):
            path = f"{server.http}/api/v1/rooms/{MARK}?token={MARK}"
            assert (await client.get(path, headers={"Authorization": header})).status_code == 401
        path = f"{server.http}/whip/{room}"
        assert (
            await client.post(path, content="v=0", headers={"Authorization": f"Bearer {forged}"})
        ).status_code >= 400
    await server.platform("PUT", f"/rooms/{room}", {"title": MARK})
    return [server.secret, server.operator, good, forged, good.split(".")[2]]


async def test_no_secret_is_told_and_nobodys_text_is_a_label(server: RealServer) -> None:
    secrets = await life(server, fresh("room"))
    secrets.append(store_password(server.folder / "data"))
    assert server.process is not None
    arguments, environments = known_of(server.process.pid)
    assert len(arguments) > 1, "there is a store"
    assert not [one for one in secrets if one in "".join(arguments)]
    assert not [one for one in secrets if one in "".join(environments)], "a child knows what is not its business"
    logged = (server.folder / LOG).read_text()
    async with plain_http() as client:
        metrics = (await client.get(f"{server.http}/metrics")).text
    for told in (logged, metrics):
        assert not [one for one in secrets if one in told]
    assert MARK not in metrics
    assert "roomserver_" in metrics


async def test_a_log_line_is_one_object_whatever_somebody_is_called(server: RealServer) -> None:
    await life(server, fresh("room"))
    lines = (server.folder / LOG).read_text().splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert not any(character in line for line in lines for character in "\x1b\r\x7f")
