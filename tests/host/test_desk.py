from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from host.desk import COOL_MS, GATHER_MS, LATER_MS, LIFE_MS, PER_MINUTE, Card, Desk
from host.occasion import Occasion
from room.people import User

START = 1_700_000_000_000
NEW = Occasion(kind="first_time")
BACK = Occasion(kind="returning", days=31, away=4)
FAN = Occasion(kind="promotion", tier="Fan")
HUNDREDTH = Occasion(kind="milestone", days=100)


def person(name: object) -> User:
    return User(id=f"u{name}", name=f"U{name}")


def desk(*, listening: bool = True) -> Desk:
    return Desk(listening={"c1"} if listening else set())


def opened(one: Desk, now: int) -> list[Card]:
    return one.turn(now).open


def test_a_card_has_its_turn_at_once_and_only_once() -> None:
    one = desk()
    one.add("a", person(1), HUNDREDTH, START)
    assert one.next_at() == START
    [card] = opened(one, START)
    assert (card.id, card.users, card.count, card.expires_at) == ("a", (person(1),), 1, START + LIFE_MS)
    assert opened(one, START + 1) == []
    assert one.known("a")


def test_the_greater_priority_goes_first_then_what_ends_sooner() -> None:
    one = desk(listening=False)
    for number, occasion in enumerate((NEW, BACK, FAN, HUNDREDTH, Occasion(kind="promotion", tier="Regular"))):
        one.add(str(number), person(number), occasion, START + number)
    one.listening.add("c1")
    assert [card.id for card in opened(one, START + 10)] == ["3", "2", "4", "1", "0"]


def test_what_happens_to_others_within_the_minute_becomes_one_card() -> None:
    one = desk()
    one.add("a", person(1), FAN, START)
    assert [card.id for card in opened(one, START)] == ["a"]
    for number in range(2, 9):
        one.add(str(number), person(number), FAN, START + number)
    assert opened(one, START + GATHER_MS - 1) == []
    assert one.next_at() == START + GATHER_MS
    [card] = opened(one, START + GATHER_MS)
    assert (len(card.users), card.count) == (5, 7)


def test_one_person_is_not_the_reason_again_unless_it_matters_more() -> None:
    one = desk()
    one.add("a", person(1), BACK, START)
    opened(one, START)
    one.add("b", person(1), NEW, START + 1)
    one.add("c", person(1), HUNDREDTH, START + 2)
    assert [card.id for card in opened(one, START + GATHER_MS)] == ["c"]
    one.add("d", person(1), FAN, START + COOL_MS)
    assert opened(one, START + COOL_MS) == []
    one.add("e", person(1), FAN, START + COOL_MS + 2)
    assert [card.id for card in opened(one, START + COOL_MS + 2)] == ["e"]


