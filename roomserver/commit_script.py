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
    places: dict[str, int] = {}
    texts: list[bytes] = []

    def place(*parts: str) -> int:
        return places.setdefault(key(room, *parts), len(places) + 1)

    def text(content: bytes) -> int:
        texts.append(content)
        return len(texts) + 1

    for name in ("seq", "counters", "stock", "due", "outbox"):
        place(name)
    changes = [
        (
            place("row", write.subject),
            write.version,
            text(b"%d %s\n%s" % (write.version + 1, write.id.encode(), write.body)),
            write.subject,
            [(claim.name, claim.take, claim.stock) for claim in write.claims] if write.claims else (),
            [
                *[(place("log", write.subject, name), False) for name in write.forgets],
                *[(place("log", write.subject, name), text(entry)) for name, entry in write.appends],
            ],
            [(counter.name, counter.add) for counter in write.counters],
            [(place("board", score.board), _or_false(score.value)) for score in write.scores],
            [(due.what, _or_false(due.at)) for due in write.due] if write.due else (),
            False if write.outbox is None else text(write.outbox),
        )
        for write in writes
    ]
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
