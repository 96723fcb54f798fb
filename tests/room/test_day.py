# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""Days are windows that tile the time line; the rows T.. of the calendar's table of edge cases, and invariant 5."""

import inspect
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from room.day import BadBoundaryError, DayRule, UnknownZoneError, Window

HOUR = 3_600_000
ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "UTC",
]
BERLIN = DayRule("Europe/Berlin")
NIGHTLY = DayRule("Europe/Berlin", time(2, 30))  # inside the hour that spring leaves out and autumn repeats
APIA = DayRule("Pacific/Apia")

rules = st.builds(
    DayRule,
    st.sampled_from(ZONES),
    st.sampled_from([time(0), time(0, 30), time(1, 45), time(2), time(2, 30), time(4), time(23, 59)]),
)
days = st.dates(date(1995, 1, 1), date(2035, 12, 31))
instants = st.integers(
    int(datetime(1995, 1, 2, tzinfo=UTC).timestamp() * 1000), int(datetime(2035, 12, 30, tzinfo=UTC).timestamp() * 1000)
)


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def hours(rule: DayRule, day: date) -> float:
    return rule.window(day).length_ms / HOUR


# --- the table of edge cases -----------------------------------------------------------------------------------------


def test_T3_days_of_23_and_25_hours_follow_each_other() -> None:
    assert [hours(BERLIN, date(2026, 3, d)) for d in (27, 28, 29)] == [24, 23, 24]
    assert [hours(BERLIN, date(2026, 10, d)) for d in (23, 24, 25)] == [24, 25, 24]
    assert BERLIN.window(date(2026, 3, 29)).start_ms == at("2026-03-29T02:00")
    for month, day in ((3, 29), (10, 25)):
        assert BERLIN.logical_day(at(f"2026-{month:02}-{day}T03:59", "Europe/Berlin")) == date(2026, month, day - 1)
        assert BERLIN.logical_day(at(f"2026-{month:02}-{day}T04:00", "Europe/Berlin")) == date(2026, month, day)


def test_T3_a_day_that_begins_at_midnight_is_right_on_the_day_of_the_change() -> None:
    assert DayRule("Europe/Berlin", time(0)).window(date(2026, 3, 29)) == Window(
        at("2026-03-28T23:00"), at("2026-03-29T22:00")
    )


def test_T4_a_boundary_in_the_repeated_hour_passes_once() -> None:
    first = at("2026-10-25T02:30", "Europe/Berlin", fold=0)
    minutes = [NIGHTLY.logical_day(first + m * 60_000) for m in range(-60, 180)]
    assert minutes == [date(2026, 10, 24)] * 60 + [date(2026, 10, 25)] * 180


def test_T4_a_boundary_in_the_missing_hour_passes_once() -> None:
    change = at("2026-03-29T01:00")
    minutes = [NIGHTLY.logical_day(change + m * 60_000) for m in range(-60, 120)]
    assert minutes == [date(2026, 3, 28)] * 90 + [date(2026, 3, 29)] * 90


def test_T4_a_clock_put_back_over_midnight_does_not_bring_yesterday_back() -> None:
    rule = DayRule("America/St_Johns", time(0))
    midnight = at("2010-11-07T00:00", "America/St_Johns", fold=0)  # a minute later it was 23:01 again
    minutes = [rule.logical_day(midnight + m * 60_000) for m in range(-60, 120)]
    assert minutes == [date(2010, 11, 6)] * 60 + [date(2010, 11, 7)] * 120
    assert rule.unsteady(2010) == [date(2010, 11, 7)]


def test_T4_such_boundaries_are_warned_of() -> None:
    assert NIGHTLY.unsteady(2026) == [date(2026, 3, 29), date(2026, 10, 25)]
    assert BERLIN.unsteady(2026) == []
    assert APIA.unsteady(2011) == [date(2011, 12, 30)]
    assert DayRule("Asia/Shanghai", time(2, 30)).unsteady(2026) == []


