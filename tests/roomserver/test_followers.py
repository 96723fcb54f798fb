"""Who follows a log: every delivery that is owed is accounted for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roomserver.followers import Followers, Ledger
from roomserver.frame_variants import JSON, Variant
from roomserver.hub import Fanout
from roomserver.ring import Ring


class Reader:
    """A connection that takes ``room`` frames until it has read them."""

    def __init__(self, capacity: int = 1_000_000, variant: Variant = JSON) -> None:
        self.variant = variant
        self.capacity = capacity
        self.waiting = 0
        self.frames: list[bytes] = []
        self.paused = False
        self.followers: Followers[Reader] | None = None

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)
        self.waiting += 1
        if self.waiting > self.capacity and not self.paused:
            self.paused = True
            assert self.followers is not None
            self.followers.fall_behind(self)

    def follow(self, followers: Followers[Reader]) -> Reader:
        self.followers = followers
        followers.follow(self)
        return self

    def read(self) -> bool:
        """It has read all that waited; False when the log has left it behind."""
        assert self.followers is not None
        self.waiting, self.paused = 0, False
        return self.followers.catch_up(self)

    def offsets(self) -> list[int]:
        return [int(frame.split(b'"offset":')[1].split(b",")[0]) for frame in self.frames]


def room(batches: int = 256) -> Followers[Reader]:
    return Followers("room:demo", Ring("e", batches=batches), Fanout())


def test_who_is_behind_catches_up_with_the_very_frames_of_the_others() -> None:
    followers = room()
    fast, slow = Reader().follow(followers), Reader(capacity=1).follow(followers)
    for number in range(6):
        followers.publish(b"%d" % number)
    assert (slow.offsets(), followers.lag(slow), followers.outstanding()) == ([1, 2], 4, 4)

    assert slow.read()

    assert slow.offsets() == [1, 2, 3, 4]  # as much as it takes
    while slow.paused:
        assert slow.read()
    assert slow.offsets() == fast.offsets()
    assert all(mine is theirs for mine, theirs in zip(slow.frames, fast.frames, strict=True))
    assert followers.ledger == Ledger(owed=12, written=8, caught_up=4)


def test_who_catches_up_encodes_nothing_anew() -> None:
    fanout = Fanout()
    followers: Followers[Reader] = Followers("room:demo", Ring("e"), fanout)
    Reader().follow(followers)
    slow = [Reader(capacity=1).follow(followers) for _ in range(50)]
    for number in range(10):
        followers.publish(b"%d" % number)
    for one in slow:
        while one.paused:
            assert one.read()
    assert fanout.encoded == 10
    assert followers.up_to_date == 51


def test_whom_the_log_has_left_behind_has_a_gap_when_he_goes() -> None:
    followers = room(batches=2)
    slow = Reader(capacity=0).follow(followers)
    for number in range(5):
        followers.publish(b"%d" % number)
    assert not slow.read()
    followers.unfollow(slow)
    assert followers.ledger == Ledger(owed=5, written=1, gaps=4)
    assert followers.ledger.balances(0)


def test_a_new_log_is_not_taken_for_the_old_one() -> None:
    followers = room()
    slow, fast = Reader(capacity=0).follow(followers), Reader().follow(followers)
    followers.publish(b"1")
    assert followers.begin(Ring("f")) == (fast,)
    followers.unfollow(fast)
    followers.publish(b"2")
    assert not slow.read()
    followers.unfollow(slow)
    assert followers.ledger.balances(followers.outstanding())


def test_a_ledger_that_does_not_come_out_is_seen() -> None:
    assert Ledger(owed=3, written=1, caught_up=1, gaps=1).balances(0)
    assert not Ledger(owed=3, written=1, caught_up=1).balances(0)


@given(
    st.lists(st.tuples(st.sampled_from(["publish", "come", "go", "read", "new log"]), st.integers(0, 9)), max_size=80),
    st.integers(1, 5),
)
def test_for_every_viewer_delivered_is_received_and_declared_gap(steps: list[tuple[str, int]], batches: int) -> None:
    followers = room(batches)
    here: list[Reader] = []
    epoch = 0
    for step, number in steps:
        match step:
            case "publish":
                followers.publish(b"x" * number)
            case "come":
                here.append(Reader(capacity=number % 4).follow(followers))
            case "go" if here:
                followers.unfollow(here.pop(number % len(here)))
            case "read" if here:
                reader = here[number % len(here)]
                if not reader.read():
                    followers.unfollow(reader)
                    here.remove(reader)
            case "new log":
                epoch += 1
                for reader in followers.begin(Ring(f"e{epoch}", batches=batches)):
                    followers.unfollow(reader)
                    here.remove(reader)
        assert followers.ledger.balances(followers.outstanding())
        for reader in here:
            got = reader.offsets()
            assert got == list(range(got[0], got[0] + len(got))) if got else True
