from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.tickets import LIFE_SECONDS, LONGEST, Ticket, Tickets

TICKETS = Tickets(b"secret", lambda: 1000)


def test_a_ticket_says_who_may_do_what_where() -> None:
    text = TICKETS.give("tea", "a|b@c", publishes=True)
    assert TICKETS.read(text) == Ticket(room="tea", member="a|b@c", publishes=True, until=1000 + LIFE_SECONDS)


def test_it_is_good_for_a_minute_and_known_for_ever() -> None:
    text = TICKETS.give("tea", "ada", publishes=False)
    assert Tickets(b"secret", lambda: 1000 + LIFE_SECONDS).read(text) is not None
    later = Tickets(b"secret", lambda: 1001 + LIFE_SECONDS)
    assert later.read(text) is None
    assert later.read(text, over=True) is not None


def test_it_is_nobody_elses() -> None:
    text = TICKETS.give("tea", "ada", publishes=False)
    assert Tickets(b"another", lambda: 1000).read(text) is None


def test_the_longest_names_fit() -> None:
    text = TICKETS.give("r" * 64, "m" * 128, publishes=True)
    assert len(text) <= LONGEST
    assert TICKETS.read(text) is not None


@given(st.integers(0, 200), st.characters(codec="ascii", categories=["L", "N"]))
def test_nothing_of_it_can_be_changed(at: int, letter: str) -> None:
    text = TICKETS.give("tea", "ada", publishes=False)
    at %= len(text) - 1  # the last letter has bits that mean nothing
    forged = text[:at] + letter + text[at + 1 :]
    assert (TICKETS.read(forged) is not None) == (forged == text)


@given(st.text(max_size=200))
def test_no_text_confuses_it(text: str) -> None:
    assert TICKETS.read(text) is None
