from dataclasses import replace

import pytest

from room.change import Append, Change
from room.house import House, Reaction
from room.message import Stamped
from room.people import User
from room.refusal import BadRequest, KeyTaken, KeyUsed, NotAMember, PermissionDenied
from room.row import KEYED_RESULTS, USED_KEYS, Result, Row, member
from room.settings import Settings
from room.turn import STEPS, Outcome, ReactionLoop, run
from tests.dialogue import ADA, BOB, GUEST, HOST, MODERATOR, OPERATOR, START, given
from tests.room.toys import (
    HOUSE,
    Daily,
    Drop,
    Dropped,
    Fame,
    Frozen,
    Full,
    Jar,
    Jars,
    Paint,
    Painted,
    Praised,
    Praises,
    Shout,
    Shouted,
    Tip,
    go_on,
    praise,
    praising,
    standing,
)

ROOM = "demo"
FULL = Row(subject=member("ada"), version=3, change="old").having(Jar(coins=10))


def dropped(coins: int, tier: int = 0) -> Dropped:
    return Dropped(user=User(id="ada", name="Ada", tier=tier), coins=coins)


# Deciding


def test_a_command_makes_events_a_reply_and_one_change() -> None:
    after = given(HOUSE).when(Drop(room=ROOM, coins=3)).then(dropped(3)).replies({"coins": 3})
    told = Stamped(id="t1.0", at=START, event=dropped(3))
    row = Row(subject="m:ada", version=1, change="t1").having(Jar(coins=3))
    parts = (Append(log="coins", entry={"coins": 3, "after": 3}),)
    assert after.change == Change(id="t1", version=0, row=row, parts=parts, outbox=(told,))


def test_a_change_is_made_from_the_version_that_was_read() -> None:
    after = given(HOUSE, replace(FULL, sections={})).when(Drop(room=ROOM))
    assert after.change is not None
    assert (after.change.version, after.change.row.version, after.change.row.change) == (3, 4, after.change.id)


def test_events_are_numbered_under_the_id_of_their_turn() -> None:
    after = given(praising()).when(Drop(room=ROOM, coins=2))
    assert [stamped.id for stamped in after.events] == ["t1.0", "t1.1", "t1.2"]
    assert {stamped.at for stamped in after.events} == {START}


def test_a_passing_command_makes_no_change() -> None:
    after = given(HOUSE, FULL).when(Shout(room=ROOM)).then(Shouted(user=User(id="ada", name="Ada", tier=10)))
    assert after.change is None
    assert after.room.rows == {"m:ada": FULL}


def test_a_durable_command_that_changes_nothing_makes_no_change() -> None:
    after = given(HOUSE).when(Drop(room=ROOM, coins=0, key="k")).then().replies({"coins": 0})
    assert after.change is None


def test_a_durable_event_is_stored_even_where_no_row_holds_it() -> None:
    after = given(HOUSE).when(Paint(room=ROOM, key="k"), actor=HOST).then(Painted())
    assert after.change is not None
    assert [stamped.event for stamped in after.change.outbox] == [Painted()]


def test_a_refused_command_changes_nothing() -> None:
    after = given(HOUSE, FULL).when(Drop(room=ROOM)).refuses(Full)
    assert after.room.rows == {"m:ada": FULL}


def test_a_turn_run_again_comes_out_the_same() -> None:
    context = given(praising()).context(ADA)
    command = Drop(room=ROOM, coins=5, key="k")
    assert run(praising(), command, context) == run(praising(), command, context)


# known → role → guards → decide


@pytest.mark.parametrize("command", [Drop(room=ROOM), Tip(room=ROOM), Paint(room=ROOM, key="k")])
def test_a_guest_is_refused_every_durable_command(command: Drop | Tip | Paint) -> None:
    refusal = PermissionDenied if isinstance(command, Paint) else NotAMember
    given(HOUSE).when(command, actor=GUEST).refuses(refusal)


def test_a_guest_may_do_what_guests_may() -> None:
    given(HOUSE).when(Shout(room=ROOM), actor=GUEST).then(Shouted)


def test_who_has_too_low_a_role_is_refused_before_anything_else_is_looked_at() -> None:
    given(HOUSE).when(Paint(room=ROOM), actor=MODERATOR).refuses(PermissionDenied)