def test_T5_a_date_that_never_was_holds_no_instant() -> None:
    assert hours(APIA, date(2011, 12, 30)) == 0
    assert APIA.end(date(2011, 12, 29)) == APIA.end(date(2011, 12, 30)) == APIA.window(date(2011, 12, 31)).start_ms
    assert APIA.next_day(date(2011, 12, 29)) == date(2011, 12, 31)
    assert APIA.previous_day(date(2011, 12, 31)) == date(2011, 12, 29)
    assert APIA.skipped(date(2011, 12, 1), date(2012, 2, 1)) == [date(2011, 12, 30)]
    assert APIA.skipped(date(2011, 12, 30), date(2012, 2, 1)) == []
    last = APIA.window(date(2011, 12, 29)).end_ms
    assert [APIA.logical_day(last - 1), APIA.logical_day(last)] == [date(2011, 12, 29), date(2011, 12, 31)]


def test_T6_newer_zone_data_move_only_future_windows() -> None:
    # Istanbul kept the summer's clock for good from autumn 2016; until that was known, its data were those of Athens.
    known_before, known_after = DayRule("Europe/Athens"), DayRule("Europe/Istanbul")
    change = date(2016, 10, 29)
    moved = [
        day
        for day in (date(2016, 9, 1) + timedelta(n) for n in range(120))
        if known_before.window(day) != known_after.window(day)
    ]
    assert moved[0] == change
    assert set(moved) == {change + timedelta(n) for n in range(len(moved))}
    late = at("2016-12-01T01:30")  # 03:30 or 04:30
    assert known_after.credited_day(late, last=known_before.logical_day(late)) == date(2016, 12, 1)
    assert known_before.credited_day(late, last=known_after.logical_day(late)) == date(2016, 12, 1)


def test_T7_an_evening_west_of_greenwich_belongs_to_its_own_date() -> None:
    rule = DayRule("America/Bogota")
    evening = at("2026-09-01T01:00")
    assert rule.logical_day(evening) == date(2026, 8, 31)
    assert rule.logical_day(evening + 12 * HOUR) == date(2026, 9, 1)


def test_T11_a_stream_over_midnight_is_one_day_and_one_over_the_boundary_two() -> None:
    rule = DayRule("Asia/Shanghai")
    stream = [at(text, "Asia/Shanghai") for text in ("2026-11-20T20:00", "2026-11-21T00:30", "2026-11-21T01:30")]
    assert {rule.logical_day(instant) for instant in stream} == {date(2026, 11, 20)}
    assert rule.logical_day(at("2026-11-21T04:00", "Asia/Shanghai")) == date(2026, 11, 21)


def test_T17_the_only_clock_a_rule_is_given_is_the_server_s() -> None:
    methods = [value for name, value in inspect.getmembers(DayRule, inspect.isfunction) if not name.startswith("_")]
    known = {"self", "at_ms", "last", "day", "after", "before", "year"}
    assert {parameter for method in methods for parameter in inspect.signature(method).parameters} == known
    assert list(inspect.signature(DayRule).parameters) == ["zone", "boundary"]


def test_T18_a_clock_that_steps_back_does_not_take_the_day_back() -> None:
    boundary = BERLIN.window(date(2026, 11, 21)).start_ms
    last = BERLIN.credited_day(boundary + 1, last=None)
    assert BERLIN.credited_day(boundary - HOUR, last) == last == date(2026, 11, 21)
    assert BERLIN.credited_day(boundary + 24 * HOUR, last) == date(2026, 11, 22)


def test_T24_months_years_and_leap_days_follow_each_other() -> None:
    for day in (date(2026, 12, 31), date(2028, 2, 28), date(2028, 2, 29), date(2027, 2, 28), date(2026, 4, 30)):
        assert BERLIN.next_day(day) == day + timedelta(1)
        assert BERLIN.previous_day(day + timedelta(1)) == day
        assert BERLIN.logical_day(BERLIN.window(day).end_ms) == day + timedelta(1)


def test_T33_the_millisecond_of_receipt_decides() -> None:
    received = at("2026-11-21T04:00", "Europe/Berlin") - 1
    assert BERLIN.logical_day(received) == date(2026, 11, 20)
    assert BERLIN.logical_day(received + 1) == date(2026, 11, 21)


# --- invariants ------------------------------------------------------------------------------------------------------


