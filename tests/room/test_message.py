import re
from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from room.message import UserId
from room.people import Role, User
from tests.dialogue import ADA, HOST, OPERATOR
from tests.room.toys import Drop, Painted, Shout, Shouted


def test_a_command_is_about_the_callers_own_row_unless_it_says_otherwise() -> None:
    assert Shout(room="demo").subject(ADA) == "m:ada"


def test_an_attempt_is_named_by_the_clients_key_where_the_command_takes_one() -> None:
    assert Drop(room="demo", key="k").attempt == "k"
    assert Drop(room="demo").attempt is None
    assert Shout(room="demo").attempt is None


def test_what_the_platform_says_with_a_key_is_told_apart_and_what_others_say_is_not() -> None:
    said = Drop(room="demo", key="k").said_by(OPERATOR)
    assert said == Drop(room="demo", key="k").said_by(OPERATOR)
    assert said not in (None, Drop(room="demo", coins=2, key="k").said_by(OPERATOR))
    assert Drop(room="demo").said_by(OPERATOR) is None
    assert Drop(room="demo", key="k").said_by(HOST) is None


def test_an_event_concerns_the_person_it_names() -> None:
    assert Shouted(user=User(id="ada", name="Ada")).concerns == "ada"
    assert Painted().concerns is None


def test_messages_are_values() -> None:
    command = Drop(room="demo", coins=2)
    assert command == Drop(room="demo", coins=2)
    with pytest.raises(FrozenInstanceError):
        command.coins = 3  # type: ignore[misc]  # that is the point


def test_a_higher_role_may_do_what_a_lower_one_may() -> None:
    assert list(Role) == sorted(Role)
    assert Role.GUEST < Role.MEMBER < Role.MODERATOR < Role.HOST < Role.OPERATOR < Role.ROOM


@pytest.mark.parametrize(
    ("user", "is_one"),
    [("ada", True), ("a.b|c:d@e-f_9", True), ("", False), ("a b", False), ("ada\n", False), ("a" * 129, False)],
)
def test_what_an_id_of_a_user_is(user: str, is_one: bool) -> None:
    _, limits = get_args(UserId)
    assert (re.search(limits.pattern, user) is not None) is is_one
