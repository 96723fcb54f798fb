"""The script that writes a room's Changes, how it is asked, and how its answers read.

A room's keys share the hash tag ``{room:<id>}``, so that one script call may touch them all, on a cluster too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from importlib.resources import files

import msgspec

from roomserver.store import ClaimFailed, Conflict, Damaged, TooLarge, Verdict, Write, Written

Answer = bytes | list[int]

ROOM = ("seq", "counters", "stock", "due", "outbox")
"""Keys of a room, in the order in which the script knows them."""


@cache
def script() -> bytes:
    """The script's text."""
    return files("roomserver").joinpath("commit.lua").read_bytes()


@cache
def script_sha() -> str:
    """The name under which the store knows the script once it is loaded."""
    return sha1(script(), usedforsecurity=False).hexdigest()


def key(room: str, *parts: str) -> str:
    """A room's key, as in ``{room:demo}:log:m:alice:points``."""
    return ":".join((f"{{room:{room}}}", *parts))


def call(room: str, writes: Sequence[Write], outbox_age: int) -> tuple[list[str], list[bytes]]:
    """KEYS and ARGV of the script for a room's Changes.

    Stored texts are arguments of their own: the scripts' MessagePack knows no binary type, and copies.
    """
    prefix = f"{{room:{room}}}:"
    places = {prefix + name: place for place, name in enumerate(ROOM, 1)}
    texts: list[bytes] = []

    def log(subject: str, name: str, entry: bytes | None) -> tuple[int, int | bool]:
        place = places.setdefault(f"{prefix}log:{subject}:{name}", len(places) + 1)
        if entry is None:
            return place, False
        texts.append(entry)
        return place, len(texts) + 1

    changes = []
    for write in writes:
        subject, version, sent = write.subject, write.version, 0
        row = places.setdefault(f"{prefix}row:{subject}", len(places) + 1)
        texts.append(b"%d %s\n%s" % (write.next, write.id.encode(), write.body))
        header = len(texts) + 1
        logs = [log(subject, name, entry) for name, entry in write.appends]
        if write.forgets:
            logs = [*[log(subject, name, None) for name in write.forgets], *logs]
        if write.outbox is not None:
            texts.append(write.outbox)
            sent = len(texts) + 1
        changes.append(
            (
                row,
                version,
                header,
                subject,
                [(claim.name, claim.take, claim.stock) for claim in write.claims] if write.claims else (),
                logs,
                [(counter.name, counter.add) for counter in write.counters],
                [
                    (places.setdefault(f"{prefix}board:{score.board}", len(places) + 1), _or_false(score.value))
                    for score in write.scores
                ],
                [(due.what, _or_false(due.at)) for due in write.due] if write.due else (),
                sent or False,
            )
        )
    return list(places), [msgspec.msgpack.encode((outbox_age, changes)), *texts]


def verdict(write: Write, answer: Answer) -> Verdict:
    """What the script's answer to a Change means."""
    if isinstance(answer, list):
        names = (counter.name for counter in write.counters)
        return Written(seq=answer[0], counters=dict(zip(names, answer[1:], strict=True)))
    match answer.decode().partition(" "):
        case ("conflict", _, _):
            return Conflict()
        case ("claim", _, name):
            return ClaimFailed(name)
        case ("large", _, _):
            return TooLarge()
        case (_, _, damaged):
            return Damaged(damaged)


def _or_false(value: float | None) -> float:
    """A missing number: the script's tables would end at a nil."""
    return False if value is None else value
