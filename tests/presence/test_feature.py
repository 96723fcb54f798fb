from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given as examples
from hypothesis import settings as effort
from hypothesis import strategies as st

from presence.feature import (
    MERGE_MS,
    MOST_LISTED,
    EndGrace,
    Entered,
    Join,
    Joined,
    Leave,
    Left,
    Parted,
    Presence,
    Roster,
    connected,
    counts,
)
from presence.here import GRACE_MS, Here
from room.house import House
from room.people import Actor, Standing, User
from room.refusal import BadRequest, LimitExceeded, PermissionDenied
from room.row import Row, member
from room.settings import Privacy
from tests.dialogue import ADA, BOB, CYD, GUEST, HOST, ITSELF, START, Dialogue, given

ROOM = "demo"


def tiers(row: Row) -> Standing:
    return Standing(tier=5 if row.subject == "m:bob" else 0)


HOUSE = House([Presence()], standing=tiers)
ADA_SHOWN = User(id="ada", name="Ada")
BOB_SHOWN = User(id="bob", name="Bob", tier=5)


def join(connection: str = "c1", *, recover: bool = False) -> Join:
    return Join(room=ROOM, connection=connection, recover=recover)


def leave(connection: str = "c1") -> Leave:
    return Leave(room=ROOM, connection=connection)


def joined(user: User = ADA_SHOWN, connection: str = "c1", *, first: bool = True, entrance: bool = True) -> Joined:
    return Joined(user=user, connection=connection, first=first, entrance=entrance)


def crowd(people: Iterable[Actor]) -> Dialogue:
    here = given(HOUSE)
    for person in people:
        here.when(join(f"c-{person.id}"), actor=person)
    return here


def members(count: int) -> list[Actor]:
    return [Actor(id=f"u{n}", name=f"U{n}") for n in range(count)]


# Users, not connections


def test_a_first_connection_enters_and_is_counted() -> None:
    here = given(HOUSE).when(join()).then(joined()).replies({})
    assert here.change is None
    assert (here.room.online, counts(here.room)) == (1, (1, 1))


def test_many_tabs_are_one_user() -> None:
    here = given(HOUSE).when(join("a")).when(join("b")).then(joined(connection="b", first=False, entrance=False))
    assert counts(here.room) == (1, 2)


def test_the_same_connection_joins_once() -> None:
    assert counts(given(HOUSE).when(join()).when(join()).then().room) == (1, 1)


def test_who_recovers_enters_without_an_entrance() -> None:
    given(HOUSE).when(join(recover=True)).then(joined(entrance=False))


def test_who_has_set_so_makes_no_entrance() -> None:
    row = Row(subject=member("ada")).having(Privacy(entrance=False))
    given(HOUSE, row).when(join()).then(joined(entrance=False)).flush().then(Entered(count=1, sample=()))


def test_a_connection_that_never_joined_cannot_leave() -> None:
    given(HOUSE).when(leave()).then().when(join()).when(leave("other")).then().when(leave(), actor=BOB).then()


# Grace


def test_a_user_stays_ten_seconds_after_his_last_connection() -> None:
    here = given(HOUSE).when(join()).flush().when(leave(), at=START + 1).then(Parted(user=ADA_SHOWN, connection="c1"))
    assert (here.room.online, here.deadline()) == (1, START + 1 + GRACE_MS)
    here.wake(START + GRACE_MS).then()
    here.wake(START + 1 + GRACE_MS).then(Left(user=ADA_SHOWN))
    assert (here.room.online, here.deadline(), counts(here.room)) == (0, None, (0, 0))


def test_who_comes_back_in_time_never_left() -> None:
    here = given(HOUSE).when(join()).flush().when(leave()).later(GRACE_MS - 1).when(join("c2"))
    here.then(joined(connection="c2", first=False, entrance=False)).flush().then()
    here.wake(START + GRACE_MS).then()
    assert (here.room.online, here.deadline()) == (1, None)


def test_who_comes_back_too_late_enters_anew() -> None:
    given(HOUSE).when(join()).when(leave()).wake(START + GRACE_MS).when(join("c2")).then(joined(connection="c2"))


