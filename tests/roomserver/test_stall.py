"""When a connection that takes no more is given up."""

from __future__ import annotations

from roomserver.stall import LAG_BYTES, STALL_SECONDS, Stall


def test_ten_seconds_without_a_byte_taken_are_hopeless() -> None:
    stall = Stall(100.0, 5000)
    assert not stall.hopeless(100 + STALL_SECONDS - 0.1, waiting=5000, lag=0)
    assert stall.hopeless(100 + STALL_SECONDS, waiting=5000, lag=0)


def test_whoever_takes_a_byte_has_ten_seconds_more_and_what_is_said_to_him_is_not_taken() -> None:
    stall = Stall(100.0, 5000)
    assert not stall.hopeless(109, waiting=4999, lag=0)
    assert not stall.hopeless(110, waiting=6000, lag=0)
    assert not stall.hopeless(118, waiting=6000, lag=0)
    assert stall.hopeless(119, waiting=6000, lag=0)


def test_who_is_further_behind_than_any_log_keeps_is_hopeless_at_once() -> None:
    stall = Stall(100.0, 5000)
    assert not stall.hopeless(101, waiting=4000, lag=LAG_BYTES)
    assert stall.hopeless(102, waiting=3000, lag=LAG_BYTES + 1)
