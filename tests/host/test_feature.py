from datetime import date, timedelta

import pytest

from checkin.attendance import Attendance, Record
from checkin.dayset import DaySet
from checkin.messages import Mark, Milestone
from effects.privacy import ChangePrivacy
from host.desk import GATHER_MS, LIFE_MS, Desk
from host.feature import Host
from host.messages import Backstage, Call, Called, Cue, CueClosed, CueDone, Listen, Missed, Prompt, Shown, StopListening
from host.occasion import Occasion
from host.refusals import NotInRoom, UnknownCue
from membership.messages import AddScore
from presence.feature import Join, Roster
from room.house import House
from room.people import Actor, Role, Standing, User
from room.refusal import PermissionDenied
from room.row import Row, member
from room.settings import Privacy, Settings
from room.wording import Wording
from roomserver.features import make_house
from tests.dialogue import ADA, BOB, GUEST, HOST, ITSELF, MODERATOR, OPERATOR, START, Dialogue, given

ALONE = House([Host()], standing=lambda _: Standing())
HOUSE = make_house()
TODAY = date(2023, 11, 14)
ADA_SHOWN = User(id="ada", name="Ada")
HUNDREDTH = Occasion(kind="milestone", days=100)
HIDE = ChangePrivacy(room="demo", hide_streak=True)


def listen(room: Dialogue) -> Dialogue:
    return room.when(Listen(room="demo", connection="h1"), actor=HOST)


def prompt(user: User = ADA_SHOWN, occasion: Occasion = HUNDREDTH) -> Prompt:
    return Prompt(room="demo", user=user, occasion=occasion)


def regular(user: str, *ago: int, hidden: bool = False) -> Row:
    """A member who has checked in so many days ago."""
    days = DaySet.of(TODAY - timedelta(days=one) for one in ago)
    attendance = Attendance(streaks={"daily": Record(done=days, best=len(ago))})
    row = Row(subject=member(user), version=1).having(attendance)
    return row.having(Privacy(hide_streak=True)) if hidden else row


def cues(room: Dialogue) -> list[Cue]:
    return [stamped.event for stamped in room.events if isinstance(stamped.event, Cue)]


def test_c12_a_host_who_listens_is_handed_a_card() -> None:
    room = listen(given(ALONE)).when(prompt(), actor=ITSELF)
    prompted = room.events[0].id
    room.flush(START)
    [cue] = cues(room)
    assert cue == Cue(
        id=prompted,
        kind_="milestone",
        priority=50,
        user=ADA_SHOWN,
        users=(ADA_SHOWN,),
        count=1,
        script="Thank you, Ada: 100 days with us!",
        scripts=Wording(en="Thank you, Ada: 100 days with us!", zh="感谢Ada陪伴我们整整100天！"),
        expires_at=START + LIFE_MS,
    )


def test_the_script_is_in_the_rooms_language() -> None:
    room = listen(given(ALONE, Settings(language="zh"))).when(prompt(), actor=ITSELF).flush()
    assert cues(room)[0].script == "感谢Ada陪伴我们整整100天！"


def test_t31_cards_wait_while_no_host_listens_and_are_in_his_reply() -> None:
    room = given(ALONE).when(prompt(), actor=ITSELF).flush().then()
    listen(room)
    found = room.house.backstage(room.context(HOST))
    assert isinstance(found["cues"], list)
    assert [one.id for one in found["cues"]] == ["t1.0"]
    assert found["missed"] == []
    room.flush(START + 1).then()


def test_t31_what_nobody_took_up_is_told_of_once_and_stays_in_the_list_of_the_missed() -> None:
    room = given(ALONE).when(prompt(), actor=ITSELF).flush(START + LIFE_MS).then(Missed)
    room.flush(START + LIFE_MS + 1).then()
    listen(room)
    listed = room.house.backstage(room.context(HOST))["missed"]
    assert isinstance(listed, list)
    [missed] = listed
    assert isinstance(missed, Shown)
    room.when(CueDone(room="demo", id=missed.id, outcome="said"), actor=HOST).then(CueClosed)
    assert room.house.backstage(room.context(HOST)) == {"role": "host", "cues": [], "missed": []}


