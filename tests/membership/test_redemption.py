"""Spending points: nothing is taken without its price, and nothing twice."""

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from membership.account import Account
from membership.feature import Membership
from membership.redemption import ITEMS, MOST_ITEMS, Catalogue, Item, ItemDef, Items, PointsSpent, Redeem
from membership.refusals import InsufficientPoints, ItemGone, NoSuchItem, TakenAlready, TierTooLow
from room.change import Append, Claim, Counter
from room.house import House
from room.people import User
from room.refusal import BadRequest, NotAMember
from room.row import Row, member
from room.settings import Settings
from room.wording import Wording
from tests.dialogue import ADA, BOB, GUEST, START, Dialogue, given

ITEM_DEFS = (
    ItemDef(id="tea", kind="coupon", title=Wording(en="Tea", zh="茶"), price=30),
    ItemDef(id="cup", kind="gift", title="A cup", price=50, stock=2, per_member=1),
    ItemDef(id="seat", kind="perk", title="A seat", price=10, tier=2),
)
MEMBERSHIP = Membership(items=ITEM_DEFS)
HOUSE = House([MEMBERSHIP], standing=MEMBERSHIP.standing)
TEA = {"id": "tea", "kind": "coupon", "title": "Tea", "price": 30}
CUP = {"id": "cup", "kind": "gift", "title": "A cup", "price": 50}
SEAT = {"id": "seat", "kind": "perk", "title": "A seat", "price": 10, "tier": 2}


def redeem(item: str, key: str = "k") -> Redeem:
    return Redeem(room="demo", item=item, key=key)


def rich(balance: int, qualifying: int = 0, user: str = "ada") -> Row:
    return Row(subject=member(user)).having(Account(balance=balance, qualifying=qualifying))


def spent(evening: Dialogue, user: str = "ada") -> Account:
    return evening.room.row(member(user)).of(Account)


def test_an_item_is_taken_for_its_price_and_the_score_stays() -> None:
    taken = given(HOUSE, rich(100, 70)).when(redeem("tea"))
    item = Item(id="tea", kind="coupon", title="Tea")
    ada = User(id="ada", name="Ada")
    taken.then(PointsSpent(user=ada, redemption="t1", item=item, price=30, balance=70))
    redemption = {"id": "t1", "item": "tea", "kind": "coupon", "title": "Tea", "price": 30, "at": START}
    taken.replies({"redemption": redemption, "balance": 70})
    assert spent(taken) == Account(balance=70, qualifying=70)


def test_it_is_in_the_ledger_and_what_is_limited_is_claimed_in_the_same_change() -> None:
    taken = given(HOUSE, rich(100)).when(redeem("cup"))
    assert taken.change is not None
    entry = {"delta": -50, "qualifying": 0, "reason": "redeemed cup", "at": START, "balance": 50, "id": "t1"}
    assert taken.change.parts == (
        Append(log="points", entry=entry),
        Claim(name="membership.item.cup", take=1, stock=2),
        Counter(name="membership.item.cup.taken", add=1),
    )


def test_a_retry_takes_nothing_more_and_gets_the_first_reply() -> None:
    twice = given(HOUSE, rich(100)).when(redeem("tea"))
    first = twice.reply
    twice.when(redeem("tea")).then().replies(first)
    assert spent(twice).balance == 70


def test_what_one_cannot_pay_for_is_refused() -> None:
    given(HOUSE, rich(29)).when(redeem("tea")).refuses(InsufficientPoints)


def test_an_item_of_a_higher_tier_or_none_at_all_is_refused() -> None:
    given(HOUSE, rich(100)).when(redeem("seat")).refuses(TierTooLow)
    given(HOUSE, rich(100, 300)).when(redeem("seat")).then(PointsSpent)
    given(HOUSE, rich(100)).when(redeem("boat")).refuses(NoSuchItem)


def test_one_takes_only_as_many_of_a_limited_item_as_one_may() -> None:
    evening = given(HOUSE, rich(200)).when(redeem("cup", "a")).when(redeem("cup", "b"))
    evening.refuses(TakenAlready)
    assert spent(evening) == Account(balance=150, taken=(("cup", 1),))


def test_when_all_are_taken_the_next_one_hears_so_and_keeps_his_points() -> None:
    evening = given(HOUSE, rich(50), rich(50, user="bob"), rich(50, user="cyd"))
    evening.when(redeem("cup"), actor=ADA).when(redeem("cup"), actor=BOB)
    evening.room.exhausted.add("membership.item.cup")
    evening.when(redeem("cup"), actor=type(ADA)(id="cyd", name="Cyd")).refuses(ItemGone)
    assert spent(evening, "cyd").balance == 50


def test_who_has_no_name_and_who_has_no_key_takes_nothing() -> None:
    given(HOUSE).when(redeem("tea"), actor=GUEST).refuses(NotAMember)
    given(HOUSE, rich(100)).when(Redeem(room="demo", item="tea")).refuses(BadRequest)


def test_what_is_on_offer_says_what_is_left_of_it_and_for_whom() -> None:
    evening = given(HOUSE, rich(60)).when(redeem("cup")).when(Items(room="demo"))
    cup = {**CUP, "left": 1, "mine": 0}
    evening.replies({"items": [TEA, cup, SEAT], "balance": 10})
    evening.when(Items(room="demo"), actor=GUEST).replies(balance=None)


def test_an_item_is_called_as_the_room_speaks() -> None:
    evening = given(HOUSE, Settings(language="zh"), rich(30)).when(redeem("tea"))
    assert [getattr(one.event, "item", None) for one in evening.events] == [Item(id="tea", kind="coupon", title="茶")]


@examples(st.lists(st.sampled_from(["tea", "cup", "seat", "boat"]), max_size=12), st.integers(0, 200))
def test_invariant_3_a_balance_is_what_was_there_less_what_was_paid_and_never_below_nothing(
    wishes: list[str], balance: int
) -> None:
    evening, paid = given(HOUSE, rich(balance)), 0
    for number, item in enumerate(wishes):
        evening.when(redeem(item, str(number)))
        paid += sum(one.event.price for one in evening.events if isinstance(one.event, PointsSpent))
        evening.refusal = None
        assert spent(evening).balance == balance - paid >= 0


@pytest.mark.parametrize(
    "change", [{"id": ""}, {"id": "two words"}, {"price": 0}, {"title": " "}, {"stock": -1}, {"per_member": 0}], ids=str
)
def test_an_item_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="item"):
        ItemDef(**{"id": "i", "kind": "coupon", "title": "I", "price": 1, **change})  # type: ignore[arg-type]  # wrong on purpose


def test_a_catalogue_has_each_item_once_and_not_too_many() -> None:
    with pytest.raises(ValueError, match="same id"):
        Catalogue((ITEMS[0], ITEMS[0]))
    with pytest.raises(ValueError, match="at most"):
        Catalogue([ItemDef(id=f"i{n}", kind="coupon", title=".", price=1) for n in range(MOST_ITEMS + 1)])