def test_a_grace_that_was_called_off_does_not_end() -> None:
    here = given(HOUSE).when(join()).when(leave()).later(GRACE_MS).when(join("c2"))
    here.when(EndGrace(room=ROOM, user="ada"), actor=HOST).refuses(PermissionDenied)
    here.when(EndGrace(room=ROOM, user="ada"), actor=ITSELF).then()
    here.when(leave("c2")).when(EndGrace(room=ROOM, user="ada"), actor=ITSELF).then()
    assert here.wake().then().room.online == 1


# Guests


def test_guests_are_counted_but_neither_named_nor_listed() -> None:
    here = given(HOUSE).when(join(), actor=GUEST).when(join("c2"))
    here.flush().then(Entered(count=2, sample=(ADA_SHOWN,)))
    here.when(Roster(room=ROOM), actor=GUEST).replies({"members": [ADA_SHOWN], "next": None, "online": 2})
    assert counts(here.room) == (2, 2)
    assert here.when(leave(), actor=GUEST).wake(START + GRACE_MS).then(Left).room.online == 1


# Merged entries


def test_entries_are_merged_and_told_at_most_four_times_a_second() -> None:
    here = given(HOUSE).when(join()).flush().then(Entered(count=1, sample=(ADA_SHOWN,)))
    here.when(join("b"), actor=BOB, at=START + 1).when(join("c"), actor=CYD)
    assert here.deadline() == START + MERGE_MS
    here.flush(START + MERGE_MS - 1).then()
    here.flush(START + MERGE_MS).then(Entered(count=2, sample=(BOB_SHOWN, User(id="cyd", name="Cyd"))))
    assert here.flush(START + 2 * MERGE_MS).then().deadline() is None


def test_a_room_wakes_for_what_comes_first_the_entries_or_the_end_of_a_grace() -> None:
    here = given(HOUSE).when(join()).flush().when(leave()).later(GRACE_MS - 1).when(join("b"), actor=BOB)
    assert here.deadline() == START + MERGE_MS
    assert here.flush().deadline() == START + GRACE_MS


# The roster


def test_the_roster_shows_names_and_tiers_of_this_moment() -> None:
    here = crowd([ADA, BOB]).when(Roster(room=ROOM)).replies(members=[ADA_SHOWN, BOB_SHOWN])
    here.when(join("tab"), actor=Actor(id="ada", name="Ada the Great"))
    here.when(Roster(room=ROOM), actor=BOB).replies(members=[User(id="ada", name="Ada the Great"), BOB_SHOWN])


def test_pages_stay_where_they_were_while_others_come_and_go() -> None:
    people = members(5)
    here = crowd(people).when(Roster(room=ROOM, limit=2)).replies(next="2", online=5)
    for one in people[:3]:
        here.when(leave(f"c-{one.id}"), actor=one)
    here.wake(START + GRACE_MS).when(join("new"), actor=CYD)
    here.when(Roster(room=ROOM, limit=2, cursor="2")).replies(next="5", online=3)
    assert [user.id for user in listed(here)] == ["u3", "u4"]
    here.when(Roster(room=ROOM, limit=2, cursor="5")).replies({"members": [shown(CYD)], "next": None, "online": 3})


def test_the_last_page_has_no_next_one() -> None:
    here = crowd(members(4)).when(Roster(room=ROOM, limit=2)).replies(next="2")
    here.when(Roster(room=ROOM, limit=2, cursor="2")).replies(next=None)
    here.when(Roster(room=ROOM, cursor="4")).replies({"members": [], "next": None, "online": 4})


@pytest.mark.parametrize("cursor", ["", "-1", "x", "1.5", "²", "٣", "1" * 17])
def test_a_cursor_of_another_make_is_refused(cursor: str) -> None:
    given(HOUSE).when(Roster(room=ROOM, cursor=cursor)).refuses(BadRequest)


def test_connected_members_are_listed_by_connection_up_to_500() -> None:
    here = crowd([ADA, GUEST]).when(join("tab")).when(join("b"), actor=BOB).when(leave("b"), actor=BOB)
    assert connected(here.context()) == {"c-ada": ADA_SHOWN, "tab": ADA_SHOWN}
    assert len(connected(crowd(members(MOST_LISTED)).context())) == MOST_LISTED
    with pytest.raises(LimitExceeded, match=r"presence\.roster"):
        connected(crowd(members(MOST_LISTED + 1)).context())


def test_the_snapshot_says_how_many_are_online() -> None:
    assert crowd([ADA, GUEST]).snapshot()["online"] == 2


