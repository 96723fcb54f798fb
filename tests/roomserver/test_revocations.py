"""Which tokens are good no more, and who is closed for it."""

import asyncio

import pytest

from roomserver.centrifuge import codes
from roomserver.centrifuge.codes import Disconnect
from roomserver.identity import Identity, InvalidToken
from roomserver.memory_store import MemoryStore
from roomserver.redis_store import TIMEOUT
from roomserver.revocations import (
    END_LOOKS,
    EVERYBODY,
    LOOK_SECONDS,
    MARGIN_SECONDS,
    Revocations,
    Revoked,
    UnrevokedChecks,
)
from roomserver.store import StoreUnavailable
from tests.roomserver.hand_time import START, HandClock, later, play


def identity(user: str = "ann", issued: int | None = 100) -> Identity:
    return Identity(user=user, name=user, expires=10**10, issued=issued)


class Connection:
    """A connection by hand."""

    def __init__(self, identity: Identity | None) -> None:
        self.identity = identity
        self.closed: Disconnect | None = None
        self.at: float | None = None

    def close(self, why: Disconnect) -> None:
        self.closed, self.at = why, asyncio.get_running_loop().time()


@pytest.mark.parametrize(
    ("user", "issued", "covered"),
    [
        ("ann", 99, True),
        ("ann", 100, True),
        ("ann", 101, False),
        ("ann", None, True),
        ("bob", 49, True),
        ("bob", 51, False),
        ("bob", None, True),
        ("", 50, True),
        ("", 51, False),
    ],
)
def test_what_was_issued_up_to_then_is_good_no_more(user: str, issued: int | None, covered: bool) -> None:
    revoked = Revoked()
    assert not revoked.covers(identity(user, issued))
    revoked.note("ann", 100)
    revoked.note(EVERYBODY, 50)
    assert revoked.covers(identity(user, issued)) is revoked.covers_token(user, issued) is covered
    assert revoked.noted == 2
    revoked.note("ann", 99)
    assert revoked.noted == 2, "nothing new"


def test_an_earlier_revocation_takes_nothing_back() -> None:
    revoked = Revoked()
    assert [revoked.note("ann", until) for until in (100, 100, 90, 101)] == [True, False, False, True]
    assert revoked.covers(identity(issued=101))


def test_a_revoked_token_is_refused_as_an_invalid_one() -> None:
    class Anns:
        def verify(self, token: str) -> Identity:
            return identity(issued=int(token))

    revoked = Revoked()
    checks = UnrevokedChecks(Anns(), revoked)
    assert checks.verify("100") == identity()
    revoked.note("ann", 100)
    with pytest.raises(InvalidToken, match="revoked"):
        checks.verify("100")
    assert checks.verify("101").issued == 101


async def test_whose_token_is_revoked_is_closed_and_nobody_else() -> None:
    store, ann, bob, new = MemoryStore(), Connection(identity()), Connection(identity("bob")), Connection(None)
    guest = Connection(identity(""))
    revocations = Revocations(store, Revoked(), [ann, bob, new, guest], life=3600)
    assert await revocations.revoke("ann") == 1
    assert [one.closed for one in (ann, bob, new, guest)] == [codes.INVALID_TOKEN, None, None, None]
    assert await revocations.revoke(EVERYBODY) == 3
    assert (bob.closed, new.closed, guest.closed) == (codes.INVALID_TOKEN, None, codes.INVALID_TOKEN)


async def test_one_that_fails_to_close_keeps_no_other_open() -> None:
    class Broken(Connection):
        def close(self, why: Disconnect) -> None:
            raise RuntimeError("a fault of ours")

    crowd = [Broken(identity()), Connection(identity())]
    assert await Revocations(MemoryStore(), Revoked(), crowd, life=3600).revoke("ann") == 1
    assert crowd[1].closed == codes.INVALID_TOKEN


async def test_what_was_revoked_before_the_start_is_known() -> None:
    store, revoked = MemoryStore(), Revoked()
    await store.revoke("ann", 100)
    await Revocations(store, revoked, [], life=3600, now=lambda: 100_000).load()
    assert revoked.covers(identity())
    assert not revoked.covers(identity("bob"))


