# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""A check-in for each stream: what it is for, when it breaks, and how it is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from checkin.attendance import Attendance
from checkin.board import windows
from checkin.definition import STREAKS
from checkin.feature import Checkin
from checkin.imported import ImportHistory
from checkin.messages import Board, Calendar, Excuse, Mark, Marked, Milestone, Restored, Rewarded
from checkin.refusals import NotHereLongEnough, NotLive
from membership.messages import Card
from room.change import Score
from room.people import Actor
from room.row import Row, member
from room.settings import STREAMS, Settings
from tests.checkin.evenings import DAY, HOUR, HOUSE, MARK, ROOM, USERS_OWN, at, happened, in_zone, record_of
from tests.dialogue import ADA, BOB, OPERATOR, Dialogue, given

MINUTE = 60_000
FIRST = at("2024-05-01T19:00")
EMPTY = Settings(cadence="per_stream")


def room() -> Dialogue:
    return given(HOUSE, EMPTY, at=FIRST)


def have(evening: Dialogue, settings: Settings) -> Dialogue:
    evening.room.rows["p:settings"] = Row(subject="p:settings", version=2).having(settings)
    return evening


def begin(evening: Dialogue, when: int) -> Dialogue:
    evening.now = when
    return have(evening, replace(evening.room.settings, live=True, live_since=when, ended_at=None))


def end(evening: Dialogue, when: int) -> Dialogue:
    settings, evening.now = evening.room.settings, when
    streams = (*settings.streams, (settings.live_since or 0, when))
    return have(evening, replace(settings, live=False, live_since=None, ended_at=when, streams=streams))


def stream(evening: Dialogue, when: int, *users: Actor, minutes: int = 60) -> Dialogue:
    """A stream to which these come and check in, a minute after it began."""
    begin(evening, when)
    for user in users:
        evening.when(MARK, actor=user, at=when + MINUTE)
    return end(evening, when + minutes * MINUTE)


def streams(*attended: bool | None) -> Dialogue:
    """An evening a day, at which Ada checks in or not; None: it was too short, and she was not there."""
    evening = room()
    for n, there in enumerate(attended):
        stream(evening, FIRST + n * DAY, *([ADA] if there else []), minutes=3 if there is None else 60)
    return evening


def streak(evening: Dialogue, actor: Actor = ADA) -> object:
    evening.when(Card(room=ROOM), actor=actor)
    return evening.reply["streak"]


def current(evening: Dialogue, actor: Actor = ADA) -> object:
    shown = streak(evening, actor)
    assert isinstance(shown, dict)
    return shown["current"]


def kinds(evening: Dialogue, month: str = "2024-05") -> dict[str, str]:
    evening.when(Calendar(room=ROOM, month=month))
    days = evening.reply["days"]
    assert isinstance(days, list)
    return {day["date"]: day["kind"] for day in days}


# What a check-in is for


def test_each_stream_has_its_check_in_also_two_on_one_day() -> None:
    evening = begin(room(), FIRST).when(MARK).replies(streak=1, total=1, day="2024-05-01", expires_at=None, stream="1")
    evening.when(MARK, at=FIRST + MINUTE).replies(streak=1, replayed=True)
    begin(end(evening, FIRST + HOUR), FIRST + 2 * HOUR).when(MARK).replies(streak=2, total=2, day="2024-05-01")
    assert (record_of(evening).total, record_of(evening).again) == (2, 1)
    assert [day.isoformat() for day in record_of(evening).days.done] == ["2024-05-01"]


def test_the_receipt_names_the_stream_as_the_platform_does() -> None:
    evening = begin(room(), FIRST)
    have(evening, replace(evening.room.settings, stream="show-7")).when(MARK).replies(stream="show-7")


def test_T11_a_stream_over_the_boundary_is_one_and_is_shown_on_the_day_it_began() -> None:
    evening = begin(room(), at("2024-05-02T03:00")).when(MARK).replies(day="2024-05-01")
    evening.when(MARK, at=at("2024-05-02T05:00")).replies(replayed=True, day="2024-05-01")
    late = begin(room(), at("2024-05-02T03:00")).when(MARK, at=at("2024-05-02T05:00"))
    late.replies(streak=1, day="2024-05-01")
    assert kinds(late) == {"2024-05-01": "done"}


def test_streams_are_the_rooms_wherever_one_is() -> None:
    evening = have(begin(given(USERS_OWN), FIRST), replace(EMPTY, live=True, live_since=FIRST))
    evening.when(MARK, actor=in_zone("Pacific/Auckland")).replies(day="2024-05-01", streak=1)
    assert record_of(evening).zone == "UTC"


def test_between_two_streams_one_cannot_check_in_and_is_told_when_the_next_one_is() -> None:
    room().when(MARK).refuses(NotLive)
    evening = stream(room(), FIRST, ADA).when(MARK).refuses(NotLive)
    planned = replace(evening.room.settings, next_at=evening.now + 5_000)
    have(evening, planned).when(MARK).refuses(NotLive, retry_in=5_000)
    have(evening, replace(planned, next_at=evening.now)).when(MARK)
    assert evening.refusal is not None
    assert evening.refusal.retry_in is None
    evening.refuses(NotLive)


