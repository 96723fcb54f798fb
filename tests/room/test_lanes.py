"""What one tick shows and sheds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from room.lanes import FIRST, Lanes, chosen
from room.message import Event, Lane, Stamped
from room.people import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """Something of the control lane."""

    kind: ClassVar[str] = "test.notice"
    lane: ClassVar[Lane] = Lane.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """Something of the danmaku lane."""

    kind: ClassVar[str] = "test.said"
    lane: ClassVar[Lane] = Lane.DANMAKU


def stamped(number: int, event: Event) -> Stamped:
    """An event by its place."""
    return Stamped(id=str(number), at=0, event=event)


def test_what_exceeds_a_budget_is_shed_and_counted() -> None:
    lanes: Lanes[int] = Lanes()
    for number in range(5):
        lanes.offer(stamped(number, Said()), number)

    taken = lanes.take({Lane.DANMAKU: 2})

    assert [waiting for _, waiting in taken.shown] == [0, 1]
    assert [waiting for _, waiting in taken.shed] == [2, 3, 4]
    assert taken.counts == {"danmaku": 3}
    assert [type(lane) for lane in taken.counts] == [str]  # the encoder takes no other keys


def test_control_is_never_shed() -> None:
    lanes: Lanes[int] = Lanes()
    for number in range(500):
        lanes.offer(stamped(number, Notice()), number)
    assert len(lanes.take({Lane.DANMAKU: 0}).shown) == 500


def test_budgets_begin_anew_with_every_tick() -> None:
    lanes: Lanes[int] = Lanes()
    for tick in range(3):
        lanes.offer(stamped(tick, Said()), tick)
        assert [waiting for _, waiting in lanes.take({Lane.DANMAKU: 1}).shown] == [tick]
    assert not lanes


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 10))
def test_every_event_is_shown_or_shed_once_and_in_order(control: list[bool], budget: int) -> None:
    lanes: Lanes[int] = Lanes()
    for number, is_control in enumerate(control):
        lanes.offer(stamped(number, Notice() if is_control else Said()), number)

    taken = lanes.take({Lane.DANMAKU: budget})

    shown, shed = [w for _, w in taken.shown], [w for _, w in taken.shed]
    assert sorted(shown + shed) == list(range(len(control)))
    assert shown == sorted(shown)
    assert sum(taken.counts.values()) == len(shed) == max(0, control.count(False) - budget)


# Who is shown when not all can be


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Event):
    """Something a person says, which may be said by others too."""

    kind: ClassVar[str] = "test.word"
    lane: ClassVar[Lane] = Lane.DANMAKU

    user: User
    text: str = ""
    count: int = 1

    @property
    def same_as(self) -> str | None:
        return self.text or None

    def standing_for(self, ids: tuple[str, ...]) -> Word:
        return replace(self, count=1 + len(ids))


def word(number: int, user: str, tier: int = 0, text: str = "") -> Stamped:
    """What somebody of a tier says."""
    return stamped(number, Word(user=User(id=user, name=user, tier=tier), text=text))


def by_tier(one: Stamped) -> int:
    """The tier is the weight."""
    assert isinstance(one.event, Word)
    return one.event.user.tier


def shown(words: list[Stamped], budget: int) -> list[int]:
    """The numbers of what is shown of these."""
    lanes: Lanes[int] = Lanes(by_tier)
    for number, one in enumerate(words):
        lanes.offer(one, number)
    return [waiting for _, waiting in lanes.take({Lane.DANMAKU: budget}).shown]


def test_e4_everybody_has_his_first_message_before_anybody_has_his_second() -> None:
    crowd = [word(n, "loud", 1) for n in range(9)] + [word(n, f"u{n}", 1) for n in range(9, 12)]
    assert shown(crowd, 5) == [0, 1, 9, 10, 11]


def test_e4_tiers_share_the_places_by_their_weight_and_none_is_starved() -> None:
    crowd = [word(n, f"u{n}", 1 if n < 60 else 8) for n in range(120)]
    numbers = shown(crowd, 9)
    assert (sum(n < 60 for n in numbers), sum(n >= 60 for n in numbers)) == (1, 8)
    assert shown(crowd[:60], 9) == list(range(9))


def test_a_host_goes_before_all_others() -> None:
    crowd = [word(n, f"u{n}", 8) for n in range(50)] + [word(50, "host", FIRST)]
    assert 50 in shown(crowd, 1)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([1, 2, 8]), st.sampled_from(["", "a", "b"])), max_size=60),
    st.integers(0, 12),
)
def test_t32_every_event_is_shown_merged_or_shed_exactly_once(said: list[tuple[int, int, str]], budget: int) -> None:
    lanes: Lanes[int] = Lanes(by_tier)
    for number, (user, tier, text) in enumerate(said):
        lanes.offer(word(number, f"u{user}", tier, text), number)

    taken = lanes.take({Lane.DANMAKU: budget})

    told = [w for part in (taken.shown, taken.merged, taken.shed) for _, w in part]
    assert sorted(told) == list(range(len(said)))
    assert len(taken.shown) <= budget
    counts = [one.event.count for one, _ in taken.shown if isinstance(one.event, Word)]
    assert sum(counts) == len(taken.shown) + len(taken.merged)
    assert [w for _, w in taken.shown] == sorted(w for _, w in taken.shown)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([1, 3, 8])), min_size=1, max_size=120), st.integers(1, 40)
)
def test_e4_no_tier_gets_less_than_its_share_as_long_as_it_asks_for_it(
    said: list[tuple[int, int]], budget: int
) -> None:
    asking = [(number, word(number, f"u{user}-{tier}", tier)) for number, (user, tier) in enumerate(said)]
    places = chosen(asking, budget, by_tier)
    weights = {tier for _, tier in said}
    for tier in weights:
        wanted = sum(one == tier for _, one in said)
        got = sum(said[place][1] == tier for place in places)
        assert got >= min(wanted, budget * tier // sum(weights))


def test_what_says_the_same_in_one_tick_is_told_once_and_counted() -> None:
    lanes: Lanes[int] = Lanes()
    for number, text in enumerate(("hi", "yo", "hi", "", "", "hi")):
        lanes.offer(word(number, f"u{number}", 1, text), number)
    taken = lanes.take({Lane.DANMAKU: 2})
    assert [(one.id, one.event.count) for one, _ in taken.shown if isinstance(one.event, Word)] == [("0", 3), ("1", 1)]
    assert [w for _, w in taken.merged] == [2, 5]
    assert [w for _, w in taken.shed] == [3, 4]


def test_of_two_whose_turn_it_is_alike_the_heavier_goes_first() -> None:
    said = [word(0, "light", 1), word(1, "heavy", 2), word(2, "heavy", 2)]
    assert chosen(list(enumerate(said)), 2, by_tier) == [1, 2]
