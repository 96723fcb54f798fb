from loadtest.hold.overload import Timing


def test_a_minute_of_overload_where_a_round_has_four_seconds() -> None:
    timing = Timing.of(4.0)
    assert timing.ends - timing.begins == 60.0
    assert timing.begins >= 5.0
    assert timing.again - timing.ends >= 12.0  # so that a rest of ten seconds is seen
    assert timing.over > timing.again
