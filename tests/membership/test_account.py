from dataclasses import replace

from membership.account import HISTORY, Account
from membership.limits import Given
from membership.messages import Credit, Medal, MedalEarned, PointsEarned, TierChanged, TierReviewed
from room.people import User
from roomserver.features import make_house
from roomserver.rows import RowCodec
from roomserver.store import StoredRow

ADA = User(id="ada", name="Ada")
STAR = Medal(id="star", title="Star")


def test_points_move_the_balance_and_the_score_each_by_its_own() -> None:
    earned = PointsEarned(user=ADA, points=50, qualifying=10, balance=60, reason="x")
    assert Account(balance=10, qualifying=5).after(earned) == Account(balance=60, qualifying=15)


def test_a_medal_is_kept() -> None:
    account = Account().after(MedalEarned(user=ADA, medal=STAR))
    assert account == Account(medals=(STAR,))
    assert account.has("star")
    assert not account.has("moon")


def test_the_last_twenty_changes_of_tier_are_kept() -> None:
    account = Account()
    for at in range(HISTORY + 5):
        account = account.after(TierChanged(user=ADA, tier=1, from_tier=0, name="Friend", since=at, day="2026-11-21"))
    assert account == Account(history=tuple((at, 0, 1) for at in range(5, HISTORY + 5)))


def test_what_a_limited_rule_gave_is_counted_by_its_day() -> None:
    credit = Credit(day="2026-11-21", at=7, rule="watching")
    earned = PointsEarned(user=ADA, points=2, qualifying=1, balance=2, reason="watching", credit=credit)
    counted = Account().after(earned).after(earned)
    assert counted.today.of("watching") == Given(points=4, qualifying=2, at=7)
    later = replace(earned, credit=replace(credit, day="2026-11-22", at=9))
    assert counted.after(later).today.of("watching") == Given(points=2, qualifying=1, at=9)


def test_what_concerns_no_account_leaves_the_same_one() -> None:
    account = Account(balance=1)
    assert account.after(TierReviewed(user=ADA, day="2026-11-21")) is account


def test_a_row_of_the_first_version_is_read_as_it_was() -> None:
    golden = b'{"s":{"membership":[1,{"balance":70,"qualifying":120,"medals":[{"id":"star","title":"Star"}]}]},"r":[]}'
    row = RowCodec(make_house()).decode("m:ada", StoredRow(version=3, change="c", body=golden))
    assert row.of(Account) == Account(balance=70, qualifying=120, medals=(STAR,))
