from dataclasses import replace

from room.live import SETTINGS
from room.people import Role, User
from room.row import Row, member
from room.settings import Settings
from tests.dialogue import ADA, BOB, HOST, ITSELF, MODERATOR, given
from tests.room.toys import HOUSE, Jar


def jar(user: str, coins: int) -> Row:
    return Row(subject=member(user)).having(Jar(coins=coins))


ROOM = given(HOUSE, jar("ada", 1), jar("bob", 2), ADA, replace(BOB, zone="Asia/Shanghai"))


def test_the_callers_standing_is_that_of_the_draft() -> None:
    context = replace(ROOM.context(ADA), row=jar("ada", 9))
    assert context.standing.tier == 9
    assert context.user == context.person == User(id="ada", name="Ada", tier=9)


def test_a_row_is_the_draft_then_the_one_read_along_then_the_one_in_memory() -> None:
    context = replace(ROOM.context(ADA), row=jar("ada", 9), rows={"m:bob": jar("bob", 7), "m:ada": jar("ada", 5)})
    assert context.row_of("m:ada").of(Jar).coins == 9
    assert context.row_of("m:bob").of(Jar).coins == 7
    assert ROOM.context(ADA).row_of("m:bob").of(Jar).coins == 2
    assert context.row_of("m:cyd") == Row(subject="m:cyd")


def test_the_person_of_a_turn_on_another_row_is_whose_row_it_is() -> None:
    context = ROOM.context(HOST, subject=member("bob"))
    assert context.person == User(id="bob", name="Bob", tier=2)
    assert context.user == User(id="host", name="Host")


def test_the_person_of_a_turn_on_a_part_of_the_room_is_the_caller() -> None:
    context = ROOM.context(ADA, subject=SETTINGS)
    assert context.person == User(id="ada", name="Ada", tier=1)


def test_somebody_who_is_not_known_here_goes_by_his_id() -> None:
    context = ROOM.context(HOST, subject=member("cyd"))
    assert context.someone("cyd") == User(id="cyd", name="cyd")


def test_the_role_of_a_person_is_the_one_he_has_here_and_the_rooms_host_is_a_host_wherever_he_is() -> None:
    room = given(HOUSE, MODERATOR, ADA, Settings(host="ada"))
    context = room.context(BOB)
    assert [context.role_of(user) for user in ("ada", "mod", "bob", "nobody")] == [3, 2, 1, 1]
    assert given(HOUSE, Settings(host="away")).context(ADA).role_of("away") is Role.HOST
    assert given(HOUSE).context(ITSELF).role_of("") is Role.ROOM
