from loadtest.roomlog import RoomLog


def test_the_first_viewer_of_a_batch_is_told_so() -> None:
    log = RoomLog()
    assert log.read("e", 1, ("a",), 0.0)[1]
    assert not log.read("e", 1, ("a",), 0.1)[1]


def test_the_way_of_an_own_message_ends_at_the_first_and_at_the_last_viewer() -> None:
    log = RoomLog()
    log.expect("a", 10.0, 10.01)
    log.read("e", 1, ("a", "b"), 10.02)
    log.read("e", 1, ("a", "b"), 10.05)
    log.close()
    assert round(log.to_first.longest, 6) == 0.02
    assert round(log.to_last.longest, 6) == 0.05
    assert log.to_last.count == 1


def test_the_batch_may_come_before_the_reply() -> None:
    log = RoomLog()
    log.read("e", 1, ("a",), 10.02)
    log.expect("a", 10.0, 10.03)
    log.close()
    assert (log.to_last.count, log.unseen) == (1, 0)


def test_an_accepted_message_that_nobody_saw_is_unseen() -> None:
    log = RoomLog()
    log.expect("a", 10.0, 10.0)
    log.close()
    assert log.unseen == 1


def test_settling_lets_go_only_what_is_old() -> None:
    log = RoomLog()
    log.expect("a", 0.0, 0.0)
    log.expect("b", 0.0, 0.0)
    log.read("e", 1, ("a",), 1.0)
    log.settle(20.0)
    assert log.to_last.count == 0
    log.settle(31.0)
    assert (log.to_last.count, log.unseen) == (1, 0)
    log.settle(60.0)
    assert log.unseen == 1


def test_an_id_that_comes_again_in_a_later_batch_is_a_repetition() -> None:
    log = RoomLog()
    log.read("e", 1, ("a", "b"), 0.0)
    log.read("e", 2, ("b", "c"), 0.0)
    assert log.repeated == 1


def test_an_id_twice_in_the_batch_everybody_got_is_a_repetition() -> None:
    log = RoomLog()
    log.read("e", 1, ("a", "a"), 0.0)
    assert log.repeated == 1
