# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""What the feature shows, how little it keeps, and its invariants 1, 2, 4, 5 and 6."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import given as examples
from hypothesis import settings as effort
from hypothesis import strategies as st

from checkin.attendance import Attendance, Record
from checkin.dayset import DaySet
from checkin.definition import StreakDef
from checkin.feature import Checkin
from checkin.ladder import LADDER, RewardDef, StepDef
from checkin.messages import Calendar, Mark, Milestone, Rewarded
from checkin.refusals import UnknownStreak, ZoneTooNew
from checkin.zone import rule_for
from membership.account import Account
from membership.messages import Card, Medal, MedalEarned, Member
from room.row import Row, member
from room.settings import Privacy, Settings
from roomserver.rows import RowCodec
from roomserver.store import StoredRow
from tests.checkin.evenings import (
    DAY,
    HOUR,
    HOUSE,
    MARK,
    ROOM,
    SHANGHAI,
    USERS_OWN,
    at,
    check_in,
    house,
    in_zone,
    row_of,
)
from tests.dialogue import ADA, BOB, GUEST, OPERATOR, START, given

HIDDEN = Row(subject=member("ada")).having(Privacy(hide_streak=True))


# Identity


def test_a_check_in_is_the_same_all_day_whatever_its_key() -> None:
    context = given(HOUSE, SHANGHAI, at=at("2024-05-01T20:00", "Asia/Shanghai")).context()
    natural = Checkin().natural(MARK, context)
    assert natural == "checkin.mark:daily#2024-05-01"
    assert Checkin().natural(Mark(room=ROOM, streak="daily", key="k"), context) == natural


def test_the_day_is_the_callers_own_where_the_streak_says_so() -> None:
    evening = given(USERS_OWN, SHANGHAI, at=at("2024-05-01T23:00", "Asia/Shanghai"))
    evening.when(MARK, actor=in_zone("Pacific/Kiritimati")).replies(day="2024-05-02")
    evening.when(MARK, actor=in_zone("Mars/Olympus", BOB)).replies(day="2024-05-01")


def test_a_streak_that_there_is_not() -> None:
    given(HOUSE).when(Mark(room=ROOM, streak="weekly")).refuses(UnknownStreak)
    given(HOUSE).when(Calendar(room=ROOM, month="2024-05", streak="weekly")).refuses(UnknownStreak)


@pytest.mark.parametrize("streaks", [(), (StreakDef(name="daily"), StreakDef(name="daily", zone="user"))])
def test_streaks_that_cannot_be_told_apart_are_refused(streaks: tuple[StreakDef, ...]) -> None:
    with pytest.raises(ValueError, match="streak"):
        Checkin(streaks)


# Snapshot and card


def test_hosts_are_told_how_many_have_checked_in_today() -> None:
    evening = given(HOUSE, SHANGHAI, at=at("2024-05-01T20:00", "Asia/Shanghai"))
    evening.when(MARK).when(MARK, actor=BOB)
    assert HOUSE.backstage(evening.context())["today"] == 2
    assert HOUSE.backstage(evening.later(DAY).context())["today"] == 0


THREE_DAYS, A_WEEK, A_MONTH = (
    {"id": "three", "title": "Three days in a row"},
    {"id": "week", "title": "A whole week"},
    {"id": "month", "title": "Thirty days in a row"},
)


def test_a_streaks_medals_shine_while_it_is_alive() -> None:
    evening = check_in(given(HOUSE), *(f"2024-05-{day:02}" for day in range(1, 11)))
    [checkin] = [feature for feature in HOUSE.features if isinstance(feature, Checkin)]
    evening.now = at("2024-05-11T20:00")
    alive = checkin.medals(evening.context())
    evening.now = at("2024-05-12T20:00")
    assert (alive, checkin.medals(evening.context())) == (["week", "three"], [])


def test_the_snapshot_shows_today_the_ladder_and_the_month() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02")
    evening.now = at("2024-05-03T20:00")
    ahead = {"day": 3, "title": "Medal: three days in a row", "in": 1}
    assert evening.snapshot()["checkin"] == {
        "day": "2024-05-03",
        "done": False,
        "current": 2,
        "next": ahead,
        "eligible_in": 0,
        "expires_at": at("2024-05-04T04:00"),
        "ladder": [
            {"day": 3, "title": "Medal: three days in a row", "medal": THREE_DAYS},
            {"day": 7, "title": "Coupon for a whole week", "medal": A_WEEK},
            {"day": 30, "title": "Limited gift for thirty days", "medal": A_MONTH, "stock": 100},
            {"day": 10, "title": "Coupon for ten check-ins", "by": "total"},
            {"day": 50, "title": "Coupon for fifty check-ins", "by": "total"},
            {"day": 100, "title": "Gift for a hundred check-ins", "by": "total"},
        ],
        "month": {
            "month": "2024-05",
            "days": [
                {"date": "2024-05-01", "kind": "done"},
                {"date": "2024-05-02", "kind": "done"},
                {"date": "2024-05-03", "kind": "open"},
            ],
            "current": 2,
            "best": 2,
            "total": 2,
            "next": ahead,
        },
    }