def test_a_required_key_is_asked_for() -> None:
    given(HOUSE).when(Paint(room=ROOM), actor=HOST).refuses(BadRequest)


def test_a_guard_is_asked_before_the_feature_decides() -> None:
    given(HOUSE, FULL).when(Drop(room=ROOM, coins=7)).refuses(Frozen)


def test_a_guard_vetoes_by_facts_on_the_command() -> None:
    given(HOUSE, Settings(frozen=True)).when(Shout(room=ROOM)).refuses(Frozen)
    given(HOUSE, Settings(frozen=True)).when(Drop(room=ROOM)).then(Dropped)


def test_a_known_key_is_answered_though_its_caller_has_lost_the_role() -> None:
    keyed = given(HOUSE).when(Paint(room=ROOM, key="k"), actor=HOST)
    keyed.when(Paint(room=ROOM, key="k"), actor=replace(HOST, role=HOST.role.MEMBER)).then()
    keyed.when(Paint(room=ROOM, key="other"), actor=replace(HOST, role=HOST.role.MEMBER)).refuses(PermissionDenied)


def test_a_known_key_is_answered_though_a_guard_would_veto_it_now() -> None:
    known = Result(id="c", keys=("ada#jar.drop#k",), reply={"coins": 9})
    given(HOUSE, FULL.remembering(known)).when(Drop(room=ROOM, coins=7, key="k")).then().replies({"coins": 9})


# Replays


def test_the_same_key_is_done_once_and_answered_as_it_was() -> None:
    once = given(HOUSE).when(Drop(room=ROOM, coins=2, key="k")).replies({"coins": 2})
    once.when(Drop(room=ROOM, key="other")).replies({"coins": 3})
    once.when(Drop(room=ROOM, coins=2, key="k")).then().replies({"coins": 2})
    assert once.change is None


def test_a_key_that_must_not_be_done_twice_is_known_longer_than_its_reply() -> None:
    painted = given(HOUSE)
    for number in range(KEYED_RESULTS + USED_KEYS):
        painted.when(Paint(room=ROOM, key=str(number)), actor=HOST)
    for number in range(KEYED_RESULTS, KEYED_RESULTS + USED_KEYS):
        again = painted.when(Paint(room=ROOM, key=str(number)), actor=HOST)
        if number < USED_KEYS:
            again.refuses(KeyUsed)
        else:
            again.then()
    painted.when(Paint(room=ROOM, key="0"), actor=HOST).then(Painted())


def test_a_key_of_what_may_be_asked_again_takes_no_place() -> None:
    dropped_often = given(HOUSE)
    for number in range(9):
        dropped_often.when(Drop(room=ROOM, key=str(number)))
    assert dropped_often.room.row("m:ada").used == ""


def test_a_key_is_its_callers_own_and_belongs_to_one_method() -> None:
    mixed = given(HOUSE).when(Daily(room=ROOM, day=1, key="k")).then(dropped(1))
    mixed.when(Drop(room=ROOM, key="k")).then(dropped(1, tier=1))
    mixed.when(Drop(room=ROOM, key="k"), actor=BOB).then(Dropped)


def test_the_platforms_key_with_something_else_to_say_is_no_retry() -> None:
    painted = given(HOUSE).when(Drop(room=ROOM, coins=2, key="k"), actor=OPERATOR).replies({"coins": 2})
    painted.when(Drop(room=ROOM, coins=2, key="k"), actor=OPERATOR).then().replies({"coins": 2})
    painted.when(Drop(room=ROOM, coins=3, key="k"), actor=OPERATOR).refuses(KeyTaken)
    painted.when(Drop(room=ROOM, coins=3, key="other"), actor=OPERATOR).replies({"coins": 5})


def test_a_platforms_key_of_which_nobody_wrote_down_what_it_said_is_a_retry() -> None:
    known = Result(id="c", keys=("operator#jar.drop#k",), reply={"coins": 9})
    row = Row(subject=member(OPERATOR.id)).remembering(known)
    again = given(HOUSE, row).when(Drop(room=ROOM, coins=7, key="k"), actor=OPERATOR).then().replies({"coins": 9})
    assert again.change is None


