from datetime import date

from membership.account import Account
from membership.card import public, starts, whole
from membership.keep_rule import KeepRule
from membership.keeping import Keeping
from membership.ranks import Ranks
from membership.tiers import TIERS, Tiers
from room.day import DayRule
from room.row import Row

SHANGHAI = DayRule("Asia/Shanghai")
TODAY = date(2026, 11, 21).toordinal()
RANKS = Ranks(Tiers(TIERS[:3]), KeepRule(window="month", grace=10))


def row(account: Account) -> Row:
    return Row(subject="m:ada", version=3).having(account)


def test_the_way_shows_what_is_reached_and_how_and_until_when() -> None:
    account = Account(keeping=Keeping(level=1, lapses=TODAY + 5), history=((5, 2, 1),))
    card = whole(RANKS, row(account), SHANGHAI, TODAY)
    assert card["path"] == {
        "tiers": [
            {"level": 0, "name": "Newcomer", "at": 0, "reached": True},
            {"level": 1, "name": "Friend", "at": 100, "reached": True},
            {"level": 2, "name": "Regular", "at": 300, "reached": False},
        ],
        "history": [{"at": 5, "from_tier": 2, "tier": 1}],
        "until": SHANGHAI.window(date(2026, 12, 6)).start_ms,
    }
    assert card["next_tier"] == {"name": "Regular", "in": 300}
    assert card["will_downgrade"] is None


def test_a_tier_that_is_safe_has_no_end() -> None:
    card = whole(RANKS, row(Account(qualifying=500)), SHANGHAI, TODAY)
    assert card["next_tier"] is None
    path = card["path"]
    assert isinstance(path, dict)
    assert path["until"] is None


def test_others_see_the_tier_and_nothing_of_the_way() -> None:
    assert set(public(RANKS, Account(qualifying=500))) == {"tier", "medals"}


def test_a_day_begins_at_the_rooms_boundary() -> None:
    assert starts(SHANGHAI, None) is None
    assert starts(SHANGHAI, TODAY) == SHANGHAI.window(date(2026, 11, 21)).start_ms