def test_a_guest_has_no_days() -> None:
    assert given(HOUSE).snapshot(GUEST)["checkin"] is None


def test_the_ladder_tells_how_many_are_left() -> None:
    gift, coupon = (RewardDef(id=kind, kind=kind, title=kind) for kind in ("gift", "coupon"))
    limited = house(StreakDef(name="daily", ladder=(StepDef(day=1, reward=gift, stock=2, substitute=coupon),)))
    evening, left = given(limited), []
    for n in range(4):
        checkin = evening.snapshot()["checkin"]
        assert isinstance(checkin, dict)
        left.append(checkin["ladder"][0]["stock"])
        evening.when(MARK, actor=replace(ADA, id=f"u{n}"))
    assert left == [2, 1, 0, 0]
    evening.room.counters.clear()  # a room opened anew knows what is gone
    checkin = evening.snapshot()["checkin"]
    assert isinstance(checkin, dict)
    assert checkin["ladder"][0]["stock"] == 0


def test_a_card_shows_the_streak() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02", "2024-05-04")
    shown = {"current": 1, "best": 2, "total": 3, "done_today": True}
    evening.when(Card(room=ROOM)).replies(streak=shown)
    evening.when(Card(room=ROOM, user="ada"), actor=BOB).replies(streak=shown)
    evening.when(Card(room=ROOM, user="bob")).replies(streak={"current": 0, "best": 0, "total": 0, "done_today": False})


def test_T34_a_hidden_streak_is_seen_by_its_member_and_by_the_platform_only() -> None:
    evening = check_in(given(HOUSE, HIDDEN), "2024-05-01")
    shown = {"current": 1, "best": 1, "total": 1, "done_today": True}
    evening.when(Card(room=ROOM)).replies(streak=shown)
    evening.when(Member(room=ROOM, user="ada"), actor=OPERATOR).replies(streak=shown)
    assert "streak" not in evening.when(Card(room=ROOM, user="ada"), actor=BOB).reply


# What is kept

RICH = Account(
    balance=41_234,
    qualifying=36_500,
    medals=tuple(Medal(id=medal.id, title=medal.shown("en").title) for step in LADDER if (medal := step.reward.medal)),
)


def test_a_row_comes_back_from_the_store_as_it_was() -> None:
    evening = check_in(given(HOUSE, Settings(zone="Pacific/Apia")), "2011-12-29", "2011-12-31", zone="Pacific/Apia")
    row, codec = row_of(evening), RowCodec(HOUSE)
    stored = StoredRow(version=row.version, change=row.change, body=codec.encode(row))
    again = codec.decode("m:ada", stored)
    assert again.sections == row.sections
    assert again.results == row.results
    evening.room.rows["m:ada"] = again
    evening.when(MARK).replies(streak=2, replayed=True)


@pytest.mark.parametrize(("every", "most"), [(1, 2_560), (2, 2_700)], ids=["every day", "every other day"])
def test_a_row_stays_small_for_ten_years(every: int, most: int) -> None:
    first, boundary = date(2014, 1, 1), at("2014-01-01T20:00")
    days = DaySet.of(first + timedelta(n) for n in range(0, 3_644, every))
    steps = Record(done=days, at=boundary, zone="America/Argentina/Buenos_Aires", best=3_644, epoch="2014-01-01")
    long_ago = Attendance(streaks={"daily": replace(steps, granted=(3, 7, 30), totals=(10, 50, 100))})
    evening = given(HOUSE, Row(subject=member("ada"), version=3_640).having(long_ago).having(RICH))
    for n in range(3_644, 3_652, every):
        key = str(UUID(int=n << 64 | 0x8000_0000_0000_0000))
        evening.when(Mark(room=ROOM, key=key), at=boundary + n * DAY)
    size = len(RowCodec(HOUSE).encode(row_of(evening)))
    print(f"a row after ten years: {size} bytes")  # noqa: T201 - the number is wanted in reports (pytest -rP)
    assert sum(bool(result.keys) for result in row_of(evening).results) == 4
    assert size <= most


# Invariants

GAPS = st.lists(st.integers(0, 4), min_size=1, max_size=25)
ZONES = ("UTC", "Asia/Shanghai", "America/Lima", "Europe/Berlin", "Pacific/Apia", "Pacific/Honolulu", None)


