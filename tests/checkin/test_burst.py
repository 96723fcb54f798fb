"""The burst, and its part in T32: the room hears of any number of check-ins at most four times a second."""

import itertools

from hypothesis import given as examples
from hypothesis import strategies as st

from checkin.burst import MERGE_MS
from checkin.messages import Burst, Celebrated
from room.people import Actor, User
from room.row import Row, member
from room.settings import Privacy
from tests.checkin.evenings import HOUSE, MARK
from tests.dialogue import ADA, BOB, START, given


def person(n: int) -> Actor:
    return Actor(id=f"u{n}", name=f"U{n}")


def shown(n: int) -> Celebrated:
    return Celebrated(user=User(id=f"u{n}", name=f"U{n}"), streak=1)


def test_the_first_check_in_is_told_at_once() -> None:
    given(HOUSE).when(MARK).flush().then(
        Burst(delta=1, today=1, sample=(Celebrated(user=User(id="ada", name="Ada"), streak=1),))
    )


def test_what_follows_is_merged() -> None:
    evening = given(HOUSE).when(MARK).flush()
    for n in range(5):
        evening.when(MARK, actor=person(n))
    evening.flush(START + MERGE_MS - 1).then()
    evening.flush(START + MERGE_MS).then(Burst(delta=5, today=6, sample=(shown(0), shown(1), shown(2))))
    evening.flush(START + 2 * MERGE_MS).then()


def test_the_room_is_woken_for_what_waits() -> None:
    evening = given(HOUSE)
    assert evening.deadline() is None
    evening.when(MARK).flush()
    assert evening.deadline() is None
    evening.when(MARK, actor=BOB)
    assert evening.deadline() == START + MERGE_MS


def test_a_replay_is_not_celebrated_again() -> None:
    given(HOUSE).when(MARK).flush().when(MARK).flush(START + MERGE_MS).then()


def test_who_hides_his_streak_is_counted_and_not_named() -> None:
    hidden = Row(subject=member("ada")).having(Privacy(hide_streak=True))
    given(HOUSE, hidden).when(MARK, actor=ADA).flush().then(Burst(delta=1, today=1, sample=()))


@examples(st.lists(st.booleans(), max_size=30))
def test_invariant_12_bursts_together_tell_of_every_check_in(ticks: list[bool]) -> None:
    evening, marked, told, bursts = given(HOUSE), 0, 0, []
    for tick in [*ticks, True, True, True]:
        if tick:
            evening.later(100).flush()
            for stamped in evening.events:
                assert isinstance(stamped.event, Burst)
                told += stamped.event.delta
                bursts.append(stamped.at)
                assert stamped.event.today == marked
        else:
            evening.when(MARK, actor=person(marked))
            marked += 1
    assert told == marked
    assert all(later - earlier >= MERGE_MS for earlier, later in itertools.pairwise(bursts))