def test_a_cool_down_ends_for_each_at_his_own_time_though_he_was_turned_away_meanwhile() -> None:
    one = desk()
    one.add("a", person(1), FAN, START)
    one.add("b", person(2), FAN, START + COOL_MS // 2)
    one.add("c", person(1), NEW, START + COOL_MS // 2 + 1)
    one.turn(START + COOL_MS - 1)
    one.add("d", person(1), FAN, START + COOL_MS - 1)
    assert one.waiting == []
    one.add("e", person(1), FAN, START + COOL_MS)
    assert [card.id for card in one.waiting] == ["e"]


def test_who_goes_to_a_better_card_leaves_the_crowded_one_named_or_not_and_nobody_else_does() -> None:
    one = desk(listening=False)
    for number in range(7):
        one.add(f"a{number}", person(number), FAN, START)
    for number in (6, 0, 1, 2, 3, 4):
        one.add(f"b{number}", person(number), HUNDREDTH, START)
    one.listening.add("c1")
    told = [(card.occasion.kind, [user.id for user in card.users], card.count) for card in opened(one, START)]
    assert told == [("milestone", ["u6", "u0", "u1", "u2", "u3"], 6), ("promotion", ["u5"], 1)]


def test_the_better_reason_replaces_one_that_still_waits() -> None:
    one = desk(listening=False)
    one.add("a", person(1), NEW, START)
    one.add("b", person(2), NEW, START)
    one.add("c", person(1), HUNDREDTH, START)
    one.listening.add("c1")
    assert [(card.occasion, card.count) for card in opened(one, START)] == [(HUNDREDTH, 1), (NEW, 1)]


def test_t31_cards_wait_for_a_host_and_are_missed_once_after_ninety_seconds() -> None:
    one = desk(listening=False)
    one.add("a", person(1), HUNDREDTH, START)
    assert (one.turn(START).open, one.next_at()) == ([], START + LIFE_MS)
    assert [card.id for card in one.turn(START + LIFE_MS).missed] == ["a"]
    assert one.turn(START + LIFE_MS).missed == []
    assert one.known("a")
    assert one.next_at() is None


def test_a_card_that_lies_open_and_nobody_takes_up_is_missed() -> None:
    one = desk()
    one.add("a", person(1), HUNDREDTH, START)
    opened(one, START + 1)
    assert [card.id for card in one.turn(START + 1 + LIFE_MS).missed] == ["a"]
    assert list(one.missed) == ["a"]
    one.close("a", later=False, now=START)
    assert not one.known("a")


def test_a_card_that_is_put_off_comes_back_in_two_minutes_under_another_id() -> None:
    one = desk()
    one.add("a", person(1), FAN, START)
    opened(one, START)
    one.close("a", later=True, now=START)
    assert not one.known("a")
    assert opened(one, START + LATER_MS - 1) == []
    [card] = opened(one, START + LATER_MS)
    assert (card.shown_id, card.users) == ("a.1", (person(1),))
    assert one.known("a.1")


def test_t31_two_hundred_in_one_minute_are_shown_at_six_a_minute_and_nobody_is_lost_or_doubled() -> None:
    one, shown, missed = desk(), [], []
    for number in range(200):
        at = START + number * 300
        one.add(str(number), person(number), Occasion(kind="milestone", days=number + 1), at)
        turned = one.turn(at)
        shown += [(at, card) for card in turned.open]
        missed += turned.missed
        for card in turned.open:
            one.close(card.shown_id, later=False, now=at)
    while (at := one.next_at() or 0) > 0:
        turned = one.turn(at)
        shown += [(at, card) for card in turned.open]
        missed += turned.missed
        for card in turned.open:
            one.close(card.shown_id, later=False, now=at)
    for at, _ in shown:
        assert sum(at <= other < at + 60_000 for other, _ in shown) <= PER_MINUTE
    told = Counter(user.id for card in [*(card for _, card in shown), *missed] for user in card.users)
    assert len(told) == 200
    assert set(told.values()) == {1}


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([NEW, BACK, FAN, HUNDREDTH]), st.integers(0, 40_000))))
def test_everybody_is_on_a_card_when_he_has_a_better_reason_than_in_the_last_ten_minutes(
    happened: list[tuple[int, Occasion, int]],
) -> None:
    one, at, due, told = desk(), START, 0, 0
    shown: set[str] = set()
    last: dict[int, tuple[int, int]] = {}
    for number, (who, occasion, wait) in enumerate(happened):
        at += wait
        until, priority = last.get(who, (0, 0))
        waited = {user for card in one.waiting for user in card.people}
        one.add(str(number), person(who), occasion, at)
        if until <= at or occasion.priority > priority:
            last[who] = (at + COOL_MS, occasion.priority)
            due += f"u{who}" not in waited
        turned = one.turn(at)
        told += sum(card.count for card in [*turned.open, *turned.missed] if card.id not in shown)
        shown |= {card.id for card in turned.open}
        assert sum(card.count for card in one.waiting) + told == due
    for _ in range(1_000):
        if (following := one.next_at()) is None:
            break
        one.turn(following)
    assert (one.waiting, one.open) == ([], {})