@effort(max_examples=60)
@examples(st.lists(st.tuples(st.integers(0, 60 * HOUR), st.sampled_from(ZONES)), min_size=1, max_size=15))
def test_invariant_1_the_streak_is_a_function_of_the_days(taps: list[tuple[int, str | None]]) -> None:
    evening = given(USERS_OWN, at=at("2024-02-20T12:00"))
    for wait, zone in taps:
        before = row_of(evening).of(Attendance).of("daily")
        rule = rule_for(StreakDef(name="daily", zone="user"), evening.room, zone, before, evening.later(wait).now)
        evening.when(MARK, actor=in_zone(zone))
        if isinstance(evening.refusal, ZoneTooNew):
            evening.refuses(ZoneTooNew)
            continue
        record = row_of(evening).of(Attendance).of("daily")
        days = record.days
        today = rule.credited_day(evening.now, days.last)
        assert evening.reply["streak"] == days.current(rule, today)
        assert evening.reply["best"] == record.best == days.best
        assert evening.reply["total"] == days.total
        assert record.epoch == days.run(today)[0].isoformat()


@effort(max_examples=60)
@examples(GAPS, st.lists(st.sampled_from(["a", "b", "c", None]), min_size=25, max_size=25))
def test_invariant_2_the_same_check_in_twice_has_the_same_receipt(gaps: list[int], keys: list[str | None]) -> None:
    evening = given(HOUSE)
    for n, (gap, key) in enumerate(zip(gaps, keys, strict=False)):
        command = Mark(room=ROOM, key=None if key is None else f"{key}{n}")
        evening.later(gap * DAY).when(command)
        first, row = evening.reply, row_of(evening)
        evening.later(1).when(command).then().replies({**first, "replayed": True})
        evening.when(Mark(room=ROOM, key="another")).then().replies({**evening.reply, "replayed": True})
        assert row_of(evening).sections == row.sections


@effort(max_examples=60)
@examples(GAPS)
def test_invariant_4_each_step_once_a_run_each_medal_and_milestone_once_ever(gaps: list[int]) -> None:
    streak = StreakDef(name="daily", lengths=(2, 4), totals=(3, 6))
    evening = given(house(streak))
    granted: Counter[tuple[str, int]] = Counter()
    totals: Counter[int] = Counter()
    medals: Counter[str] = Counter()
    milestones: Counter[tuple[str, int]] = Counter()
    longest = 0
    for gap in gaps:
        evening.later(gap * DAY).when(MARK)
        epoch = row_of(evening).of(Attendance).of("daily").epoch
        rewarded = [stamped.event for stamped in evening.events if isinstance(stamped.event, Rewarded)]
        granted.update((epoch, event.step) for event in rewarded if event.by == "streak")
        totals.update(event.step for event in rewarded if event.by == "total")
        medals.update(s.event.medal.id for s in evening.events if isinstance(s.event, MedalEarned))
        milestones.update((s.event.measure, s.event.count) for s in evening.events if isinstance(s.event, Milestone))
        streak_now = evening.reply["streak"]
        assert isinstance(streak_now, int)
        longest = max(longest, streak_now)
        assert {step for run, step in granted if run == epoch} == {s.day for s in streak.ladder if s.day <= streak_now}
    total = row_of(evening).of(Attendance).of("daily").days.total
    assert set(granted.values()) | set(totals.values()) | set(medals.values()) | set(milestones.values()) <= {1}
    assert set(totals) == {step.day for step in streak.total_ladder if step.day <= total}
    assert set(milestones) == {("length", n) for n in (2, 4) if longest >= n} | {
        ("total", n) for n in (3, 6) if total >= n
    }
    assert set(medals) == {s.reward.medal.id for s in streak.ladder if s.reward.medal and s.day <= longest}


@effort(max_examples=60)
@examples(st.lists(st.tuples(st.integers(-40 * HOUR, 60 * HOUR), st.sampled_from(ZONES)), min_size=1, max_size=15))
def test_invariant_5_the_day_credited_never_decreases(taps: list[tuple[int, str | None]]) -> None:
    evening = given(USERS_OWN, at=at("2024-10-20T12:00"))
    days = []
    for wait, zone in taps:
        evening.later(wait).when(MARK, actor=in_zone(zone))
        if isinstance(evening.refusal, ZoneTooNew):
            evening.refuses(ZoneTooNew)
            continue
        days.append(evening.reply["day"])
        assert evening.reply["replayed"] == (len(days) > 1 and days[-1] == days[-2])
    assert all(str(earlier) <= str(later) for earlier, later in pairwise(days))


@effort(max_examples=30)
@examples(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 6)), max_size=14), st.randoms())
def test_invariant_6_the_order_among_users_does_not_matter(taps: list[tuple[str, int]], random: Random) -> None:
    turns = [user for user, _ in taps]
    random.shuffle(turns)
    days = {user: iter([day for other, day in taps if other == user]) for user in turns}
    assert _state(taps) == _state([(user, next(days[user])) for user in turns])


def _state(taps: Sequence[tuple[str, int]]) -> object:
    evening = given(HOUSE)
    for user, day in taps:
        evening.when(MARK, actor=replace(ADA, id=user), at=START + day * DAY)
    return {subject: row.sections for subject, row in evening.room.rows.items()}, evening.room.counters
