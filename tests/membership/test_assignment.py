"""A tier that the platform gives: a floor until its end, under every window, over what score makes and loses."""

import pytest
from hypothesis import example, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from membership.account import Account
from membership.assignment import Assignment, AssignTier, TierAssigned
from membership.feature import DUE, Membership
from membership.keep_rule import KeepRule
from membership.messages import (
    AddScore,
    Card,
    EntitlementsChanged,
    PointsEarned,
    Review,
    TierChanged,
    TierKept,
    TierReviewed,
    WillDowngrade,
)
from room.change import Due
from room.house import House
from room.message import Audience
from room.people import User
from room.refusal import BadRequest, PermissionDenied
from tests.dialogue import ADA, HOST, ITSELF, OPERATOR, ROOM_ID, START, Dialogue, given

MONTHLY = KeepRule(window="rolling", days=30, grace=10, warn=3)
REVIEW = Review(room=ROOM_ID, user="ada")
DAY = 86_400_000
DAWN = START // DAY * DAY + 4 * 3_600_000
"""The beginning of the day (04:00 UTC) on which dialogues begin."""


def house(rule: KeepRule | None = None) -> House:
    membership = Membership(keep=rule)
    return House([membership], standing=membership.standing)


def assign(level: int | None, until: int | None = None, key: str = "a", reason: str = "a gift") -> AssignTier:
    return AssignTier(room=ROOM_ID, user="ada", level=level, until=until, reason=reason, key=key)


def score(amount: int, key: str = "s") -> AddScore:
    return AddScore(room=ROOM_ID, user="ada", amount=amount, reason="order", key=key)


def tier(evening: Dialogue) -> int:
    return evening.context().standing.tier


def dues(evening: Dialogue) -> list[int | None]:
    parts = () if evening.change is None else evening.change.parts
    return [part.at for part in parts if isinstance(part, Due) and part.what == DUE]


def changes(evening: Dialogue) -> list[tuple[int, int]]:
    return [(s.event.from_tier, s.event.tier) for s in evening.events if isinstance(s.event, TierChanged)]


@pytest.mark.parametrize("rule", [None, MONTHLY])
def test_a_tier_is_assigned_with_a_reason_and_holds_at_once(rule: KeepRule | None) -> None:
    evening = given(house(rule), ADA).when(assign(3, START + DAY), actor=OPERATOR)
    before = User(id="ada", name="Ada", tier=0)
    evening.then(
        TierAssigned(user=before, level=3, until=START + DAY, reason="a gift"), TierChanged, EntitlementsChanged
    )
    evening.replies({"tier": 3, "assigned": {"level": 3, "until": START + DAY}})
    assert (changes(evening), tier(evening), dues(evening)[-1]) == ([(0, 3)], 3, START + DAY)
    evening.when(Card(room=ROOM_ID))
    evening.replies(
        assigned={"level": 3, "until": START + DAY}, qualifying=0, next_tier={"name": "Devotee", "in": 3000}
    )
    path = evening.reply["path"]
    assert isinstance(path, dict)
    assert path["until"] == START + DAY


def test_the_outbox_hears_of_it_and_the_member_but_not_the_room() -> None:
    evening = given(house(), ADA).when(assign(3), actor=OPERATOR)
    assert evening.change is not None
    assert [type(s.event) for s in evening.change.outbox] == [TierAssigned, TierChanged]
    assert TierAssigned.audience == TierKept.audience == Audience.MEMBER


@pytest.mark.parametrize("rule", [None, MONTHLY])
def test_when_its_time_is_over_score_says_what_he_is(rule: KeepRule | None) -> None:
    ends = START + DAY
    evening = given(house(rule), ADA).when(score(120), actor=OPERATOR).when(assign(3, ends), actor=OPERATOR)
    evening.when(REVIEW, actor=ITSELF, at=ends - 1).then(TierReviewed)
    assert (tier(evening), dues(evening)) == (3, [ends])
    evening.when(REVIEW, actor=ITSELF, at=ends).then(TierAssigned, TierChanged, EntitlementsChanged)
    assert (changes(evening), tier(evening)) == ([(3, 1)], 1)
    evening.when(Card(room=ROOM_ID)).replies(assigned=None)