def test_what_hosts_find_when_they_begin_to_listen_they_may_ask_for_again() -> None:
    room = listen(given(HOUSE)).when(Backstage(room="demo"), actor=MODERATOR)
    assert room.reply == HOUSE.backstage(room.context(MODERATOR))
    room.replies(role="moderator", cues=[], missed=[], muted=[], today=0, entrances=[])
    room.when(Backstage(room="demo")).refuses(PermissionDenied)


def test_a_card_is_put_away_once_by_a_host_or_moderator() -> None:
    room = listen(given(ALONE)).when(prompt(), actor=ITSELF).flush()
    done = CueDone(room="demo", id=cues(room)[0].id, outcome="skipped")
    room.when(done).refuses(PermissionDenied)
    by = User(id="mod", name="Mod")
    room.when(done, actor=MODERATOR).then(CueClosed(cue=done.id, outcome="skipped", by=by)).replies({})
    room.when(done, actor=HOST).refuses(UnknownCue)


def test_the_last_one_who_listens_no_more_stops_the_cards() -> None:
    room = listen(given(ALONE)).when(StopListening(room="demo", connection="h1"), actor=HOST)
    room.when(prompt(), actor=ITSELF).flush().then()
    assert room.room.state(Desk).waiting


def test_c19_the_hundredth_check_in_leads_to_one_card_and_replays_to_none() -> None:
    room = listen(given(HOUSE, regular("ada", *range(2, 101)), at=START))
    room.when(Mark(room="demo"))
    assert [s.event.count for s in room.events if isinstance(s.event, Milestone)] == [100]
    [cue] = cues(room.flush(START + 1))
    assert (cue.script, cue.user.id) == ("Thank you, Ada: 100 days with us!", "ada")
    room.when(Mark(room="demo")).then().flush(START + GATHER_MS * 2)
    assert cues(room) == []


def test_t30_a_milestone_is_passed_once_ever_also_when_its_streak_is_grown_anew() -> None:
    room = listen(given(HOUSE, regular("ada", *range(1, 7), *range(20, 30)), at=START))
    room.when(Mark(room="demo"))  # the seventh in a row once more; ten in a row were reached before
    assert [s.event for s in room.events if isinstance(s.event, Milestone)] == []
    assert cues(room.flush(START + 1)) == []


def test_t34_who_hides_his_days_is_on_no_card_and_in_no_roll_call() -> None:
    room = listen(given(HOUSE, regular("ada", *range(2, 101), hidden=True), at=START))
    room.when(Join(room="demo", connection="c1")).when(Mark(room="demo")).flush(START + 1)
    assert cues(room) == []
    room.when(Roster(room="demo", filter="returning"), actor=HOST).replies(members=[])


def closed(room: Dialogue) -> list[tuple[str, str]]:
    return [(s.event.cue, s.event.outcome) for s in room.events if isinstance(s.event, CueClosed)]


def test_t34_who_hides_his_days_while_his_card_waits_is_on_none_when_its_turn_comes() -> None:
    room = given(HOUSE, regular("ada", *range(1, 100)), ADA, at=START).when(Mark(room="demo"))
    assert len(room.room.state(Desk).waiting) == 1
    room.when(HIDE)
    assert closed(room) == []
    assert listen(room).flush(START + 1).room.state(Desk).open == {}


def test_t34_a_card_that_lies_open_is_withdrawn_from_who_hides_his_days() -> None:
    room = listen(given(HOUSE, regular("ada", *range(1, 100)), ADA, at=START)).when(Mark(room="demo")).flush(START + 1)
    [cue] = cues(room)
    room.when(HIDE)
    assert closed(room) == [(cue.id, "withdrawn")]
    room.when(Backstage(room="demo"), actor=HOST).replies(cues=[], missed=[])
    room.when(CueDone(room="demo", id=cue.id, outcome="said"), actor=HOST).refuses(UnknownCue)
    room.when(ChangePrivacy(room="demo", hide_streak=False))
    assert cues(room.flush(START + 10_000)) == []


