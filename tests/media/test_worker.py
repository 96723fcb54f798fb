from __future__ import annotations

import asyncio
import json
from typing import Any

from media.control import Call, line
from media.worker import UNREAD_BYTES, Lines, Worker
from tests.media.conftest import Unit
from tests.media.pictures import offer


class Said:
    """What a worker writes."""

    def __init__(self, unit: Unit) -> None:
        self.lines: list[dict[str, Any]] = []
        self.worker = Worker(unit.sfu, lambda data: self.lines.append(json.loads(data)))

    def to(self, call: str, **arguments: object) -> dict[str, Any]:
        """The answer to a call."""
        self.worker.take(line(Call(id=len(self.lines) + 1, call=call, arguments=arguments)))
        return self.lines[-1]


async def test_a_call_is_answered_under_its_number(unit: Unit) -> None:
    said = Said(unit)
    given = {"room": "r", "member": "m", "slot": "main", "sdp": offer(), "bitrate": 1_000_000}
    answer = said.to("publish", **given)
    assert answer["id"] == 1
    assert answer["gave"]["Answer"]["sdp"].startswith("v=0")
    session = answer["gave"]["Answer"]["session"]
    assert said.to("close", session=session, reason="closed")["gave"] == {}
    assert said.to("stage", room="r", slots={"main": None}, muted=[])["id"] == 3


async def test_a_rejection_is_an_answer(unit: Unit) -> None:
    refused = Said(unit).to("play", room="r", member="m", slots=["main"], sdp=offer(direction="recvonly"))
    assert refused["rejected"] == {"reason": "not_live", "detail": "nobody publishes here now", "retry_after": 2}


async def test_a_fault_of_its_own_is_one_call_that_fails(unit: Unit) -> None:
    said = Said(unit)
    assert said.to("publish", room="r")["rejected"]["reason"] == "away"
    assert said.to("dance")["rejected"]["reason"] == "away"
    assert said.to("close", session="nobody", reason="closed")["gave"] == {}


class Unread(asyncio.WriteTransport):
    """A pipe from which nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.waiting += len(data)


def test_what_the_room_server_does_not_read_is_dropped_and_counted() -> None:
    pipe = Unread()
    lines = Lines(pipe)
    while not lines.unsaid:
        lines(b"x" * 65536)
    lines(b"more")
    assert (lines.unsaid, pipe.waiting) == (2, UNREAD_BYTES)
