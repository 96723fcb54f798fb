# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""Days that break nothing: excused before and after, and days on which a room's stream did not run."""

from datetime import date

import pytest

from checkin.attendance import Attendance, Record
from checkin.dayset import DaySet
from checkin.definition import StreakDef
from checkin.excuses import Excuses, idle, streamed
from checkin.ladder import MedalDef, RewardDef, StepDef
from checkin.messages import PART, Excuse, Excused, Marked, Milestone, Restored, Rewarded
from checkin.refusals import NoStreamToday
from membership.messages import Card
from room.day import DayRule
from room.people import Actor
from room.refusal import BadRequest, NotAMember, PermissionDenied
from room.row import Row, member
from room.settings import STREAMS, Settings
from tests.checkin.evenings import DAY, HOUR, HOUSE, MARK, ROOM, at, check_in, happened, house, record_of
from tests.dialogue import ADA, BOB, GUEST, HOST, OPERATOR, Dialogue, given

MINUTE = 60_000
UTC = DayRule("UTC")


def excuse(evening: Dialogue, first: str, last: str = "", *, day: str | None = None) -> Dialogue:
    """The operator excuses days at nine in the evening of a day, or at once."""
    command = Excuse(room=ROOM, first=first, last=last or first, reason="outage")
    return evening.when(command, actor=OPERATOR, at=None if day is None else at(f"{day}T21:00"))


def current(evening: Dialogue, day: str, actor: Actor = ADA) -> object:
    evening.when(Card(room=ROOM), actor=actor, at=at(f"{day}T12:00"))
    streak = evening.reply["streak"]
    assert isinstance(streak, dict)
    return streak["current"]


# Excuses


def test_T15_a_streak_that_broke_on_an_excused_day_is_whole_before_and_at_the_next_check_in() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02")
    assert current(evening, "2024-05-04") == 0
    excuse(evening, "2024-05-03", day="2024-05-04").then(
        Excused(first="2024-05-03", last="2024-05-03", reason="outage", over="2024-05-03")
    )
    assert current(evening, "2024-05-04") == 2
    check_in(evening, "2024-05-04").replies(streak=3, best=3, restored=["2024-05-03"])
    assert happened(evening)[:2] == ["checkin.marked", "checkin.restored"]
    assert "restored" not in check_in(evening, "2024-05-05").reply


def test_T15_a_streak_begun_anew_is_joined_to_the_one_before() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02", "2024-05-04")
    excuse(evening, "2024-05-03", day="2024-05-04").when(Card(room=ROOM))
    assert evening.reply["streak"] == {"current": 3, "best": 3, "total": 3, "done_today": True}
    check_in(evening, "2024-05-05").replies(streak=4, best=4, total=4, restored=["2024-05-03"])
    [restored] = [s.event for s in evening.events if isinstance(s.event, Restored)]
    assert (restored.length, restored.days) == (4, ("2024-05-03",))


def test_T15_days_excused_before_they_come_restore_nothing_since_nothing_breaks() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02")
    excuse(evening, "2024-05-03", "2024-05-05", day="2024-05-02").then(
        Excused(first="2024-05-03", last="2024-05-05", reason="outage")
    )
    check_in(evening, "2024-05-06").replies(streak=3)
    assert Restored.kind not in happened(evening)


def test_T15_a_day_done_counts_though_it_is_excused() -> None:
    evening = excuse(check_in(given(HOUSE), "2024-05-01", "2024-05-02"), "2024-05-02", day="2024-05-02")
    assert current(evening, "2024-05-03") == 2


def test_T15_the_best_is_that_of_the_days_as_they_are_now() -> None:
    evening = check_in(given(HOUSE), *(f"2024-05-{n:02}" for n in (1, 2, 3, 5, 6, 9)))
    excuse(evening, "2024-05-04", day="2024-05-09").when(Card(room=ROOM))
    assert evening.reply["streak"] == {"current": 1, "best": 5, "total": 6, "done_today": True}
    check_in(evening, "2024-05-10").replies(streak=2, best=5)
    assert Restored.kind not in happened(evening)


def test_T30_steps_of_runs_that_an_excuse_joins_are_not_granted_again() -> None:
    days = [f"2024-05-{n:02}" for n in range(1, 8)]
    evening = check_in(given(HOUSE), *days[:3], *days[4:])
    assert record_of(evening).past == (("2024-05-01", (3,)),)
    excuse(evening, "2024-05-04", day="2024-05-07")
    check_in(evening, "2024-05-08")
    granted = [s.event.step for s in evening.events if isinstance(s.event, Rewarded)]
    assert granted == [7]
    assert sorted(record_of(evening).granted) == [3, 7]
    assert record_of(evening).past == ()


def test_T30_a_step_of_the_later_of_two_runs_is_not_granted_again_either() -> None:
    evening = check_in(given(HOUSE), *(f"2024-05-{n:02}" for n in (1, 2, 4, 5, 6)))
    assert record_of(evening).granted == (3,)
    check_in(excuse(evening, "2024-05-03", day="2024-05-06"), "2024-05-07").replies(streak=6, rewards=[])


