import pytest

from effects.danmaku import SendDanmaku
from effects.removal import ALIKE_MS, REMEMBERED, DanmakuRemoved, RemoveDanmaku, Spoken
from room.message import Lane
from room.people import Actor, User
from room.refusal import BadRequest, PermissionDenied
from room.settings import Settings
from tests.dialogue import ADA, BOB, GUEST, HOST, MODERATOR, Dialogue, given
from tests.effects.toys import HOUSE

REMOVE_ADA = RemoveDanmaku(room="demo", user="ada")


def test_a_message_is_taken_back_by_its_id() -> None:
    room = given(HOUSE).when(SendDanmaku(room="demo", text="rude"))
    said = room.events[0].id
    room.when(RemoveDanmaku(room="demo", id=said), actor=MODERATOR).then(DanmakuRemoved(ids=(said,))).replies({})


def test_all_that_a_member_said_is_taken_back_and_the_room_is_told_even_when_he_has_gone() -> None:
    room = given(HOUSE, BOB).when(REMOVE_ADA, actor=MODERATOR).then(DanmakuRemoved(user=User(id="ada", name="ada")))
    assert room.events[0].event.concerns is None
    assert DanmakuRemoved.lane is Lane.CONTROL


def test_one_takes_back_either_one_message_or_all_of_somebody() -> None:
    given(HOUSE).when(RemoveDanmaku(room="demo"), actor=HOST).refuses(BadRequest)
    given(HOUSE).when(RemoveDanmaku(room="demo", id="1", user="ada"), actor=HOST).refuses(BadRequest)


@pytest.mark.parametrize("user", ["host", "mod-2", "away"])
def test_a_moderator_takes_back_nothing_of_hosts_and_moderators(user: str) -> None:
    room = given(HOUSE, HOST, Actor(id="mod-2", name="Mod", role=MODERATOR.role), Settings(host="away"))
    room.when(RemoveDanmaku(room="demo", user=user), actor=MODERATOR).refuses(PermissionDenied)


def test_he_takes_back_his_own_and_a_host_takes_back_a_moderators() -> None:
    room = given(HOUSE, HOST, MODERATOR)
    mod = User(id="mod", name="Mod")
    for actor in (MODERATOR, HOST):
        room.when(RemoveDanmaku(room="demo", user="mod"), actor=actor).then(DanmakuRemoved(user=mod))


def test_members_and_guests_take_back_nothing() -> None:
    given(HOUSE).when(REMOVE_ADA, actor=ADA).refuses(PermissionDenied)
    given(HOUSE).when(REMOVE_ADA, actor=GUEST).refuses(PermissionDenied)


def test_of_what_he_said_alike_with_others_his_own_is_named() -> None:
    room = given(HOUSE)
    alone = _says(room, ADA, "hello there")
    both = _says(room, ADA, "Good!")
    _says(room.later(ALIKE_MS), BOB, "ＧＯＯＤ!")
    room.when(REMOVE_ADA, actor=MODERATOR).then(DanmakuRemoved(user=User(id="ada", name="Ada"), merged=(both,)))
    assert alone != both


def test_what_is_said_alike_later_was_never_one() -> None:
    room = given(HOUSE)
    _says(room, ADA, "Good!")
    _says(room.later(ALIKE_MS + 1), BOB, "Good!")
    room.when(REMOVE_ADA, actor=MODERATOR).then(DanmakuRemoved(user=User(id="ada", name="Ada")))


def test_only_the_last_are_remembered() -> None:
    room = given(HOUSE)
    _says(room, ADA, "first")
    for number in range(REMEMBERED):
        _says(room.later(10_000), BOB, f"and {number}")
    assert len(room.room.state(Spoken).last) == REMEMBERED
    assert room.room.state(Spoken).alike("ada") == ()


def _says(room: Dialogue, actor: Actor, text: str) -> str:
    return room.when(SendDanmaku(room="demo", text=text), actor=actor).events[0].id
