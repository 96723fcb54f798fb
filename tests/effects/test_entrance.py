from effects.catalogue import EFFECTS
from effects.entrance import Effect, Enter, EntranceEarned, EntranceShown
from effects.lane import Entrances
from effects.privacy import ChangePrivacy, PrivacyChanged
from room.message import Audience, Lane
from room.people import Actor, Entitlements, User
from tests.dialogue import ADA, BOB, GUEST, START, given
from tests.effects.toys import HOUSE, ranked

CROWN = Entitlements(effect="crown")
ENTER = Enter(room="demo")
SHOWN = Effect(id="crown", priority=40, duration_ms=3_000, reduced="line")
AN_ADA = User(id="ada", name="Ada", tier=2)


def test_who_holds_an_effect_makes_an_entrance_at_the_next_tick() -> None:
    room = given(HOUSE, ranked("ada", CROWN)).when(ENTER).then(EntranceEarned(user=AN_ADA, effect="crown"))
    room.flush().then(EntranceShown(user=AN_ADA, effect=SHOWN)).flush().then()


def test_who_holds_none_or_one_that_nobody_knows_just_comes_in() -> None:
    given(HOUSE).when(ENTER).then()
    given(HOUSE).when(ENTER, actor=GUEST).then()
    given(HOUSE, ranked("ada", Entitlements(effect="aurora"))).when(ENTER).then()


def test_after_an_entrance_its_user_is_silent_for_five_minutes() -> None:
    room = given(HOUSE, ranked("ada", CROWN), ranked("bob", CROWN)).when(ENTER).then(EntranceEarned)
    room.later(299_999).when(ENTER).then()
    room.when(ENTER, actor=BOB).then(EntranceEarned)
    room.later(1).when(ENTER).then(EntranceEarned)


def test_who_wants_no_entrance_has_none() -> None:
    room = given(HOUSE, ranked("ada", CROWN)).when(ChangePrivacy(room="demo", entrance=False)).then(PrivacyChanged)
    room.when(ENTER).then()
    assert room.snapshot(ADA)["effects"] == {"entrance": None}


def test_those_who_come_too_many_at_a_time_are_one_line() -> None:
    users = [f"u{number}" for number in range(40)]
    room = given(HOUSE, *(ranked(user, CROWN) for user in users))
    for user in users:
        room.when(ENTER, actor=Actor(id=user, name=user.upper())).then(EntranceEarned)
    room.flush()
    [entrance, line] = [stamped.event for stamped in room.events]
    assert entrance == EntranceShown(user=User(id="u0", name="U0", tier=2), effect=SHOWN)
    merged = tuple(User(id=f"u{number}", name=f"U{number}", tier=2) for number in (3, 4, 5))
    assert line == EntranceShown(users=merged, count=37)
    assert room.room.state(Entrances).drops == {2: 37}


def test_the_room_is_woken_when_the_next_one_may_play() -> None:
    room = given(HOUSE, ranked("ada", CROWN), ranked("bob", CROWN))
    [feature] = HOUSE.features
    assert feature.deadline(room.room) is None
    room.when(ENTER).when(ENTER, actor=BOB)
    at_once = feature.deadline(room.room)
    assert at_once is not None
    assert at_once <= START
    room.flush().then(EntranceShown)
    assert feature.deadline(room.room) == START + 3_000
    room.flush(START + 3_000).then(EntranceShown)
    assert feature.deadline(room.room) is None


def test_ones_own_entrance_is_in_the_snapshot_silence_or_not() -> None:
    room = given(HOUSE, ranked("ada", CROWN)).when(ENTER)
    assert room.snapshot(ADA)["effects"] == {"entrance": SHOWN}
    assert room.snapshot(BOB)["effects"] == {"entrance": None}


def test_every_effect_of_the_catalogue_can_be_held() -> None:
    for effect in EFFECTS:
        given(HOUSE, ranked("ada", Entitlements(effect=effect.id))).when(ENTER).then(EntranceEarned)


def test_how_entrances_are_told() -> None:
    assert (EntranceShown.lane, EntranceShown.audience) == (Lane.ENTRANCE, Audience.ROOM)
    assert EntranceEarned.audience is Audience.NOBODY
    assert not Enter.on_wire
