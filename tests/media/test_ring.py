from __future__ import annotations

from media.ring import SIZE, Outgoing, Ring
from tests.media.pictures import packet


def test_the_newest_packets_stay() -> None:
    ring = Ring()
    for sequence in range(0x10000 - 5, 0x10000 + SIZE):
        ring.keep(Outgoing("H264", packet(sequence)))
    assert ring.get(0xFFFF) is None
    assert ring.get(SIZE - 1) == Outgoing("H264", packet(SIZE - 1))
    assert ring.get(0) == Outgoing("H264", packet(0))
    assert ring.get(SIZE) is None


def test_the_size_divides_the_numbers() -> None:
    assert 0x10000 % SIZE == 0, "a number must have the same place after every wrap"
