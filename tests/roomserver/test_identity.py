"""Who somebody is in one room, by his token."""

import pytest

from room.people import Actor, Role
from roomserver.identity import Identity


def ada(**roles: Role) -> Identity:
    named = {name.replace("all", "*"): role for name, role in roles.items()}
    return Identity(user="ada", name="Ada", expires=1, avatar="a.png", zone="Asia/Tokyo", roles=named)


def test_a_member_is_known_by_what_his_token_says() -> None:
    assert ada().actor("demo", "c1") == Actor(id="ada", name="Ada", avatar="a.png", zone="Asia/Tokyo")


@pytest.mark.parametrize(
    ("identity", "role"),
    [
        (ada(), Role.MEMBER),
        (ada(demo=Role.HOST), Role.HOST),
        (ada(other=Role.HOST), Role.MEMBER),
        (ada(all=Role.MODERATOR), Role.MODERATOR),
        (ada(demo=Role.MODERATOR, all=Role.HOST), Role.HOST),
    ],
)
def test_the_highest_role_that_holds_in_a_room_counts(identity: Identity, role: Role) -> None:
    assert identity.actor("demo", "c1").role is role


def test_a_guest_is_called_by_his_connection_and_has_no_role() -> None:
    guest = Identity(user="", name="", expires=1, roles={"*": Role.HOST})
    assert guest.actor("demo", "c1") == Actor(id="guest-c1", name="guest", role=Role.GUEST)


def test_a_refresh_prolongs_and_does_not_promote() -> None:
    host, moderator = Role.HOST, Role.MODERATOR
    before = Identity(user="ada", name="Ada", expires=1, roles={"a": host, "b": moderator})
    after = Identity(user="ada", name="Ada L.", expires=2, roles={"*": moderator, "b": host, "c": host})
    capped = after.at_most(before)
    assert (capped.name, capped.expires) == ("Ada L.", 2)
    assert [capped.role_in(room) for room in ("a", "b", "c", "d")] == [moderator, moderator, Role.MEMBER, Role.MEMBER]


def test_a_role_that_holds_everywhere_is_lowered_where_it_is() -> None:
    before = Identity(user="ada", name="Ada", expires=1, roles={"*": Role.HOST})
    capped = Identity(user="ada", name="Ada", expires=2, roles={"a": Role.MODERATOR}).at_most(before)
    assert [capped.role_in(room) for room in ("a", "b")] == [Role.MODERATOR, Role.MEMBER]
    assert Identity(user="ada", name="Ada", expires=2, roles={"*": Role.HOST}).at_most(before).role_in("x") is Role.HOST
