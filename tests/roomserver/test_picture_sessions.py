from __future__ import annotations

import pytest

from media.backend import Reason, Rejected
from roomserver.limits import Limits
from roomserver.picture_sessions import EACH, RETRY_SECONDS, Session, Sessions

LIMITS = Limits(per_user=1, per_address=2)


def watching(user: str, *, room: str = "demo", caller: str = "") -> Session:
    return Session(room=room, user=user, member=user or "guest-1", caller=caller)


def begin(sessions: Sessions, name: str, session: Session) -> None:
    with sessions.making(session) as making:
        sessions.made(name, making)


def test_a_session_is_known_until_it_is_over() -> None:
    sessions, ada = Sessions(LIMITS), watching("ada")
    begin(sessions, "1", ada)
    assert (sessions.get("1"), len(sessions)) == (ada, 1)
    sessions.drop("1")
    sessions.drop("1")
    assert (sessions.get("1"), len(sessions)) == (None, 0)


@pytest.mark.parametrize(("user", "most"), [("ada", EACH * 1), ("", EACH * 2)])
def test_one_caller_has_so_many_and_others_have_theirs(user: str, most: int) -> None:
    sessions = Sessions(LIMITS)
    for name in range(most):
        begin(sessions, str(name), watching(user, caller="here"))
    with pytest.raises(Rejected) as refused, sessions.making(watching(user, caller="here")):
        raise AssertionError("it was let in")
    assert (refused.value.reason, refused.value.retry_after) == (Reason.MANY, RETRY_SECONDS)
    begin(sessions, "other", watching(user, caller="there"))
    sessions.drop("0")
    begin(sessions, "again", watching(user, caller="here"))


def test_those_that_are_being_made_count_too() -> None:
    sessions, ada = Sessions(LIMITS), watching("ada", caller="ada")
    with (
        sessions.making(ada),
        sessions.making(ada),
        pytest.raises(Rejected),
        sessions.making(ada),
    ):
        raise AssertionError("it was let in")
    begin(sessions, "1", ada)


def test_who_is_unknown_is_not_counted() -> None:
    sessions = Sessions(LIMITS)
    for name in range(10):
        begin(sessions, str(name), watching(""))
    assert len(sessions) == 10


def test_who_is_put_out_is_so_in_his_room_and_before_his_session_has_a_name() -> None:
    sessions = Sessions(LIMITS)
    begin(sessions, "1", watching("ada"))
    begin(sessions, "2", watching("ada", room="other"))
    begin(sessions, "3", watching("bob"))
    with sessions.making(watching("ada")) as adas, sessions.making(watching("bob")) as bobs:
        assert sessions.put_out(lambda one: (one.room, one.member) == ("demo", "ada")) == ["1"]
        assert (adas.out, bobs.out) == (True, False)
