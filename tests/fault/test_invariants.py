"""The judge finds each kind of broken promise: seen on values, so that its silence means something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loadtest.protocol import Refusal
from tests.fault.client import Json, Tap
from tests.fault.invariants import Member, StoredRoom, credited, violations

DAY = "2026-11-21"
RECEIPT: Json = {"id": "first", "day": DAY, "at": 5, "points": 10, "balance": 10, "replayed": False}
EVIDENCE: Json = {"streak": "daily", "day": DAY, "at": 5, "zone": "UTC", "id": "first"}
ENTRY: Json = {"delta": 10, "balance": 10, "id": "first"}
TOLD: Json = {"type": "checkin.marked", "id": "first.0", "day": DAY, "user": {"id": "alice"}}

ALICE = Member(version=1, balance=10, days=1, replies={"first": RECEIPT}, evidence=(EVIDENCE,), ledger=(ENTRY,))
ROOM = StoredRoom(members={"alice": ALICE}, parts=(2,), counters={f"checkin.daily.{DAY}": 1}, seq=3, told=(TOLD,))
TAP = Tap("alice", "key", receipt=RECEIPT, again=[{**RECEIPT, "replayed": True}])
SILENT = Tap("bob", "key", refusal=Refusal(1003, "the store is away", True))


def with_alice(**changes: object) -> StoredRoom:
    return replace(ROOM, members={"alice": replace(ALICE, **changes)})  # type: ignore[arg-type]  # names of fields


def test_what_is_as_it_was_told_breaks_nothing() -> None:
    assert violations(ROOM, [TAP, SILENT]) == []
    assert credited(ROOM) == 1


def test_what_was_not_acknowledged_may_be_stored_or_not() -> None:
    assert violations(ROOM, [Tap("alice", "key", refusal=SILENT.refusal)]) == []
    assert violations(StoredRoom(members={}), [SILENT]) == []


OTHER_DAY = {**EVIDENCE, "day": "2026-11-20"}
BROKEN = [
    (StoredRoom(members={}), "lost with the whole row"),
    (with_alice(evidence=()), "is lost in the evidence"),
    (with_alice(evidence=(EVIDENCE, EVIDENCE)), "is doubled in the evidence"),
    (with_alice(evidence=(OTHER_DAY,)), "is another in the evidence"),
    (with_alice(evidence=(EVIDENCE, {**EVIDENCE, "id": "second"})), "a day is credited twice"),
    (with_alice(evidence=(EVIDENCE, OTHER_DAY)), "his days go back"),
    (with_alice(days=2), "the row has 2 days, the evidence 1"),
    (with_alice(ledger=()), "promised 10 points, the ledger says []"),
    (with_alice(ledger=(ENTRY, {**ENTRY, "balance": 20})), "promised 10 points, the ledger says [10, 10]"),
    (with_alice(ledger=({**ENTRY, "balance": 30},)), "promised a balance of 10, the ledger says 30"),
    (with_alice(ledger=(ENTRY, {**ENTRY, "id": "second"})), "points were paid for"),
    (with_alice(balance=20), "the balance is 20, the ledger's sum 10"),
    (with_alice(replies={}), "is not what is remembered"),
    (with_alice(replies={"first": {**RECEIPT, "points": 11}}), "is not what is remembered"),
    (replace(ROOM, counters={}), "the room counted {}"),
    (replace(ROOM, counters={f"checkin.daily.{DAY}": 2}), "its members' days are"),
    (replace(ROOM, seq=4), "the room's sequence is 4, its rows were written 3 times"),
    (replace(ROOM, told=(TOLD, TOLD)), "the outbox tells an event twice"),
    (replace(ROOM, told=()), "the outbox tells of 0 check-ins, 1 are credited"),
]


@pytest.mark.parametrize(("stored", "sentence"), BROKEN)
def test_a_broken_promise_is_named(stored: StoredRoom, sentence: str) -> None:
    assert any(sentence in said for said in violations(stored, [TAP]))


def test_devices_that_were_told_different_things_are_named() -> None:
    other = Tap("alice", "other", receipt={**RECEIPT, "replayed": True, "balance": 20})
    assert any("different receipts" in said for said in violations(ROOM, [TAP, other]))
    twice = Tap("alice", "other", receipt=RECEIPT)
    assert any("more than once" in said for said in violations(ROOM, [TAP, twice]))
