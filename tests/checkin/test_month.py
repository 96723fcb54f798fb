from collections import Counter

import pytest

from checkin.messages import Calendar
from checkin.month import parse_month
from room.refusal import BadRequest, NotAMember
from room.settings import Settings
from tests.checkin.evenings import HOUSE, MARK, ROOM, USERS_OWN, at, check_in, in_zone
from tests.dialogue import GUEST, Dialogue, given


def asked(evening: Dialogue, month: str, day: str | None = None, zone: str = "UTC") -> Dialogue:
    return evening.when(Calendar(room=ROOM, month=month), at=None if day is None else at(f"{day}T20:00", zone))


def kinds(evening: Dialogue) -> dict[str, str]:
    days = evening.reply["days"]
    assert isinstance(days, list)
    return {day["date"]: day["kind"] for day in days}


def test_a_month_lists_what_was_done_what_was_missed_and_what_is_open() -> None:
    evening = check_in(given(HOUSE), "2024-05-02", "2024-05-03", "2024-05-05")
    asked(evening, "2024-05", "2024-05-07")
    assert kinds(evening) == {
        "2024-05-02": "done",
        "2024-05-03": "done",
        "2024-05-04": "missed",
        "2024-05-05": "done",
        "2024-05-06": "missed",
        "2024-05-07": "open",
    }
    evening.replies(month="2024-05", current=0, best=2, total=3)
    evening.replies(next={"day": 3, "title": "Medal: three days in a row", "in": 3})


def test_while_today_is_open_the_streak_goes_on() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02")
    asked(evening, "2024-05", "2024-05-03").replies(current=2)
    assert kinds(evening)["2024-05-03"] == "open"


def test_a_month_that_was_left_out_is_missed_whole() -> None:
    evening = check_in(given(HOUSE), "2024-01-31", "2024-03-02")
    asked(evening, "2024-02")
    assert Counter(kinds(evening).values()) == {"missed": 29}
    asked(evening, "2024-01")
    assert kinds(evening) == {"2024-01-31": "done"}


def test_who_never_checked_in_sees_only_that_today_is_open() -> None:
    evening = asked(given(HOUSE), "2024-05", "2024-05-07")
    assert kinds(evening) == {"2024-05-07": "open"}
    evening.replies(current=0, best=0, total=0)


@pytest.mark.parametrize("month", ["2024-04", "2024-06", "1970-01", "2200-12"])
def test_other_months_of_a_beginner_are_empty(month: str) -> None:
    assert kinds(asked(given(HOUSE), month, "2024-05-07")) == {}


def test_a_day_bridged_is_told_from_a_day_done() -> None:
    evening = given(USERS_OWN)
    evening.when(MARK, at=at("2024-03-01T20:00", "Pacific/Honolulu"), actor=in_zone("Pacific/Honolulu"))
    evening.when(MARK, at=at("2024-03-03T19:00", "Pacific/Auckland"), actor=in_zone("Pacific/Auckland"))
    evening.when(Calendar(room=ROOM, month="2024-03"), actor=in_zone("Pacific/Auckland")).replies(current=2)
    assert kinds(evening) == {"2024-03-01": "done", "2024-03-02": "bridged", "2024-03-03": "done"}


@pytest.mark.parametrize("done", [["2011-12-29", "2011-12-31"], ["2011-12-28", "2011-12-31"]])
def test_a_date_that_the_zone_never_had_is_not_shown(done: list[str]) -> None:
    evening = check_in(given(HOUSE, Settings(zone="Pacific/Apia")), *done, zone="Pacific/Apia")
    asked(evening, "2011-12")
    assert "2011-12-30" not in kinds(evening)
    assert [day for day, kind in kinds(evening).items() if kind == "done"] == done


@pytest.mark.parametrize("month", ["1969-12", "2201-01", "2024-13", "2024-5", "2024-05-01", "", "٢٠٢٤-٠٥", "2024-05\n"])
def test_a_month_that_is_none_is_refused(month: str) -> None:
    asked(given(HOUSE), month).refuses(BadRequest)


def test_the_first_and_the_last_month() -> None:
    assert parse_month("1970-01") == (1970, 1)
    assert parse_month("2200-12") == (2200, 12)


def test_a_guest_has_no_calendar() -> None:
    given(HOUSE).when(Calendar(room=ROOM, month="2024-05"), actor=GUEST).refuses(NotAMember)
