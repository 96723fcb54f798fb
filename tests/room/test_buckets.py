import pytest

from room.buckets import Buckets

NOW = 1_700_000_000_000


def test_a_full_bucket_gives_all_that_is_in_it_and_then_says_how_long_to_wait() -> None:
    buckets = Buckets(500)
    for _ in range(5):
        assert buckets.wait("ada", 100, NOW) <= 0
        buckets.take("ada", 100, NOW)
    assert buckets.wait("ada", 100, NOW) == 100
    assert buckets.wait("ada", 100, NOW + 99) == 1
    assert buckets.wait("ada", 100, NOW + 100) == 0


def test_what_costs_more_waits_longer() -> None:
    buckets = Buckets(500)
    buckets.take("ada", 400, NOW)
    assert [buckets.wait("ada", cost, NOW) for cost in (100, 101, 500)] == [0, 1, 400]


@pytest.mark.parametrize("back", [0, 1, 400, 500, 501, 600, 1_000, 3_600_000])
def test_after_a_clock_was_set_back_nobody_waits_longer_than_a_whole_bucket_takes(back: int) -> None:
    """Though he asks again and again meanwhile, and is refused."""
    buckets = Buckets(500)
    for _ in range(5):
        buckets.take("ada", 100, NOW)
    waits = [buckets.wait("ada", 100, NOW - back + later) for later in range(0, 601, 50)]
    assert max(waits) <= 100
    assert min(waits) <= 0


def test_everybody_has_a_bucket_of_his_own_and_full_ones_are_forgotten() -> None:
    buckets = Buckets(500)
    buckets.take("ada", 500, NOW)
    assert buckets.wait("bob", 500, NOW) == 0
    buckets.take("bob", 100, NOW + 500)
    assert len(buckets) == 1
