# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""Check-ins through the whole turn; the rows T.. of the calendar's table of edge cases."""

from dataclasses import replace
from datetime import date

import pytest

from checkin.attendance import Attendance
from checkin.definition import StreakDef
from checkin.ladder import Medal, RewardDef, StepDef
from checkin.messages import Burst, Mark, Marked, Milestone, Rewarded
from checkin.refusals import AlreadyCheckedIn, NotHereLongEnough
from room.change import Append, Claim, Counter
from room.people import User
from room.refusal import NotAMember
from room.row import Row, member
from room.settings import Privacy, Settings
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
    happened,
    house,
    in_zone,
    record_of,
    row_of,
)
from tests.dialogue import ADA, BOB, CYD, GUEST, START, Dialogue, given

ADA_SHOWN = User(id="ada", name="Ada")
BERLIN = Settings(zone="Europe/Berlin")
PLAIN = house(StreakDef(name="daily", ladder=(), lengths=(), totals=()))


def credited(evening: Dialogue, user: str = "ada") -> list[str]:
    return [day.isoformat() for day in record_of(evening, user).days.done]


# What happens


def test_a_check_in_is_an_event_with_its_evidence() -> None:
    marked = given(HOUSE, SHANGHAI).when(MARK)
    event = marked.events[0].event
    assert event == Marked(
        user=ADA_SHOWN,
        streak="daily",
        day="2023-11-15",  # 06:13 in Shanghai
        length=1,
        best=1,
        total=1,
        began="2023-11-15",
        expires_at=at("2023-11-17T04:00", "Asia/Shanghai"),
        received=START,
        zone="Asia/Shanghai",
        points=10,
        qualifying=10,
    )
    assert happened(marked) == ["checkin.marked", "membership.points_earned"]


def test_a_check_in_writes_its_evidence_and_counts_in_the_room() -> None:
    marked = given(PLAIN, SHANGHAI).when(MARK)
    assert marked.change is not None
    entry = {"streak": "daily", "day": "2023-11-15", "at": START, "zone": "Asia/Shanghai", "id": "t1"}
    assert marked.change.parts[:2] == (
        Append(log="checkin", entry=entry),
        Counter(name="checkin.daily.2023-11-15", add=1),
    )
    assert marked.when(MARK, actor=BOB).room.counters == {"checkin.daily.2023-11-15": 2}


def test_a_guest_cannot_check_in() -> None:
    given(HOUSE).when(MARK, actor=GUEST).refuses(NotAMember)


def test_a_break_ends_the_streak_but_not_the_total_or_the_best() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02", "2024-05-03", "2024-05-05")
    evening.replies(streak=1, best=3, total=4)


def test_two_streaks_have_days_and_steps_of_their_own() -> None:
    two = house(StreakDef(name="daily"), StreakDef(name="yoga", points=1, qualifying=0))
    evening = check_in(given(two), "2024-05-01", "2024-05-02")
    evening.when(Mark(room=ROOM, streak="yoga")).replies(streak=1, total=1, points=1, balance=21)
    assert credited(evening) == ["2024-05-01", "2024-05-02"]
    assert list(record_of(evening, streak="yoga").days.done) == [date(2024, 5, 2)]
    evening.when(Mark(room=ROOM, streak="daily", key="k")).replies(streak=2, replayed=True)
    evening.when(Mark(room=ROOM, streak="yoga", key="k2")).replies(streak=1, replayed=True)


def test_a_day_whose_receipt_is_lost_is_refused_by_name() -> None:
    evening = check_in(given(HOUSE), "2024-05-01")
    evening.room.rows["m:ada"] = replace(row_of(evening), results=())
    evening.when(MARK).refuses(AlreadyCheckedIn)


# Rewards


def test_a_step_is_told_to_its_member_and_earns_what_it_says() -> None:
    evening = check_in(given(HOUSE), *(f"2024-05-0{n}" for n in range(1, 8)))
    assert happened(evening) == [
        "checkin.marked",
        "checkin.rewarded",
        "checkin.milestone",
        "membership.points_earned",
        "membership.points_earned",
        "membership.medal_earned",
    ]
    rewarded = evening.events[1].event
    assert isinstance(rewarded, Rewarded)
    assert (rewarded.step, rewarded.day, rewarded.points) == (7, "2024-05-07", 50)
    assert rewarded.medal == Medal(id="week", title="A whole week")
    evening.replies(points=60, balance=120, medals=[{"id": "week", "title": "A whole week"}])


