from hypothesis import given
from hypothesis import strategies as st

from room.until import Until


def test_nobody_has_an_instant_at_first() -> None:
    assert Until().of("ada") == 0


def test_the_last_instant_set_is_the_one_that_holds() -> None:
    until = Until()
    until.set("ada", 20, now=10)
    until.set("ada", 15, now=12)
    assert until.of("ada") == 15
    assert len(until) == 1


def test_an_instant_is_forgotten_when_it_has_come() -> None:
    until = Until()
    until.set("ada", 10, now=0)
    until.set("bob", 30, now=10)
    assert (until.of("ada"), len(until)) == (0, 1)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 300)), max_size=200))
def test_what_holds_is_never_forgotten_and_the_rest_is_after_its_time(steps: list[tuple[int, int]]) -> None:
    until, model, set_at, now = Until(), dict[str, int](), dict[str, int](), 0
    for number, gap in steps:
        now += gap
        user = f"u{number}"
        until.set(user, now + 1_000 - 10 * number, now=now)
        model[user], set_at[user] = now + 1_000 - 10 * number, now
        assert all(until.of(user) == instant for user, instant in model.items() if instant > now)
        assert len(until) <= sum(now - at <= 1_000 for at in set_at.values())