def test_T33_a_check_in_received_before_the_end_counts_though_it_is_decided_after() -> None:
    evening = end(begin(room(), FIRST), FIRST + HOUR)
    evening.when(MARK, at=FIRST + HOUR - 1).replies(streak=1)
    evening.when(MARK, actor=BOB, at=FIRST + HOUR).refuses(NotLive)


def test_T18_a_clock_that_steps_back_credits_no_earlier_stream() -> None:
    evening = begin(stream(room(), FIRST), FIRST + 2 * HOUR).when(MARK).replies(streak=1)
    evening.when(MARK, at=FIRST + MINUTE).replies(replayed=True)


def test_T12_dwell_is_met_in_each_stream() -> None:
    evening = begin(have(room(), replace(EMPTY, dwell_seconds=60)), FIRST)
    evening.room.since["ada"] = FIRST - HOUR
    evening.when(MARK, at=FIRST + 20_000).refuses(NotHereLongEnough, retry_in=40_000)
    evening.when(MARK, at=FIRST + MINUTE).replies(streak=1)
    begin(end(evening, FIRST + HOUR), FIRST + 2 * HOUR).when(MARK).refuses(NotHereLongEnough, retry_in=MINUTE)


# Settlement


def test_a_stream_that_was_missed_breaks_the_streak_when_it_ends() -> None:
    evening = begin(streams(True, True), FIRST + 3 * DAY)
    assert current(evening) == 2
    assert current(end(evening, FIRST + 3 * DAY + HOUR)) == 0
    begin(evening, FIRST + 4 * DAY).when(MARK).replies(streak=1, best=2, total=3)


def test_T13_days_without_a_stream_ask_for_nothing() -> None:
    evening = stream(room(), FIRST, ADA)
    assert current(evening.later(30 * DAY)) == 1
    begin(evening, FIRST + 30 * DAY).when(MARK).replies(streak=2)


def test_T14_a_stream_that_was_too_short_breaks_nothing_and_counts_for_who_was_there() -> None:
    evening = begin(streams(True, None, None), FIRST + 3 * DAY).when(MARK).replies(streak=2, total=2)
    marked = evening.events[0].event
    assert isinstance(marked, Marked)
    assert (marked.stream, marked.excused) == (4, ("1000-01-03", "1000-01-04"))
    evening = stream(streams(True), FIRST + DAY, ADA, minutes=3)
    assert current(evening) == 2


def test_T14_what_broke_nothing_is_remembered_when_the_room_forgets_it() -> None:
    evening = begin(streams(True, None), FIRST + 3 * DAY).when(MARK).replies(streak=2)
    forgotten = replace(evening.room.settings, forgotten=2, streams=())
    assert current(have(evening, forgotten)) == 2
    begin(end(evening, FIRST + 3 * DAY + HOUR), FIRST + 4 * DAY).when(MARK).replies(streak=3)


def test_T14_a_stream_that_was_missed_stays_so_when_the_room_asks_for_longer_ones() -> None:
    evening = streams(True, False, True)
    assert current(evening) == 1
    assert current(have(evening, replace(evening.room.settings, live_minutes=90))) == 1


def test_T15_streams_of_days_that_are_excused_afterwards_restore_the_streak() -> None:
    evening = streams(True, True, False)
    assert current(evening) == 0
    day = "2024-05-03"
    evening.when(Excuse(room=ROOM, first=day, last=day, reason="outage"), actor=OPERATOR, at=FIRST + 3 * DAY)
    assert current(evening) == 2
    begin(evening, FIRST + 3 * DAY).when(MARK).replies(streak=3, restored=[day])
    [restored] = [s.event for s in evening.events if isinstance(s.event, Restored)]
    assert (restored.length, restored.days) == (3, (day,))
    assert current(have(evening, replace(evening.room.settings, forgotten=3, streams=()))) == 3


def test_T30_runs_that_an_excuse_joins_earn_no_step_twice() -> None:
    evening = streams(True, True, True, False, True, True)
    evening.when(Excuse(room=ROOM, first="2024-05-04", last="2024-05-04", reason="outage"), actor=OPERATOR)
    begin(evening, FIRST + 6 * DAY).when(MARK).replies(streak=6, rewards=[])
    begin(end(evening, evening.now + HOUR), FIRST + 7 * DAY).when(MARK).replies(streak=7)
    assert [s.event.step for s in evening.events if isinstance(s.event, Rewarded)] == [7]


def test_steps_and_milestones_go_by_streams() -> None:
    evening = streams(*[True] * 6)
    begin(evening, FIRST + 6 * DAY).when(MARK).replies(streak=7, next={"day": 30, "title": _month(), "in": 23})
    assert happened(evening).count(Milestone.kind) == 1