def test_T30_no_step_of_many_runs_that_are_joined_is_granted_again() -> None:
    evening = check_in(given(HOUSE), *(f"2024-03-{n:02}" for n in range(1, 9)))
    assert record_of(evening).granted == (3, 7)
    april = [f"2024-{month:02}-{n:02}" for month in (3, 4) for n in range(1, 31) if (month, n) > (3, 9)]
    check_in(evening, *(day for place, day in enumerate(april) if place % 4))
    assert record_of(evening).past == (("2024-03-01", (7,)), *record_of(evening).past[1:])
    excuse(evening, "2024-03-09", "2024-03-31", day="2024-04-30")
    excuse(evening, "2024-04-01", "2024-04-30")
    check_in(evening, "2024-05-01").replies(streak=8 + sum(1 for place in range(len(april)) if place % 4) + 1)
    granted = [s.event.step for s in evening.events if isinstance(s.event, Rewarded) and s.event.by == "streak"]
    assert granted == [30]


def test_T30_more_steps_than_one_turn_can_carry_are_granted_by_and_by_and_each_once() -> None:
    steps = tuple(
        StepDef(
            day=n,
            reward=RewardDef(id=f"r{n}", kind="coupon", title=".", points=1, medal=MedalDef(id=f"m{n}", title=".")),
        )
        for n in range(1, 81)
    )
    days = DaySet.span(date(2024, 1, 1), date(2024, 2, 9)) | DaySet.span(date(2024, 2, 11), date(2024, 3, 16))
    record = Record(
        done=days,
        at=at("2024-03-16T20:00"),
        zone="UTC",
        length=35,
        best=40,
        epoch="2024-02-11",
        granted=tuple(range(1, 36)),
        past=(("2024-01-01", tuple(range(36, 41))),),
        totals=(10, 50),
    )
    row = Row(subject=member("ada"), version=1).having(Attendance(streaks={"daily": record}))
    served = house(StreakDef(name="daily", ladder=steps, lengths=tuple(range(1, 81))))
    evening = excuse(given(served, row), "2024-02-10", day="2024-03-17")
    granted: list[int] = []
    told: list[int] = []
    for day in ("2024-03-17", "2024-03-18", "2024-03-19"):
        check_in(evening, day)
        granted += [s.event.step for s in evening.events if isinstance(s.event, Rewarded) and s.event.by == "streak"]
        told += [s.event.count for s in evening.events if isinstance(s.event, Milestone)]
    assert granted == list(range(41, 79))
    assert told == [73, 74, 75, 76, 77, 78]


def test_T15_another_excuse_of_the_same_days_changes_nothing() -> None:
    evening = excuse(given(HOUSE, at=at("2024-05-05T12:00")), "2024-05-01", "2024-05-03")
    row = evening.room.row(PART)
    assert excuse(evening, "2024-05-02").then().change is None
    assert evening.room.row(PART) == row
    assert excuse(evening, "2024-05-03", "2024-05-04").then(Excused).reply["to"] == "2024-05-04"


def test_T15_a_day_excused_before_it_came_broke_nothing_though_it_is_excused_once_more() -> None:
    evening = excuse(check_in(given(HOUSE), "2024-05-01", "2024-05-02"), "2024-05-03", day="2024-05-02")
    excuse(evening, "2024-05-03", "2024-05-04", day="2024-05-05")
    assert list(evening.room.row(PART).of(Excuses).late) == [date(2024, 5, 4)]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-05-02", "2024-05-01"), ("2024-05-01", "2024-06-01"), ("2020-05-01", "2020-05-01"), ("2024-02-30", "x")],
)
def test_T15_days_that_cannot_be_excused_are_refused(first: str, last: str) -> None:
    excuse(given(HOUSE, at=at("2024-05-05T12:00")), first, last).refuses(BadRequest)


@pytest.mark.parametrize(
    ("actor", "why"), [(HOST, PermissionDenied), (ADA, PermissionDenied), (GUEST, PermissionDenied)]
)
def test_T15_only_the_operator_excuses(actor: Actor, why: type[NotAMember]) -> None:
    given(HOUSE).when(Excuse(room=ROOM, first="2023-11-14", last="2023-11-14", reason="."), actor=actor).refuses(why)


def test_the_reasons_of_the_last_excuses_are_kept_and_the_days_of_all() -> None:
    evening = given(HOUSE, at=at("2024-05-05T12:00"))
    for n in range(1, 29):
        excuse(evening, f"2024-03-{n:02}")
    kept = evening.room.row(PART).of(Excuses)
    assert (len(kept.reasons), kept.reasons[-1].first) == (20, "2024-03-28")
    assert kept.days == kept.late


# Days without a stream


def stream(begin: str, minutes: int) -> tuple[int, int]:
    return at(begin), at(begin) + minutes * MINUTE


def weekly(*streams: tuple[int, int], live_since: int | None = None) -> Settings:
    return Settings(cadence="live_day", streams=streams, live=live_since is not None, live_since=live_since)


