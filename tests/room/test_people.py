"""Roles are a ladder, and a person is shown by what all may see."""

import re
from itertools import pairwise

import pytest

from room.people import GUEST_ID, ROOM_ID, USER_ID, Entitlements, Role, Standing, User


def test_a_higher_role_may_do_all_that_a_lower_one_may() -> None:
    assert all(lower < higher for lower, higher in pairwise(Role))
    assert (min(Role), max(Role)) == (Role.GUEST, Role.ROOM)


@pytest.mark.parametrize("text", ["a", "A-z_9", "x" * 64])
def test_ids_of_rooms(text: str) -> None:
    assert re.fullmatch(ROOM_ID, text)


@pytest.mark.parametrize("text", ["", "x" * 65, "a b", "a}b", "é", "a\n"])
def test_what_is_no_id_of_a_room(text: str) -> None:
    assert not re.fullmatch(ROOM_ID, text)


@pytest.mark.parametrize(("text", "good"), [("a|b:c@d.e-f_1", True), ("x" * 129, False), ("", False), ("a/b", False)])
def test_ids_of_users(text: str, good: bool) -> None:
    assert bool(re.fullmatch(USER_ID, text)) is good
    assert re.fullmatch(USER_ID, f"{GUEST_ID}c1")


def test_somebody_without_a_tier_has_the_plain_style_and_scrolls() -> None:
    assert Standing() == Standing(tier=0, entitlements=Entitlements(styles=("white",), modes=(1,), weight=1))
    assert User(id="ada", name="Ada").tier == 0
