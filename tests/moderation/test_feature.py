"""Who may do what to whom, and what comes of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from moderation.feature import Moderation
from moderation.messages import Act, Ban, Changed, Done, Kick, Mute, PutOut, Unban, Unmute
from moderation.refusals import Banned, BannedForGood, GuestGone, Muted, MutedForGood
from moderation.sanctions import Sanction, Sanctions
from presence.feature import Join, Joined, Leave, Presence
from room.house import House
from room.message import Audience
from room.people import Actor, Role, Standing, User
from room.refusal import BadRequest, NotAMember, PermissionDenied, Refused
from room.row import Row, member
from room.settings import Settings
from settings.feature import RoomSettings
from tests.dialogue import ADA, GUEST, HOST, MODERATOR, OPERATOR, START, Dialogue, given
from tests.settings.talk import Said, Say, Talk, Wave, Waved

HOUSE = House([RoomSettings(), Presence(), Moderation(), Talk()], standing=lambda _: Standing())
MOD, HER = User(id="mod", name="Mod"), User(id="ada", name="Ada")
OTHER = Actor(id="mod-2", name="Mod II", role=Role.MODERATOR)
ACTS: tuple[type[Act], ...] = (Mute, Unmute, Kick, Ban, Unban)
MINUTE = 60_000


def act(kind: type[Act], user: str = "ada", **rest: Any) -> Act:
    return kind(room="demo", user=user, key=rest.pop("key", "k"), **rest)


def say() -> Say:
    return Say(room="demo")


def join() -> Join:
    return Join(room="demo", connection="c1")


def here(*people: Actor) -> Dialogue:
    return given(HOUSE, ADA, *people)


# Mute


def test_a_mute_is_kept_told_to_him_and_the_hosts_and_ends_by_itself() -> None:
    room = here().when(act(Mute, seconds=60, reason="spam"), actor=MODERATOR)
    until = START + MINUTE
    room.then(
        Done(user=HER, by=MOD, rank=Role.MODERATOR, kind_="mute", until=until, reason="spam"),
        Changed(user=HER, kind_="mute", until=until, reason="spam"),
    ).replies({})
    assert room.change is not None
    assert [type(stamped.event) for stamped in room.change.outbox] == [Done]
    room.when(say(), at=START + 1).refuses(Muted, retry_in=MINUTE - 1)
    room.when(say(), at=until).then(Said)
    assert (Changed.audience, Done.audience) == (Audience.MEMBER | Audience.HOST, Audience.NOBODY)


def test_a_mute_without_an_end_holds_until_it_is_undone() -> None:
    room = here().when(act(Mute), actor=MODERATOR).when(say(), at=START * 2).refuses(MutedForGood)
    room.when(act(Unmute), actor=HOST).then(Done, Changed(user=HER, kind_="unmute")).when(say()).then(Said)


def test_who_is_muted_does_all_but_speak() -> None:
    here().when(act(Mute), actor=MODERATOR).when(Wave(room="demo")).then(Waved).when(join()).then(Joined)


def test_a_new_mute_takes_the_place_of_the_old_one() -> None:
    room = here().when(act(Mute), actor=MODERATOR).when(act(Mute, seconds=1, key="k2"), actor=MODERATOR)
    room.when(say(), at=START + 1000).then(Said)


def test_nothing_happens_when_there_is_nothing_to_undo() -> None:
    room = here().when(act(Unmute), actor=MODERATOR).then().replies({})
    assert room.change is None
    assert room.when(act(Unban), actor=MODERATOR).then().change is None


def test_a_key_names_one_act() -> None:
    room = here().when(act(Kick), actor=MODERATOR).then(Done, PutOut).when(act(Kick), actor=MODERATOR).then()
    room.replies({}).when(Kick(room="demo", user="ada"), actor=MODERATOR).refuses(BadRequest)


# Kick and ban


def test_a_kick_puts_him_out_and_lets_him_come_again() -> None:
    room = here().when(act(Kick, reason="enough"), actor=MODERATOR)
    room.then(Done, PutOut(user=HER, kind_="kick", reason="enough")).when(join()).then(Joined)
    assert (PutOut.closes, Changed.closes, PutOut.kind) == (True, False, Changed.kind)


def test_a_ban_puts_him_out_and_keeps_him_out_for_its_time() -> None:
    room = here().when(act(Ban, seconds=60), actor=MODERATOR)
    room.then(Done, PutOut(user=HER, kind_="ban", until=START + MINUTE))
    room.when(join(), at=START + 1).refuses(Banned, retry_in=MINUTE - 1)
    room.when(join(), at=START + MINUTE).then(Joined)


def test_what_he_was_about_to_say_is_not_said_after_a_ban() -> None:
    room = here().when(act(Ban, seconds=60), actor=MODERATOR)
    room.when(say()).refuses(Banned)
    room.when(say(), at=START + MINUTE).then(Said)


def test_a_ban_without_an_end_holds_until_it_is_undone() -> None:
    room = here().when(act(Ban), actor=MODERATOR).when(join(), at=START * 2).refuses(BannedForGood)
    room.when(act(Unban), actor=MODERATOR).then(Done, Changed(user=HER, kind_="unban")).when(join()).then(Joined)


def test_whoever_is_banned_can_still_be_let_go_of() -> None:
    room = here().when(join()).when(act(Ban), actor=MODERATOR)
    assert room.when(Leave(room="demo", connection="c1")).room.online == 1  # in grace


def test_a_guest_is_muted_and_put_out_as_long_as_he_is_here() -> None:
    room = given(HOUSE, Settings(guests_speak=True), GUEST).when(act(Mute, "guest-1"), actor=MODERATOR)
    room.when(say(), actor=GUEST).refuses(MutedForGood)
    room.when(act(Ban, "guest-1", key="k2"), actor=MODERATOR).then(Done, PutOut)
    room.when(act(Kick, "guest-2"), actor=MODERATOR).refuses(GuestGone)


# Whom nobody can touch


@pytest.mark.parametrize("kind", ACTS)
@pytest.mark.parametrize("user", ["host", "mod-2", "mod", "owner"])
def test_a_moderator_acts_on_no_host_no_moderator_and_not_on_himself(kind: type[Act], user: str) -> None:
    room = given(HOUSE, HOST, OTHER, Settings(host="owner"))
    assert room.when(act(kind, user), actor=MODERATOR).refuses(PermissionDenied).change is None


def test_a_host_acts_on_moderators_and_the_platform_on_hosts() -> None:
    room = given(HOUSE, HOST, MODERATOR).when(act(Mute, "mod"), actor=HOST).then(Done, Changed)
    room.when(say(), actor=MODERATOR).refuses(MutedForGood)
    room.when(act(Kick, "host"), actor=HOST).refuses(PermissionDenied)
    room.when(act(Kick, "host"), actor=OPERATOR).then(Done, PutOut)


def test_the_rooms_host_is_one_though_his_token_says_moderator() -> None:
    owner = replace(MODERATOR, id="owner")
    room = given(HOUSE, MODERATOR, Settings(host="owner"))
    room.when(act(Kick, "mod"), actor=owner).then(Done, PutOut)
    room.when(act(Kick, "owner"), actor=owner).refuses(PermissionDenied)


def test_a_ban_of_somebody_who_turns_out_to_be_a_host_does_not_keep_him_out() -> None:
    room = here().when(act(Ban, "host"), actor=MODERATOR).then(Done, PutOut)
    room.when(join(), actor=HOST).then(Joined)
    room.when(join(), actor=replace(HOST, role=Role.MEMBER)).refuses(BannedForGood)


def test_a_moderator_undoes_or_shortens_nothing_that_a_host_has_set() -> None:
    room = here().when(act(Mute, seconds=60), actor=HOST).when(act(Ban), actor=HOST)
    room.when(act(Mute, seconds=1), actor=MODERATOR).refuses(PermissionDenied)
    room.when(act(Unmute), actor=MODERATOR).refuses(PermissionDenied)
    room.when(act(Unban), actor=MODERATOR).refuses(PermissionDenied)
    room.when(act(Mute, seconds=1), actor=MODERATOR, at=START + MINUTE).then(Done, Changed)


@pytest.mark.parametrize("kind", ACTS)
def test_members_and_guests_moderate_nobody(kind: type[Act]) -> None:
    here().when(act(kind, "bob"), actor=ADA).refuses(PermissionDenied)
    here().when(act(kind, "bob"), actor=GUEST).refuses(PermissionDenied)


@examples(st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from([None, 1, 60]), st.integers(0, 40)), max_size=20))
def test_he_comes_in_when_the_last_ban_is_over_or_undone_and_speaks_when_the_last_mute_is_too(
    steps: list[tuple[type[Act], int | None, int]],
) -> None:
    room, ends = here(), {"mute": 0, "ban": 0}
    for number, (kind, seconds, gap) in enumerate(steps):
        timed: dict[str, Any] = {"seconds": seconds} if kind in (Mute, Ban) else {}
        room.later(gap * 1000).when(act(kind, key=f"k{number}", **timed), actor=MODERATOR)
        verb = kind.kind.removeprefix("moderation.")
        if timed:
            ends[verb] = START * 2 if seconds is None else room.now + seconds * 1000
        elif verb != "kick":
            ends[verb.removeprefix("un")] = 0
        banned = ends["ban"] > room.now
        silenced = (Banned, BannedForGood) if banned else (Muted, MutedForGood)
        assert _is_refused(room, say(), *silenced) is (banned or ends["mute"] > room.now)
        assert _is_refused(room, join(), Banned, BannedForGood) is banned


def _is_refused(room: Dialogue, command: Say | Join, *kinds: type[Refused]) -> bool:
    refusal = room.when(command).refusal
    assert refusal is None or type(refusal) in kinds
    room.refusal = None
    return refusal is not None


# The card


def test_his_own_card_says_that_he_is_muted_and_others_do_not_see_it() -> None:
    row = Row(subject=member("ada")).having(Sanctions(mute=Sanction(rank=2, until=START + 5, reason="spam")))
    room = given(HOUSE, row, ADA)
    card = room.snapshot()["me"]
    assert isinstance(card, dict)
    assert card["muted"] == {"until": START + 5, "reason": "spam"}
    assert HOUSE.card(room.later(5).context(), "ada")["muted"] is None
    assert "muted" not in HOUSE.card(room.context(HOST), "ada")


def test_hosts_are_told_who_of_those_here_is_muted() -> None:
    mute = Sanctions(mute=Sanction(rank=2, until=START + 5, reason="spam"))
    gone = Row(subject=member("gone")).having(mute)
    room = given(HOUSE, Row(subject=member("ada")).having(mute), gone, ADA, OTHER)
    shown = {"user": HER, "until": START + 5, "reason": "spam"}
    assert HOUSE.backstage(room.context(HOST)) == {"muted": [shown]}
    assert HOUSE.backstage(room.later(5).context(HOST)) == {"muted": []}


def test_a_guest_speaks_no_more_than_the_room_allows() -> None:
    given(HOUSE).when(say(), actor=GUEST).refuses(NotAMember)
