import pytest

from room.people import Actor
from room.refusal import NotAMember, Refused
from room.settings import Settings
from settings.refusals import EmotesOnly, Frozen, HostsOnly, MembersOnly, SlowMode, TierTooLow
from settings.speech import Spoken
from tests.dialogue import ADA, BOB, CYD, GUEST, HOST, MODERATOR, START, given
from tests.settings.talk import HOUSE, Said, Say, Wave, Waved

SAY = Say(room="demo")
STRICT = Settings(
    slow_seconds=60, min_tier=100, members_only=True, emotes_only=True, hosts_only=True, frozen=True, guests_speak=False
)


def test_members_speak_in_a_room_where_nothing_is_set() -> None:
    given(HOUSE).when(SAY).then(Said).when(SAY).then(Said)


def test_guests_speak_where_they_are_let() -> None:
    given(HOUSE).when(SAY, actor=GUEST).refuses(NotAMember)
    given(HOUSE, Settings(guests_speak=True)).when(SAY, actor=GUEST).then(Said)


@pytest.mark.parametrize(
    ("settings", "refusal", "refused", "heard"),
    [
        (Settings(hosts_only=True), HostsOnly, CYD, MODERATOR),
        (Settings(frozen=True), Frozen, CYD, HOST),
        (Settings(members_only=True), MembersOnly, ADA, BOB),
        (Settings(members_only=True, guests_speak=True), MembersOnly, GUEST, BOB),
        (Settings(min_tier=5), TierTooLow, BOB, CYD),
        (Settings(members_only=True, min_tier=5, frozen=True), MembersOnly, ADA, HOST),
    ],
)
def test_who_may_not_speak_is_told_why(
    settings: Settings, refusal: type[Refused], refused: Actor, heard: Actor
) -> None:
    given(HOUSE, settings).when(SAY, actor=refused).refuses(refusal).when(SAY, actor=heard).then(Said)


def test_only_emotes_where_only_emotes_are_set() -> None:
    room = given(HOUSE, Settings(emotes_only=True)).when(SAY).refuses(EmotesOnly)
    room.when(Say(room="demo", emote="heart")).then(Said).when(SAY, actor=HOST).then(Said)


@pytest.mark.parametrize("actor", [HOST, MODERATOR])
def test_the_host_and_moderators_always_speak(actor: Actor) -> None:
    given(HOUSE, STRICT).when(SAY, actor=actor).then(Said).when(SAY, actor=actor).then(Said)


def test_what_is_not_speech_is_never_held_back() -> None:
    given(HOUSE, STRICT).when(Wave(room="demo"), actor=GUEST).then(Waved)


def test_slow_mode_gives_everybody_one_message_in_so_many_seconds() -> None:
    room = given(HOUSE, Settings(slow_seconds=5)).when(SAY).then(Said)
    room.when(SAY, at=START + 1_000).refuses(SlowMode, retry_in=4_000)
    room.when(SAY, actor=BOB).then(Said)
    room.when(SAY, at=START + 4_999).refuses(SlowMode, retry_in=1)
    room.when(SAY, at=START + 5_000).then(Said)
    room.when(SAY, at=START + 5_001).refuses(SlowMode, retry_in=4_999)


def test_slow_mode_counts_speech_only() -> None:
    given(HOUSE, Settings(slow_seconds=5)).when(Wave(room="demo")).then(Waved).when(SAY).then(Said)


def test_a_clock_that_is_set_back_makes_nobody_wait_as_long() -> None:
    room = given(HOUSE, Settings(slow_seconds=5)).when(SAY).then(Said)
    room.when(SAY, at=START - 3_600_000).then(Said)


def test_slow_mode_says_how_long_to_wait() -> None:
    room = given(HOUSE, Settings(slow_seconds=5)).when(SAY).when(SAY, at=START + 1)
    assert room.refusal is not None
    assert room.refusal.message == "slow mode: one message in 5 s; retry in 4999 ms"


def test_slow_mode_remembers_no_longer_than_it_looks_back() -> None:
    spoken = Spoken()
    for at, user in enumerate(["ada", "bob", "ada", "cyd"]):
        spoken.note(user, at * 1_000, 3_000)
    assert spoken.last == {"bob": 1_000, "ada": 2_000, "cyd": 3_000}
    spoken.note("dan", 4_000, 3_000)
    assert spoken.last == {"ada": 2_000, "cyd": 3_000, "dan": 4_000}


def test_nobody_is_remembered_without_slow_mode() -> None:
    assert given(HOUSE).when(SAY).then(Said).room.state(Spoken).last == {}
