"""The receipt, and the chain behind it: one turn for the day, its points, its medal and its tier."""

from checkin.definition import STREAKS
from checkin.feature import Checkin
from membership.account import Account
from membership.feature import Membership
from room.house import House
from room.live import Room
from room.row import Row, member
from tests.checkin.evenings import HOUSE, MARK, SHANGHAI, at, check_in, happened, row_of
from tests.dialogue import START, given


def test_the_whole_receipt() -> None:
    evening = given(HOUSE, SHANGHAI)
    evening.room.durability = "local"
    evening.when(MARK).replies(
        {
            "id": "t1",
            "day": "2023-11-15",
            "streak": 1,
            "best": 1,
            "total": 1,
            "replayed": False,
            "points": 10,
            "balance": 10,
            "rewards": [],
            "medals": [],
            "next": {"day": 3, "title": "Medal: three days in a row", "in": 2},
            "expires_at": at("2023-11-17T04:00", "Asia/Shanghai"),
            "at": START,
            "durability": "local",
        }
    )


def test_a_step_shows_its_reward_and_its_medal() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", "2024-05-02", "2024-05-03")
    evening.replies(
        rewards=[{"id": "three", "kind": "medal", "title": "Medal: three days in a row"}],
        medals=[{"id": "three", "title": "Three days in a row"}],
        next={"day": 7, "title": "Coupon for a whole week", "in": 4},
    )


def test_the_tier_changes_in_the_same_turn_and_the_same_commit() -> None:
    nearly = Row(subject=member("ada")).having(Account(balance=5, qualifying=95))
    evening = given(HOUSE, nearly).when(MARK)
    assert happened(evening) == [
        "checkin.marked",
        "membership.points_earned",
        "membership.tier_changed",
        "membership.entitlements",
    ]
    assert evening.change is not None
    assert [type(s.event).kind for s in evening.change.outbox] == [
        "checkin.marked",
        "membership.points_earned",
        "membership.tier_changed",
    ]
    assert row_of(evening).version == 1
    evening.replies(balance=15)


def test_without_anybody_who_keeps_points_the_receipt_is_still_whole() -> None:
    membership = Membership()
    alone = given(House([Checkin(STREAKS)], standing=membership.standing)).when(MARK)
    alone.replies(points=0, balance=0, medals=[], rewards=[], streak=1)
    assert len(alone.reply) == 14
    assert Room(id="demo").durability == alone.reply["durability"]


def test_on_top_of_the_ladder_nothing_is_next() -> None:
    evening = check_in(given(HOUSE), *(f"2024-05-{n:02}" for n in range(1, 31)))
    evening.replies(streak=30, next=None, points=310)