def test_t34_the_others_on_it_are_shown_once_more_without_him() -> None:
    room = given(HOUSE, regular("ada", *range(1, 100)), regular("bob", *range(1, 100)), ADA, BOB, at=START)
    room = listen(room.when(Mark(room="demo")).when(Mark(room="demo"), actor=BOB))
    [both] = room.room.state(Desk).open.values()
    assert [user.id for user in both.users] == ["ada", "bob"]
    room.when(HIDE).flush(START + 1)
    [cue] = cues(room)
    assert (cue.script, cue.count, cue.id != both.shown_id) == ("Thank you, Bob: 100 days with us!", 1, True)


def test_t34_a_missed_card_goes_too_and_what_tells_no_days_stays() -> None:
    room = listen(given(HOUSE, regular("ada", *range(1, 100)), ADA, at=START)).when(Mark(room="demo")).flush(START + 1)
    [cue] = cues(room)
    room.when(AddScore(room="demo", user="ada", amount=100, reason="order", key="k1"), actor=OPERATOR)
    missed = room.flush(START + 1 + LIFE_MS).room.state(Desk).missed
    assert cue.id in missed
    room.when(HIDE)
    assert closed(room) == [(cue.id, "withdrawn")]
    assert {card.occasion.kind for card in room.room.state(Desk).missed.values()} <= {"promotion"}


def test_a_promotion_is_congratulated_while_its_member_is_here() -> None:
    room = listen(given(HOUSE, ADA))
    room.when(AddScore(room="demo", user="ada", amount=100, reason="order", key="k1"), actor=OPERATOR).flush(START + 1)
    assert [cue.script for cue in cues(room)] == ["Ada is now Friend. Congratulations!"]
    room.when(AddScore(room="demo", user="bob", amount=100, reason="order", key="k2"), actor=OPERATOR)
    room.when(AddScore(room="demo", user="ada", amount=-100, reason="back", key="k3"), actor=OPERATOR)
    assert cues(room.flush(START + 2 * GATHER_MS)) == []


def test_who_is_here_for_the_first_time_is_greeted_and_a_guest_or_host_is_not() -> None:
    room = listen(given(HOUSE))
    for number, actor in enumerate((ADA, GUEST, HOST, MODERATOR)):
        room.when(Join(room="demo", connection=f"c{number}"), actor=actor)
    assert [cue.user.id for cue in cues(room.flush(START + 300))] == ["ada"]


def test_c18_a_regular_who_comes_back_is_on_a_card_and_in_the_roll_call() -> None:
    room = listen(given(HOUSE, regular("ada", *range(4, 11)), regular("bob", *range(1, 31)), at=START))
    room.when(Join(room="demo", connection="c1")).when(Join(room="demo", connection="c2"), actor=BOB)
    assert [cue.script for cue in cues(room.flush(START + 300))] == ["Welcome back, Ada: 7 days with us, back after 4!"]
    back = {"id": "ada", "name": "Ada", "tier": 0, "days": 7, "away": 4}
    room.when(Roster(room="demo", filter="returning"), actor=HOST).replies(members=[back], next=None)
    room.when(Roster(room="demo", filter="returning")).refuses(PermissionDenied)


def test_c18_a_host_calls_those_who_are_here() -> None:
    room = given(ALONE, ADA, BOB)
    room.when(Call(room="demo", users=("bob", "ada", "bob")), actor=HOST)
    room.then(Called(by=User(id="host", name="Host"), users=(User(id="bob", name="Bob"), ADA_SHOWN))).replies({})
    room.when(Call(room="demo", users=("cyd",)), actor=HOST).refuses(NotInRoom)
    room.when(Call(room="demo", users=("ada",)), actor=ADA).refuses(PermissionDenied)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GUEST])
def test_only_hosts_and_moderators_listen(role: Role) -> None:
    caller = Actor(id="x", name="X", role=role)
    given(ALONE).when(Listen(room="demo", connection="c"), actor=caller).refuses(PermissionDenied)
