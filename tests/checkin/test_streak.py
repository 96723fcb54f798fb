# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""The streak is a function of sets of days; the rows T.. of the calendar's table of edge cases, and invariant 1."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from checkin.dayset import DaySet
from checkin.streak import Credited, StreakDays, bridge
from room.day import DayRule

HOUR = 3_600_000
ONE = timedelta(1)
BERLIN = DayRule("Europe/Berlin")
APIA = DayRule("Pacific/Apia")


def at(text: str, zone: str, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def span(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + n * ONE for n in range((end - start).days + 1)]


@dataclass
class Member:
    """One who checks in, as the feature does it: credit the day, bridge, mark."""

    days: StreakDays = field(default_factory=StreakDays)
    last: Credited | None = None

    def checks_in(self, rule: DayRule, at_ms: int) -> bool:
        """Whether that was a new day; if not, it was a replay."""
        mark = Credited(day=rule.credited_day(at_ms, self.days.last), at_ms=at_ms, zone=rule.zone)
        if mark.day in self.days.done:
            return False
        self.days = self.days.mark(mark.day, bridge(rule, self.last, mark))
        self.last = mark
        return True

    def streak(self, rule: DayRule, at_ms: int) -> int:
        return self.days.current(rule, rule.credited_day(at_ms, self.days.last))

    def breaks_at(self, rule: DayRule, at_ms: int) -> int | None:
        return self.days.expires_at(rule, rule.credited_day(at_ms, self.days.last))


def checked_in(zone: str, *times: str) -> Member:
    member = Member()
    for text in times:
        member.checks_in(DayRule(zone), at(text, zone))
    return member


# --- the table of edge cases -----------------------------------------------------------------------------------------


def test_T3_days_of_23_and_25_hours_count_one_each() -> None:
    for first, count in (("2026-03-27", 4), ("2026-10-23", 4)):
        member = Member()
        for n in range(count):
            start = BERLIN.window(date.fromisoformat(first) + n * ONE).start_ms
            assert member.checks_in(BERLIN, start)
            assert not member.checks_in(BERLIN, start + 22 * HOUR)
            assert member.streak(BERLIN, start) == n + 1


def test_T4_a_boundary_in_the_repeated_hour_neither_doubles_nor_breaks() -> None:
    rule, member = DayRule("Europe/Berlin", time(2, 30)), Member()
    start = at("2026-10-24T12:00", "Europe/Berlin")
    new = [quarter for quarter in range(4 * 48) if member.checks_in(rule, start + quarter * HOUR // 4)]
    assert list(member.days.done) == span("2026-10-24", "2026-10-26")
    assert len(new) == 3
    assert member.streak(rule, start + 48 * HOUR) == 3


def test_T5_a_date_that_never_was_does_not_break_and_is_not_counted() -> None:
    member = checked_in("Pacific/Apia", "2011-12-28T20:00", "2011-12-29T20:00", "2011-12-31T20:00")
    now = at("2011-12-31T20:00", "Pacific/Apia")
    assert list(member.days.done) == [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31)]
    assert (member.streak(APIA, now), member.days.best, member.days.total) == (3, 3, 3)


def test_T5_nor_does_it_cost_the_day_after_it() -> None:
    member = checked_in("Pacific/Apia", "2011-12-29T20:00")
    assert member.breaks_at(APIA, at("2011-12-29T20:00", "Pacific/Apia")) == APIA.window(date(2011, 12, 31)).end_ms
    assert member.streak(APIA, APIA.window(date(2011, 12, 31)).end_ms - 1) == 1


def test_T5_it_stays_kept_for_who_moves_away() -> None:
    member = checked_in("Pacific/Apia", "2011-12-29T20:00", "2011-12-31T20:00", "2012-01-01T20:00")
    assert member.days.current(DayRule("Asia/Tokyo"), date(2012, 1, 1)) == 3


def test_T6_newer_zone_data_leave_past_days_alone() -> None:
    # Istanbul kept the summer's clock for good from autumn 2016; until that was known, its data were those of Athens.
    known_before, known_after = DayRule("Europe/Athens"), DayRule("Europe/Istanbul")
    member = Member()
    for day in span("2016-10-20", "2016-11-10"):  # at 04:30 by the data of before
        assert member.checks_in(known_before, known_before.window(day).start_ms + HOUR // 2)
    now = known_before.window(date(2016, 11, 10)).start_ms + HOUR
    assert member.streak(known_after, now) == member.streak(known_before, now) == 22
    assert member.breaks_at(known_after, now) == known_after.window(date(2016, 11, 11)).end_ms


def test_T7_an_evening_west_of_greenwich_does_not_block_the_next_day() -> None:
    member = checked_in("America/Bogota", "2026-08-31T20:00", "2026-09-01T08:00")
    assert list(member.days.done) == [date(2026, 8, 31), date(2026, 9, 1)]
    assert member.days.current(DayRule("America/Bogota"), date(2026, 9, 1)) == 2


def test_T8_dates_lost_in_travel_are_bridged_but_not_counted() -> None:
    member = checked_in("America/Los_Angeles", "2026-11-01T20:00", "2026-11-02T20:00")
    tokyo = DayRule("Asia/Tokyo")
    landed = at("2026-11-04T14:00", "Asia/Tokyo")  # 25 hours later, and the 3rd was spent in the air
    assert member.checks_in(tokyo, landed)
    assert list(member.days.bridged) == [date(2026, 11, 3)]
    assert (member.streak(tokyo, landed), member.days.best, member.days.total) == (3, 3, 3)
    assert member.days.month(2026, 11) == [
        (date(2026, 11, 1), "done"),
        (date(2026, 11, 2), "done"),
        (date(2026, 11, 3), "bridged"),
        (date(2026, 11, 4), "done"),
    ]


def test_T8_only_a_changed_zone_and_36_hours_at_most_bridge() -> None:
    departed = Credited(day=date(2026, 11, 2), at_ms=at("2026-11-02T20:00", "America/Los_Angeles"), zone=BERLIN.zone)
    tokyo = DayRule("Asia/Tokyo")

    def bridged(hours: float, zone: str = tokyo.zone) -> list[date]:
        landed = Credited(day=date(2026, 11, 4), at_ms=departed.at_ms + int(hours * HOUR), zone=zone)
        return bridge(tokyo, departed, landed)

    assert bridged(36) == [date(2026, 11, 3)]
    assert bridged(36.001) == []
    assert bridged(25, zone=departed.zone) == []
    assert bridge(tokyo, None, departed) == []


def test_T9_the_same_date_twice_is_a_replay() -> None:
    member = checked_in("Asia/Tokyo", "2026-11-03T20:00", "2026-11-04T20:00")
    honolulu = DayRule("Pacific/Honolulu")
    for text in ("2026-11-04T02:00", "2026-11-04T05:00", "2026-11-04T20:00"):
        assert not member.checks_in(honolulu, at(text, "Pacific/Honolulu"))
        assert member.streak(honolulu, at(text, "Pacific/Honolulu")) == 2
    assert member.checks_in(honolulu, at("2026-11-05T20:00", "Pacific/Honolulu"))
    assert member.streak(honolulu, at("2026-11-05T20:00", "Pacific/Honolulu")) == 3


def test_T11_a_marathon_may_be_checked_in_once_on_each_side_of_the_boundary() -> None:
    rule, member = DayRule("Asia/Shanghai"), Member()
    start = at("2026-11-20T20:00", "Asia/Shanghai")
    new = [hour for hour in range(16) if member.checks_in(rule, start + hour * HOUR)]
    assert new == [0, 8]  # 20:00 and 04:00
    assert member.streak(rule, start + 16 * HOUR) == 2


def test_T17_the_only_clock_a_streak_is_given_is_the_rule_s_day() -> None:
    members = inspect.getmembers(StreakDays, inspect.isfunction)
    public: list[Callable[..., object]] = [bridge, *(method for name, method in members if not name.startswith("_"))]
    parameters = {parameter for method in public for parameter in inspect.signature(method).parameters}
    assert parameters == {"self", "rule", "today", "day", "bridged", "year", "month", "last", "mark"}
    assert list(inspect.signature(Credited).parameters) == ["day", "at_ms", "zone"]


def test_T18_a_clock_that_steps_back_breaks_nothing_and_credits_nothing() -> None:
    member = checked_in("Europe/Berlin", "2026-11-19T20:00", "2026-11-20T20:00", "2026-11-21T04:00")
    back = at("2026-11-21T03:59", "Europe/Berlin")
    assert not member.checks_in(BERLIN, back)
    assert member.streak(BERLIN, back) == 3
    assert member.days.current(BERLIN, date(2026, 11, 1)) == 3
    assert member.breaks_at(BERLIN, back) == BERLIN.window(date(2026, 11, 22)).end_ms


def test_T24_no_month_year_or_leap_day_resets() -> None:
    member = Member()
    for n, day in enumerate(span("2027-10-15", "2028-03-15")):
        assert member.checks_in(BERLIN, BERLIN.window(day).start_ms)
        assert member.days.current(BERLIN, day) == member.days.best == n + 1


def test_T33_a_check_in_received_before_the_boundary_counts_for_the_day_that_ended() -> None:
    member = checked_in("Europe/Berlin", "2026-11-19T20:00")
    received, processed = at("2026-11-21T03:59:59.999", "Europe/Berlin"), at("2026-11-21T04:00:02", "Europe/Berlin")
    assert member.checks_in(BERLIN, received)
    assert member.days.last == date(2026, 11, 20)
    assert member.streak(BERLIN, processed) == 2
    assert member.checks_in(BERLIN, processed)


# --- what a viewer is told -------------------------------------------------------------------------------------------


def test_an_open_day_keeps_yesterday_s_streak_until_it_ends() -> None:
    days = StreakDays(done=DaySet.of(span("2026-11-17", "2026-11-19")))
    assert [days.current(BERLIN, date(2026, 11, d)) for d in (19, 20, 21)] == [3, 3, 0]
    assert days.expires_at(BERLIN, date(2026, 11, 20)) == BERLIN.window(date(2026, 11, 20)).end_ms
    assert days.expires_at(BERLIN, date(2026, 11, 19)) == BERLIN.window(date(2026, 11, 20)).end_ms
    assert days.expires_at(BERLIN, date(2026, 11, 21)) is None


def test_who_never_came_has_no_streak() -> None:
    days = StreakDays()
    assert (days.current(BERLIN, date(2026, 11, 20)), days.best, days.total, days.last) == (0, 0, 0, None)
    assert days.expires_at(BERLIN, date(2026, 11, 20)) is None
    assert days.month(2026, 11) == []


def test_a_kept_day_after_a_missed_one_brings_nothing_back() -> None:
    days = StreakDays(done=DaySet.of([date(2026, 11, 16)]), bridged=DaySet.of([date(2026, 11, 18)]))
    assert days.current(BERLIN, date(2026, 11, 18)) == 0
    assert days.expires_at(BERLIN, date(2026, 11, 18)) is None


def test_a_day_done_is_shown_as_done_whatever_else_it_is() -> None:
    days = StreakDays(done=DaySet.of([date(2026, 11, 16)]), bridged=DaySet.of(span("2026-11-15", "2026-11-16")))
    assert days.month(2026, 11) == [(date(2026, 11, 15), "bridged"), (date(2026, 11, 16), "done")]
    assert (days.total, days.current(BERLIN, date(2026, 11, 16))) == (1, 1)


# --- invariants ------------------------------------------------------------------------------------------------------

months = span("2011-12-10", "2012-01-20")
in_months = st.sets(st.sampled_from(months))
mostly = st.sets(st.sampled_from(months), max_size=4).map(lambda missing: set(months) - missing)
zones = st.sampled_from([DayRule(zone) for zone in ("Pacific/Apia", "Europe/Berlin", "America/Los_Angeles")])


def walked(rule: DayRule, counted: set[date], neutral: set[date], today: date) -> int:
    """The naive streak: day after day back from today, which may still be open."""
    lost = {day for day in span("2011-12-01", "2012-02-01") if not rule.window(day).length_ms}
    day, length = max({today} | counted), 0
    if day not in counted | neutral:
        day = rule.previous_day(day)
    while day in counted | neutral | lost:
        length += day in counted
        day -= ONE
    return length


@given(st.one_of(in_months, mostly), in_months, st.sampled_from(months))
def test_invariant_1_the_streak_equals_the_one_walked_day_by_day(
    done: set[date], bridged: set[date], today: date
) -> None:
    days = StreakDays(done=DaySet.of(done), bridged=DaySet.of(bridged))
    assert days.current(BERLIN, today) == walked(BERLIN, done, bridged, today)
    assert days.total == len(done)
    ends = span("2011-12-10", "2012-01-20")
    assert days.best == max(walked(BERLIN, {d for d in done if d <= end}, bridged, end) for end in ends)


@given(zones, st.lists(st.one_of(st.integers(-30, 30), st.integers(18, 30)), max_size=40))
def test_invariant_1_a_history_of_check_ins_gives_the_walked_streak(rule: DayRule, pauses: list[int]) -> None:
    member, now, credited, cached_best = Member(), at("2011-12-12T12:00", "UTC"), set[date](), 0
    for hours in pauses:
        now = min(now + hours * HOUR, at("2012-01-15T12:00", "UTC"))
        credited.add(rule.credited_day(now, max(credited, default=None)))
        member.checks_in(rule, now)
        cached_best = max(cached_best, member.streak(rule, now))
        assert set(member.days.done) == credited
        assert member.streak(rule, now) == walked(rule, credited, set(), max(credited))
        assert member.days.best == cached_best


@given(st.lists(st.tuples(zones, st.integers(1, 30)), min_size=1, max_size=30))
def test_who_checks_in_every_day_wherever_he_is_never_loses_his_streak(journey: list[tuple[DayRule, int]]) -> None:
    member, now = Member(), at("2011-12-12T12:00", "UTC")
    for expected, (rule, hours) in enumerate(journey, 1):
        now = max(now + hours * HOUR, rule.window(rule.next_day(member.days.last or date(2011, 12, 12))).start_ms)
        if member.last is not None and (now - member.last.at_ms > 36 * HOUR or member.last.zone == rule.zone):
            now = rule.window(rule.next_day(member.last.day)).start_ms  # at home: on the very next day
        assert member.checks_in(rule, now)
        assert member.streak(rule, now) == member.days.best == member.days.total == expected


@given(zones, mostly, in_months, st.sampled_from(months))
def test_a_streak_lives_until_the_instant_told_and_no_longer(
    rule: DayRule, done: set[date], bridged: set[date], today: date
) -> None:
    lost = rule.skipped(min(months), max(months))
    days = StreakDays(done=DaySet.of(done - set(lost)), bridged=DaySet.of({*bridged, *lost}))
    breaks_at = days.expires_at(rule, today)
    if breaks_at is None:
        assert days.current(rule, today) == 0
    else:
        assert days.current(rule, rule.logical_day(breaks_at - 1)) > 0
        assert days.current(rule, rule.logical_day(breaks_at)) == 0
