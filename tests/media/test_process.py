from __future__ import annotations

import os
import signal
import socket

import pytest

from media.backend import Reason, Rejected
from media.control import Call, Said
from media.process import CannotCarry, MediaProcess, Place


async def test_it_is_started_says_its_numbers_and_is_stopped() -> None:
    process = await MediaProcess.started(Place(), None)
    said: list[Said] = []

    def take(one: Said) -> None:
        said.append(one)
        if one.counts is not None:
            raise ValueError("heard enough")

    await process.listen(20, take)
    assert process.port
    assert said[-1].counts is not None
    with pytest.raises(Rejected) as refused:
        process.send(Call(id=1, call="close"))
    assert refused.value.reason is Reason.AWAY


async def test_one_that_says_nothing_is_killed() -> None:
    process = await MediaProcess.started(Place(), None)
    os.kill(process.pid, signal.SIGSTOP)
    await process.listen(3, lambda _: None)
    await process.stop()


async def test_why_it_cannot_listen_is_said_in_a_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CannotCarry, match=f"cannot listen on 127.0.0.1 UDP port {port}"):
            await MediaProcess.started(Place(port=port), None)