def test_a_new_run_reaches_the_steps_anew_but_not_the_medals() -> None:
    days = [f"2024-05-{n:02}" for n in (1, 2, 3, 5, 6)]
    evening = check_in(given(HOUSE), *days, "2024-05-07")
    evening.replies(rewards=[{"id": "three", "kind": "medal", "title": "Medal: three days in a row"}], medals=[])


def test_a_step_put_in_below_a_running_streak_is_granted_at_the_next_check_in() -> None:
    evening = check_in(given(PLAIN), "2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04")
    evening.house = HOUSE
    check_in(evening, "2024-05-05").replies(
        rewards=[{"id": "three", "kind": "medal", "title": "Medal: three days in a row"}]
    )
    assert record_of(evening).granted == (3,)
    check_in(evening, "2024-05-06").replies(rewards=[])


COUPON = RewardDef(id="coupon", kind="coupon", title="A coupon", points=5)
GIFT = RewardDef(id="gift", kind="gift", title="A gift", points=100)
LIMITED = house(StreakDef(name="daily", ladder=(StepDef(day=1, reward=GIFT, stock=1, substitute=COUPON),)))


def test_a_limited_reward_is_claimed() -> None:
    evening = given(LIMITED).when(MARK)
    assert evening.change is not None
    claims = [part for part in evening.change.parts if isinstance(part, Claim)]
    assert claims == [Claim(name="checkin.daily.gift", take=1, stock=1)]
    evening.replies(rewards=[{"id": "gift", "kind": "gift", "title": "A gift"}], points=110)


def test_T28_when_the_gift_is_gone_its_substitute_is_in_the_same_receipt() -> None:
    evening = given(LIMITED).when(MARK)
    evening.room.exhausted.clear()  # another worker took the last one: only the store knows
    evening.when(MARK, actor=BOB).replies(rewards=[{"id": "coupon", "kind": "coupon", "title": "A coupon"}], points=15)
    assert evening.change is not None
    assert not any(isinstance(part, Claim) for part in evening.change.parts)
    assert evening.stock == {"checkin.daily.gift": 0}


def test_T28_a_room_that_knows_that_the_gift_is_gone_does_not_ask_for_it() -> None:
    evening = given(LIMITED).when(MARK)
    assert evening.room.exhausted == {"checkin.daily.gift"}
    evening.stock.clear()  # the store would give one: it is not asked
    evening.when(MARK, actor=CYD).replies(points=15)


# Milestones


@pytest.mark.parametrize("hidden", [False, True])
def test_T34_the_room_hears_of_a_milestone_unless_the_streak_is_hidden(hidden: bool) -> None:
    chosen = Row(subject=member("ada")).having(Privacy(hide_streak=hidden))
    evening = check_in(given(HOUSE, chosen), *(f"2024-05-0{n}" for n in range(1, 8)))
    milestone = Milestone(user=ADA_SHOWN, streak="daily", measure="length", count=7)
    told = [s.event for s in evening.events if isinstance(s.event, Milestone)]
    assert told == ([] if hidden else [milestone])
    evening.replies(streak=7)


def test_T30_a_milestone_is_told_once_ever() -> None:
    short = house(StreakDef(name="daily", ladder=(), lengths=(2,), totals=(3,)))
    evening, told = given(short), []
    for day in (1, 2, 4, 5, 6, 8, 9):
        check_in(evening, f"2024-05-0{day}")
        told += [(day, s.event.measure, s.event.count) for s in evening.events if isinstance(s.event, Milestone)]
    assert told == [(2, "length", 2), (4, "total", 3)]


# The calendar's table


