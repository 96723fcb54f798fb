import pytest

from effects.removal import DanmakuRemoved
from erasure.feature import Erase, Erased, EraseResults, ResultsErased
from host.messages import Withdrawn
from membership.accrual import Accrual, slot_of
from membership.messages import AddScore
from room.change import Due, Forget, Score
from room.message import Command
from room.people import Actor, User
from room.refusal import Contended, PermissionDenied
from room.row import Result, Row, member
from roomserver.features import make_house
from stage.feature import Hall
from stage.messages import STAGE, Raise
from stage.seats import Seats
from tests.dialogue import ADA, BOB, GUEST, HOST, ITSELF, MODERATOR, OPERATOR, START, Dialogue, given

HOUSE = make_house()
SCORE = AddScore(room="demo", user="ada", amount=400, reason="an order", key="1")


def erase(version: int, **places: tuple[str, ...]) -> Command:
    return Erase(room="demo", user="ada", version=version, **places)


def with_ada() -> Dialogue:
    return given(HOUSE, ADA, BOB).when(SCORE, actor=OPERATOR)


def test_the_row_is_emptied_and_goes_on_counting_its_versions() -> None:
    room = with_ada().when(erase(1), actor=OPERATOR).replies({"erased": "ada"})
    assert room.change is not None
    assert room.change.row == Row(subject=member("ada"), version=2, change=room.change.id)
    assert [stamped.event for stamped in room.change.outbox] == [Erased(user=User(id="ada", name="ada"))]


def test_all_places_go_in_the_same_commit() -> None:
    places = {"boards": ("a", "b"), "due": ("membership.tier",), "logs": ("points",)}
    room = with_ada().when(erase(1, **places), actor=OPERATOR)
    assert room.change is not None
    gone = (Score(board="a", value=None), Score(board="b", value=None), Due(what="membership.tier", at=None))
    assert room.change.parts == (*gone, Forget(log="points"))


def test_a_row_that_has_changed_in_between_is_not_emptied() -> None:
    with_ada().when(erase(0), actor=OPERATOR).refuses(Contended)


@pytest.mark.parametrize("actor", [GUEST, ADA, MODERATOR, HOST])
def test_only_the_platform_erases(actor: Actor) -> None:
    with_ada().when(erase(1), actor=actor).refuses(PermissionDenied)


def test_nothing_is_given_afterwards_for_what_he_did_before() -> None:
    room = with_ada()
    accrual = room.room.state(Accrual)
    accrual.live = True
    accrual.arrive("ada", START)
    accrual.speak("ada", START)
    accrual.leave("ada", START + 60_000)
    accrual.arrive("ada", START + 60_000)
    room.when(erase(1), actor=OPERATOR)
    assert accrual.left == []
    assert "ada" not in accrual.stays[slot_of("ada")]


def test_his_hand_is_down_and_he_is_on_no_card_of_the_hosts() -> None:
    room = with_ada().when(Raise(room="demo"), actor=ADA)
    assert room.room.state(Hall).raised
    room.when(erase(1), actor=OPERATOR)
    assert not room.room.state(Hall).raised
    happened = [type(stamped.event) for stamped in room.events]
    assert happened == [Erased, DanmakuRemoved, Withdrawn]


def test_a_part_of_the_room_forgets_what_it_answered_him_and_nothing_else() -> None:
    result = Result(id="c", keys=("ada#stage.accept#1",), reply={})
    room = given(HOUSE, Row(subject=STAGE, version=4, results=(result,)).having(Seats(number=7)))
    asked = EraseResults(room="demo", part=STAGE, user="ada")
    room.when(asked, actor=ITSELF).then(ResultsErased(user=User(id="ada", name="ada")))
    assert room.change is not None
    assert room.change.row == Row(subject=STAGE, version=5, change=room.change.id).having(Seats(number=7))
    room.when(asked, actor=ITSELF).then()
    assert room.change is None