@given(rules, days)
def test_windows_tile_the_time_line(rule: DayRule, day: date) -> None:
    here, there = rule.window(day), rule.window(day + timedelta(1))
    assert here.start_ms <= here.end_ms == there.start_ms
    assert rule.skipped(day - timedelta(40), day + timedelta(40)) == [
        d for d in (day + timedelta(n) for n in range(-39, 40)) if not rule.window(d).length_ms
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_no_year_of_any_zone_has_a_gap_or_an_overlap(zone: str) -> None:
    rule = DayRule(zone)
    lengths = [rule.window(date(1995, 1, 1) + timedelta(n)).length_ms / HOUR for n in range(41 * 365)]
    assert set(lengths) <= {0, 22, 23, 23.5, 24, 24.5, 25, 26}
    assert sum(lengths) * HOUR == rule.window(date(1995, 1, 1) + timedelta(41 * 365)).start_ms - (
        rule.window(date(1995, 1, 1)).start_ms
    )


@given(rules, instants)
def test_an_instant_belongs_to_the_one_day_whose_window_holds_it(rule: DayRule, at_ms: int) -> None:
    day = rule.logical_day(at_ms)
    holding = [d for d in (day + timedelta(n) for n in range(-3, 4)) if at_ms in rule.window(d)]
    assert holding == [day]


@given(rules, days, st.integers(-2, 2))
def test_the_edges_of_a_window_belong_where_they_should(rule: DayRule, day: date, off_ms: int) -> None:
    instant = rule.window(day).start_ms + off_ms
    assert instant in rule.window(rule.logical_day(instant))


@given(rules, instants)
def test_away_from_clock_changes_the_day_is_the_wall_clock_s_less_the_boundary(rule: DayRule, at_ms: int) -> None:
    wall = datetime.fromtimestamp(at_ms // 1000, ZoneInfo(rule.zone)).replace(tzinfo=None)
    naive = (wall - timedelta(hours=rule.boundary.hour, minutes=rule.boundary.minute)).date()
    if not {naive + timedelta(n) for n in (-1, 0, 1)} & set(rule.unsteady(naive.year)):
        assert rule.logical_day(at_ms) == naive


@given(rules, instants, st.integers(0, 3 * 24 * HOUR))
def test_the_day_never_decreases_while_time_goes_on(rule: DayRule, at_ms: int, later: int) -> None:
    assert rule.logical_day(at_ms) <= rule.logical_day(at_ms + later)


@given(instants, st.lists(st.tuples(rules, st.integers(-72 * HOUR, 96 * HOUR)), min_size=1, max_size=12))
def test_invariant_5_a_user_s_day_never_decreases(start: int, steps: list[tuple[DayRule, int]]) -> None:
    now, last, seen = start, None, []
    for rule, step in steps:  # any change of zone, any step of the clock
        now += step
        last = rule.credited_day(now, last)
        seen.append(last)
        assert last >= rule.logical_day(now)
    assert seen == sorted(seen)


@given(rules, days)
def test_next_and_previous_day_are_each_other_s_inverse(rule: DayRule, day: date) -> None:
    following = rule.next_day(day)
    assert rule.window(following).length_ms
    assert rule.previous_day(following) == (day if rule.window(day).length_ms else rule.previous_day(day))


# --- what a rule refuses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "zone",
    [
        *("", "Mars/Base", "../x", "/etc/localtime", "Europe", "Europe/", "Europe/../Asia/Tokyo", "zone.tab", "a\0b"),
        *("\udc80", "x" * 5000, "right/Europe/Berlin", "posixrules", "localtime", "Asia/Tokyo\n"),
    ],
)
def test_names_that_are_no_zones_are_refused(zone: str) -> None:
    with pytest.raises(UnknownZoneError, match="time zone"):
        DayRule(zone)


@pytest.mark.parametrize("boundary", [time(4, 0, 1), time(4, 0, 0, 1), time(4, tzinfo=UTC)])
def test_boundaries_that_are_no_plain_minutes_are_refused(boundary: time) -> None:
    with pytest.raises(BadBoundaryError, match="whole minute"):
        DayRule("UTC", boundary)


def test_rules_are_values() -> None:
    assert DayRule("Europe/Berlin", time(4)) == BERLIN
    assert {DayRule("Europe/Berlin"): 1}[BERLIN] == 1
    assert repr(BERLIN) == "DayRule(zone='Europe/Berlin', boundary=datetime.time(4, 0))"
