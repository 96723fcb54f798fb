"""What must hold of a room whatever was killed: every acknowledged check-in once, and nothing twice.

The judge is a pure function over what clients were told and what is stored; ``read`` gets the latter.
Check-ins are the only source of points here: a ledger entry without one is a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import redis

from checkin.attendance import Attendance
from membership.account import Account
from roomserver.features import make_house
from roomserver.rows import RowCodec
from roomserver.store import StoredRow
from tests.fault.client import Json, Tap, Try, without_replayed
from tests.fault.linear import NEVER, Operation, linearizable

STREAK = "daily"
CODEC = RowCodec(make_house())

Stream = list[tuple[bytes, dict[bytes, bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What is stored of one member: balance and days by his row, and the logs that must agree with it."""

    version: int
    balance: int
    days: int
    replies: Mapping[str, Json]
    evidence: tuple[Json, ...] = ()
    ledger: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRoom:
    """All that is stored of a room; ``parts`` are the versions of its own rows, ``told`` the outbox's events."""

    members: Mapping[str, Member]
    parts: tuple[int, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    seq: int = 0
    told: tuple[Json, ...] = ()


def violations(room: StoredRoom, taps: Iterable[Tap]) -> list[str]:
    """Every broken promise, as a sentence; none when all is well."""
    taps = list(taps)
    return [
        *(sentence for tap in taps for sentence in _of_receipts(tap, room.members.get(tap.user))),
        *_of_devices(taps),
        *_of_histories(taps),
        *(f"{user}: {said}" for user, member in room.members.items() for said in _of_member(member)),
        *_of_room(room),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of a number of taps: ``unsure`` are those that nobody acknowledged, stored or not."""

    taps: int
    acknowledged: int
    lost: int
    doubled: int
    broken: Sequence[str]

    @property
    def unsure(self) -> int:
        return self.taps - self.acknowledged


def judge(room: StoredRoom, taps: Iterable[Tap]) -> Judgement:
    """Count what was promised and what is there, and name every broken promise."""
    taps = list(taps)
    receipts = {(tap.user, tap.receipt["id"]) for tap in taps if tap.receipt is not None}
    stored = Counter((user, one["id"]) for user, member in room.members.items() for one in member.evidence)
    days = Counter((user, one["day"]) for user, member in room.members.items() for one in member.evidence)
    return Judgement(
        taps=len(taps),
        acknowledged=sum(tap.receipt is not None for tap in taps),
        lost=sum(one not in stored for one in receipts),
        doubled=sum(count - 1 for count in days.values()),
        broken=violations(room, taps),
    )


def credited(room: StoredRoom) -> int:
    """How many check-ins are stored."""
    return sum(len(member.evidence) for member in room.members.values())


def _of_receipts(tap: Tap, member: Member | None) -> Iterator[str]:
    """What was acknowledged is stored, once, as it was told."""
    if tap.receipt is None:
        return
    receipt, name = tap.receipt, f"{tap.user}'s receipt {tap.receipt['id']}"
    if member is None:
        yield f"{name} is lost with the whole row"
        return
    days = [(one["day"], one["at"]) for one in member.evidence if one["id"] == receipt["id"]]
    if days != [(receipt["day"], receipt["at"])]:
        yield f"{name} is {'doubled' if len(days) > 1 else 'lost' if not days else 'another'} in the evidence: {days}"
    earned = [one for one in member.ledger if one["id"] == receipt["id"]]
    if sum(one["delta"] for one in earned) != receipt["points"] or not earned:
        yield f"{name} promised {receipt['points']} points, the ledger says {[one['delta'] for one in earned]}"
    elif earned[-1]["balance"] != receipt["balance"]:
        yield f"{name} promised a balance of {receipt['balance']}, the ledger says {earned[-1]['balance']}"
    remembered = member.replies.get(receipt["id"])
    if remembered is None or without_replayed(remembered) != without_replayed(receipt):
        yield f"{name} is not what is remembered: {remembered}"


def _of_devices(taps: Iterable[Tap]) -> Iterator[str]:
    """All receipts of a member's day are the same one, and only the first reply says that it is no replay."""
    receipts: dict[tuple[str, str], list[Json]] = {}
    for tap in taps:
        first = [] if tap.receipt is None else [tap.receipt]
        for one in [*first, *tap.again]:
            receipts.setdefault((tap.user, one["day"]), []).append(one)
    for (user, day), same in receipts.items():
        if any(without_replayed(one) != without_replayed(same[0]) for one in same):
            yield f"{user} got different receipts for {day}: {same}"
        if sum(not one["replayed"] for one in same) > 1:
            yield f"{user} was told more than once that his check-in of {day} is the first"


def _of_histories(taps: Iterable[Tap]) -> Iterator[str]:
    """Each member's taps, on however many devices, could have been served one after the other."""
    histories: dict[str, list[Try]] = {}
    for tap in taps:
        histories.setdefault(tap.user, []).extend(tap.tries)
    for user, tries in histories.items():
        days = frozenset(one.receipt["day"] for one in tries if one.receipt is not None)
        if not linearizable([_operation(one, days) for one in tries], frozenset()):
            yield f"{user}'s answers fit no order: {tries}"


def _operation(one: Try, days: frozenset[str]) -> Operation[frozenset[str]]:
    """A try, as a step from the days that are credited to those that are then: a replay is of one that was."""
    if one.receipt is None:  # lost, or refused: done, on one of the days that somebody was told of, or not
        return Operation(sent=one.sent, answered=NEVER, leads_to=lambda done: [done | {day} for day in days - done])
    day, first = one.receipt["day"], not one.receipt["replayed"]
    return Operation(
        sent=one.sent, answered=one.answered, leads_to=lambda done: [done | {day}] if (day in done) is not first else []
    )


def _of_member(member: Member) -> Iterator[str]:
    """A day at most once, points only for days, and the row agrees with its logs."""
    days = Counter((one["streak"], one["day"]) for one in member.evidence)
    if any(count > 1 for count in days.values()):
        yield f"a day is credited twice: {dict(days)}"
    if (dates := [one["day"] for one in member.evidence]) != sorted(dates):
        yield f"his days go back: {dates}"
    if member.days != len(member.evidence):
        yield f"the row has {member.days} days, the evidence {len(member.evidence)}"
    if member.balance != sum(one["delta"] for one in member.ledger):
        yield f"the balance is {member.balance}, the ledger's sum {sum(one['delta'] for one in member.ledger)}"
    paid = Counter(one["id"] for one in member.ledger)
    if paid != Counter(one["id"] for one in member.evidence):
        yield f"points were paid for {dict(paid)}, days credited for {[one['id'] for one in member.evidence]}"


def _of_room(room: StoredRoom) -> Iterator[str]:
    """The sums of the days are exact, every write was counted once, and the outbox tells every check-in once."""
    evidence = [(user, one) for user, member in room.members.items() for one in member.evidence]
    days = Counter(f"checkin.{one['streak']}.{one['day']}" for _, one in evidence)
    counted = {name: count for name, count in room.counters.items() if name.startswith("checkin.")}
    if dict(days) != counted:
        yield f"the room counted {counted}, its members' days are {dict(days)}"
    written = sum(room.parts) + sum(member.version for member in room.members.values())
    if room.seq != written:
        yield f"the room's sequence is {room.seq}, its rows were written {written} times"
    if any(count > 1 for count in Counter(event["id"] for event in room.told).values()):
        yield "the outbox tells an event twice"
    marked = Counter((e["user"]["id"], e["day"]) for e in room.told if e["type"] == "checkin.marked")
    if marked != Counter((user, one["day"]) for user, one in evidence):
        yield f"the outbox tells of {marked.total()} check-ins, {len(evidence)} are credited"


# --- what is stored


def read(url: str, room: str) -> StoredRoom:
    """The room as it is in the store at this moment, seen past every room server."""
    prefix = f"{{room:{room}}}:"
    with redis.Redis.from_url(url) as store:
        names = [key.decode().removeprefix(f"{prefix}row:") for key in store.scan_iter(f"{prefix}row:*", count=1000)]
        subjects = sorted(names)
        with store.pipeline() as asked:  # one transaction: rows, logs and sums are of the same moment
            asked.get(f"{prefix}seq").hgetall(f"{prefix}counters").xrange(f"{prefix}outbox")
            for subject in subjects:
                asked.get(f"{prefix}row:{subject}")
                asked.xrange(f"{prefix}log:{subject}:checkin").xrange(f"{prefix}log:{subject}:points")
            seq, counters, outbox, *rest = asked.execute()
    rows = dict(zip(subjects, zip(rest[::3], rest[1::3], rest[2::3], strict=True), strict=True))
    return StoredRoom(
        members={subject[2:]: _member(subject, *row) for subject, row in rows.items() if subject.startswith("m:")},
        parts=tuple(_row(text).version for subject, (text, _, _) in rows.items() if subject.startswith("p:")),
        counters={name.decode(): int(count) for name, count in counters.items()},
        seq=int(seq or 0),
        told=tuple(event for record in _entries(outbox) for event in record["events"]),
    )


def _row(text: bytes) -> StoredRow:
    header, _, body = text.partition(b"\n")
    version, _, change = header.decode().partition(" ")
    return StoredRow(version=int(version), change=change, body=body)


def _member(subject: str, text: bytes, evidence: Stream, ledger: Stream) -> Member:
    return member_of(subject, _row(text), _entries(evidence), _entries(ledger))


def member_of(subject: str, stored: StoredRow, evidence: Sequence[Json], ledger: Sequence[Json]) -> Member:
    """A member as his row and his logs have him."""
    row = CODEC.decode(subject, stored)
    return Member(
        version=row.version,
        balance=row.of(Account).balance,
        days=row.of(Attendance).of(STREAK).days.total,
        replies={result.id: dict(result.reply) for result in row.results},
        evidence=tuple(evidence),
        ledger=tuple(ledger),
    )


def _entries(stream: Stream) -> list[Json]:
    return [msgspec.json.decode(fields[b"d"]) for _, fields in stream]
