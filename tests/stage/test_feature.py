from __future__ import annotations

import pytest

from moderation.feature import Moderation
from moderation.messages import Ban
from moderation.refusals import BannedForGood
from presence.feature import Join, Leave, Presence
from room.house import House
from room.people import Role, Standing
from room.refusal import NotAMember, PermissionDenied
from stage.feature import MOST_RAISED, Hall, Stage
from stage.messages import (
    Accept,
    Candidates,
    Changed,
    Invite,
    Invited,
    MuteSeat,
    PicturesChanged,
    Publish,
    PutDown,
    QualityChanged,
    Raise,
    Raised,
    ShowPictures,
    Spotlight,
    TellQuality,
    UnmuteSeat,
    Watch,
)
from stage.messages import Leave as LeaveStage
from stage.refusals import HandsFull, NoStage, NotHere, NotInvited, NotOnStage, StageFull
from stage.seats import INVITED_MS, Seats
from tests.dialogue import ADA, BOB, CYD, GUEST, HOST, ITSELF, MODERATOR, START, Dialogue, given

ROOM = "demo"
HOUSE = House([Presence(), Moderation(), Stage(carried=True)], standing=lambda _: Standing())


def seats(room: Dialogue) -> list[tuple[str, str, str]]:
    """Slots, people and states, as they are stored."""
    return [(seat.slot, seat.user.id, seat.state) for seat in room.room.row("p:stage").of(Seats).seats]


def on_stage(*people: str) -> Dialogue:
    """A room with some people on stage, one after the other."""
    room = given(HOUSE, ADA, BOB, CYD)
    for person in people:
        room.when(Invite(room=ROOM, user=person), actor=HOST)
        room.when(Accept(room=ROOM), actor=room.room.actors[person])
    return room


def test_a_member_is_asked_and_comes() -> None:
    room = given(HOUSE, ADA).when(Invite(room=ROOM, user="ada"), actor=HOST).then(Changed, Invited)
    invited = room.events[1].event
    assert isinstance(invited, Invited)
    assert (invited.user.id, invited.by.id, invited.slot) == ("ada", "host", "guest1")
    assert invited.expires_at == START + INVITED_MS
    room.when(Accept(room=ROOM)).then(Changed).replies(slot="guest1", number=1)
    assert seats(room) == [("guest1", "ada", "on")]
    room.when(Accept(room=ROOM)).then().replies(slot="guest1", number=1)


def test_only_hosts_and_moderators_ask_and_only_members_who_are_here_are_asked() -> None:
    room = given(HOUSE, ADA, GUEST)
    room.when(Invite(room=ROOM, user="ada"), actor=BOB).refuses(PermissionDenied)
    room.when(Invite(room=ROOM, user="guest-1"), actor=MODERATOR).refuses(NotHere)
    room.when(Invite(room=ROOM, user="nobody"), actor=MODERATOR).refuses(NotHere)
    room.when(Invite(room=ROOM, user="ada"), actor=MODERATOR).then(Changed, Invited)
    room.when(Invite(room=ROOM, user="ada"), actor=MODERATOR).then()


def test_nobody_comes_unasked_or_too_late() -> None:
    room = given(HOUSE, ADA).when(Accept(room=ROOM)).refuses(NotInvited)
    room.when(Invite(room=ROOM, user="ada"), actor=HOST)
    room.when(Accept(room=ROOM), at=START + INVITED_MS).refuses(NotInvited)


def test_an_invitation_that_is_not_accepted_ends_by_itself() -> None:
    room = given(HOUSE, ADA).when(Invite(room=ROOM, user="ada"), actor=HOST)
    assert room.deadline() == START + INVITED_MS
    room.wake(START + INVITED_MS).then(Changed)
    assert seats(room) == []
    assert room.deadline() is None


def test_there_are_three_seats() -> None:
    room = on_stage("ada", "bob", "cyd")
    assert [slot for slot, _, _ in seats(room)] == ["guest1", "guest2", "guest3"]
    room.when(Invite(room=ROOM, user="mod"), actor=MODERATOR).refuses(StageFull)
    room.when(PutDown(room=ROOM, user="bob"), actor=HOST).then(Changed)
    room.when(Invite(room=ROOM, user="mod"), actor=MODERATOR).then(Changed, Invited)
    assert ("guest2", "mod", "invited") in seats(room)


def test_a_seat_that_is_taken_again_has_another_number() -> None:
    room = on_stage("ada")
    room.when(Publish(room=ROOM)).replies(slot="guest1", number=1)
    room.when(LeaveStage(room=ROOM)).then(Changed)
    room.when(Publish(room=ROOM)).refuses(NotOnStage)
    room.when(Invite(room=ROOM, user="ada"), actor=HOST).when(Accept(room=ROOM))
    room.when(Publish(room=ROOM)).replies(slot="guest1", number=2)


def test_the_host_publishes_and_a_moderator_does_not() -> None:
    room = given(HOUSE, ADA)
    room.when(Publish(room=ROOM), actor=HOST).replies(slot="main", number=0)
    room.when(Publish(room=ROOM), actor=MODERATOR).refuses(NotOnStage)
    room.when(Publish(room=ROOM), actor=GUEST).refuses(NotAMember)


def test_who_is_banned_neither_watches_nor_publishes() -> None:
    room = on_stage("ada")
    room.when(Watch(room=ROOM)).then()
    room.when(Ban(room=ROOM, user="ada", key="1"), actor=HOST)
    room.when(Watch(room=ROOM)).refuses(BannedForGood)
    room.when(Publish(room=ROOM)).refuses(BannedForGood)


