"""Points, tiers and medals; invariants 2 (a command counts once) and 3 (a balance is the sum of its ledger)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from membership.account import Account
from membership.assignment import AssignTier
from membership.feature import Membership
from membership.limits import PointsRule
from membership.messages import (
    MOST,
    Accrue,
    AddScore,
    Award,
    Card,
    EntitlementsChanged,
    GrantMedal,
    Medal,
    MedalEarned,
    Member,
    NothingEarned,
    PointsEarned,
    Review,
    TierChanged,
)
from membership.refusals import InsufficientPoints
from membership.tiers import TIERS
from room.change import Append
from room.context import Context
from room.feature import Feature
from room.house import House, Reaction
from room.message import Audience, Command, Event
from room.people import User
from room.refusal import BadRequest, NotAMember, PermissionDenied
from room.row import Row, member
from tests.dialogue import ADA, BOB, GUEST, HOST, OPERATOR, START, Dialogue, given

ROOM = "demo"
MEMBERSHIP = Membership()
HOUSE = House([MEMBERSHIP], standing=MEMBERSHIP.standing)
ADA_SHOWN = User(id="ada", name="Ada")
STAR = Medal(id="star", title="Star")
DAY = "2023-11-14"
"""The logical day on which a dialogue begins."""


def score(amount: int, key: str = "k", user: str = "ada") -> AddScore:
    return AddScore(room=ROOM, user=user, amount=amount, reason="order", key=key)


def account(balance: int = 0, qualifying: int = 0, *medals: Medal, user: str = "ada", version: int = 0) -> Row:
    section = Account(balance=balance, qualifying=qualifying, medals=medals)
    return Row(subject=member(user), version=version).having(section)


def ledger(evening: Dialogue) -> list[dict[str, object]]:
    parts = () if evening.change is None else evening.change.parts
    return [dict(part.entry) for part in parts if isinstance(part, Append) and part.log == "points"]


# Points


def test_the_platform_adds_to_points_and_score() -> None:
    scored = given(HOUSE, ADA).when(score(40), actor=OPERATOR)
    scored.then(PointsEarned(user=ADA_SHOWN, points=40, qualifying=40, balance=40, reason="order"))
    scored.replies({"points": 40, "balance": 40, "qualifying": 40, "tier": 0})
    assert scored.room.row("m:ada").of(Account) == Account(balance=40, qualifying=40)


def test_every_point_has_its_entry_in_the_ledger() -> None:
    scored = given(HOUSE, account(10, 10)).when(score(40), actor=OPERATOR)
    entry = {"delta": 40, "qualifying": 40, "reason": "order", "at": START, "balance": 50, "id": "t1"}
    assert ledger(scored) == [entry]


def test_points_can_be_taken_back_to_nothing_and_not_below() -> None:
    back = given(HOUSE, account(40, 40)).when(score(-41, "a"), actor=OPERATOR).refuses(InsufficientPoints)
    back.when(score(-40, "b"), actor=OPERATOR).replies(points=-40, balance=0, qualifying=0)


def test_a_score_that_is_smaller_than_the_points_stops_at_nothing() -> None:
    back = given(HOUSE, account(100, 30)).when(score(-50), actor=OPERATOR)
    back.then(PointsEarned(user=User(id="ada", name="ada"), points=-50, qualifying=-30, balance=50, reason="order"))


@pytest.mark.parametrize("amount", [0, MOST + 1, -MOST - 1])
def test_an_amount_out_of_range_is_refused(amount: int) -> None:
    given(HOUSE, account(10**9, 10**9)).when(score(amount), actor=OPERATOR).refuses(BadRequest)


@pytest.mark.parametrize("amount", [1, -1, MOST, -MOST])
def test_an_amount_at_the_end_of_the_range_is_taken(amount: int) -> None:
    given(HOUSE, account(10**9, 10**9)).when(score(amount), actor=OPERATOR).replies(points=amount)


def test_only_the_platform_adds_scores_and_only_with_a_key() -> None:
    evening = given(HOUSE).when(score(1), actor=HOST).refuses(PermissionDenied)
    evening.when(score(1), actor=GUEST).refuses(PermissionDenied)
    evening.when(AddScore(room=ROOM, user="ada", amount=1, reason="x"), actor=OPERATOR).refuses(BadRequest)


def test_invariant_2_a_score_with_the_same_key_counts_once() -> None:
    twice = given(HOUSE).when(score(40), actor=OPERATOR)
    first = twice.reply
    twice.when(score(40), actor=OPERATOR).then().replies(first)
    assert twice.room.row("m:ada").of(Account).balance == 40


def test_scores_of_two_members_do_not_mix() -> None:
    both = given(HOUSE).when(score(40), actor=OPERATOR).when(score(7, "k", "bob"), actor=OPERATOR)
    assert [both.room.row(f"m:{user}").of(Account).balance for user in ("ada", "bob")] == [40, 7]


# What happened elsewhere in the same turn: reactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheer(Command):
    """Cheer; earns what it says."""

    kind: ClassVar[str] = "toy.cheer"
    durable: ClassVar[bool] = True

    points: int = 0
    qualifying: int = 0
    medal: Medal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheered(Event):
    kind: ClassVar[str] = "toy.cheered"
    durable: ClassVar[bool] = True

    made: Cheer


class Cheers(Feature):
    name = "toy"
    commands = (Cheer,)
    events = (Cheered,)

    def decide(self, command: Cheer, context: Context) -> Iterable[Event]:
        yield Cheered(made=command)


def rewarding(event: Event, context: Context) -> Iterable[Command]:
    assert isinstance(event, Cheered)
    made = event.made
    yield Award(room=ROOM, points=made.points, qualifying=made.qualifying, reason="cheer")
    if made.medal is not None:
        yield GrantMedal(room=ROOM, medal=made.medal)


CHEERING = House([Cheers(), MEMBERSHIP], reactions=[Reaction(on=Cheered, make=rewarding)], standing=MEMBERSHIP.standing)


def test_a_reaction_earns_points_and_score_apart() -> None:
    cheered = given(CHEERING).when(Cheer(room=ROOM, points=50, qualifying=5))
    cheered.then(Cheered, PointsEarned(user=ADA_SHOWN, points=50, qualifying=5, balance=50, reason="cheer"))
    cheered.replies({"points": 50, "balance": 50, "medals": []})


def test_an_award_of_nothing_still_tells_the_balance() -> None:
    cheered = given(CHEERING, account(30)).when(Cheer(room=ROOM))
    cheered.then(Cheered, NothingEarned(user=ADA_SHOWN, reason="cheer")).replies(points=0, balance=30, medals=[])


def test_a_medal_is_earned_once() -> None:
    cheered = given(CHEERING).when(Cheer(room=ROOM, medal=STAR))
    cheered.then(Cheered, NothingEarned, MedalEarned(user=ADA_SHOWN, medal=STAR))
    cheered.replies(medals=[{"id": "star", "title": "Star"}])
    cheered.when(Cheer(room=ROOM, medal=STAR)).then(Cheered, NothingEarned).replies(medals=[])
    assert cheered.room.row("m:ada").of(Account).medals == (STAR,)


def test_nobody_awards_himself() -> None:
    evening = given(HOUSE).when(Award(room=ROOM, points=1, qualifying=1, reason="me"), actor=OPERATOR)
    evening.refuses(PermissionDenied).when(GrantMedal(room=ROOM, medal=STAR), actor=HOST).refuses(PermissionDenied)


def test_what_a_day_has_given_already_is_not_given_again_and_refuses_nothing() -> None:
    limited = Membership(points=[PointsRule(rule="checkin", daily=60, cooldown=10)])
    cheering = Reaction(on=Cheered, make=lambda event, _: [award(event)], required=True)
    evening = given(House([Cheers(), limited], reactions=[cheering], standing=limited.standing))
    evening.when(Cheer(room=ROOM, points=50, qualifying=50)).replies(points=50, balance=50)
    evening.when(Cheer(room=ROOM, points=50), at=START + 9_999).then(Cheered, NothingEarned).replies(
        points=0, balance=50
    )
    evening.when(Cheer(room=ROOM, points=50), at=START + 10_000).replies(points=10, balance=60)
    assert [entry["delta"] for entry in ledger(evening)] == [10]
    evening.when(Cheer(room=ROOM, points=50), at=START + 30_000).then(Cheered, NothingEarned).replies(
        points=0, balance=60
    )
    evening.when(Cheer(room=ROOM, points=50), at=START + 86_400_000).replies(points=50, balance=110)


def award(event: Event) -> Award:
    assert isinstance(event, Cheered)
    return Award(room=ROOM, points=event.made.points, qualifying=event.made.qualifying, reason="cheer", rule="checkin")


# Tiers


def test_crossing_a_threshold_changes_the_tier_at_once() -> None:
    friend = User(id="ada", name="Ada", tier=1)
    risen = given(HOUSE, ADA, account(99, 99, version=7)).when(score(1), actor=OPERATOR)
    risen.then(
        PointsEarned,
        TierChanged(user=friend, tier=1, from_tier=0, name="Friend", since=START, day=DAY),
        EntitlementsChanged(
            user=friend,
            version=8,
            styles=("white", "mint"),
            modes=(1,),
            emotes=("hello", "cheer"),
            effects=("breeze",),
            perks=(),
        ),
    )
    risen.replies(tier=1)
    assert risen.context().standing.entitlements.styles == ("white", "mint")


def test_a_tier_is_lost_when_the_score_is_taken_back() -> None:
    fallen = given(HOUSE, ADA, account(100, 100)).when(score(-1), actor=OPERATOR)
    assert [type(s.event) for s in fallen.events] == [PointsEarned, TierChanged, EntitlementsChanged]
    lost = User(id="ada", name="Ada", tier=0)
    assert fallen.events[1].event == TierChanged(user=lost, tier=0, from_tier=1, name="Newcomer", since=START, day=DAY)


def test_several_tiers_at_once_are_one_change() -> None:
    risen = given(HOUSE).when(score(3_000), actor=OPERATOR)
    changes = [s.event for s in risen.events if isinstance(s.event, TierChanged)]
    assert [(change.from_tier, change.tier) for change in changes] == [(0, 4)]


def test_points_alone_make_no_tier() -> None:
    given(CHEERING).when(Cheer(room=ROOM, points=500)).then(Cheered, PointsEarned).replies(balance=500)


def test_who_hears_of_what() -> None:
    assert TierChanged.audience == Audience.ROOM | Audience.MEMBER
    for personal in (PointsEarned, EntitlementsChanged, MedalEarned):
        assert personal.audience == Audience.MEMBER
    assert not EntitlementsChanged.durable


def test_the_outbox_hears_of_points_and_tiers_not_of_what_follows_from_them() -> None:
    risen = given(HOUSE).when(score(100), actor=OPERATOR)
    assert risen.change is not None
    assert [type(s.event) for s in risen.change.outbox] == [PointsEarned, TierChanged]


# Cards


def test_ones_own_card_is_whole() -> None:
    evening = given(HOUSE, account(70, 120, STAR, version=3)).when(Card(room=ROOM))
    evening.replies(
        {
            "user": User(id="ada", name="Ada", tier=1),
            "tier": {"level": 1, "name": "Friend", "badge": "friend"},
            "medals": [{"id": "star", "title": "Star"}],
            "points": 70,
            "qualifying": 120,
            "next_tier": {"name": "Regular", "in": 180},
            "will_downgrade": None,
            "assigned": None,
            "path": {
                "tiers": [
                    {"level": tier.level, "name": tier.name, "at": tier.at, "reached": tier.level <= 1}
                    for tier in TIERS
                ],
                "history": [],
                "until": None,
            },
            "points_today": [
                {"rule": "watching", "points": 0, "daily": 30},
                {"rule": "chatting", "points": 0, "daily": 10},
            ],
            "entitlements": {
                "version": 3,
                "styles": ("white", "mint"),
                "modes": (1,),
                "emotes": ("hello", "cheer"),
                "effects": ("breeze",),
                "perks": (),
            },
        }
    )


def test_on_top_there_is_no_next_tier() -> None:
    given(HOUSE, account(0, 20_000)).when(Card(room=ROOM)).replies(next_tier=None)


def test_of_others_only_what_all_may_see() -> None:
    public = {"user": ADA_SHOWN, "tier": {"level": 0, "name": "Newcomer", "badge": "newcomer"}, "medals": []}
    given(HOUSE, ADA, account(70)).when(Card(room=ROOM, user="ada"), actor=BOB).replies(public)


def test_asking_for_oneself_by_name_is_asking_for_oneself() -> None:
    given(HOUSE, account(70)).when(Card(room=ROOM, user="ada")).replies(points=70)


def test_a_guest_has_no_card() -> None:
    given(HOUSE).when(Card(room=ROOM), actor=GUEST).refuses(NotAMember)


def test_the_platform_sees_all_of_a_member() -> None:
    evening = given(HOUSE, account(70)).when(Member(room=ROOM, user="ada"), actor=OPERATOR).replies(points=70)
    evening.when(Member(room=ROOM, user="ada"), actor=HOST).refuses(PermissionDenied)


def test_the_rows_that_cards_need_are_named() -> None:
    assert Card(room=ROOM).needs(ADA) == ()
    assert Card(room=ROOM, user="bob").needs(ADA) == ("m:bob",)
    assert Member(room=ROOM, user="bob").needs(OPERATOR) == ("m:bob",)


def test_what_only_the_server_gives_is_not_on_the_wire() -> None:
    assert not any(kind.on_wire for kind in (AddScore, AssignTier, Award, Accrue, Review, GrantMedal, Member))
    assert Card.on_wire


def test_standing_is_made_of_the_score_and_of_nothing_else() -> None:
    assert MEMBERSHIP.standing(Row(subject="m:x")).tier == 0
    assert MEMBERSHIP.standing(account(10**6, 7_999)).tier == 4
    assert MEMBERSHIP.standing(account(0, 8_000)).tier == 5


# Invariant 3

STEPS = st.one_of(
    st.builds(score, st.integers(-400, 1_500), st.uuids().map(str)),
    st.builds(lambda p, q: Cheer(room=ROOM, points=p, qualifying=q), st.integers(0, 300), st.integers(0, 300)),
)


@examples(st.lists(STEPS, max_size=20))
def test_invariant_3_the_balance_is_the_sum_of_the_ledger_and_never_negative(steps: list[AddScore | Cheer]) -> None:
    evening, deltas, scores = given(CHEERING), 0, 0
    for step in steps:
        evening.when(step, actor=OPERATOR if isinstance(step, AddScore) else ADA)
        if evening.refusal is not None:
            evening.refuses(type(evening.refusal))
            continue
        for entry in ledger(evening):
            assert isinstance(entry["delta"], int)
            assert isinstance(entry["qualifying"], int)
            deltas += entry["delta"]
            scores += entry["qualifying"]
            assert entry["balance"] == deltas
        kept = evening.room.row("m:ada").of(Account)
        assert (kept.balance, kept.qualifying) == (deltas, scores)
        assert min(kept.balance, kept.qualifying) >= 0


@examples(st.lists(st.integers(-3_000, 3_000).filter(bool), max_size=12))
def test_a_change_of_tier_is_told_exactly_when_there_is_one(amounts: list[int]) -> None:
    evening = given(HOUSE, account(10**6, 500))
    for number, amount in enumerate(amounts):
        before = MEMBERSHIP.standing(evening.room.row("m:ada")).tier
        evening.when(score(amount, str(number)), actor=OPERATOR)
        after = MEMBERSHIP.standing(evening.room.row("m:ada")).tier
        told = [(s.event.from_tier, s.event.tier) for s in evening.events if isinstance(s.event, TierChanged)]
        assert told == ([] if before == after else [(before, after)])


def test_points_may_be_given_back_without_a_score() -> None:
    back = AddScore(room=ROOM, user="ada", amount=100, qualifying=0, reason="given back", key="k")
    room = (
        given(HOUSE, ADA)
        .when(back, actor=OPERATOR)
        .replies({"points": 100, "balance": 100, "qualifying": 0, "tier": 0})
    )
    room.then(PointsEarned)