@pytest.mark.parametrize("rule", [None, MONTHLY])
def test_it_is_taken_back_without_a_level(rule: KeepRule | None) -> None:
    evening = given(house(rule), ADA).when(score(120), actor=OPERATOR).when(assign(3), actor=OPERATOR)
    evening.when(assign(None, key="b", reason="by mistake"), actor=OPERATOR)
    friend = User(id="ada", name="Ada", tier=3)
    evening.then(TierAssigned(user=friend, reason="by mistake"), TierChanged, EntitlementsChanged)
    evening.replies({"tier": 1, "assigned": None})
    assert tier(evening) == 1
    evening.when(assign(None, key="c"), actor=OPERATOR).then().replies(tier=1)


def test_a_later_end_extends_it_and_changes_no_tier() -> None:
    evening = given(house(), ADA).when(assign(3, START + DAY), actor=OPERATOR)
    evening.when(assign(3, START + 9 * DAY, key="b"), actor=OPERATOR).then(TierAssigned)
    assert dues(evening) == [START + 9 * DAY]
    evening.when(REVIEW, actor=ITSELF, at=START + DAY).then(TierReviewed)
    assert tier(evening) == 3


def test_it_is_a_floor_and_no_ceiling() -> None:
    evening = given(house(), ADA).when(assign(2), actor=OPERATOR)
    assert changes(evening.when(score(500, "1"), actor=OPERATOR)) == []
    assert changes(evening.when(score(500, "2"), actor=OPERATOR)) == [(2, 3)]
    assert changes(evening.when(score(-900, "3"), actor=OPERATOR)) == [(3, 2)]
    assert changes(evening.when(assign(None, key="b"), actor=OPERATOR)) == [(2, 1)]


@pytest.mark.parametrize(
    "command",
    [assign(7), assign(3, START), assign(None, START + DAY)],
    ids=["no such tier", "over already", "an end of nothing"],
)
def test_what_makes_no_sense_is_refused(command: AssignTier) -> None:
    given(house(), ADA).when(command, actor=OPERATOR).refuses(BadRequest)


def test_a_host_assigns_nothing() -> None:
    given(house(), ADA).when(assign(3), actor=HOST).refuses(PermissionDenied)


# Beside a window


def test_while_it_holds_nothing_is_warned_of_or_lost_below_it() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(assign(2, START + 60 * DAY), actor=OPERATOR)
    assert dues(evening)[-1] == DAWN + 40 * DAY
    evening.when(REVIEW, actor=ITSELF, at=START + 45 * DAY).then(TierReviewed)
    evening.when(Card(room=ROOM_ID)).replies(will_downgrade=None)
    evening.when(REVIEW, actor=ITSELF, at=START + 60 * DAY).then(TierAssigned, TierChanged, EntitlementsChanged)
    assert changes(evening) == [(2, 0)]


def test_a_tier_won_below_it_is_his_when_it_ends() -> None:
    evening = given(house(MONTHLY), ADA).when(assign(3, START + 5 * DAY), actor=OPERATOR)
    evening.when(score(300), actor=OPERATOR).then(PointsEarned)
    evening.when(REVIEW, actor=ITSELF, at=START + 5 * DAY)
    assert (changes(evening), tier(evening)) == ([(3, 2)], 2)
    assert dues(evening)[-1] == DAWN + 37 * DAY
    evening.when(REVIEW, actor=ITSELF, at=DAWN + 37 * DAY).then(WillDowngrade)


def test_who_stands_above_it_falls_onto_it() -> None:
    evening = given(house(MONTHLY), ADA).when(score(300), actor=OPERATOR).when(assign(1), actor=OPERATOR)
    evening.when(REVIEW, actor=ITSELF, at=DAWN + 37 * DAY)
    assert [s.event.to for s in evening.events if isinstance(s.event, WillDowngrade)] == [1]
    evening.when(REVIEW, actor=ITSELF, at=DAWN + 40 * DAY)
    [fallen] = [s.event for s in evening.events if isinstance(s.event, TierChanged)]
    assert (fallen.from_tier, fallen.tier, fallen.earned, tier(evening)) == (2, 1, 0, 1)
    assert changes(evening.when(assign(None, key="b"), actor=OPERATOR)) == [(1, 0)]


# Kept


