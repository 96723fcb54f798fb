import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from room.live import SETTINGS
from room.message import Audience, Command
from room.people import Actor
from room.refusal import BadRequest, NotAMember, PermissionDenied, UnknownRoom
from room.settings import STREAMS, Settings
from roomserver.rows import RowCodec
from settings.feature import MODES, RoomSettings
from settings.messages import (
    ChangeSettings,
    Configure,
    FollowPicture,
    PictureFollowed,
    RoomChanged,
    RoomMade,
    Schedule,
    SetLive,
    SetStorage,
    StorageChanged,
    WordsSet,
)
from tests.dialogue import ADA, GUEST, HOST, ITSELF, MODERATOR, OPERATOR, START, Dialogue, given
from tests.settings.talk import HOUSE

ROOM = "demo"
SOON = START + 3_600_000
DEFAULTS = {
    "slow_seconds": 0,
    "min_tier": 0,
    "members_only": False,
    "emotes_only": False,
    "hosts_only": False,
    "frozen": False,
    "guests_speak": False,
}


def made(**values: object) -> Settings:
    return Settings(made=True, title="Demo", **values)  # type: ignore[arg-type]  # picked by name


def live(room: Dialogue, at: int, *, next_at: int | None = None, stream: str | None = None) -> Dialogue:
    return room.when(SetLive(room=ROOM, live=True, next_at=next_at, stream=stream), actor=OPERATOR, at=at)


# room.settings


def test_only_what_changes_is_told_and_all_is_answered() -> None:
    room = given(HOUSE, made(frozen=True))
    room.when(ChangeSettings(room=ROOM, slow_seconds=5, frozen=True, guests_speak=False), actor=MODERATOR)
    room.then(RoomChanged(slow_seconds=5)).replies({**DEFAULTS, "slow_seconds": 5, "frozen": True})
    assert room.change is not None
    assert room.change.row.subject == SETTINGS
    assert room.room.settings == made(frozen=True, slow_seconds=5)


def test_without_a_field_it_only_answers() -> None:
    room = given(HOUSE, made()).when(ChangeSettings(room=ROOM), actor=HOST).then().replies(DEFAULTS)
    assert room.change is None


def test_what_is_set_already_is_not_stored_again() -> None:
    room = given(HOUSE, made()).when(ChangeSettings(room=ROOM, min_tier=3), actor=HOST).then(RoomChanged(min_tier=3))
    assert room.when(ChangeSettings(room=ROOM, min_tier=3), actor=MODERATOR).then().change is None


def test_a_mode_is_switched_off_again() -> None:
    room = given(HOUSE, made(frozen=True)).when(ChangeSettings(room=ROOM, frozen=False), actor=HOST)
    assert room.then(RoomChanged(frozen=False)).room.settings == made()


def test_viewers_set_nothing() -> None:
    given(HOUSE).when(ChangeSettings(room=ROOM), actor=ADA).refuses(PermissionDenied)
    given(HOUSE).when(ChangeSettings(room=ROOM), actor=GUEST).refuses(PermissionDenied)


# Calls of the platform


def test_a_room_is_made_once() -> None:
    room = given(HOUSE).when(Configure(room=ROOM, title="Demo"), actor=OPERATOR)
    room.then(RoomMade(), RoomChanged(title="Demo")).replies(title="Demo", live=False)
    assert room.room.settings == made()
    assert room.when(Configure(room=ROOM, title="Demo"), actor=OPERATOR).then().change is None


def test_a_room_is_made_with_nothing_but_its_name() -> None:
    given(HOUSE).when(Configure(room=ROOM), actor=OPERATOR).then(RoomMade())


def test_what_the_platform_leaves_out_stays() -> None:
    room = given(HOUSE, made(zone="Asia/Shanghai", host="hal", next_at=SOON, frozen=True))
    room.when(Configure(room=ROOM, title="Evening", boundary=300), actor=OPERATOR)
    room.then(RoomChanged(title="Evening", boundary=300))
    kept = room.room.settings
    assert (kept.title, kept.zone, kept.boundary, kept.host, kept.next_at) == (
        "Evening",
        "Asia/Shanghai",
        300,
        "hal",
        SOON,
    )
    assert kept.frozen


def test_the_next_stream_is_planned_and_called_off() -> None:
    room = given(HOUSE, made()).when(Configure(room=ROOM, next_at=SOON), actor=OPERATOR)
    room.then(RoomChanged(schedule=Schedule(next_at=SOON))).replies(schedule={"next_at": SOON})
    room.when(Configure(room=ROOM, next_at=0), actor=OPERATOR).then(RoomChanged(schedule=Schedule()))
    assert room.room.settings.next_at is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "right/UTC", ""])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    room = given(HOUSE).when(Configure(room=ROOM, zone=zone), actor=OPERATOR).refuses(BadRequest)
    assert not room.room.settings.made


@pytest.mark.parametrize("boundary", [-1, 1440])
def test_a_boundary_that_no_day_has_is_refused(boundary: int) -> None:
    given(HOUSE).when(Configure(room=ROOM, boundary=boundary), actor=OPERATOR).refuses(BadRequest)


