"""Who is closed before whom when a server stops."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from room.people import Role
from roomserver.drain import WAVE, turn_to_go, waves
from roomserver.identity import Identity


@dataclass(frozen=True, eq=False)
class Connection:
    identity: Identity | None


def somebody(user: str = "ann", **roles: Role) -> Connection:
    return Connection(Identity(user=user, name=user, expires=10**10, roles=roles))


STRANGER, GUEST, MEMBER = Connection(None), somebody(""), somebody()
MODERATOR, HOST = somebody(demo=Role.MODERATOR), somebody(demo=Role.HOST)


def test_viewers_go_first_then_members_then_moderators_and_hosts_last() -> None:
    here = [HOST, MEMBER, MODERATOR, GUEST, STRANGER]
    assert waves(here) == [[GUEST, STRANGER], [MEMBER], [MODERATOR], [HOST]]


def test_a_host_of_one_room_who_watches_another_is_a_host() -> None:
    assert turn_to_go(somebody(a=Role.MODERATOR, b=Role.HOST).identity) is Role.HOST


def test_nobody_has_no_wave() -> None:
    assert waves([]) == []


@given(st.lists(st.sampled_from(["stranger", "guest", "member", "moderator", "host"]), max_size=450))
def test_everybody_goes_once_in_small_waves_and_nobody_after_who_outranks_him(names: list[str]) -> None:
    kinds = {"stranger": STRANGER, "guest": GUEST, "member": MEMBER, "moderator": MODERATOR, "host": HOST}
    here = [Connection(kinds[name].identity) for name in names]
    gone = waves(here)
    assert all(0 < len(wave) <= WAVE for wave in gone)
    assert {id(one) for wave in gone for one in wave} == {id(one) for one in here}
    assert sum(map(len, gone)) == len(here)
    turns = [{turn_to_go(one.identity) for one in wave} for wave in gone]
    assert all(len(roles) == 1 for roles in turns)
    assert [max(roles) for roles in turns] == sorted(max(roles) for roles in turns)