def test_who_earns_it_after_the_warning_is_told_that_he_keeps_his_tier_and_until_when() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(REVIEW, actor=ITSELF, at=DAWN + 37 * DAY).then(WillDowngrade)
    evening.when(score(99, "2"), actor=OPERATOR, at=DAWN + 38 * DAY).then(PointsEarned)
    friend = User(id="ada", name="Ada", tier=1)
    lasts = DAWN + (38 + 40) * DAY
    evening.when(score(1, "3"), actor=OPERATOR).then(PointsEarned, TierKept(user=friend, tier=1, until=lasts))
    evening.when(score(1, "4"), actor=OPERATOR).then(PointsEarned)
    assert evening.change is not None
    evening.when(Card(room=ROOM_ID))
    path = evening.reply["path"]
    assert isinstance(path, dict)
    assert path["until"] == lasts


def test_who_rises_instead_is_told_of_that_alone() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(REVIEW, actor=ITSELF, at=DAWN + 37 * DAY)
    evening.when(score(300, "2"), actor=OPERATOR).then(PointsEarned, TierChanged, EntitlementsChanged)


def test_who_was_never_about_to_lose_it_is_told_nothing() -> None:
    evening = given(house(MONTHLY), ADA).when(score(120), actor=OPERATOR)
    evening.when(score(60, "2"), actor=OPERATOR, at=START + 20 * DAY).then(PointsEarned)


# Against a model

LEVELS = [0, 100, 300, 1_000, 3_000, 8_000, 20_000]
STEPS = st.one_of(
    st.tuples(st.just("score"), st.integers(1, 900)),
    st.tuples(st.just("assign"), st.integers(0, 4)),
    st.tuples(st.just("lend"), st.integers(0, 4)),
    st.tuples(st.just("take"), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 20)),
)


@settings(max_examples=60)
@examples(st.lists(STEPS, max_size=14))
def test_without_a_window_a_tier_is_the_higher_of_what_is_assigned_and_what_was_earned(
    steps: list[tuple[str, int]],
) -> None:
    evening, total, floor, ends = given(house(), ADA), 0, 0, 0
    for number, (what, amount) in enumerate(steps):
        match what:
            case "score":
                total += amount
                evening.when(score(amount, str(number)), actor=OPERATOR)
            case "assign" | "lend":
                floor, ends = amount, 0 if what == "assign" else evening.now + 10 * DAY
                evening.when(assign(amount, ends or None, str(number)), actor=OPERATOR)
            case "take":
                floor = ends = 0
                evening.when(assign(None, key=str(number)), actor=OPERATOR)
            case _:
                evening.later(amount * DAY).when(REVIEW, actor=ITSELF)
        if ends and ends <= evening.now:
            floor = ends = 0
        assert tier(evening) == max(floor, sum(total >= at for at in LEVELS) - 1)
        kept = evening.room.row("m:ada").of(Account).assigned
        assert kept is None or kept == Assignment(level=floor, until=ends or None)


@settings(max_examples=60)
@examples(st.lists(STEPS, max_size=14))
@example([("score", 300), ("assign", 3), ("wait", 15), ("score", 120), ("wait", 31), ("take", 0)])
def test_with_a_window_nobody_is_ever_below_his_floor_and_is_without_it_as_if_it_had_not_been(
    steps: list[tuple[str, int]],
) -> None:
    evening, plain, floor, ends = given(house(MONTHLY), ADA), given(house(MONTHLY), ADA), 0, 0
    for number, (what, amount) in enumerate(steps):
        match what:
            case "score":
                for one in (evening, plain):
                    one.when(score(amount, str(number)), actor=OPERATOR)
            case "assign" | "lend":
                floor, ends = amount, 0 if what == "assign" else evening.now + 10 * DAY
                evening.when(assign(amount, ends or None, str(number)), actor=OPERATOR)
            case "take":
                floor = ends = 0
                evening.when(assign(None, key=str(number)), actor=OPERATOR)
            case _:
                for _ in range(amount):
                    evening.later(DAY).when(REVIEW, actor=ITSELF)
                    plain.later(DAY).when(REVIEW, actor=ITSELF)
        if ends and ends <= evening.now:
            floor = ends = 0
        assert tier(evening) == max(floor, tier(plain))
