# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""T10: a member's own zone, changed for a journey and not for days."""

import pytest

from checkin.refusals import ZoneTooNew
from tests.checkin.evenings import DAY, HOUR, HOUSE, MARK, USERS_OWN, at, in_zone, record_of
from tests.dialogue import Dialogue, given

EAST, HOME, WEST = "Pacific/Kiritimati", "Europe/Berlin", "Pacific/Honolulu"


def at_home() -> Dialogue:
    """Checked in at home at noon of 1 May."""
    return given(USERS_OWN).when(MARK, actor=in_zone(HOME), at=at("2024-05-01T12:00", HOME))


def test_T10_a_new_zone_counts_from_the_next_day_of_the_old_one() -> None:
    evening = at_home()
    evening.later(6 * HOUR).when(MARK, actor=in_zone(EAST)).replies(day="2024-05-01", replayed=True)
    evening.when(MARK, actor=in_zone(EAST), at=at("2024-05-02T17:00", HOME)).replies(day="2024-05-03", streak=2)
    assert record_of(evening).zone == EAST


def test_T10_two_days_are_not_credited_within_eight_hours_of_a_change() -> None:
    evening = given(USERS_OWN).when(MARK, actor=in_zone(HOME), at=at("2024-05-02T03:00", HOME))
    evening.later(2 * HOUR).when(MARK, actor=in_zone(EAST)).refuses(ZoneTooNew, retry_in=6 * HOUR)
    evening.when(MARK, actor=in_zone(HOME)).replies(day="2024-05-02", streak=2)


def test_T10_after_eight_hours_the_day_is_credited_in_the_new_zone() -> None:
    evening = given(USERS_OWN).when(MARK, actor=in_zone(HOME), at=at("2024-05-02T03:00", HOME))
    evening.later(8 * HOUR).when(MARK, actor=in_zone(EAST)).replies(day="2024-05-02", streak=2)
    assert record_of(evening).moves == (evening.now,)


def test_T10_a_zone_changes_once_in_24_hours() -> None:
    evening = at_home()
    evening.when(MARK, actor=in_zone(EAST), at=at("2024-05-02T10:00", HOME)).replies(day="2024-05-02")
    evening.later(20 * HOUR).when(MARK, actor=in_zone(WEST)).replies(day="2024-05-03")
    assert record_of(evening).zone == EAST
    evening.later(20 * HOUR).when(MARK, actor=in_zone(WEST))
    assert record_of(evening).zone in (EAST, WEST)


@pytest.mark.parametrize(
    ("after", "day", "known"), [(24 * HOUR - 1, "2024-05-03", False), (24 * HOUR, "2024-05-02", True)]
)
def test_T10_after_24_hours_the_next_change_counts(after: int, day: str, known: bool) -> None:
    evening = at_home().when(MARK, actor=in_zone(EAST), at=at("2024-05-02T10:00", HOME))
    evening.later(after).when(MARK, actor=in_zone(WEST)).replies(day=day, replayed=known)  # 22:00 of 2 May in the west


def test_T10_a_zone_changes_three_times_in_30_days() -> None:
    evening = at_home()
    for n in range(1, 8):
        evening.when(MARK, actor=in_zone((HOME, EAST)[n % 2]), at=at("2024-05-01T12:00", HOME) + n * 2 * DAY)
    changes = [at("2024-05-01T12:00", HOME) + n * 2 * DAY for n in (1, 2, 3)]
    assert record_of(evening).moves == tuple(changes)
    held = record_of(evening).zone
    evening.later(30 * DAY).when(MARK, actor=in_zone(WEST))
    assert held != record_of(evening).zone == WEST


def test_T10_nobody_wins_a_day_by_hopping() -> None:
    evening = at_home()
    for n in range(4 * 24):
        evening.later(HOUR).when(MARK, actor=in_zone((HOME, EAST, WEST)[n % 3]))
        if isinstance(evening.refusal, ZoneTooNew):
            evening.refuses(ZoneTooNew)
    assert record_of(evening).days.total <= 6


def test_T10_the_days_of_a_room_are_the_same_in_every_zone() -> None:
    evening = given(HOUSE).when(MARK, actor=in_zone(HOME), at=at("2024-05-02T03:00"))
    evening.later(2 * HOUR).when(MARK, actor=in_zone(EAST)).replies(day="2024-05-02", streak=2)
    assert record_of(evening).moves == ()