def test_T1_every_tap_of_a_day_gets_the_same_receipt() -> None:
    evening = given(HOUSE, SHANGHAI).when(Mark(room=ROOM, key="phone"))
    first = evening.reply
    assert first["replayed"] is False
    again = {**first, "replayed": True}
    for key, later in (("phone", 1), ("tablet", 5_000), (None, HOUR), ("phone", HOUR)):
        evening.when(Mark(room=ROOM, key=key), at=START + later).then().replies(again)
    assert row_of(evening).of(Attendance).of("daily").days.total == 1
    assert evening.room.counters == {"checkin.daily.2023-11-15": 1}


def test_T1_a_retry_that_arrives_when_the_day_has_changed_gets_the_receipt_of_its_own_day() -> None:
    evening = given(HOUSE).when(Mark(room=ROOM, key="phone"))
    first = evening.reply
    evening.when(Mark(room=ROOM, key="tablet"), at=START + HOUR)
    check_in(evening, "2023-11-15").replies(streak=2)
    evening.when(Mark(room=ROOM, key="phone")).then().replies({**first, "replayed": True})
    evening.when(Mark(room=ROOM, key="tablet")).then().replies({**first, "replayed": True})


def test_T3_days_of_23_and_25_hours_count_as_one_each() -> None:
    for days in (["2024-03-30", "2024-03-31", "2024-04-01"], ["2024-10-26", "2024-10-27", "2024-10-28"]):
        for clock in ("04:00", "12:00", "23:59"):
            evening = given(HOUSE, BERLIN)
            for n, day in enumerate(days, 1):
                evening.when(MARK, at=at(f"{day}T{clock}", "Europe/Berlin")).replies(streak=n, day=day, replayed=False)


def test_T3_the_last_instant_of_a_long_and_of_a_short_day_is_told() -> None:
    boundary = [at(f"2024-03-{day}T04:00", "Europe/Berlin") for day in (30, 31)]
    assert boundary[1] - boundary[0] == 23 * HOUR
    evening = given(HOUSE, BERLIN).when(MARK, at=boundary[0])
    evening.replies(day="2024-03-30", expires_at=at("2024-04-01T04:00", "Europe/Berlin"))
    evening.when(MARK, at=boundary[1] - 1).replies(replayed=True).when(MARK, at=boundary[1]).replies(streak=2)


def test_T5_a_date_that_the_zone_never_had_breaks_nothing() -> None:
    evening = given(HOUSE, Settings(zone="Pacific/Apia"))
    check_in(evening, "2011-12-28", "2011-12-29", "2011-12-31", zone="Pacific/Apia").replies(streak=3, total=3)


def test_T7_an_evening_west_of_Greenwich_counts_for_its_own_date() -> None:
    evening = given(HOUSE, Settings(zone="America/Lima"))
    evening.when(MARK, at=at("2024-09-01T01:00")).replies(day="2024-08-31", streak=1)
    evening.when(MARK, at=at("2024-09-02T01:00")).replies(day="2024-09-01", streak=2, replayed=False)


def test_T8_a_date_lost_in_a_flight_over_the_date_line_is_bridged() -> None:
    evening = given(USERS_OWN)
    evening.when(MARK, at=at("2024-03-01T20:00", "Pacific/Honolulu"), actor=in_zone("Pacific/Honolulu"))
    evening.when(MARK, at=at("2024-03-03T19:00", "Pacific/Auckland"), actor=in_zone("Pacific/Auckland"))
    evening.replies(day="2024-03-03", streak=2, total=2)
    marked = evening.events[0].event
    assert isinstance(marked, Marked)
    assert marked.bridged == ("2024-03-02",)
    landed = at("2024-03-04T20:00", "Pacific/Auckland")
    evening.when(MARK, at=landed, actor=in_zone("Pacific/Auckland")).replies(streak=3)


def test_T8_without_a_flight_a_day_missed_is_missed() -> None:
    home = in_zone("Pacific/Honolulu")
    evening = given(USERS_OWN).when(MARK, at=at("2024-03-01T20:00", "Pacific/Honolulu"), actor=home)
    evening.when(MARK, at=at("2024-03-03T05:00", "Pacific/Honolulu"), actor=home).replies(streak=1)