def test_a_repeated_call_is_known_by_its_key() -> None:
    room = given(HOUSE).when(Configure(room=ROOM, title="A", key="k"), actor=OPERATOR)
    room.when(Configure(room=ROOM, title="B", key="l"), actor=OPERATOR)
    room.when(Configure(room=ROOM, title="A", key="k"), actor=OPERATOR).then().replies(title="A")
    assert room.room.settings.title == "B"


@pytest.mark.parametrize(
    "command", [Configure(room=ROOM), SetLive(room=ROOM, live=True), SetStorage(room=ROOM, storage="ok")]
)
@pytest.mark.parametrize("actor", [GUEST, ADA, HOST])
def test_no_viewer_or_host_gives_the_platforms_commands(command: Command, actor: Actor) -> None:
    refusal = NotAMember if actor is GUEST and command.who <= ADA.role else PermissionDenied
    given(HOUSE, made()).when(command, actor=actor).refuses(refusal)


# Live


def test_a_stream_begins_and_ends() -> None:
    room = live(given(HOUSE, made()), START).then(RoomChanged(live=True, live_since=START)).replies(live=True)
    assert live(room, START + 1).then().change is None
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 2)
    room.then(RoomChanged(live=False, ended_at=START + 2)).replies(live=False, ended_at=START + 2)
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 3).then().replies(ended_at=START + 2)
    live(room, START + 4).then(RoomChanged(live=True, live_since=START + 4)).replies(ended_at=None)
    settings = room.room.settings
    assert (settings.ended_at, settings.live_since, settings.streams) == (None, START + 4, ((START, START + 2),))


def test_a_stream_of_the_same_id_goes_on_after_an_interruption() -> None:
    room = live(given(HOUSE, made()), START, stream="a")
    room.then(RoomChanged(live=True, live_since=START, stream="a")).replies(stream="a")
    live(room, START + 1, stream="a").then()
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 2)
    live(room, START + 5, stream="a").then(RoomChanged(live=True, live_since=START)).replies(stream="a", ended_at=None)
    assert (room.room.settings.live_since, room.room.settings.streams) == (START, ())
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 9)
    assert room.room.settings.streams == ((START, START + 9),)


def test_a_stream_of_another_id_follows_the_one_that_runs() -> None:
    room = live(live(given(HOUSE, made()), START, stream="a"), START + 4, stream="b")
    room.then(RoomChanged(live_since=START + 4, stream="b")).replies(stream="b", live=True)
    assert (room.room.settings.live_since, room.room.settings.streams) == (START + 4, ((START, START + 4),))


def test_a_stream_without_an_id_is_a_new_one() -> None:
    room = live(given(HOUSE, made()), START, stream="a")
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 2)
    live(room, START + 4).then(RoomChanged(live=True, live_since=START + 4, stream="")).replies(stream=None)
    assert room.room.settings.streams == ((START, START + 2),)


def test_a_room_remembers_its_last_streams() -> None:
    room = given(HOUSE, made())
    for n in range(STREAMS + 5):
        live(room, START + 2 * n)
        room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 2 * n + 1)
    assert room.room.settings.streams == tuple((START + 2 * n, START + 2 * n + 1) for n in range(5, STREAMS + 5))
    assert room.room.settings.forgotten == 5
    size = len(RowCodec(HOUSE).encode(room.room.row("p:settings")))
    assert size < 8_192


def test_a_stream_that_began_before_anybody_noted_when_is_not_made_up() -> None:
    room = given(HOUSE, made(live=True)).when(SetLive(room=ROOM, live=False), actor=OPERATOR)
    assert room.room.settings.streams == ()


def test_the_platform_sets_what_a_check_in_asks_for() -> None:
    asked = Configure(room=ROOM, cadence="live_day", live_minutes=20, dwell_seconds=30)
    given(HOUSE, made()).when(asked, actor=OPERATOR).then(
        RoomChanged(cadence="live_day", live_minutes=20, dwell_seconds=30)
    ).replies(cadence="live_day", live_minutes=20, dwell_seconds=30)


def test_a_stream_that_begins_is_planned_no_more() -> None:
    live(given(HOUSE, made(next_at=START)), START).then(RoomChanged(live=True, live_since=START, schedule=Schedule()))
    live(given(HOUSE, made(next_at=SOON)), START).then(RoomChanged(live=True, live_since=START))
    live(given(HOUSE, made(next_at=START)), START, next_at=SOON).then(
        RoomChanged(live=True, live_since=START, schedule=Schedule(next_at=SOON))
    )


def test_a_host_who_ends_says_when_he_is_back() -> None:
    room = given(HOUSE, made(live=True)).when(SetLive(room=ROOM, live=False, next_at=SOON), actor=OPERATOR)
    room.then(RoomChanged(live=False, ended_at=START, schedule=Schedule(next_at=SOON)))


def test_a_room_that_was_not_made_cannot_go_live() -> None:
    live(given(HOUSE), START).refuses(UnknownRoom)


# Storage


