"""What every store asks of a batch before it looks at what is stored: sizes, and names that its keys can carry."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from roomserver.store import Write

CHANGES = 1024
"""Changes of one commit: enough that a disk's fsync is shared and a busy loop is waited for seldom, few enough that
nobody waits long for the others."""

BODY = 64 * 1024
"""Bytes of a row, of a log's entry and of an outbox record; a row is meant to stay under 4 KiB."""

PARTS = 64
"""Claims, appends, counters, scores and dues of one Change, of each kind."""

TOLD_MS = 3_600_000
"""For so long an erasure is told to other servers: one that does not reach the store for longer has lost its rooms."""

NUMBER = 2**53 - 1
"""The largest whole number that a script's doubles count exactly."""


def check(batches: Mapping[str, Sequence[Write]]) -> None:
    """Raise ValueError when no store could write these Changes as they are."""
    if sum(map(len, batches.values())) > CHANGES:
        raise ValueError(f"more than {CHANGES} Changes in one commit")
    for room, writes in batches.items():
        if not room or "}" in room or not room.isprintable():
            raise ValueError(f"no room's id: {room!r}")
        if len({write.subject for write in writes}) < len(writes):
            raise ValueError(f"two Changes of one subject in room {room}")
        for write in writes:
            check_one(write)


def check_one(write: Write) -> None:
    """Raise ValueError when no store could write this Change as it is; what was found sound is not looked at again."""
    if not write.sound:
        _check_names(write)
        _check_numbers(write)
        object.__setattr__(write, "sound", True)  # what it holds for others stays the same


def too_large(write: Write) -> bool:
    """Whether a part of the Change is larger than a store takes."""
    if len(write.body) > BODY or (write.outbox is not None and len(write.outbox) > BODY):
        return True
    for _, entry in write.appends:
        if len(entry) > BODY:
            return True
    claims, appends, counters = len(write.claims), len(write.appends), len(write.counters)
    return max(claims, appends, counters, len(write.scores), len(write.due), len(write.forgets)) > PARTS


def parse_record_id(text: str) -> tuple[int, int]:
    """An outbox record's id as what it is ordered by: milliseconds and a count. Raises ValueError."""
    at, _, count = text.partition("-")
    if not (at.isascii() and at.isdigit() and (count or "0").isascii() and (count or "0").isdigit()):
        raise ValueError(f"no id of an outbox record: {text!r}")
    found = int(at), int(count or 0)
    if max(found) >= 2**64 or min(found) == 2**64 - 1:  # what Redis counts with, and the last of all
        raise ValueError(f"no id of an outbox record: {text!r}")
    return found


def _check_names(write: Write) -> None:
    """Subject, id and names stand in keys, headers and members, where a space ends them."""
    names = [write.subject, write.id, *[name for name, _ in write.appends]]
    names += [counter.name for counter in write.counters]
    names += [score.board for score in write.scores]
    if write.claims:
        names += [claim.name for claim in write.claims]
    if write.due:
        names += [due.what for due in write.due]
    names += write.forgets
    together = "".join(names)
    if "" not in names and " " not in together and together.isprintable():
        return
    for name in names:
        if not name or " " in name or not name.isprintable():
            raise ValueError(f"no name that a store can keep: {name!r} in a Change of {write.subject!r}")


def _check_numbers(write: Write) -> None:
    whole = [write.version, write.next, *[counter.add for counter in write.counters]]
    if write.due:
        whole += [due.at or 0 for due in write.due]
    for claim in write.claims:
        whole += (claim.take, claim.stock)
        if claim.take < 0 or claim.stock < 0:
            raise ValueError(f"a negative take or stock in a Change of {write.subject!r}")
    if max(whole) > NUMBER or min(whole) < -NUMBER:
        raise ValueError(f"a number beyond {NUMBER} in a Change of {write.subject!r}")
    if not 0 <= write.version < write.next:
        raise ValueError(f"a negative version, or one that goes back, in a Change of {write.subject!r}")
    for score in write.scores:
        if score.value is not None and not math.isfinite(score.value):
            raise ValueError(f"a score that is no number in a Change of {write.subject!r}")