async def test_as_many_as_there_are_are_closed() -> None:
    crowd = [Connection(identity(f"u{number}")) for number in range(1_200)]
    assert await Revocations(MemoryStore(), Revoked(), crowd, life=3600).revoke(EVERYBODY) == 1_200
    assert {one.closed for one in crowd} == {codes.INVALID_TOKEN}


def test_the_revocation_of_everybody_ends_all_older_ones() -> None:
    revoked = Revoked()
    for user, until in (("ann", 90), ("bob", 110), (EVERYBODY, 100)):
        revoked.note(user, until)
    assert len(revoked) == 2
    assert [revoked.covers(identity(user, 95)) for user in ("ann", "bob", "cyd")] == [True, True, True]
    assert [revoked.covers(identity(user, 105)) for user in ("ann", "bob", "cyd")] == [False, True, False]


class Distant(MemoryStore):
    """A store that does not answer while it is `away`, and then only after a while."""

    away = False

    async def revoked(self, since: int) -> list[tuple[str, int]]:
        if self.away:
            raise StoreUnavailable("nobody there", written="no")
        found = await super().revoked(since)
        await asyncio.sleep(TIMEOUT)
        return found


def test_a_connection_to_another_server_is_closed_within_5_seconds_of_the_call_whenever_it_comes() -> None:
    async def dialogue() -> list[float]:
        took = []
        for tenth in range(0, 42, 3):
            store, ann = Distant(), Connection(identity("ann"))
            here = Revocations(store, Revoked(), [], life=3600)
            there = asyncio.get_running_loop().create_task(Revocations(store, Revoked(), [ann], life=3600).follow())
            await later(tenth / 10)
            await here.revoke("ann")
            called = asyncio.get_running_loop().time()
            await later(30)
            assert ann.at is not None
            took.append(ann.at - called)
            there.cancel()
        return took

    took = play(dialogue)
    assert max(took) <= 5.0
    assert max(took) > LOOK_SECONDS  # it was looked at for the worst moment


def test_what_was_revoked_while_a_server_did_not_reach_the_store_is_heard_when_it_does() -> None:
    async def dialogue() -> None:
        clock = HandClock(asyncio.get_running_loop())
        store, ann = Distant(), Connection(identity("ann", START // 1000 - 1))
        here = Revocations(store, Revoked(), [], life=3600, now=clock.now)
        there = Revocations(store, Revoked(), [ann], life=3600, now=clock.now)
        following = asyncio.get_running_loop().create_task(there.follow())
        await later(10)
        store.away = True
        await later(1)
        await here.revoke("ann")
        await later(3_000)
        closed = [ann.closed]
        store.away = False
        await later(5)
        assert [*closed, ann.closed] == [None, codes.INVALID_TOKEN]
        following.cancel()

    play(dialogue)


def test_a_look_that_fails_ends_no_following() -> None:
    class Broken(MemoryStore):
        looks = 0

        async def revoked(self, since: int) -> list[tuple[str, int]]:
            self.looks += 1
            if self.looks == 1:
                raise ValueError("no answer of ours")
            return await super().revoked(since)

    async def dialogue() -> None:
        store, ann = Broken(), Connection(identity("ann"))
        following = asyncio.get_running_loop().create_task(Revocations(store, Revoked(), [ann], life=3600).follow())
        await later(LOOK_SECONDS + 1)
        await Revocations(store, Revoked(), [], life=3600).revoke("ann")
        await later(LOOK_SECONDS)
        assert (store.looks, ann.closed) == (2, codes.INVALID_TOKEN)
        following.cancel()

    play(dialogue)


def test_a_revocation_ends_a_day_after_the_last_token_that_it_was_of() -> None:
    async def dialogue() -> None:
        clock = HandClock(asyncio.get_running_loop())
        store, revoked = MemoryStore(), Revoked()
        revocations = Revocations(store, revoked, [], life=3600, now=clock.now)
        await revocations.revoke("ann")
        following = asyncio.get_running_loop().create_task(revocations.follow())
        await later(3600 + MARGIN_SECONDS - 60)
        assert (len(revoked), len(await store.revoked(0))) == (1, 1)
        await later(2 * END_LOOKS * LOOK_SECONDS)
        assert (len(revoked), len(await store.revoked(0))) == (0, 0)
        following.cancel()

    play(dialogue)
