import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import PIPE

import pytest
from typer.testing import CliRunner

from loadtest.cli import app
from tests.loadtest.fake_room import FakeRoom, fake_room
from tests.patience import until


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, re.sub(r"\s+", " ", result.stderr)


def test_another_host_is_refused_in_one_sentence() -> None:
    code, text = said("run", "--scenario", "idle", "--url", "ws://example.com/", "--quiet")
    assert code == 2
    assert text.startswith("loadtest: 'ws://example.com/' is not on this machine")


@pytest.mark.parametrize("command", [("crowd",), ("run", "--scenario", "storm")])
def test_no_server_is_one_sentence(command: tuple[str, ...]) -> None:
    code, text = said(*command, "--url", "ws://127.0.0.1:1/", "--quiet")
    assert code == 2
    assert text == "loadtest: No server answers at http://127.0.0.1:1 (ConnectError). "


@pytest.mark.parametrize("wrong", [("--viewers", "0"), ("--viewers", "10001"), ("--seconds", "4000"), ("--rate", "0")])
def test_numbers_are_bounded(wrong: tuple[str, str]) -> None:
    assert said("run", "--scenario", "idle", *wrong)[0] == 2


async def loadtest(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "loadtest", *arguments, stdout=PIPE, stderr=PIPE)


@pytest.mark.slow
@pytest.mark.parametrize(("burst_delta", "code"), [(1, 0), (0, 1)])
async def test_the_exit_code_is_the_audits(burst_delta: int, code: int) -> None:
    async with fake_room(FakeRoom(burst_delta=burst_delta)) as room:
        options = (
            "--scenario",
            "tap",
            "--viewers",
            "5",
            "--seconds",
            "1",
            "--room",
            "demo",
            "--url",
            room.url,
            "--json",
        )
        process = await loadtest("run", *options)
        out, err = await process.communicate()
    assert process.returncode == code
    assert json.loads(out)["passed"] is (code == 0)
    assert b"measuring" in err


@pytest.mark.slow
async def test_an_endless_crowd_goes_home_at_sigterm() -> None:
    async with fake_room(FakeRoom()) as room:
        process = await loadtest("crowd", "--endless", "--viewers", "3", "--url", room.url, "--quiet", "--json")
        await until(lambda: len(room.log) > 3)
        process.send_signal(signal.SIGTERM)
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["viewers"] == 3