def test_what_the_platform_does_is_the_same_by_nature_whatever_else_it_says() -> None:
    daily = given(HOUSE).when(Daily(room=ROOM, day=1, key="a"), actor=OPERATOR)
    daily.when(Daily(room=ROOM, day=1, key="b"), actor=OPERATOR).then().replies({"coins": 1, "replayed": True})
    daily.when(Daily(room=ROOM, day=1, key="a"), actor=OPERATOR).then().replies({"coins": 1, "replayed": True})


def test_what_is_the_same_by_nature_is_done_once_and_says_that_it_is_replayed() -> None:
    daily = given(HOUSE).when(Daily(room=ROOM, day=1)).replies({"coins": 1, "replayed": False})
    daily.when(Daily(room=ROOM, day=1)).then().replies({"coins": 1, "replayed": True})
    assert daily.change is None
    daily.when(Daily(room=ROOM, day=2)).replies({"coins": 2, "replayed": False})


def test_a_reply_without_replayed_is_repeated_without_it() -> None:
    given(HOUSE).when(Drop(room=ROOM, key="k")).when(Drop(room=ROOM, key="k")).replies({"coins": 1})


def test_a_new_key_for_a_known_deed_is_written_down_and_known_the_day_after() -> None:
    daily = given(HOUSE).when(Daily(room=ROOM, day=1)).when(Daily(room=ROOM, day=1, key="k"))
    daily.then().replies({"coins": 1, "replayed": True})
    assert daily.change is not None
    assert daily.change.version == 1
    assert daily.change.outbox == ()
    daily.when(Daily(room=ROOM, day=2)).when(Daily(room=ROOM, day=2, key="k")).replies(coins=1, replayed=True)
    assert daily.change is None


def test_what_is_known_by_nature_is_told_only_to_who_may_ask() -> None:
    known = Result(id="c", natural="jar.daily#1", reply={"coins": 1, "replayed": False})
    row = Row(subject=member(GUEST.id)).remembering(known)
    given(HOUSE, row).when(Daily(room=ROOM, day=1), actor=GUEST).refuses(NotAMember)


# Reactions


def test_reactions_belong_to_the_same_turn_and_change() -> None:
    after = given(praising()).when(Drop(room=ROOM, coins=2))
    after.then(Dropped, Praised, Praised)
    after.replies({"coins": 2, "praised": 2})
    assert after.change is not None
    assert (after.change.row.of(Jar), after.change.row.of(Fame)) == (Jar(coins=2), Fame(praised=2))
    assert len(after.change.outbox) == 3


def test_a_feature_that_took_no_part_adds_nothing_to_the_reply() -> None:
    given(HOUSE).when(Drop(room=ROOM)).replies({"coins": 1})


def famous(coins: int = 1) -> tuple[Drop, Row]:
    return Drop(room=ROOM, coins=coins), Row(subject=member("ada")).having(Fame(praised=100))


def test_a_refused_reaction_is_skipped_and_counted() -> None:
    command, row = famous()
    outcome: Outcome = run(praising(), command, given(praising(), row).context(ADA))
    assert [stamped.event for stamped in outcome.events] == [dropped(1)]
    assert (outcome.skipped, outcome.reply) == (1, {"coins": 1})


def test_a_refused_required_reaction_refuses_the_whole_turn() -> None:
    command, row = famous()
    after = given(praising(required=True), row).when(command).refuses(Full)
    assert after.room.rows == {"m:ada": row}


def test_reactions_run_in_the_order_in_which_they_were_called_for() -> None:
    twice = Reaction(on=Dropped, make=lambda event, context: [*praise(event, context), *praise(event, context)])
    house = House([Jars(), Praises()], reactions=[twice, Reaction(on=Praised, make=go_on)], standing=standing)
    after = given(house).when(Drop(room=ROOM, coins=2))
    assert [s.event.left for s in after.events if isinstance(s.event, Praised)] == [1, 1, 0, 0]


def test_a_turn_runs_64_commands_and_no_more() -> None:
    house = praising(most=STEPS)
    context = given(house).context(ADA)
    assert len(run(house, Drop(room=ROOM, coins=STEPS - 1), context).events) == STEPS
    with pytest.raises(ReactionLoop, match=r"jar\.drop"):
        run(house, Drop(room=ROOM, coins=STEPS), context)
