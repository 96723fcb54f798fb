from dataclasses import replace

from effects.feature import Effects
from effects.refusals import TextEmpty, TextTooLong, ThankedAlready
from effects.shoutout import SUBJECT, Pin, SendShoutout, ShoutoutShown, Thanked, Unpin, Unpinned
from room.house import House
from room.people import User
from room.refusal import BadRequest, NotAMember, PermissionDenied
from tests.dialogue import ADA, BOB, GUEST, HOST, ITSELF, MODERATOR, START, given
from tests.effects.toys import HOUSE, SKY, ranked, standing

THANKS = SendShoutout(room="demo", to="ada", text=" thank\u200b you ", key="k1")
A_HOST = User(id="host", name="Host")
AN_ADA = User(id="ada", name="Ada", tier=2)
SHOWN = ShoutoutShown(by=A_HOST, to=AN_ADA, text="thank you", pinned_until=START + 30_000)


def test_everybody_sees_whom_the_host_thanks() -> None:
    room = given(HOUSE, ranked("ada", SKY), ADA).when(THANKS, actor=HOST).then(SHOWN)
    room.replies({"id": room.events[0].id, "online": None, "reached": None})
    assert room.room.row(SUBJECT).of(Pin) == Pin(by=A_HOST, to=AN_ADA, text="thank you", pinned_until=START + 30_000)


def test_somebody_who_is_not_known_here_is_called_by_his_id() -> None:
    room = given(HOUSE).when(replace(THANKS, to="zoe"), actor=MODERATOR).then(ShoutoutShown)
    assert room.room.row(SUBJECT).of(Pin).to == User(id="zoe", name="zoe")


def test_it_is_pinned_for_half_a_minute() -> None:
    room = given(HOUSE, ranked("ada", SKY), ADA)
    assert room.snapshot()["pinned"] is None
    room.when(THANKS, actor=HOST)
    pinned = {"id": room.events[0].id, "by": A_HOST, "to": AN_ADA, "text": "thank you", "pinned_until": START + 30_000}
    assert room.snapshot()["pinned"] == pinned
    assert room.later(29_999).snapshot()["pinned"] == pinned
    assert room.later(1).snapshot()["pinned"] is None


def test_the_newest_is_pinned() -> None:
    room = given(HOUSE).when(THANKS, actor=HOST).when(replace(THANKS, to="bob", key="k2"), actor=MODERATOR)
    pinned = room.snapshot()["pinned"]
    assert isinstance(pinned, dict)
    assert (pinned["id"], pinned["to"].id) == (room.events[0].id, "bob")


def test_a_retry_has_the_first_reply_and_shows_nothing() -> None:
    room = given(HOUSE).when(THANKS, actor=HOST).then(ShoutoutShown)
    first = room.reply
    room.later(60_000).when(THANKS, actor=HOST).then().replies(first)


def test_another_moderators_same_key_is_another_shoutout() -> None:
    room = given(HOUSE).when(THANKS, actor=HOST)
    room.when(replace(THANKS, to="bob"), actor=MODERATOR).then(ShoutoutShown)


def test_it_needs_a_key_and_a_role() -> None:
    given(HOUSE).when(replace(THANKS, key=None), actor=HOST).refuses(BadRequest)
    given(HOUSE).when(THANKS, actor=BOB).refuses(PermissionDenied)
    room = given(HOUSE).when(THANKS, actor=GUEST)
    assert isinstance(room.refusal, NotAMember | PermissionDenied)
    assert room.room.row(SUBJECT).version == 0


def test_its_text_is_held_to_the_rules_of_danmaku() -> None:
    given(HOUSE).when(replace(THANKS, text="\u200b"), actor=HOST).refuses(TextEmpty)
    given(HOUSE).when(replace(THANKS, text="x" * 101), actor=HOST).refuses(TextTooLong)


def test_c12_nobody_is_thanked_again_within_a_minute_by_whomever() -> None:
    room = given(HOUSE).when(THANKS, actor=HOST)
    again = replace(THANKS, key="k2")
    room.later(59_999).when(again, actor=HOST).refuses(ThankedAlready, retry_in=1)
    room.when(again, actor=MODERATOR).refuses(ThankedAlready)
    room.when(replace(THANKS, to="bob", key="k3"), actor=HOST).then(ShoutoutShown)
    room.later(1).when(again, actor=HOST).then(ShoutoutShown)
    room.when(replace(THANKS, key="k4"), actor=HOST).refuses(ThankedAlready, retry_in=60_000)


def test_a_clock_that_is_set_back_makes_nobody_wait_as_long() -> None:
    room = given(HOUSE).when(THANKS, actor=HOST)
    room.when(replace(THANKS, key="k2"), actor=HOST, at=START - 3_600_000).then(ShoutoutShown)


def test_what_was_refused_makes_nobody_wait_longer() -> None:
    room = given(HOUSE).when(THANKS, actor=HOST)
    room.later(30_000).when(replace(THANKS, key="k2"), actor=HOST).refuses(ThankedAlready, retry_in=30_000)
    room.later(30_000).when(replace(THANKS, key="k2"), actor=HOST).then(ShoutoutShown)


def test_who_was_thanked_long_ago_is_forgotten() -> None:
    room = given(HOUSE)
    for number in range(100):
        room.later(10_000).when(replace(THANKS, to=f"u{number}", key=f"k{number}"), actor=HOST)
    assert len(room.room.state(Thanked).until) <= 6


def test_a_server_may_let_it_be_at_once() -> None:
    house = House([Effects(cool_ms=0)], standing=standing)
    given(house).when(THANKS, actor=HOST).when(replace(THANKS, key="k2"), actor=HOST).then(ShoutoutShown)


def test_the_last_one_is_kept_no_more_when_it_was_by_or_to_somebody_who_is_erased() -> None:
    for gone in ("ada", "host"):
        room = given(HOUSE, ADA).when(THANKS, actor=HOST)
        room.when(Unpin(room="demo", user=gone), actor=ITSELF).then(Unpinned())
        assert (room.room.row(SUBJECT).of(Pin), room.snapshot()["pinned"]) == (Pin(), None)
    room = given(HOUSE, ADA).when(THANKS, actor=HOST).when(Unpin(room="demo", user="bob"), actor=ITSELF).then()
    assert room.change is None
