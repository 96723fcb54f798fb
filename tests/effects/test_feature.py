from dataclasses import fields, is_dataclass

from effects.danmaku import SendDanmaku
from effects.feature import Effects
from effects.shoutout import SendShoutout, ShoutoutShown
from room.feature import Fate
from room.house import House
from room.message import Event
from room.settings import Privacy
from tests.dialogue import HOST, START, given
from tests.effects.toys import HOUSE, NOTHING, SKY, ranked, standing


def test_a_viewer_finds_the_styles_he_holds_and_those_he_can_win() -> None:
    styles = given(HOUSE, ranked("ada", SKY)).snapshot()["styles"]
    assert isinstance(styles, list)
    assert {one["id"] for one in styles if "locked" not in one} == {"white", "mint", "sky"}


def test_how_long_a_shoutout_is_pinned_is_the_houses_choice() -> None:
    house = House([Effects(pin_ms=5_000)], standing=standing)
    room = given(house).when(SendShoutout(room="demo", to="ada", text="hi", key="k"), actor=HOST).then(ShoutoutShown)
    event = room.events[0].event
    assert isinstance(event, ShoutoutShown)
    assert event.pinned_until == START + 5_000


def test_an_event_of_another_feature_leaves_a_section_as_it_is() -> None:
    [effects] = HOUSE.features
    section = Privacy(hide_streak=True)
    assert effects.evolve(section, Event()) is section


def test_every_message_is_frozen_slotted_and_explained() -> None:
    for message in (*Effects.commands, *Effects.queries, *Effects.events):
        assert is_dataclass(message)
        assert message.__dataclass_params__.frozen  # type: ignore[attr-defined]  # dataclasses' own record
        assert message.__doc__
        assert "__slots__" in vars(message)
        assert all(one.kw_only for one in fields(message))


def test_a_standing_of_nothing_is_the_default() -> None:
    assert given(HOUSE).snapshot()["styles"] == given(HOUSE, ranked("ada", NOTHING)).snapshot()["styles"]


SHED = Fate(shown=False, online=7, reached=0)
SEEN = Fate(shown=True, online=7, reached=5)


def test_whose_danmaku_was_shed_hears_so_and_nothing_else_changes() -> None:
    command, reply = SendDanmaku(room="demo", text="hi"), {"id": "1.0", "status": "accepted", "style": "white"}
    assert Effects().told(command, reply, SEEN) == reply
    assert Effects().told(command, reply, SHED) == {**reply, "status": "shed"}


def test_who_sends_a_shoutout_hears_whom_it_has_reached() -> None:
    command = SendShoutout(room="demo", to="ada", text="hi", key="k")
    told = Effects().told(command, {"id": "1.0", "online": None, "reached": None}, SEEN)
    assert told == {"id": "1.0", "online": 7, "reached": 5}