def test_somebody_is_seen_and_not_heard() -> None:
    room = on_stage("ada")
    room.when(MuteSeat(room=ROOM, user="ada"), actor=HOST).then(Changed)
    assert room.room.row("p:stage").of(Seats).seats[0].muted
    room.when(MuteSeat(room=ROOM, user="ada"), actor=HOST).then()
    room.when(UnmuteSeat(room=ROOM, user="ada"), actor=MODERATOR).then(Changed)
    room.when(MuteSeat(room=ROOM, user="bob"), actor=HOST).refuses(NotOnStage)


def test_a_moderator_does_not_mute_or_put_down_a_host() -> None:
    room = given(HOUSE, HOST, BOB)
    for one in (HOST, BOB):
        room.when(Invite(room=ROOM, user=one.id), actor=HOST).when(Accept(room=ROOM), actor=one)
    for act in (MuteSeat, UnmuteSeat, PutDown):
        room.when(act(room=ROOM, user="host"), actor=MODERATOR).refuses(PermissionDenied)
        room.when(act(room=ROOM, user="bob"), actor=MODERATOR)
    assert seats(room) == [("guest1", "host", "on")]
    room.when(PutDown(room=ROOM, user="host"), actor=HOST).then(Changed)


def test_somebody_is_put_into_the_main_slot_and_leaves_it_with_the_stage() -> None:
    room = on_stage("ada")
    room.when(Spotlight(room=ROOM, user="bob"), actor=HOST).refuses(NotOnStage)
    room.when(Spotlight(room=ROOM, user="ada"), actor=HOST).then(Changed)
    assert room.room.row("p:stage").of(Seats).spotlight == "ada"
    room.when(LeaveStage(room=ROOM))
    assert room.room.row("p:stage").of(Seats) == Seats(number=1)


def test_who_goes_away_leaves_the_stage() -> None:
    room = given(HOUSE).when(Join(room=ROOM, connection="1"))
    room.when(Invite(room=ROOM, user="ada"), actor=HOST).when(Accept(room=ROOM))
    room.when(Leave(room=ROOM, connection="1"))
    room.wake(START + 60_000)
    assert seats(room) == [("guest1", "ada", "on")], "told of, and not yet looked at"
    del room.room.actors["ada"]
    room.wake(START + 60_001).then(Changed)
    assert seats(room) == []


def test_who_wants_to_come_on_stage_is_told_to_the_host_the_longest_streak_first() -> None:
    room = given(HOUSE, ADA, BOB)
    room.when(Raise(room=ROOM)).then(Raised)
    room.when(Raise(room=ROOM)).then()
    room.when(Raise(room=ROOM), actor=BOB, at=START + 1)
    room.when(Candidates(room=ROOM), actor=ADA).refuses(PermissionDenied)
    room.when(Candidates(room=ROOM, limit=1), actor=HOST).replies(count=2)
    room.when(Raise(room=ROOM, down=True)).then(Raised)
    room.when(Candidates(room=ROOM), actor=HOST).replies(count=1)


def test_who_is_on_stage_wants_nothing_more() -> None:
    room = given(HOUSE, ADA).when(Raise(room=ROOM))
    room.when(Invite(room=ROOM, user="ada"), actor=HOST)
    assert room.room.state(Hall).raised == {}
    room.when(Raise(room=ROOM)).then()


def test_pictures_are_told_when_they_change_and_found_when_one_comes() -> None:
    room = given(HOUSE, ADA)
    assert room.snapshot()["media"] == {"whep": "/whep/demo", "whip": "/whip/demo", "slots": ()}
    room.when(ShowPictures(room=ROOM, slots=("main",)), actor=ITSELF).then(PicturesChanged(slots=("main",)))
    room.when(ShowPictures(room=ROOM, slots=("main",)), actor=ITSELF).then()
    room.when(ShowPictures(room=ROOM, slots=()), actor=HOST).refuses(PermissionDenied)
    media = room.snapshot()["media"]
    assert isinstance(media, dict)
    assert media["slots"] == ("main",)
    assert room.snapshot()["stage"] == {"seats": (), "number": 0, "spotlight": None}


def test_where_no_pictures_are_carried_none_are_promised() -> None:
    house = House([Stage()], standing=lambda _: Standing())
    assert given(house, ADA).snapshot()["media"] is None


def test_where_a_room_has_one_picture_there_is_no_stage() -> None:
    room = given(House([Presence(), Stage(carried=True, seated=False)], standing=lambda _: Standing()), ADA)
    assert room.snapshot()["stage"] is None
    assert room.snapshot()["media"] is not None
    room.when(Invite(room=ROOM, user="ada"), actor=HOST).refuses(NoStage)
    room.when(Raise(room=ROOM)).refuses(NoStage)
    room.when(Publish(room=ROOM), actor=HOST).replies(slot="main", number=0)


def test_hosts_are_told_of_a_picture_that_arrives_badly() -> None:
    room = given(HOUSE, HOST)
    told = TellQuality(room=ROOM, user="host", slot="main", level="poor", loss=0.2, bitrate=100)
    room.when(told, actor=ITSELF).then(QualityChanged)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR, Role.HOST])
def test_no_person_says_what_only_the_server_knows(role: Role) -> None:
    assert TellQuality.who > role
    assert ShowPictures.who > role


def test_so_many_hands_are_up_and_no_more() -> None:
    room = given(HOUSE, ADA)
    raised = room.room.state(Hall).raised
    raised |= {str(number): START for number in range(MOST_RAISED)}
    room.when(Raise(room=ROOM)).refuses(HandsFull)
    room.when(Raise(room=ROOM, down=True)).then()
    del raised["0"]
    room.when(Raise(room=ROOM)).then(Raised)
    room.when(Raise(room=ROOM)).then()
