from effects.privacy import ChangePrivacy, PrivacyChanged
from room.people import User
from room.refusal import NotAMember
from room.settings import Privacy
from tests.dialogue import ADA, BOB, GUEST, OPERATOR, given
from tests.effects.toys import HOUSE

AN_ADA = User(id="ada", name="Ada")
HIDE = ChangePrivacy(room="demo", hide_streak=True)


def test_a_member_changes_one_setting_and_keeps_the_other() -> None:
    room = given(HOUSE).when(HIDE).then(PrivacyChanged(user=AN_ADA, entrance=True, hide_streak=True))
    room.replies({"entrance": True, "hide_streak": True})
    room.when(ChangePrivacy(room="demo", entrance=False)).replies({"entrance": False, "hide_streak": True})
    assert room.room.row("m:ada").of(Privacy) == Privacy(entrance=False, hide_streak=True)


def test_what_changes_nothing_stores_nothing() -> None:
    room = given(HOUSE).when(ChangePrivacy(room="demo")).then().replies({"entrance": True, "hide_streak": False})
    assert room.change is None
    room.when(ChangePrivacy(room="demo", entrance=True)).then()
    assert room.change is None


def test_a_guest_has_no_settings() -> None:
    given(HOUSE).when(HIDE, actor=GUEST).refuses(NotAMember)


def test_settings_are_on_ones_own_card_and_the_operators_view_of_it() -> None:
    room = given(HOUSE).when(HIDE)
    mine = {"entrance": True, "hide_streak": True}
    assert HOUSE.card(room.context(ADA), "ada")["settings"] == mine
    assert HOUSE.card(room.context(OPERATOR), "ada")["settings"] == mine
    assert "settings" not in HOUSE.card(room.context(BOB), "ada")
