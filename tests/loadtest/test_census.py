from loadtest.census import Census
from loadtest.protocol import Batch, Happening


def said(kind: str, delta: int = 0) -> Batch:
    return Batch(events=(Happening(type=kind, id="x", delta=delta),))


def test_events_deltas_and_shed_are_counted() -> None:
    census = Census(0.0)
    census.heard(said("checkin.burst", 3), 1.0)
    census.heard(said("checkin.burst", 2), 2.0)
    census.heard(Batch(shed={"danmaku": 4}, online=9), 3.0)
    assert census.events == {"checkin.burst": 2}
    assert census.sums["checkin.burst"] == 5
    assert census.shed == {"danmaku": 4}
    assert census.online == 9


def test_the_longest_silence_may_be_before_between_or_after() -> None:
    census = Census(10.0)
    assert census.silence("a", 15.0) == 5.0
    census.heard(said("a"), 16.0)
    census.heard(said("a"), 18.0)
    assert census.silence("a", 19.0) == 6.0
    census.heard(said("a"), 26.0)
    assert census.silence("a", 27.0) == 8.0
    assert census.silence("a", 40.0) == 14.0


def test_online_is_heard_with_every_batch_that_tells_it() -> None:
    census = Census(0.0)
    census.heard(Batch(online=1), 4.0)
    assert census.silence("online", 5.0) == 4.0
