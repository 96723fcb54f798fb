"""Minutes watched and danmaku said, against a naive model of whole stays; and how they become points."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from effects.danmaku import SendDanmaku
from membership.account import Account
from membership.accrual import KEPT, MINUTE, SLOT, SLOTS, Accrual, Earned, slot_of
from membership.limits import PointsRule
from membership.messages import Accrue, Card, PointsEarned
from presence.feature import Join, Leave
from presence.here import GRACE_MS
from room.people import Actor, Role
from room.settings import Settings
from roomserver.features import make_house
from settings.messages import SetLive
from tests.dialogue import ADA, GUEST, HOST, ITSELF, OPERATOR, ROOM_ID, START, Dialogue, given

HOUSE = make_house()
NOON = 28_333_334 * MINUTE


def live(at: int = NOON) -> Accrual:
    accrual = Accrual()
    accrual.go(at, live=True)
    return accrual


def test_a_full_minute_is_given_in_ones_slot_and_the_rest_goes_on() -> None:
    accrual = live()
    accrual.arrive("ada", NOON)
    first = accrual.due
    assert first is not None
    assert (first // SLOT % SLOTS, NOON < first <= NOON + MINUTE) == (slot_of("ada"), True)
    assert accrual.take(first - 1) == []
    assert accrual.take(first) == []
    assert accrual.due == first + MINUTE
    assert accrual.take(first + MINUTE) == [Earned(user="ada", minutes=(NOON + MINUTE,))]
    accrual.leave("ada", NOON + 3 * MINUTE)
    assert accrual.deadline == 0
    assert accrual.take(NOON + 3 * MINUTE) == [Earned(user="ada", minutes=(NOON + 2 * MINUTE, NOON + 3 * MINUTE))]
    assert accrual.deadline is None


def test_nothing_is_earned_while_the_room_is_not_live() -> None:
    accrual = Accrual()
    accrual.arrive("ada", NOON)
    accrual.speak("ada", NOON)
    assert accrual.deadline is None
    accrual.go(NOON + 10 * MINUTE, live=True)
    accrual.go(NOON + 12 * MINUTE, live=False)
    accrual.leave("ada", NOON + 90 * MINUTE)
    assert accrual.take(NOON + 90 * MINUTE) == [Earned(user="ada", minutes=(NOON + 11 * MINUTE, NOON + 12 * MINUTE))]


def test_no_more_instants_are_kept_than_a_minute_can_have() -> None:
    accrual = live()
    accrual.arrive("ada", NOON)
    for number in range(200):
        accrual.speak("ada", NOON + number)
    accrual.leave("ada", NOON + 200 * MINUTE)
    [earned] = accrual.take(NOON + 200 * MINUTE)
    assert (len(earned.said), len(earned.minutes), earned.minutes[-1]) == (KEPT, KEPT, NOON + 200 * MINUTE)


def test_the_end_of_a_stream_is_spread_over_the_minute_too() -> None:
    accrual, users = live(), [f"user{number}" for number in range(1_000)]
    for user in users:
        accrual.arrive(user, NOON)
    accrual.go(NOON + 5 * MINUTE - 1, live=False)
    shares = []
    while accrual.deadline is not None:
        shares.append(accrual.take(accrual.deadline))
    assert sum(len(one.minutes) for share in shares for one in share) == 4 * 1_000
    assert max(map(len, shares)) < 50


def test_a_thousand_members_are_given_theirs_all_over_the_minute() -> None:
    accrual, given_ = live(), dict[str, list[int]]()
    for number in range(1_000):
        accrual.arrive(f"user{number}", NOON)
    while (at := accrual.deadline) is not None and at <= NOON + 10 * MINUTE:
        share = accrual.take(at)
        assert len(share) < 50
        for one in share:
            given_.setdefault(one.user, []).append(at)
    assert len(given_) == 1_000
    assert min(map(len, given_.values())) >= 9
    assert all(later - at >= MINUTE for times in given_.values() for at, later in pairwise(times))


def test_a_room_that_slept_gives_everybody_once() -> None:
    accrual = live()
    for number in range(100):
        accrual.arrive(f"user{number}", NOON)
    share = accrual.take(NOON + 7 * MINUTE)
    assert Counter(one.user for one in share).most_common(1)[0][1] == 1
    assert {len(one.minutes) for one in share} == {7}


class Naive:
    """Knows of every stay when counting began; a danmaku counts as a thousand minutes."""

    def __init__(self) -> None:
        self.on = False
        self.here: set[str] = set()
        self.begun: dict[str, int] = {}
        self.earned: Counter[str] = Counter()

    def step(self, what: str, user: str, now: int) -> None:
        match what:
            case "come":
                self.here.add(user)
                if self.on:
                    self.begun.setdefault(user, now)
            case "go":
                self.here.discard(user)
                self._count([user], now)
            case "speak" if self.on and user in self.here:
                self.earned[user] += 1_000
            case "live" if not self.on:
                self.on, self.begun = True, dict.fromkeys(self.here, now)
            case "off" if self.on:
                self.on = False
                self._count(list(self.here), now)

    def _count(self, users: list[str], now: int) -> None:
        for user in users:
            self.earned[user] += (now - self.begun.pop(user, now)) // MINUTE


def act(accrual: Accrual, what: str, user: str, now: int) -> None:
    match what:
        case "come":
            accrual.arrive(user, now)
        case "go":
            accrual.leave(user, now)
        case "speak":
            accrual.speak(user, now)
        case "live" | "off":
            accrual.go(now, live=what == "live")


WHAT = st.sampled_from(["come", "go", "speak", "live", "off", "look"])
STEPS = st.lists(st.tuples(st.integers(0, 150_000), WHAT, st.sampled_from(["ada", "bob", "cyd"])), max_size=40)


@examples(STEPS)
def test_nothing_is_lost_and_nothing_counted_twice(steps: list[tuple[int, str, str]]) -> None:
    accrual, naive, now, earned = Accrual(), Naive(), NOON, Counter[str]()
    ends = [(0, "go", user) for user in ("ada", "bob", "cyd")]
    for later, what, user in [*steps, *ends, (0, "look", "")]:
        now += later
        act(accrual, what, user, now)
        naive.step(what, user, now)
        for one in accrual.take(now):
            earned[one.user] += len(one.minutes) + 1_000 * len(one.said)
    assert +earned == +naive.earned


# --- in a room


def evening(*people: Actor) -> Dialogue:
    watched = given(HOUSE, Settings(made=True), *people).when(SetLive(room=ROOM_ID, live=True, key="k"), actor=OPERATOR)
    for one in people:
        watched.when(Join(room=ROOM_ID, connection=f"c-{one.id}"), actor=one)
    return watched


def sit(watched: Dialogue, minutes: int) -> None:
    for _ in range(minutes * 60):
        watched.wake(watched.now + 1_000)


def test_who_watches_and_chats_earns_points_until_the_day_has_given_enough() -> None:
    watched = evening(ADA)
    for number in range(3):
        watched.when(SendDanmaku(room=ROOM_ID, text=f"hi {number}"))
    sit(watched, 3)
    assert watched.room.row("m:ada").of(Account).balance in (5, 6)  # three said, and two or three full minutes
    sit(watched, 60)
    watched.when(Card(room=ROOM_ID)).replies(
        points=33,
        points_today=[
            {"rule": "watching", "points": 30, "daily": 30},
            {"rule": "chatting", "points": 3, "daily": 10},
        ],
    )


def test_who_leaves_gets_what_he_has_earned() -> None:
    watched = evening(ADA)
    watched.when(Leave(room=ROOM_ID, connection="c-ada"), at=START + 3 * MINUTE)
    watched.wake(START + 3 * MINUTE + GRACE_MS)
    watched.wake()
    assert watched.room.row("m:ada").of(Account).balance == 3


def test_guests_and_who_works_here_earn_nothing() -> None:
    moderator = Actor(id="mod", name="Mod", role=Role.MODERATOR)
    watched = evening(HOST, moderator, GUEST)
    sit(watched, 10)
    assert [row for row in watched.room.rows if row.startswith("m:")] == []


def accrue(minutes: Iterable[int] = (), said: Iterable[int] = ()) -> Accrue:
    """What was earned so many ms after the beginning."""
    instants = (tuple(START + one for one in some) for some in (minutes, said))
    return Accrue(room=ROOM_ID, user="ada", minutes=next(instants), said=next(instants))


@pytest.mark.parametrize(("minutes", "said", "earned"), [(2, 0, [2]), (0, 3, [3]), (40, 40, [30, 10]), (0, 0, [])])
def test_an_accrual_is_one_turn(minutes: int, said: int, earned: list[int]) -> None:
    accrued = given(HOUSE).when(accrue(minutes=range(minutes), said=range(said)), actor=ITSELF)
    points = [s.event.points for s in accrued.events if isinstance(s.event, PointsEarned)]
    assert points == earned
    balances = [s.event.balance for s in accrued.events if isinstance(s.event, PointsEarned)]
    assert balances == [sum(earned[: place + 1]) for place in range(len(earned))]
    assert (accrued.change is None) == (not earned)


@pytest.mark.parametrize(("cooldown", "points"), [(0, 5), (12, 5), (13, 3), (40, 2), (48, 2), (49, 1), (3600, 1)])
def test_a_cooldown_holds_within_the_minute_that_is_given_at_once(cooldown: int, points: int) -> None:
    rule = PointsRule(rule="chatting", points=1, daily=10, cooldown=cooldown)
    accrued = given(make_house(points=(rule,)))
    accrued.when(accrue(said=range(0, 60_000, 12_000)), actor=ITSELF, at=START + MINUTE)
    assert accrued.room.row("m:ada").of(Account).balance == points


def test_a_cooldown_holds_from_one_minute_to_the_next_by_when_it_was_said() -> None:
    rule = PointsRule(rule="chatting", points=1, daily=10, cooldown=60)
    accrued = given(make_house(points=(rule,)))
    accrued.when(accrue(said=[59_000]), actor=ITSELF, at=START + MINUTE).then(PointsEarned)
    accrued.when(accrue(said=[62_000, 118_999]), actor=ITSELF, at=START + 2 * MINUTE).then()
    accrued.when(accrue(said=[119_000]), actor=ITSELF, at=START + 3 * MINUTE).then(PointsEarned)


DAWN = START + 20_800_000
"""The end of the day on which dialogues begin: 04:00 UTC."""


def test_what_was_said_in_the_last_minute_of_a_day_is_of_that_day() -> None:
    rule = PointsRule(rule="chatting", points=1, daily=2)
    accrued = given(make_house(points=(rule,)))
    said = [DAWN - START + one for one in (-3, -2, -1, 0, 1, 2)]
    accrued.when(accrue(said=said), actor=ITSELF, at=DAWN + MINUTE)
    earned = [s.event for s in accrued.events if isinstance(s.event, PointsEarned)]
    assert [(one.points, one.credit and one.credit.day) for one in earned] == [(2, "2023-11-14"), (2, "2023-11-15")]
    accrued.when(accrue(said=[DAWN - START + 9]), actor=ITSELF).then()


@examples(
    st.lists(st.tuples(st.integers(1, 40_000_000), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 40_000),
    st.integers(1, 4),
)
def test_limits_hold_however_what_was_said_comes_to_be_given(
    said: list[tuple[int, bool]], cooldown: int, daily: int
) -> None:
    rule = PointsRule(rule="chatting", points=1, daily=daily, cooldown=cooldown)
    accrued = given(make_house(points=(rule,)))
    now, waiting, last, days = 0, list[int](), None, Counter[date]()
    for later, together in said:
        now += later
        waiting.append(now)
        day = Settings().day_rule.logical_day(START + now)
        if days[day] < daily and (last is None or START + now >= last + 1000 * cooldown):
            last = START + now
            days[day] += 1
        if not together:
            accrued.when(accrue(said=waiting), actor=ITSELF, at=START + now)
            waiting = []
    accrued.when(accrue(said=waiting), actor=ITSELF, at=START + now)
    assert accrued.room.row("m:ada").of(Account).balance == days.total()


def test_what_was_capped_is_not_written_again() -> None:
    full = given(HOUSE).when(accrue(minutes=range(30)), actor=ITSELF)
    full.when(accrue(minutes=[31]), actor=ITSELF).then()
    assert full.change is None
    full.when(accrue(minutes=[86_400_000]), actor=ITSELF, at=START + 86_400_000)
    assert [s.event.points for s in full.events if isinstance(s.event, PointsEarned)] == [1]
