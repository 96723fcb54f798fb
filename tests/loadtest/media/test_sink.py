from __future__ import annotations

from loadtest.media.sink import Counted


def counted(*sequences: int) -> Counted:
    found = Counted()
    for sequence in sequences:
        found.step("stream", sequence)
    return found


def test_what_is_left_out_is_missing_until_it_comes() -> None:
    assert counted(0xFFFE, 0xFFFF, 0, 1).gaps == 0
    assert counted(1, 2, 5).gaps == 2
    assert counted(1, 2, 5, 3, 4).gaps == 0