def test_T8_who_stays_away_for_longer_than_a_flight_has_missed_a_day() -> None:
    evening = given(USERS_OWN)
    evening.when(MARK, at=at("2024-03-01T06:00", "Pacific/Honolulu"), actor=in_zone("Pacific/Honolulu"))
    evening.when(MARK, at=at("2024-03-03T19:00", "Pacific/Auckland"), actor=in_zone("Pacific/Auckland"))
    evening.replies(streak=1, best=1, total=2)


def test_T9_the_same_date_twice_is_a_replay_and_no_error() -> None:
    evening = given(USERS_OWN)
    evening.when(MARK, at=at("2024-03-03T19:00", "Pacific/Auckland"), actor=in_zone("Pacific/Auckland"))
    first = evening.reply
    evening.when(MARK, at=at("2024-03-03T18:00", "Pacific/Honolulu"), actor=in_zone("Pacific/Honolulu"))
    evening.then().replies({**first, "replayed": True})
    evening.when(MARK, at=at("2024-03-04T18:00", "Pacific/Honolulu"), actor=in_zone("Pacific/Honolulu"))
    evening.replies(day="2024-03-04", streak=2)


def test_T11_a_stream_over_midnight_is_one_day_and_one_over_the_boundary_two() -> None:
    evening = given(HOUSE, SHANGHAI).when(MARK, at=at("2024-05-01T20:00", "Asia/Shanghai"))
    evening.when(MARK, at=at("2024-05-02T01:30", "Asia/Shanghai")).replies(day="2024-05-01", replayed=True)
    evening.when(MARK, at=at("2024-05-02T03:59:59", "Asia/Shanghai")).replies(day="2024-05-01", replayed=True)
    evening.when(MARK, at=at("2024-05-02T04:00", "Asia/Shanghai")).replies(day="2024-05-02", replayed=False)
    evening.when(MARK, at=at("2024-05-02T04:01", "Asia/Shanghai")).replies(day="2024-05-02", replayed=True)


def test_T17_what_a_client_thinks_the_time_is_does_not_matter() -> None:
    """A check-in has no field for it (test_messages.py), so equal instants make equal days."""
    one = given(HOUSE, SHANGHAI).when(MARK, at=START)
    other = given(HOUSE, SHANGHAI).when(Mark(room=ROOM, key="from 1970"), at=START)
    assert one.reply == other.reply


def test_T18_a_clock_that_steps_back_takes_no_day_back_and_gives_none_twice() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02")
    second = evening.reply
    evening.when(MARK, at=at("2024-05-01T19:00")).then().replies({**second, "replayed": True})
    evening.when(MARK, at=at("2020-01-01T19:00")).then().replies({**second, "replayed": True})
    check_in(evening, "2024-05-03").replies(streak=3)


def test_T18_workers_whose_clocks_differ_agree_on_the_day() -> None:
    boundary = at("2024-05-02T04:00", "Asia/Shanghai")
    evening = given(HOUSE, SHANGHAI).when(MARK, at=boundary + 1)
    evening.when(MARK, at=boundary - 1).replies(day="2024-05-02", replayed=True)


@pytest.mark.parametrize(
    "days",
    [
        ["2024-02-28", "2024-02-29", "2024-03-01"],
        ["2023-02-27", "2023-02-28", "2023-03-01"],
        ["2023-12-30", "2023-12-31", "2024-01-01", "2024-01-02"],
        ["2024-04-30", "2024-05-01"],
    ],
)
def test_T24_no_month_or_year_begins_anew(days: list[str]) -> None:
    check_in(given(HOUSE), *days).replies(streak=len(days), total=len(days), best=len(days))


def test_T24_a_whole_leap_year_is_one_streak() -> None:
    evening = given(PLAIN)
    for n in range(366):
        evening.when(MARK, at=at("2024-01-01T12:00") + n * DAY)
    evening.replies(day="2024-12-31", streak=366)


def test_T33_what_arrives_before_the_boundary_counts_before_it_however_late_it_is_decided() -> None:
    boundary = at("2024-05-02T04:00", "Asia/Shanghai")
    evening = check_in(given(HOUSE, SHANGHAI), "2024-04-30", zone="Asia/Shanghai")
    evening.when(MARK, actor=BOB, at=boundary + 5_000)  # decided first, though it came later
    evening.when(MARK, at=boundary - 1).replies(day="2024-05-01", streak=2, at=boundary - 1)
    evening.when(MARK, at=boundary).replies(day="2024-05-02", streak=3)


