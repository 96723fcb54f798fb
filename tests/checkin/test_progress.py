from checkin.attendance import Record
from checkin.dayset import DaySet
from checkin.definition import STREAKS
from checkin.progress import Progress
from room.day import DayRule
from tests.checkin.evenings import at

(DAILY,) = STREAKS
RULE = DayRule("UTC")
THREE = Record(done=DaySet.of(RULE.logical_day(at(f"2024-05-0{n}T20:00")) for n in (1, 2, 3)), best=3)


def progress(day: str, record: Record = THREE) -> Progress:
    return Progress.at(at(f"{day}T20:00"), DAILY, record, RULE)


def test_today_is_done_or_open() -> None:
    assert progress("2024-05-03").done
    assert not progress("2024-05-04").done
    assert progress("2024-05-04").current == 3


def test_today_is_never_before_the_last_day_credited() -> None:
    early = progress("2024-05-01")
    assert early.today.isoformat() == "2024-05-03"
    assert early.done


def test_the_streak_breaks_at_the_end_of_the_first_day_that_is_missed() -> None:
    assert progress("2024-05-03").expires_at == at("2024-05-05T04:00")
    assert progress("2024-05-04").expires_at == at("2024-05-05T04:00")
    assert progress("2024-05-05").expires_at is None


def test_numbers_are_those_of_the_instant() -> None:
    ahead = {"day": 7, "title": "Coupon for a whole week", "in": 4}
    assert progress("2024-05-04").numbers() == {"current": 3, "best": 3, "total": 3, "next": ahead}
    first = {"day": 3, "title": "Medal: three days in a row", "in": 3}
    assert progress("2024-05-09").numbers() == {"current": 0, "best": 3, "total": 3, "next": first}