def test_the_room_is_told_once_that_the_store_is_away() -> None:
    room = given(HOUSE, made()).when(SetStorage(room=ROOM, storage="away"), actor=ITSELF)
    room.then(StorageChanged(storage="away"))
    assert room.change is None
    assert room.room.storage == "away"
    room.when(SetStorage(room=ROOM, storage="away"), actor=ITSELF).then()
    room.when(SetStorage(room=ROOM, storage="ok"), actor=ITSELF).then(StorageChanged(storage="ok"))


def test_both_faces_of_room_changed_have_its_name() -> None:
    assert RoomChanged.kind == StorageChanged.kind == "room.changed"


# The snapshot


def test_the_snapshot_describes_the_room() -> None:
    room = given(HOUSE, made(host="hal", next_at=SOON, guests_speak=True))
    assert room.snapshot(GUEST)["room"] == {
        "id": ROOM,
        "title": "Demo",
        "host": "hal",
        "live": False,
        "live_since": None,
        "stream": None,
        "schedule": {"next_at": SOON},
        "ended_at": None,
        "zone": "UTC",
        "boundary": 240,
        "language": "en",
        "cadence": "daily",
        "live_minutes": 10,
        "dwell_seconds": 0,
        "settings": {**DEFAULTS, "guests_speak": True},
        "storage": "ok",
    }


# What always holds

modes = st.fixed_dictionaries(
    {},
    optional={
        "slow_seconds": st.integers(0, 3600),
        "min_tier": st.integers(0, 100),
        **{name: st.booleans() for name in MODES[2:]},
    },
)


@examples(st.lists(modes, max_size=8))
def test_who_follows_the_changes_knows_the_settings(changes: list[dict[str, int]]) -> None:
    room, known = given(HOUSE, made()), dict(DEFAULTS)
    told = RoomSettings()
    folded = made()
    for change in changes:
        room.when(ChangeSettings(room=ROOM, **change), actor=HOST)  # type: ignore[arg-type]  # picked by name
        for stamped in room.events:
            assert isinstance(stamped.event, RoomChanged)
            folded = told.evolve(folded, stamped.event)
            known |= {name: one for name in MODES if (one := getattr(stamped.event, name)) is not None}
        room.replies(known)
    assert folded == room.room.settings


def test_words_are_set_by_the_platform_and_told_to_nobody() -> None:
    room = given(HOUSE, made()).when(Configure(room=ROOM, words=("damn", "赌博")), actor=OPERATOR)
    room.then(WordsSet(words=("damn", "赌博")))
    assert WordsSet.audience is Audience.NOBODY
    assert room.room.settings.words == ("damn", "赌博")
    assert "words" not in str(room.snapshot(GUEST)["room"])
    room.when(Configure(room=ROOM, words=("damn", "赌博")), actor=OPERATOR).then()
    room.when(Configure(room=ROOM, words=()), actor=OPERATOR).then(WordsSet(words=()))


def follow(room: Dialogue, live: bool, at: int) -> Dialogue:
    return room.when(FollowPicture(room=ROOM, live=live), actor=ITSELF, at=at)


def test_a_picture_makes_the_room_live_and_ends_what_it_began() -> None:
    room = follow(given(HOUSE, made()), True, START)
    room.then(RoomChanged(live=True, live_since=START, live_by="picture"))
    follow(room, True, START + 1).then()
    follow(room, False, START + 2).then(RoomChanged(live=False, ended_at=START + 2))
    follow(room, False, START + 3).then()
    follow(room, True, START + 4).then(RoomChanged(live=True, live_since=START + 4))


def test_a_stream_is_ended_by_the_server_where_its_picture_came_in() -> None:
    def told(live: bool, server: str, at: int) -> Dialogue:
        return room.when(FollowPicture(room=ROOM, live=live, server=server), actor=ITSELF, at=at)

    room = given(HOUSE, made())
    told(True, "a", START).then(
        RoomChanged(live=True, live_since=START, live_by="picture"), PictureFollowed(server="a")
    )
    told(False, "b", START + 1).then()
    told(True, "b", START + 2).then(PictureFollowed(server="b"))
    told(False, "a", START + 3).then()
    told(False, "b", START + 4).then(RoomChanged(live=False, ended_at=START + 4))
    assert PictureFollowed.audience is Audience.NOBODY


def test_what_the_platform_has_begun_no_picture_ends() -> None:
    room = live(given(HOUSE, made()), START)
    follow(room, True, START + 1).then()
    follow(room, False, START + 2).then()
    assert room.room.settings.live


def test_the_platform_takes_over_what_a_picture_has_begun() -> None:
    room = follow(given(HOUSE, made()), True, START)
    live(room, START + 1).then(RoomChanged(live_by="platform"))
    follow(room, False, START + 2).then()
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 3)
    assert not room.room.settings.live


def test_a_picture_begins_the_stream_that_was_planned() -> None:
    room = live(given(HOUSE, made()), START, next_at=START + 5)
    room.when(SetLive(room=ROOM, live=False), actor=OPERATOR, at=START + 1)
    follow(room, True, START + 6)
    assert room.room.settings.next_at is None


def test_no_picture_makes_a_room_live_that_was_not_made() -> None:
    follow(given(HOUSE), True, START).then()
