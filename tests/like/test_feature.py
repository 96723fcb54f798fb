from dataclasses import replace

from like.applause import REFILL_MS
from like.feature import MERGE_MS, Counted, Like, Liked, SendLike
from like.refusals import TooManyLikes
from room.house import House
from room.message import Lane
from room.people import Standing
from tests.dialogue import ADA, BOB, GUEST, START, given

HOUSE = House([Like()], standing=lambda _: Standing())


def like(count: int = 1) -> SendLike:
    return SendLike(room="demo", count=count)


def test_a_guest_likes_as_a_member_does() -> None:
    room = given(HOUSE).when(like(3), actor=GUEST).then(Liked(by="guest-1", count=3)).replies({})
    room.when(like(2), actor=ADA).flush().then(Counted(delta=5, total=5))
    assert room.change is None


def test_likes_are_told_at_most_four_times_a_second_and_only_when_there_are_any() -> None:
    room = given(HOUSE).when(like()).flush().then(Counted(delta=1, total=1)).flush().then()
    assert room.deadline() is None
    room.when(like(2), at=START + 1).when(like(3), actor=BOB)
    assert room.deadline() == START + MERGE_MS
    room.flush(START + MERGE_MS - 1).then()
    room.flush(START + MERGE_MS).then(Counted(delta=5, total=6))


def test_the_sum_is_never_shed() -> None:
    assert Counted.lane is Lane.CONTROL


def test_who_likes_too_much_is_told_when_to_go_on_and_the_others_are_not_kept() -> None:
    room = given(HOUSE).when(like(20)).when(like(20)).when(like(7)).refuses(TooManyLikes, retry_in=7 * REFILL_MS)
    room.when(like(20), actor=BOB).then(Liked(by="bob", count=20))
    room.flush().then(Counted(delta=60, total=60))


def test_the_snapshot_has_the_total_of_the_open_room() -> None:
    room = given(HOUSE)
    assert room.snapshot()["likes"] == {"total": 0}
    assert room.when(like(4)).snapshot(GUEST)["likes"] == {"total": 4}


def test_two_hundred_guests_are_one_event() -> None:
    room = given(HOUSE)
    for number in range(200):
        room.when(like(5), actor=replace(GUEST, id=f"guest-{number}"))
    room.flush().then(Counted(delta=1000, total=1000))