def test_T13_a_day_without_a_stream_asks_for_nothing_and_breaks_nothing() -> None:
    evening = given(HOUSE, weekly(stream("2024-05-01T19:00", 120)))
    check_in(evening, "2024-05-01").replies(streak=1, expires_at=None)
    evening.when(MARK, at=at("2024-05-03T20:00")).refuses(NoStreamToday)
    assert current(evening, "2024-05-07") == 1
    settings = weekly(stream("2024-05-01T19:00", 120), stream("2024-05-08T19:00", 120))
    evening.room.rows["p:settings"] = Row(subject="p:settings", version=2).having(settings)
    check_in(evening, "2024-05-08").replies(streak=2)
    marked = evening.events[0].event
    assert isinstance(marked, Marked)
    assert marked.excused == tuple(f"2024-05-0{n}" for n in range(2, 8))


def test_T13_days_that_were_excused_stay_so_when_their_streams_are_forgotten() -> None:
    evening = given(HOUSE, weekly(stream("2024-05-01T19:00", 120), stream("2024-05-04T19:00", 120)))
    check_in(evening, "2024-05-01", "2024-05-04")
    evening.room.rows["p:settings"] = Row(subject="p:settings", version=2).having(Settings())
    assert current(evening, "2024-05-05") == 2


def test_T13_in_a_daily_room_one_checks_in_whether_the_host_is_live_or_not() -> None:
    check_in(given(HOUSE), "2024-05-01", "2024-05-02").replies(streak=2)


def test_T13_a_day_with_a_stream_that_was_missed_breaks_the_streak() -> None:
    streams = [stream(f"2024-05-0{n}T19:00", 30) for n in (1, 2, 3)]
    evening = check_in(given(HOUSE, weekly(*streams)), "2024-05-01", "2024-05-03").replies(streak=1)
    assert record_of(evening).best == 1


def test_T14_a_stream_that_was_too_short_asks_for_nothing() -> None:
    settings = weekly(stream("2024-05-01T19:00", 60), stream("2024-05-02T19:00", 3), stream("2024-05-03T19:00", 60))
    check_in(given(HOUSE, settings), "2024-05-01", "2024-05-03").replies(streak=2)


def test_T14_minutes_of_a_day_are_those_before_its_boundary_together() -> None:
    over = stream("2024-05-02T03:55", 10)
    settings = weekly(over, stream("2024-05-02T20:00", 4))
    assert list(streamed(settings, UTC, over[1])) == []
    settings = weekly(over, stream("2024-05-02T20:00", 5))
    assert [day.isoformat() for day in streamed(settings, UTC, over[1])] == ["2024-05-02"]


def test_T14_while_the_stream_runs_one_may_check_in_and_it_counts_when_the_host_leaves_early() -> None:
    evening = given(HOUSE, weekly(live_since=at("2024-05-01T19:59")))
    evening.when(MARK, at=at("2024-05-01T20:00")).replies(streak=1, expires_at=None)
    evening.when(MARK, actor=BOB).replies(streak=1)
    short = weekly(stream("2024-05-01T19:59", 2))
    evening.room.rows["p:settings"] = Row(subject="p:settings", version=2).having(short)
    assert current(evening, "2024-05-02") == 1
    evening.when(MARK, actor=HOST, at=at("2024-05-01T23:00")).refuses(NoStreamToday)


def test_T14_a_streak_of_stream_days_expires_with_the_day_of_the_next_one() -> None:
    planned = Settings(cadence="live_day", streams=(stream("2024-05-01T19:00", 60),), next_at=at("2024-05-08T19:00"))
    check_in(given(HOUSE, planned), "2024-05-01").replies(expires_at=at("2024-05-09T04:00"))


def test_T14_while_a_stream_runs_the_streak_expires_with_its_day() -> None:
    evening = given(HOUSE, weekly(stream("2024-05-01T19:00", 60), live_since=at("2024-05-02T19:00")))
    check_in(evening, "2024-05-01").later(23 * HOUR)
    checkin = evening.snapshot()["checkin"]
    assert isinstance(checkin, dict)
    assert checkin["expires_at"] == at("2024-05-03T04:00")


def test_T13_days_before_the_streams_that_are_remembered_excuse_nothing() -> None:
    begin = at("2024-01-10T19:00")
    full = weekly(*((begin + n * DAY, begin + n * DAY + HOUR) for n in range(STREAMS)))
    last, today = UTC.logical_day(begin - 5 * DAY), UTC.logical_day(begin + 2 * DAY)
    assert list(idle(full, UTC, begin + STREAMS * DAY, last, today)) == []
    few = weekly((begin, begin + HOUR))
    assert len(idle(few, UTC, begin + DAY, last, today)) == 5


# Rows of before


def test_a_record_of_before_is_read_and_goes_on() -> None:
    old = Record(
        done=DaySet.from_json({"2024": "AAAAAAAAAAAAAAAAAAAADg"}), at=at("2024-05-03T20:00"), zone="UTC", best=3
    )
    row = Row(subject=member("ada"), version=3).having(Attendance(streaks={"daily": old}))
    evening = excuse(given(HOUSE, row), "2024-05-04", day="2024-05-05")
    check_in(evening, "2024-05-05").replies(streak=4, best=4, restored=["2024-05-04"])
