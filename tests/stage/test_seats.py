from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from room.people import User
from stage.seats import INVITED_MS, SLOTS, Seats


def user(name: str) -> User:
    return User(id=name, name=name.title(), tier=0)


def test_an_invitation_holds_a_minute() -> None:
    seats = Seats().invited(user("ada"), "guest1", 1000)
    assert seats.lapsed(1000 + INVITED_MS - 1) == frozenset()
    assert seats.lapsed(1000 + INVITED_MS) == {"ada"}
    assert seats.accepted("ada", 2000).lapsed(1000 + INVITED_MS) == frozenset()


def test_who_goes_leaves_the_main_slot_too() -> None:
    seats = Seats(spotlight="ada").invited(user("ada"), "guest1", 0)
    assert seats.without(frozenset({"ada"})) == Seats()
    assert seats.without(frozenset({"bob"})) == seats


@given(st.lists(st.tuples(st.sampled_from(["invite", "accept", "go", "mute"]), st.sampled_from("abcdef")), max_size=40))
def test_no_slot_is_given_twice_and_numbers_only_grow(steps: list[tuple[str, str]]) -> None:
    seats, number = Seats(), 0
    for what, who in steps:
        slot = seats.free()
        match what:
            case "invite" if slot is not None and seats.of(who) is None:
                seats = seats.invited(user(who), slot, 0)
            case "accept" if seats.of(who) is not None:
                seats = seats.accepted(who, 0)
            case "go":
                seats = seats.without(frozenset({who}))
            case _:
                seats = seats.muted(who, True)
        taken = [seat.slot for seat in seats.seats]
        assert len(set(taken)) == len(taken) <= len(SLOTS)
        assert seats.number >= number
        assert all(seat.number <= seats.number for seat in seats.seats)
        number = seats.number