# Check-ins in all


def test_the_ladder_by_check_ins_in_all_survives_every_break() -> None:
    tenth = StepDef(day=3, reward=RewardDef(id="third", kind="coupon", title="Third", points=7))
    evening = given(house(StreakDef(name="daily", ladder=(), total_ladder=(tenth,))))
    steps = []
    for n in range(8):
        evening.when(MARK, at=START + 2 * n * DAY)
        steps.append([(s.event.by, s.event.step) for s in evening.events if isinstance(s.event, Rewarded)])
        if n == 2:
            evening.replies(streak=1, total=3, points=17, next=None)
            assert evening.reply["rewards"] == [{"id": "third", "kind": "coupon", "title": "Third"}]
    assert steps == [[], [], [("total", 3)], [], [], [], [], []]
    assert record_of(evening).totals == (3,)


def test_a_limited_reward_of_that_ladder_is_claimed() -> None:
    gift, coupon = (RewardDef(id=kind, kind=kind, title=kind) for kind in ("gift", "coupon"))
    step = StepDef(day=1, reward=gift, stock=1, substitute=coupon)
    evening = given(house(StreakDef(name="daily", ladder=(), total_ladder=(step,)))).when(MARK)
    assert evening.reply["rewards"] == [{"id": "gift", "kind": "gift", "title": "gift"}]
    evening.when(MARK, actor=BOB)
    assert evening.reply["rewards"] == [{"id": "coupon", "kind": "coupon", "title": "coupon"}]


def test_two_ladders_have_no_reward_of_the_same_id() -> None:
    step = StepDef(day=1, reward=RewardDef(id="gift", kind="gift", title="Gift"))
    with pytest.raises(ValueError, match="gift"):
        StreakDef(name="daily", ladder=(step,), total_ladder=(step,))


# Presence before a check-in

STAY = Settings(dwell_seconds=60)


def test_who_has_just_come_is_told_how_long_to_stay() -> None:
    evening = given(HOUSE, STAY)
    evening.room.since["ada"] = START - 20_000
    evening.when(MARK).refuses(NotHereLongEnough, retry_in=40_000)
    checkin = evening.snapshot()["checkin"]
    assert isinstance(checkin, dict)
    assert checkin["eligible_in"] == 40_000
    evening.later(40_000).when(MARK).replies(streak=1)
    checkin = evening.snapshot()["checkin"]
    assert isinstance(checkin, dict)
    assert checkin["eligible_in"] == 0


def test_who_is_not_known_to_be_here_has_just_come() -> None:
    given(HOUSE, STAY).when(MARK).refuses(NotHereLongEnough, retry_in=60_000)


def test_a_retry_gets_its_receipt_however_short_the_new_stay_is() -> None:
    evening = given(HOUSE, STAY)
    evening.room.since["ada"] = START - 60_000
    evening.when(MARK).replies(replayed=False)
    del evening.room.since["ada"]
    evening.when(MARK).replies(replayed=True)


def test_T12_presence_before_the_boundary_does_not_count_for_the_day_after_it() -> None:
    evening = given(HOUSE, STAY)
    evening.room.since["ada"] = at("2024-05-02T03:00")
    evening.when(MARK, at=at("2024-05-02T03:59")).replies(day="2024-05-01")
    evening.when(MARK, at=at("2024-05-02T04:00") + 59_000).refuses(NotHereLongEnough, retry_in=1_000)
    evening.when(MARK, at=at("2024-05-02T04:01")).replies(day="2024-05-02", streak=2)


# A crowd


def test_T32_each_of_a_crowd_has_his_own_receipt_and_the_room_hears_of_all_at_once() -> None:
    evening = given(HOUSE)
    for n in range(500):
        evening.when(MARK, actor=replace(ADA, id=f"u{n}")).replies(streak=1, replayed=False)
    [burst] = evening.flush(START + 250).events
    assert isinstance(burst.event, Burst)
    assert (burst.event.delta, len(burst.event.sample)) == (500, 3)
    assert evening.flush(START + 499).events == []
