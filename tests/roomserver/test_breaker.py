from roomserver.breaker import FAILURES, Breaker


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(lambda n: 10.0 * (n + 1))
    for _ in range(FAILURES):
        assert breaker.admits(at)
        breaker.failed(at, probe=False)
    return breaker


def test_it_opens_after_some_failures_in_a_row() -> None:
    breaker = opened()
    assert breaker.is_open
    assert not breaker.admits(9.9)
    assert breaker.wait(4.0) == 6.0


def test_a_success_in_between_begins_the_count_anew() -> None:
    breaker = Breaker(lambda _: 10.0)
    for n in range(4 * FAILURES):
        breaker.succeeded() if n % FAILURES == 0 else breaker.failed(0.0, probe=False)
    assert not breaker.is_open


def test_after_the_pause_one_probe_goes_out_at_a_time() -> None:
    breaker = opened()
    assert breaker.admits(10.0)
    assert breaker.probing
    assert not breaker.admits(10.0)
    breaker.succeeded()
    assert not breaker.is_open
    assert breaker.admits(10.0)


def test_a_probe_that_fails_opens_it_for_longer() -> None:
    breaker = opened()
    assert breaker.admits(10.0)
    breaker.failed(10.0, probe=True)
    assert not breaker.admits(29.9)
    assert breaker.admits(30.0)
    breaker.succeeded()
    again = opened(30.0)
    assert not again.admits(39.9)
    assert again.admits(40.0)


def test_what_was_under_way_when_it_opened_says_nothing_new() -> None:
    breaker = opened()
    breaker.failed(5.0, probe=False)
    assert breaker.admits(10.0)
    breaker.failed(10.0, probe=False)
    assert breaker.probing
    assert breaker.wait(10.0) == 0
