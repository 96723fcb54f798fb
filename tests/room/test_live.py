from dataclasses import dataclass, field, replace

from room.live import SETTINGS, Room
from room.people import Role
from room.row import Row
from room.settings import Settings
from tests.dialogue import ADA, HOST


@dataclass(slots=True)
class Chairs:
    taken: list[str] = field(default_factory=list)


def test_passing_state_of_a_kind_is_made_once_and_belongs_to_one_room() -> None:
    room, other = Room(id="a"), Room(id="b")
    room.state(Chairs).taken.append("ada")
    assert (room.state(Chairs).taken, other.state(Chairs).taken) == (["ada"], [])


def test_a_room_without_settings_has_the_usual_ones() -> None:
    room = Room(id="a")
    assert room.settings == Settings()
    room.rows[SETTINGS] = Row(subject=SETTINGS).having(Settings(frozen=True))
    assert room.settings.frozen


def test_a_subject_that_is_not_loaded_has_an_empty_row() -> None:
    assert Room(id="a").row("m:ada") == Row(subject="m:ada")


def test_people_are_called_by_their_names_while_they_are_known() -> None:
    assert Room(id="a", actors={"ada": ADA}).name_of("ada") == "Ada"
    assert Room(id="a").name_of("ada") == "ada"


def test_a_host_with_a_plain_token_on_his_second_device_is_still_the_host_to_others() -> None:
    room = Room(id="a")
    room.admit(HOST)
    room.admit(replace(HOST, role=Role.MEMBER, avatar="https://a.example/x"))
    assert (room.actors["host"].role, room.actors["host"].avatar) == (Role.HOST, "https://a.example/x")