def listed(here: Dialogue) -> list[User]:
    found = here.reply["members"]
    assert isinstance(found, list)
    return found


def shown(actor: Actor) -> User:
    return User(id=actor.id, name=actor.name)


# What always holds

PEOPLE = [*members(3), GUEST]
steps = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["c1", "c2"]), st.booleans(), st.integers(0, GRACE_MS + 500)),
    max_size=40,
)


@effort(max_examples=150)
@examples(steps)
def test_online_is_the_number_of_users_connected_or_in_grace(script: list[tuple[Actor, str, bool, int]]) -> None:
    here, now = given(HOUSE), START
    connections: dict[str, set[str]] = {one.id: set() for one in PEOPLE}
    until: dict[str, int] = {}
    firsts = announced = 0
    for actor, connection, coming, wait in script:
        now += wait
        present = {user for user, held in connections.items() if held} | {user for user in until if until[user] > now}
        here.wake(now)
        assert here.room.online == len(present)
        assert {user for _, user in here.room.state(Here).roll} == present - {GUEST.id}
        if coming:
            firsts += actor.id not in present
            connections[actor.id].add(connection)
            until.pop(actor.id, None)
        elif connection in connections[actor.id]:
            connections[actor.id].remove(connection)
            until = until if connections[actor.id] else {**until, actor.id: now + GRACE_MS}
        here.when(join(connection) if coming else leave(connection), actor=actor).flush()
        announced += sum(stamped.event.count for stamped in here.events if isinstance(stamped.event, Entered))
        assert counts(here.room)[1] == sum(map(len, connections.values()))
    here.flush(now + MERGE_MS)
    announced += sum(stamped.event.count for stamped in here.events if isinstance(stamped.event, Entered))
    assert announced == firsts


@effort(max_examples=100)
@examples(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["c1", "c2"]), st.booleans())), st.randoms())
def test_invariant_6_the_order_of_different_users_does_not_matter(
    script: list[tuple[Actor, str, bool]], random: Random
) -> None:
    order = [actor for actor, _, _ in script]
    shuffled = order.copy()
    random.shuffle(shuffled)
    assert final(script, order) == final(script, shuffled)


def final(script: list[tuple[Actor, str, bool]], order: list[Actor]) -> object:
    here = given(HOUSE)
    waiting = {person.id: [step for step in script if step[0] == person] for person in PEOPLE}
    for actor in order:
        _, connection, coming = waiting[actor.id].pop(0)
        here.when(join(connection) if coming else leave(connection), actor=actor)
    state = here.room.state(Here)
    stays = {user: (visit.connections, visit.guest) for user, visit in state.visits.items()}
    roll = {user for _, user in state.roll}
    return stays, state.leaving, roll, state.entries.count, state.clients, here.room.online


# Who has come back


def test_c18_the_roster_of_those_who_have_come_back_is_read_by_pages_and_by_hosts_alone() -> None:
    house = House(
        [Presence(lambda _, user: {"days": 9, "away": 3} if user in ("u1", "u3", "u4") else None)], standing=tiers
    )
    here = given(house)
    for person in members(6):
        here.when(join(f"c-{person.id}"), actor=person)
    here.when(Roster(room=ROOM, filter="returning", limit=2), actor=HOST)
    back = [{"id": f"u{n}", "name": f"U{n}", "tier": 0, "days": 9, "away": 3} for n in (1, 3, 4)]
    here.replies(members=back[:2], next="4", online=6)
    here.when(Roster(room=ROOM, filter="returning", limit=2, cursor="4"), actor=HOST).replies(
        members=back[2:], next=None
    )
    here.when(Roster(room=ROOM, filter="returning")).refuses(PermissionDenied)


# Since when


def test_a_stay_begins_with_the_first_connection_and_lasts_through_grace() -> None:
    here = given(HOUSE).when(join("c1"), at=START).when(join("c2"), at=START + 5)
    here.when(leave("c1"), at=START + 6).when(leave("c2"), at=START + 7)
    here.when(join("c3"), at=START + 8)
    assert here.room.since == {"ada": START}
    here.when(leave("c3"), at=START + 9).wake(START + 9 + 10_000)
    assert here.room.since == {}
    here.when(join("c4"), at=START + 20_000)
    assert here.room.since == {"ada": START + 20_000}
