from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.policy import (
    ANSWER_SECONDS,
    GOOD_SECONDS,
    KEY_SECONDS,
    LEAST_BITRATE,
    POOR_SECONDS,
    Bitrate,
    Health,
    KeyRequests,
)


def test_a_hundred_who_join_in_a_second_ask_for_two_key_frames() -> None:
    keys, asked = KeyRequests(), 0
    for step in range(100):
        now = step / 100
        asked += keys.want(now) or keys.due(now)
    assert asked == 1 / KEY_SECONDS


def test_who_came_too_early_is_not_forgotten() -> None:
    keys = KeyRequests()
    assert keys.want(0.0)
    assert not keys.want(0.1)
    assert not keys.due(0.2)
    assert keys.due(KEY_SECONDS)
    assert not keys.due(2 * KEY_SECONDS), "nobody has asked since"


def test_a_request_that_nothing_came_of_is_made_again_until_something_does() -> None:
    keys = KeyRequests()
    assert keys.want(0.0)
    assert not keys.due(ANSWER_SECONDS - 0.01)
    assert [keys.due(ANSWER_SECONDS), keys.due(ANSWER_SECONDS), keys.due(2 * ANSWER_SECONDS)] == [True, False, True]
    keys.came()
    assert not keys.due(9 * ANSWER_SECONDS)


def test_a_key_frame_serves_all_who_wait() -> None:
    keys = KeyRequests()
    keys.want(0.0)
    keys.want(0.1)
    keys.came()
    assert not keys.due(KEY_SECONDS)


def test_the_bitrate_is_all_that_is_allowed_until_packets_are_lost() -> None:
    rate = Bitrate(2_500_000)
    assert rate.after(0.0) == 2_500_000
    assert rate.after(0.2) == 2_125_000
    assert rate.after(0.05) == 2_125_000
    assert rate.after(0.0) == 2_295_000


@given(st.lists(st.floats(0, 1)), st.integers(50_000, 5_000_000))
def test_the_bitrate_stays_within_its_bounds(losses: list[float], most: int) -> None:
    rate = Bitrate(most)
    for loss in losses:
        assert min(LEAST_BITRATE, most) <= rate.after(loss) <= most


def test_the_host_is_told_of_trouble_that_stays() -> None:
    health = Health()
    assert [health.after(0.2, 1000) for _ in range(POOR_SECONDS)] == [None] * (POOR_SECONDS - 1) + ["poor"]
    assert health.after(0.2, 1000) is None
    assert [health.after(0.0, 1000) for _ in range(GOOD_SECONDS)] == [None] * (GOOD_SECONDS - 1) + ["good"]


def test_a_bad_second_now_and_then_is_no_trouble() -> None:
    health = Health()
    assert {health.after(0.2 if second % 3 else 0.0, 1000) for second in range(60)} == {None}


def test_no_picture_at_all_is_trouble() -> None:
    health = Health()
    assert [health.after(0.0, 0) for _ in range(POOR_SECONDS)][-1] == "poor"
