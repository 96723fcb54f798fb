from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from effects.catalogue import EffectDef
from effects.lane import BOUNDS_MS, Arrival, Delays, Entrances, Unplayed
from room.people import User

AT = 1_700_000_000_000
SMALL = EffectDef(id="small", priority=1, duration_ms=2_000, reduced="line")
GREAT = EffectDef(id="great", priority=9, duration_ms=3_000, reduced="line")


def user(name: str, tier: int = 1) -> User:
    return User(id=name, name=name, tier=tier)


def names(shown: list[Arrival | Unplayed]) -> list[str | int]:
    return [one.count if isinstance(one, Unplayed) else one.user.id for one in shown]


def play(lane: Entrances, at: int, until: int) -> list[tuple[int, str | int]]:
    """What is shown, and when, by whoever flushes exactly when the lane wants it."""
    shown: list[tuple[int, str | int]] = []
    while (wanted := lane.next_at()) is not None and wanted <= until:
        at = max(at, wanted)
        shown += [(at - AT, name) for name in names(list(lane.flush(at)))]
    return shown


def test_an_entrant_of_an_idle_room_plays_at_once() -> None:
    lane = Entrances()
    lane.arrive(user("ada"), SMALL, AT)
    wanted = lane.next_at()
    assert wanted is not None
    assert wanted <= AT
    assert names(list(lane.flush(AT))) == ["ada"]
    assert lane.next_at() is None


def test_one_plays_at_a_time_for_its_duration() -> None:
    lane = Entrances()
    for name in ("ada", "bob", "cyd"):
        lane.arrive(user(name), SMALL, AT)
    assert play(lane, AT, AT + 9_000) == [(0, "ada"), (2_000, "bob"), (4_000, "cyd")]


def test_the_greater_priority_goes_first_then_the_tier_then_the_arrival() -> None:
    lane = Entrances()
    for name, effect, tier in [("d", SMALL, 1), ("c", SMALL, 1), ("b", SMALL, 2), ("a", GREAT, 1)]:
        lane.arrive(user(name, tier), effect, AT)
    assert [name for _, name in play(lane, AT, AT + 9_000)] == ["a", "b", "d", "c"]


def test_who_would_start_too_late_is_counted_in_a_line() -> None:
    lane = Entrances()
    for number in range(10):
        lane.arrive(user(f"u{number}"), SMALL, AT)
    assert play(lane, AT, AT + 9_000) == [(0, "u0"), (0, 6), (2_000, "u1"), (4_000, "u2"), (6_000, "u3")]
    assert lane.drops == {1: 6}


def test_a_great_entrance_takes_the_place_of_a_lesser_one_that_waits() -> None:
    lane = Entrances()
    for number in range(4):
        lane.arrive(user(f"u{number}"), SMALL, AT)
    assert lane.late == 0
    lane.arrive(user("queen", 6), GREAT, AT)
    assert play(lane, AT, AT + 9_000) == [(0, "queen"), (0, 1), (3_000, "u0"), (5_000, "u1"), (7_000, "u2")]


def test_a_line_names_the_three_of_highest_rank() -> None:
    lane = Entrances()
    for number in range(9):
        lane.arrive(user(f"u{number}", tier=number), SMALL, AT)
    [_, line] = lane.flush(AT)
    assert line == Unplayed(users=(user("u4", 4), user("u3", 3), user("u2", 2)), count=5)


def test_lines_are_two_seconds_apart() -> None:
    lane = Entrances()
    for number in range(40):
        lane.arrive(user(f"u{number}"), SMALL, AT + 100 * number)
        list(lane.flush(AT + 100 * number))
    lines = [at for at, name in play(lane, AT + 4_000, AT + 20_000) if isinstance(name, int)]
    assert lines == sorted(set(lines))
    assert all(later - sooner >= 2_000 for sooner, later in pairwise(lines))


def test_a_tick_that_comes_too_late_merges_rather_than_plays() -> None:
    lane = Entrances()
    lane.arrive(user("ada"), SMALL, AT)
    assert names(list(lane.flush(AT + 7_001))) == [1]


