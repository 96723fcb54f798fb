from __future__ import annotations

from media import chance


def test_names_are_long_enough_and_never_the_same() -> None:
    """RFC 8445, 5.3: at least 24 bits of a name, 128 of a password; reliability.md, S29: of a session's address."""
    made = [chance.credentials() for _ in range(100)]
    assert len({one.fragment for one in made}) == len({one.password for one in made}) == 100
    assert all(len(one.fragment) * 4 >= 24 and len(one.password) * 4 >= 128 for one in made)
    names = {chance.session_name() for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) * 6 >= 128 for name in names)


def test_a_session_name_is_one_segment_of_a_path() -> None:
    assert all(set(chance.session_name()) <= set(SEGMENT) for _ in range(100))


SEGMENT = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_numbers_are_in_their_ranges() -> None:
    assert all(256 <= chance.ssrc() < 1 << 32 for _ in range(100))
    assert all(0 <= chance.start() < 1 << 15 for _ in range(100)), "far from the wrap"
