from hypothesis import given
from hypothesis import strategies as st

from effects.fixed import PLACES, STAND_MS, Fixed
from effects.styles import BOTTOM, SCROLL, TOP

START = 1_700_000_000_000


def test_what_scrolls_always_has_a_place() -> None:
    fixed = Fixed()
    for _ in range(9):
        fixed.take(SCROLL, START)
    assert fixed.free(SCROLL, START)


@given(st.lists(st.tuples(st.sampled_from([BOTTOM, TOP]), st.integers(0, 3_000))))
def test_never_do_more_than_two_of_a_kind_begin_in_four_seconds(asked: list[tuple[int, int]]) -> None:
    fixed, now = Fixed(), START
    shown: list[tuple[int, int]] = []
    for mode, wait in asked:
        now += wait
        if fixed.free(mode, now):
            fixed.take(mode, now)
            shown.append((mode, now))
    for mode, at in shown:
        assert sum(other == mode and at <= then < at + STAND_MS for other, then in shown) <= PLACES
