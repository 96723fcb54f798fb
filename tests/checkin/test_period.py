from datetime import date

import pytest

from checkin.period import BEFORE_ALL, of_streams, period_of, stream_of


@pytest.mark.parametrize("stream", [0, 1, 7, 300_000])
def test_a_stream_is_found_again_from_its_period(stream: int) -> None:
    assert stream_of(period_of(stream)) == stream


def test_streams_follow_one_another_and_never_meet_days() -> None:
    assert (period_of(2) - period_of(1)).days == 1
    assert period_of(1) > BEFORE_ALL
    assert period_of(300_000) < date(1970, 1, 1)


@pytest.mark.parametrize("stream", [1, 100_000])
def test_a_stream_is_told_from_a_day(stream: int) -> None:
    assert of_streams(period_of(stream).isoformat())
    assert not of_streams("1970-01-01")
