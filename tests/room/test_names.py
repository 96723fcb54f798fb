import pytest

from room.live import SETTINGS, Room
from room.names import skeleton
from room.people import Actor, Role
from room.row import Row
from room.settings import Settings

HOST = Actor(id="hua", name="Alice", role=Role.HOST)


@pytest.mark.parametrize(
    "name", ["alice", "ALICE", "Ａｌｉｃｅ", "A l i c e", "Аlice", "a1ice", "Alicé", "A\u200blice", "Alice.", "αlice"]
)
def test_s21_a_name_that_looks_like_the_hosts_is_shown_with_its_bearers_id(name: str) -> None:
    room = Room(id="demo")
    room.admit(HOST)
    room.admit(Actor(id="user-123456", name=name))
    assert room.name_of("user-123456") == f"{name} #123456"
    assert room.name_of("hua") == "Alice"


@pytest.mark.parametrize(
    ("host", "name"),
    [("Emma", "Ernma"), ("Wan", "vvan"), ("Alice", "ᴀʟɪᴄᴇ"), ("Alice", "Ꭺlice"), ("Alice", "ɑlice"), ("口力", "ロカ")],
)
def test_s21_letters_that_look_alike_singly_or_together_are_the_same(host: str, name: str) -> None:
    assert skeleton(host) == skeleton(name)


@pytest.mark.parametrize("name", ["Alicia", "Bob", "小林", "Al"])
def test_another_name_is_left_as_it_is(name: str) -> None:
    room = Room(id="demo")
    room.admit(HOST)
    room.admit(Actor(id="bob", name=name))
    assert room.name_of("bob") == name


def test_s21_who_was_here_before_the_host_is_marked_when_the_host_comes_in() -> None:
    room = Room(id="demo")
    for user, name in (("eve", "ALICE"), ("bob", "Bob")):
        room.admit(Actor(id=user, name=name))
    room.admit(HOST)
    room.admit(HOST)
    assert (room.name_of("eve"), room.name_of("bob")) == ("ALICE #eve", "Bob")


def test_a_host_on_another_device_with_a_plain_token_keeps_his_name() -> None:
    room = Room(id="demo")
    room.admit(HOST)
    room.admit(Actor(id="hua", name="Alice"))
    assert room.name_of("hua") == "Alice"


def test_the_rooms_host_is_not_imitated_either_though_his_token_says_member() -> None:
    room = Room(id="demo", rows={SETTINGS: Row(subject=SETTINGS).having(Settings(host="hua"))})
    room.admit(Actor(id="eve", name="ALICE"))
    room.admit(Actor(id="hua", name="Alice"))
    assert (room.name_of("eve"), room.name_of("hua")) == ("ALICE #eve", "Alice")


def test_chinese_names_are_told_apart_by_their_characters() -> None:
    assert skeleton("小林") != skeleton("小琳")
    assert skeleton("小 林") == skeleton("小林")


def test_names_of_signs_alone_are_told_apart_as_they_are() -> None:
    assert skeleton("🔥") != skeleton("👍")
