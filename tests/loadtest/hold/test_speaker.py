import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

import pytest

from loadtest.hold.speaker import Speaker
from loadtest.hold.spoken import Spoken

OPEN = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
JOINED = b'{"id":2,"subscribe":{"epoch":"e","offset":1}}'


@dataclass
class Crowd:
    room: str = "demo"
    opening: bytes = b"knock"
    spoken: Spoken = field(default_factory=Spoken)


class Transport:
    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.written.append(b"aborted")


def frame(payload: bytes, opcode: int = 1) -> bytes:
    size = len(payload)
    head = bytes((0x80 | opcode, size)) if size < 126 else bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    return head + payload


def said(number: int, what: str) -> bytes:
    return b'{"id":%d,"rpc":{"data":{"id":"x","status":"%s"}}}' % (number, what.encode())


def refused(number: int, code: int) -> bytes:
    return b'{"id":%d,"error":{"code":%d,"message":"no"}}' % (number, code)


def receipt(number: int, *, name: str = "r1", replayed: bool = False) -> bytes:
    return b'{"id":%d,"rpc":{"data":{"id":"%s","replayed":%s}}}' % (
        number,
        name.encode(),
        b"true" if replayed else b"false",
    )


BATCH = frame(b'{"push":{"channel":"room:demo","pub":{"data":{"events":[{"text":"\\"status\\":\\"shed\\""}]}}}}')
SPEECH = [
    BATCH,
    frame(b"\n".join([said(3, "accepted"), said(4, "shed"), refused(5, 1008)])),
    BATCH * 3,
    frame(said(6, "shed")),
    frame(b"{}"),
    frame(b"\x0b\xc5", 8),
]


async def joined() -> tuple[Speaker, Crowd, Transport]:
    crowd, transport = Crowd(), Transport()
    speaker = Speaker(crowd, b"entrance")
    speaker.connection_made(cast(asyncio.Transport, transport))
    speaker.data_received(OPEN + frame(JOINED))
    assert speaker.joined.result()
    return speaker, crowd, transport


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000])
async def test_every_answer_is_counted_once_however_the_bytes_come(size: int) -> None:
    speaker, crowd, transport = await joined()
    stream = b"".join(SPEECH)
    for at in range(0, len(stream), size):
        speaker.data_received(stream[at : at + size])
    assert crowd.spoken == Spoken(accepted=1, shed=2, refused=Counter({1008: 1}), closed=Counter({3013: 1}))
    assert transport.written[:2] == [b"knock", b"entrance"]
    assert len(transport.written) == 3  # and the pong


async def test_who_is_put_off_is_not_in() -> None:
    speaker = Speaker(Crowd(), b"")
    speaker.connection_made(cast(asyncio.Transport, Transport()))
    speaker.data_received(OPEN + frame(refused(2, 1010)))
    assert speaker.joined.result() is False


@pytest.mark.parametrize(
    ("again", "kept"),
    [
        (receipt(1_000_000_001, replayed=True), True),
        (receipt(1_000_000_001), False),
        (receipt(1_000_000_001, name="r2", replayed=True), False),
        (refused(1_000_000_001, 1003), False),
    ],
)
async def test_a_receipt_is_kept_when_the_second_tap_gets_it_too(again: bytes, kept: bool) -> None:
    speaker, crowd, _ = await joined()
    speaker.tap(0.0)
    speaker.data_received(frame(said(3, "accepted") + b"\n" + receipt(1_000_000_000)))
    assert (speaker.taps, speaker.receipt, crowd.spoken.accepted) == ([], "r1", 1)
    speaker.tap_again()
    speaker.data_received(frame(again))
    assert speaker.kept is kept


async def test_a_refused_check_in_is_none() -> None:
    speaker, crowd, _ = await joined()
    speaker.tap(1.5)
    speaker.data_received(frame(refused(1_000_000_000, 1010)))
    assert (speaker.tapped, speaker.receipt) == ([(1.5, None)], None)
    assert (crowd.spoken.refused_checkins, crowd.spoken.refused) == (1, Counter())
