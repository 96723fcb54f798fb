"""How the script is asked: keys once and in their order, texts as arguments, and how its answers read."""

import msgspec
import pytest

from room.change import Claim, Counter, Due, Score
from roomserver.commit_script import Answer, call, key, script, script_sha, verdict
from roomserver.store import ClaimFailed, Conflict, Damaged, TooLarge, Verdict, Write, Written

ADA = Write(
    subject="m:ada",
    id="c1",
    version=3,
    body=b"{}",
    claims=(Claim(name="gift", take=1, stock=9),),
    appends=(("points", b"+5"), ("points", b"+6")),
    counters=(Counter(name="today", add=1),),
    scores=(Score(board="streak", value=2.0), Score(board="old", value=None)),
    due=(Due(what="tier", at=5), Due(what="old", at=None)),
    outbox=b"told",
)
BOB = Write(subject="m:bob", id="c2", version=0, body=b"[]")


def test_all_keys_of_a_room_lie_together() -> None:
    assert key("demo", "log", "m:ada", "points") == "{room:demo}:log:m:ada:points"


def test_changes_name_their_keys_and_texts_by_place() -> None:
    keys, [batch, *texts] = call("demo", [ADA, BOB], 72)
    assert [name.removeprefix("{room:demo}:") for name in keys] == [
        *("seq", "counters", "stock", "due", "outbox"),
        *("row:m:ada", "log:m:ada:points", "board:streak", "board:old", "row:m:bob"),
    ]
    assert texts == [b"4 c1\n{}", b"+5", b"+6", b"told", b"1 c2\n[]"]
    kept, [ada, bob] = msgspec.msgpack.decode(batch)
    assert kept == 72
    assert ada == [
        *(6, 3, 2, "m:ada", [["gift", 1, 9]], [[7, 3], [7, 4]], [["today", 1]], [[8, 2.0], [9, False]]),
        *([["tier", 5], ["old", False]], 5),
    ]
    assert bob == [10, 0, 6, "m:bob", [], [], [], [], [], False]


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ([7, 12], Written(seq=7, counters={"today": 12})),
        (b"conflict", Conflict()),
        (b"claim gift", ClaimFailed("gift")),
        (b"large", TooLarge()),
        (b"damaged {room:demo}:seq", Damaged("{room:demo}:seq")),
    ],
)
def test_an_answer_is_a_verdict(answer: Answer, meant: Verdict) -> None:
    assert verdict(ADA, answer) == meant


def test_the_script_is_known_by_its_text() -> None:
    assert script().startswith(b"#!lua")
    assert len(script_sha()) == 40
