"""Tiers under a window, through whole turns: by the room's own days, warned of in time, lost by a review."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from membership.account import HISTORY, Account
from membership.day_sums import DaySums
from membership.feature import DUE, Membership
from membership.keep_rule import LONGEST, KeepRule, Window
from membership.keeping import Keeping
from membership.limits import Given, Today
from membership.messages import (
    AddScore,
    Card,
    EntitlementsChanged,
    PointsEarned,
    Review,
    TierChanged,
    TierReviewed,
    WillDowngrade,
)
from membership.ranks import Ranks
from membership.tiers import TIERS, Tiers
from room.change import Due
from room.house import House
from room.people import User
from room.row import Row, member
from room.settings import Settings
from roomserver.features import make_house
from roomserver.rows import RowCodec
from tests.dialogue import ADA, ITSELF, OPERATOR, ROOM_ID, START, Dialogue, given

BERLIN = Settings(zone="Europe/Berlin")
MONTHLY = KeepRule(window="rolling", days=30, grace=10, warn=3)
REVIEW = Review(room=ROOM_ID, user="ada")


def house(rule: KeepRule) -> House:
    membership = Membership(keep=rule)
    return House([membership], standing=membership.standing)


def score(amount: int, key: str = "k") -> AddScore:
    return AddScore(room=ROOM_ID, user="ada", amount=amount, reason="order", key=key)


def at(text: str, zone: str = "Europe/Berlin") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def dues(evening: Dialogue) -> list[int | None]:
    parts = () if evening.change is None else evening.change.parts
    return [part.at for part in parts if isinstance(part, Due) and part.what == DUE]


def tier(evening: Dialogue) -> int:
    return evening.context().standing.tier


def test_without_a_window_nothing_is_due_and_no_day_is_kept() -> None:
    scored = given(house(KeepRule())).when(score(120), actor=OPERATOR)
    assert (dues(scored), scored.room.row("m:ada").of(Account).keeping) == ([], None)


def test_a_tier_goes_its_whole_way_by_the_rooms_days_over_the_change_of_the_clock() -> None:
    rule = house(MONTHLY)
    evening = given(rule, ADA, BERLIN).when(score(120), actor=OPERATOR, at=at("2026-03-01T21:00"))
    warned, ends = at("2026-04-07T04:00"), at("2026-04-10T04:00")
    assert (tier(evening), dues(evening)[-1]) == (1, warned)
    evening.when(REVIEW, actor=ITSELF, at=warned)
    friend = User(id="ada", name="Ada", tier=1)
    evening.then(WillDowngrade(user=friend, tier=1, to=0, points_needed=100, by=ends))
    assert dues(evening) == [ends]
    evening.when(Card(room=ROOM_ID)).replies(
        will_downgrade={"tier": 1, "to": 0, "points_needed": 100, "by": ends}, qualifying=0
    )
    evening.when(REVIEW, actor=ITSELF, at=ends - 1).then(TierReviewed)
    evening.when(REVIEW, actor=ITSELF, at=ends).then(TierChanged, EntitlementsChanged)
    assert (tier(evening), dues(evening)) == (0, [None])
    path = [(old, new) for _, old, new in evening.room.row("m:ada").of(Account).history]
    assert path == [(0, 1), (1, 0)]


def test_a_review_that_comes_twice_does_nothing_twice() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(REVIEW, actor=ITSELF, at=START + 50 * 86_400_000).then(TierChanged, EntitlementsChanged)
    evening.when(REVIEW, actor=ITSELF).then(TierReviewed)
    assert dues(evening) == [None]


def test_a_downgrade_that_is_late_comes_before_what_is_earned() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(score(300, "late"), actor=OPERATOR, at=START + 50 * 86_400_000)
    evening.then(TierChanged, EntitlementsChanged, PointsEarned, TierChanged, EntitlementsChanged)
    earned = evening.events[2].event
    assert isinstance(earned, PointsEarned)
    assert earned.user.tier == 0
    changes = [s.event for s in evening.events if isinstance(s.event, TierChanged)]
    assert [(change.from_tier, change.tier) for change in changes] == [(1, 0), (0, 2)]


def test_what_is_taken_back_costs_the_tier_only_after_the_grace() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(score(-120, "back"), actor=OPERATOR).then(PointsEarned).replies(tier=1, qualifying=0)


def test_a_room_that_moves_looks_again_at_its_new_hour() -> None:
    evening = given(house(MONTHLY), ADA, BERLIN).when(score(120), actor=OPERATOR, at=at("2026-01-01T21:00"))
    due = dues(evening)[-1]
    assert due is not None
    moved = given(house(MONTHLY), evening.room.row("m:ada"), Settings(zone="America/New_York"))
    moved.when(REVIEW, actor=ITSELF, at=due).then(TierReviewed)
    assert dues(moved) == [due + 6 * 3_600_000]


def test_a_member_from_before_the_rule_keeps_his_tier_until_his_grace_is_over() -> None:
    old = Row(subject=member("ada"), version=4).having(Account(balance=500, qualifying=500))
    evening = given(house(MONTHLY), ADA, old)
    assert tier(evening) == 2
    evening.when(score(1), actor=OPERATOR).then(PointsEarned).replies(tier=2, qualifying=1)
    evening.when(REVIEW, actor=ITSELF, at=START + 10 * 86_400_000).then(TierChanged, EntitlementsChanged)


def test_a_rule_that_is_gone_forgets_what_is_due() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    lasting = given(house(KeepRule()), ADA, evening.room.row("m:ada"))
    lasting.when(REVIEW, actor=ITSELF, at=START + 60 * 86_400_000).then(TierReviewed)
    assert (tier(lasting), dues(lasting)) == (1, [None])


def test_a_tier_that_is_set_no_more_becomes_the_one_below() -> None:
    ranks = Ranks(Tiers(TIERS[:2]), MONTHLY)
    evening = given(house(MONTHLY), ADA).when(score(300), actor=OPERATOR)
    assert ranks.held(evening.room.row("m:ada").of(Account)).level == 1


def test_only_a_members_own_due_is_his() -> None:
    membership = Membership()
    assert list(membership.due(DUE, "m:ada", ROOM_ID)) == [REVIEW]
    for what, subject in ((DUE, "p:settings"), ("membership.other", "m:ada")):
        assert list(membership.due(what, subject, ROOM_ID)) == []


# --- whole evenings against the calendar


def _day(instant: int, zone: str) -> datetime:
    """The logical day of an instant, told from the wall clock; right where the clock does not change at four."""
    return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)) - timedelta(hours=4)


def _counts(window: Window, day: datetime, today: datetime) -> bool:
    if window == "rolling":
        return (today.date() - day.date()).days < MONTHLY.days
    months = {"month": 1, "quarter": 3, "year": 12}[window]
    return (day.year, (day.month - 1) // months) == (today.year, (today.month - 1) // months)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@settings(max_examples=25)
@examples(
    window=st.sampled_from(["rolling", "month", "quarter", "year"]),
    evenings=st.lists(st.tuples(st.integers(1, 400), st.integers(1, 60)), max_size=15),
)
def test_the_score_of_an_evening_is_that_of_its_days(
    zone: str, window: Window, evenings: list[tuple[int, int]]
) -> None:
    rule = KeepRule(window=window, days=MONTHLY.days)
    evening, now = given(house(rule), ADA, Settings(zone=zone)), int(datetime(2025, 9, 1, tzinfo=UTC).timestamp() * 1e3)
    earned: list[tuple[datetime, int]] = []
    for number, (hours, amount) in enumerate(evenings):
        now += hours * 3_600_000
        today = _day(now, zone)
        earned.append((today, amount))
        expected = sum(one for day, one in earned if _counts(window, day, today))
        evening.when(score(amount, str(number)), actor=OPERATOR, at=now).replies(qualifying=expected)


@pytest.mark.parametrize(("amount", "most"), [(100, 4_096 - 2_560), (5_000, 1_760)])
def test_a_row_with_the_longest_window_stays_small(amount: int, most: int) -> None:
    served, days = RowCodec(make_house()), DaySums.of(738_000, [amount] * LONGEST)
    given_today = {name: Given(points=30, qualifying=30, at=START) for name in ("watching", "chatting", "checkin")}
    full = Account(
        balance=10**7,
        qualifying=10**7,
        keeping=Keeping(level=4, lapses=738_400, sums=days),
        history=((START, 3, 4),) * HISTORY,
        today=Today(day=738_400, given=given_today),
    )
    empty = Row(subject=member("ada"))
    added = len(served.encode(empty.having(full))) - len(served.encode(empty.having(Account())))
    print(f"what days and history add to a row: {added} bytes")  # noqa: T201 - wanted in reports (pytest -rP)
    assert added <= most
