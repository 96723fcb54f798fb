from membership.account import Account
from membership.messages import Medal, MedalEarned, PointsEarned, TierChanged
from room.people import User

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


def test_what_concerns_no_account_leaves_the_same_one() -> None:
    account = Account(balance=1)
    assert account.after(TierChanged(user=ADA, tier=1, from_tier=0, name="Friend")) is account