def _month() -> str:
    return STREAKS[0].ladder[2].reward.shown("en").title


@examples(st.lists(st.sampled_from([True, False, None]), max_size=40))
def test_the_streak_is_that_of_a_naive_model(attended: list[bool | None]) -> None:
    length = total = best = 0
    for there in attended:
        length = length if there is None else length + 1 if there else 0
        total, best = total + bool(there), max(best, length)
    evening = streams(*attended)
    assert streak(evening) == {"current": length, "best": best, "total": total, "done_today": False}
    assert record_of(evening).total == total


# What is shown


def test_the_calendar_shows_the_days_on_which_streams_began() -> None:
    evening = streams(True, False)
    assert kinds(evening) == {"2024-05-01": "done", "2024-05-02": "open"}
    stream(evening, FIRST + 4 * DAY, ADA)
    assert kinds(evening) == {
        "2024-05-01": "done",
        "2024-05-02": "missed",
        "2024-05-03": "excused",
        "2024-05-04": "excused",
        "2024-05-05": "done",
    }
    assert kinds(begin(evening, evening.now + HOUR))["2024-05-05"] == "open"


def test_the_snapshot_says_whether_this_stream_is_done() -> None:
    def shown(evening: Dialogue) -> tuple[object, object, object]:
        checkin = evening.snapshot()["checkin"]
        assert isinstance(checkin, dict)
        return checkin["day"], checkin["done"], checkin["current"]

    evening = begin(room(), FIRST)
    assert shown(evening) == ("2024-05-01", False, 0)
    assert shown(evening.when(MARK)) == ("2024-05-01", True, 1)
    assert shown(end(evening, FIRST + HOUR)) == ("2024-05-01", False, 1)
    assert shown(evening.later(DAY)) == ("2024-05-02", False, 1)


def boards(evening: Dialogue) -> list[str]:
    query = Board(room=ROOM, scope="room")
    first = next(iter(windows(query, STREAKS[0], evening.context())))
    return [name.removeprefix("checkin.daily.") for name in first.boards]


def test_the_board_is_that_of_who_missed_no_stream() -> None:
    assert boards(room()) == ["1000-01-02", "1000-01-01"]
    evening = streams(True, None, None)
    assert boards(evening) == ["1000-01-05", "1000-01-04", "1000-01-03", "1000-01-02"]
    assert boards(begin(evening, FIRST + 4 * DAY))[0] == "1000-01-05"
    evening.when(MARK)
    assert evening.change is not None
    scores = [part for part in evening.change.parts if isinstance(part, Score)]
    assert [(one.board[-10:], one.value is None) for one in scores] == [("1000-01-02", True), ("1000-01-05", False)]


# Rooms that change


def test_a_room_that_turns_to_streams_counts_them_anew_and_keeps_what_was_checked_in_all() -> None:
    evening = given(HOUSE, Settings())
    for n in range(3):
        evening.when(MARK, at=FIRST + n * DAY)
    begin(have(evening, replace(EMPTY, forgotten=40)), FIRST + 3 * DAY)
    evening.when(MARK).replies(streak=1, best=3, total=4, rewards=[])
    have(evening, replace(evening.room.settings, cadence="daily"))
    evening.when(MARK, at=FIRST + 4 * DAY).replies(streak=5, total=5)


def test_a_history_of_days_is_taken_over_where_streams_are_counted() -> None:
    evening = have(room(), replace(EMPTY, streams=((FIRST, FIRST + HOUR),)))
    days = tuple(f"2024-04-{n:02}" for n in range(1, 9))
    command = ImportHistory(room=ROOM, user="ada", days=days, key="k")
    evening.when(command, actor=OPERATOR).replies(streak={"current": 0, "best": 8, "total": 8, "last": "2024-04-08"})
    begin(evening, FIRST + DAY).when(MARK).replies(streak=1, best=8, total=9)


def test_a_member_of_many_streams_stays_small() -> None:
    evening = room()
    for n in range(400):
        begin(evening, FIRST + n * DAY).when(MARK)
        settings = evening.room.settings
        ended = (*settings.streams, (evening.now, evening.now + HOUR))
        forgotten = settings.forgotten + max(0, len(ended) - STREAMS)
        have(evening, replace(settings, live=False, live_since=None, streams=ended[-STREAMS:], forgotten=forgotten))
    record = evening.room.row(member("ada")).of(Attendance).of("daily")
    assert (record.length, record.total) == (400, 400)
    assert sum(map(len, record.attended.to_json().values())) < 80


@pytest.mark.parametrize("named", [None, "daily"])
def test_the_same_stream_is_the_same_check_in_by_nature(named: str | None) -> None:
    evening = begin(room(), FIRST)
    natural = Checkin().natural(Mark(room=ROOM, streak=named), evening.context())
    assert natural == "checkin.mark:daily#1000-01-02"
