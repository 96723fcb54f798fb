"""Several boards are read as one order, from the top and around somebody."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from room.board import Place, Window
from room.change import Score
from roomserver.boards import read_window
from roomserver.memory_store import MemoryStore
from roomserver.store import Write

BOARDS = ("new", "old", "older")
placed = st.lists(st.tuples(st.sampled_from(BOARDS), st.integers(0, 3)), max_size=12)


def on(places: list[tuple[str, int]]) -> MemoryStore:
    """A store in which the n-th member is on one board with a value."""
    store = MemoryStore()
    writes = [
        Write(subject=f"m:u{n}", id="c", version=0, body=b"{}", scores=(Score(board=board, value=value),))
        for n, (board, value) in enumerate(places)
    ]
    asyncio.run(store.commit({"demo": writes}))
    return store


def model(places: list[tuple[str, int]]) -> list[Place]:
    """The whole order: higher first, then the earlier board, then the names backwards."""
    all_of_them = [(value, -BOARDS.index(board), f"m:u{n}") for n, (board, value) in enumerate(places)]
    return [Place(n, subject, value) for n, (value, _, subject) in enumerate(sorted(all_of_them, reverse=True), 1)]


def read(store: MemoryStore, limit: int, around: str | None = None) -> list[Place]:
    window = Window(boards=BOARDS, limit=limit, around=around)
    return list(asyncio.run(read_window(store, "demo", window)))


@given(placed, st.integers(1, 6))
def test_the_first_places(places: list[tuple[str, int]], limit: int) -> None:
    assert read(on(places), limit) == model(places)[:limit]


@given(placed, st.integers(1, 6))
def test_the_places_around_everybody(places: list[tuple[str, int]], limit: int) -> None:
    store, order = on(places), model(places)
    for here, place in enumerate(order):
        found = read(store, limit, place.subject)
        begin = found[0].rank - 1
        assert found == order[begin : begin + limit]
        assert len(found) == min(limit, len(order))
        before, behind = here - begin, begin + len(found) - 1 - here
        assert before >= 0
        assert behind >= 0
        assert before - behind in (0, -1) or begin == 0 or begin + len(found) == len(order)


def test_who_is_nowhere_has_nobody_around_him() -> None:
    assert read(on([("new", 1)]), 5, "m:eve") == []
