"""Which tokens are good no more, and who is closed for it."""

import pytest

from roomserver.centrifuge import codes
from roomserver.centrifuge.codes import Disconnect
from roomserver.identity import Identity, InvalidToken
from roomserver.memory_store import MemoryStore
from roomserver.revocations import EVERYBODY, Revocations, Revoked, UnrevokedChecks


def identity(user: str = "ann", issued: int | None = 100) -> Identity:
    return Identity(user=user, name=user, expires=10**10, issued=issued)


class Connection:
    """A connection by hand."""

    def __init__(self, identity: Identity | None) -> None:
        self.identity = identity
        self.closed: Disconnect | None = None

    def close(self, why: Disconnect) -> None:
        self.closed = why


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
    assert revoked.covers(identity(user, issued)) is covered


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
    revocations = Revocations(store, Revoked(), [ann, bob, new, guest])
    assert await revocations.revoke("ann") == 1
    assert [one.closed for one in (ann, bob, new, guest)] == [codes.INVALID_TOKEN, None, None, None]
    assert await revocations.revoke(EVERYBODY) == 3
    assert (bob.closed, new.closed, guest.closed) == (codes.INVALID_TOKEN, None, codes.INVALID_TOKEN)


async def test_what_was_revoked_before_the_start_is_known() -> None:
    store, revoked = MemoryStore(), Revoked()
    await store.revoke("ann", 100)
    await Revocations(store, revoked, []).load()
    assert revoked.covers(identity())
    assert not revoked.covers(identity("bob"))


async def test_as_many_as_there_are_are_closed() -> None:
    crowd = [Connection(identity(f"u{number}")) for number in range(1_200)]
    assert await Revocations(MemoryStore(), Revoked(), crowd).revoke(EVERYBODY) == 1_200
    assert {one.closed for one in crowd} == {codes.INVALID_TOKEN}
