"""What rooms are to be told of the pictures that come in, and for how long."""

from __future__ import annotations

import pytest

from presence.here import GRACE_MS
from room.live import SETTINGS, Room
from room.people import Actor, User
from room.row import Row
from room.settings import Settings
from roomserver.coming_pictures import GRACE_SECONDS, Coming
from settings.messages import FollowPicture
from stage.feature import Hall
from stage.messages import STAGE, ShowPictures, Vacate
from stage.seats import Seats

BEGINS = FollowPicture(room="demo", live=True, server="here")
OVER = FollowPicture(room="demo", live=False, server="here")


def a_room(*slots: str, live: bool = False, at: str = "here") -> Room:
    """A room that knows of these slots."""
    room = Room(id="demo")
    room.state(Hall).slots = slots
    settings = Settings(made=True, live=live, live_by="picture", picture_at=at)
    room.rows[SETTINGS] = Row(subject=SETTINGS).having(settings)
    return room


def test_a_room_is_told_of_its_pictures_until_it_knows_of_them() -> None:
    coming = Coming("here")
    coming.begin("demo", "s1", "main")
    coming.begin("demo", "s2", "guest1")
    told = [ShowPictures(room="demo", slots=("main", "guest1")), BEGINS]
    for _ in range(2):
        assert [*coming.due([a_room()], 0, sees_all=True)] == told
    coming.told(BEGINS)
    assert [*coming.due([a_room("main", "guest1", live=True)], 0, sees_all=True)] == []


def test_a_slot_is_shown_as_long_as_one_session_sends_it() -> None:
    coming = Coming("here")
    for session in ("old", "new"):
        coming.begin("demo", session, "main")
    coming.end("demo", "old")
    assert coming.shown("demo") == ("main",)
    coming.end("demo", "new")
    assert coming.shown("demo") == ()


def test_a_stream_is_over_when_its_picture_has_been_missing_for_the_grace() -> None:
    coming, room = Coming("here"), a_room(live=True)
    assert [*coming.due([room], 10, sees_all=True)] == []
    assert [*coming.due([room], 10 + GRACE_SECONDS - 0.01, sees_all=True)] == []
    assert [*coming.due([room], 10 + GRACE_SECONDS, sees_all=True)] == [OVER]


def test_a_picture_that_is_back_in_time_begins_the_grace_anew() -> None:
    coming, room = Coming("here"), a_room(live=True)
    assert [*coming.due([room], 0, sees_all=True)] == []
    coming.begin("demo", "s1", "main")
    assert OVER not in coming.due([room], GRACE_SECONDS, sees_all=True)
    coming.end("demo", "s1")
    coming.told(BEGINS)
    assert OVER not in coming.due([room], GRACE_SECONDS + 1, sees_all=True)
    assert OVER in coming.due([room], 2 * GRACE_SECONDS + 1, sees_all=True)


def test_a_stream_whose_room_is_opened_anew_has_the_whole_grace() -> None:
    coming, room = Coming("here"), a_room(live=True)
    assert [*coming.due([room], 10, sees_all=True)] == []
    assert [*coming.due([], 11, sees_all=True)] == []
    assert [*coming.due([room], 10 + GRACE_SECONDS, sees_all=True)] == []
    assert [*coming.due([room], 10 + 2 * GRACE_SECONDS, sees_all=True)] == [OVER]


def test_nobody_ends_a_stream_of_which_he_knows_nothing() -> None:
    elsewhere, unheard = a_room(live=True, at="there"), a_room(live=True)
    coming = Coming("here")
    for now in (0, GRACE_SECONDS):
        assert [*coming.due([elsewhere], now, sees_all=True)] == []
        assert [*coming.due([unheard], now, sees_all=False)] == []


AWAY = GRACE_MS / 1000
VACATE = Vacate(room="demo", users=("ada",))


def an_opened_room(*, at: str = "here") -> Room:
    """A room with stored seats: Ada's, and Bob's, who is only invited."""
    room = a_room(at=at)
    seats = Seats().invited(User(id="ada", name="Ada", tier=0), "guest1", 0).accepted("ada", 0)
    seats = seats.invited(User(id="bob", name="Bob", tier=0), "guest2", 0)
    room.rows[STAGE] = Row(subject=STAGE).having(seats)
    return room


@pytest.mark.parametrize("name", ["here", ""])
def test_who_was_on_stage_when_the_server_ended_has_the_grace_of_leaving(name: str) -> None:
    coming, room = Coming(name), an_opened_room()
    assert [*coming.due([room], 10, sees_all=True)] == []
    assert [*coming.due([room], 10 + AWAY - 0.01, sees_all=True)] == []
    for later in (10 + AWAY, 11 + AWAY):  # until it is done
        assert [*coming.due([room], later, sees_all=True)] == [VACATE]


def test_who_comes_back_in_time_keeps_his_seat() -> None:
    coming, room = Coming("here"), an_opened_room()
    assert [*coming.due([room], 0, sees_all=True)] == []
    room.actors["ada"] = Actor(id="ada", name="Ada")
    assert [*coming.due([room], AWAY, sees_all=True)] == []
    del room.actors["ada"]
    assert [*coming.due([room], AWAY + 1, sees_all=True)] == []


def test_a_room_that_is_opened_anew_begins_the_grace_anew() -> None:
    coming = Coming("here")
    for now in (0, AWAY + 1):
        assert [*coming.due([an_opened_room()], now, sees_all=True)] == []
        assert [*coming.due([], now, sees_all=True)] == []


def test_who_may_be_at_the_server_that_carries_the_picture_keeps_his_seat() -> None:
    coming = Coming("here")
    for at in ("there", ""):
        for now in (0, AWAY):
            assert [*coming.due([an_opened_room(at=at)], now, sees_all=True)] == []
