from __future__ import annotations

from media.offer import read_publisher
from media.publication import Publication
from media.room import Room
from tests.media.lines import Line, connection
from tests.media.pictures import offer
from tests.media.test_publication import Room as Told


def coming(room: Room, member: str, slot: str) -> Publication:
    """A member's picture that comes in for a slot."""
    sections = read_publisher(offer()).sections
    made = Publication(f"of {member}", "room", member, slot, connection(Line()), sections, 1_000_000, Told())
    room.claim(slot, member)
    room.publications[member] = made
    return made


def test_who_publishes_is_in_his_slot() -> None:
    room = Room()
    host = coming(room, "lin", "main")
    assert room.in_slot("main") is host
    assert room.in_slot("guest1") is None
    assert room.has_other("main", "mia")
    assert not room.has_other("main", "lin")


def test_the_stage_says_who_is_in_the_main_slot_as_long_as_he_has_a_picture() -> None:
    room = Room()
    host = coming(room, "lin", "main")
    room.seats |= {"main": "ada"}
    room.staged = True
    assert room.in_slot("main") is host, "ada has no picture yet"
    ada = coming(room, "ada", "guest1")
    assert room.in_slot("main") is ada
    del room.publications["ada"]
    assert room.in_slot("main") is host


def test_a_slot_that_the_stage_has_given_away_is_not_claimed() -> None:
    room = Room(seats={"guest1": "ada"}, staged=True)
    coming(room, "bob", "guest1")
    assert room.seats["guest1"] == "ada"


def test_a_check_claims_nothing() -> None:
    room = Room()
    room.claim("check", "lin")
    assert room.seats == {}


def test_an_outlet_shows_who_is_in_its_slot_and_nobody_who_is_muted() -> None:
    room = Room()
    host = coming(room, "lin", "main")
    room.show(0.0)
    audio, video = room.outlet("main", "audio"), room.outlet("main", "video")
    assert (audio.track, video.track) == (host.tracks["audio"], host.tracks["video"])
    room.muted = frozenset({"lin"})
    room.show(1.0)
    assert (audio.track, video.track) == (None, host.tracks["video"])
    assert room.outlet("main", "video") is video