def test_delays_are_counted_by_tier() -> None:
    lane = Entrances()
    lane.arrive(user("ada", 3), SMALL, AT)
    lane.arrive(user("bob", 2), SMALL, AT)
    play(lane, AT + 40, AT + 9_000)
    assert lane.delays[3] == Delays(counts=[1, 0, 0, 0, 0, 0, 0, 0], total_ms=40)
    assert lane.delays[2] == Delays(counts=[0, 0, 0, 0, 0, 1, 0, 0], total_ms=2_040)


def test_a_delay_on_a_bound_is_within_it_and_one_beyond_all_has_a_bucket() -> None:
    delays = Delays()
    for bound in (*BOUNDS_MS, BOUNDS_MS[-1] + 1):
        delays.add(bound)
    assert delays.counts == [1] * 8


ENTRANTS = st.lists(
    st.tuples(
        st.integers(0, 900),  # since the one before
        st.integers(1, 4),  # priority
        st.integers(0, 6),  # tier
        st.sampled_from([700, 1_500, 3_000]),  # duration
        st.sampled_from([0, 2_000, 7_000]),  # delay budget
        st.booleans(),  # is there a tick?
    ),
    max_size=60,
)


@settings(max_examples=200)
@given(ENTRANTS, st.integers(0, 400))
def test_every_entrant_plays_or_is_counted_once_nobody_late_and_in_few_frames(
    entrants: list[tuple[int, int, int, int, int, bool]], lag: int
) -> None:
    lane, now, shown, frames = Entrances(), AT, list[Arrival | Unplayed](), list[int]()

    def tick() -> None:
        before = list(lane.waiting)
        came = list(lane.flush(now))
        played = [one for one in came if isinstance(one, Arrival)]
        for one in played:
            assert now - one.at <= one.effect.max_delay_ms
            assert all(one.rank <= other.rank for other in before if other in lane.waiting)
        shown.extend(came)
        if came:
            frames.append(now)

    for number, (gap, priority, tier, duration, budget, ticks) in enumerate(entrants):
        now += gap
        effect = EffectDef(id="e", priority=priority, duration_ms=duration, reduced="line", max_delay_ms=budget)
        lane.arrive(user(f"u{number}", tier), effect, now)
        assert len(lane.waiting) <= 7_000 // 700 + 2
        if ticks:
            tick()
    while (wanted := lane.next_at()) is not None:
        now = max(now, wanted) + lag
        tick()

    played = [one.user.id for one in shown if isinstance(one, Arrival)]
    assert len(set(played)) == len(played)
    assert len(played) + sum(one.count for one in shown if isinstance(one, Unplayed)) == len(entrants)
    assert sum(lane.drops.values()) == len(entrants) - len(played)
    assert sum(sum(delays.counts) for delays in lane.delays.values()) == len(played)
    assert all(later - sooner >= 250 for sooner, later in pairwise(frames))


def test_the_figures_say_by_tier_how_long_entrances_waited_and_how_many_were_merged() -> None:
    lane = Entrances(drops={1: 6, 2: 1})
    for tier, waits in {2: [40] * 19 + [9_000], 3: [300, 7_001]}.items():
        lane.delays[tier] = Delays()
        for wait in waits:
            lane.delays[tier].add(wait)
    assert lane.figures() == [
        {"tier": 1, "played": 0, "merged": 6, "mean_ms": None, "p95_ms": None},
        {"tier": 2, "played": 20, "merged": 1, "mean_ms": 488, "p95_ms": 100},
        {"tier": 3, "played": 2, "merged": 0, "mean_ms": 3_650, "p95_ms": None},
    ]


def test_five_thousand_in_a_second_make_few_frames_and_the_highest_are_kept() -> None:
    lane, frames = Entrances(), list[list[str | int]]()
    for number in range(5_000):
        tier = 6 if number % 2_000 == 1_999 else number % 3
        lane.arrive(user(f"u{number}", tier), GREAT if tier == 6 else SMALL, AT + number // 5)
        if number % 250 == 249 and (shown := names(list(lane.flush(AT + number // 5)))):
            frames.append(shown)
    frames += [[name] for _, name in play(lane, AT + 1_000, AT + 30_000)]
    assert len(frames) <= 10
    everything = [name for frame in frames for name in frame]
    assert {"u1999", "u3999"} <= set(everything)
    assert sum(name if isinstance(name, int) else 1 for name in everything) == 5_000
