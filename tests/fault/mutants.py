"""Faults that are planted in the simulation, each of which must be found: else its silence would mean nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from room.change import Change
from room.row import Row
from roomserver.committer import Committer, Settled, Unresolved, Wanted
from roomserver.rows import RowCodec
from roomserver.store import StoredRow, Verdict, Written
from tests.fault.simulation import Plan


class Hasty(Committer):
    """Tells first and writes later."""

    def submit(self, room: str, change: Change, settled: Settled, wanted: Wanted = lambda: True) -> bool:
        taken = super().submit(room, change, lambda _: None)
        settled(Written(seq=change.version + 1))
        return taken


class Hopeful(Committer):
    """Takes a lost reply for a good one."""

    def submit(self, room: str, change: Change, settled: Settled, wanted: Wanted = lambda: True) -> bool:
        def hoped(verdict: Verdict | Unresolved) -> None:
            settled(Written(seq=change.version + 1) if verdict is Unresolved.UNKNOWN else verdict)

        return super().submit(room, change, hoped)


class Despairing(Committer):
    """Takes a lost reply for the loss of the command, and lets it be done again as another one."""

    def submit(self, room: str, change: Change, settled: Settled, wanted: Wanted = lambda: True) -> bool:
        attempts = iter(range(9))

        def desperate(verdict: Verdict | Unresolved) -> None:
            if verdict is Unresolved.UNKNOWN:
                again = replace(change, id=f"{change.id}.{next(attempts)}")
                super(Despairing, self).submit(room, again, desperate)
            else:
                settled(verdict)

        return super().submit(room, change, desperate)


class Forgetful(RowCodec):
    """Remembers no results."""

    def decode(self, subject: str, stored: StoredRow | None) -> Row:
        return replace(super().decode(subject, stored), results=())


def _of_the_room(frame: bytes) -> bool:
    return frame[0] == 0x81 and b'"offset":' in frame[:80] and b'"push"' in frame[:40]


def losing(frame: bytes, rng: Random) -> list[bytes]:
    """One batch in ten never leaves."""
    return [] if _of_the_room(frame) and rng.random() < 0.1 else [frame]


def repeating(frame: bytes, rng: Random) -> list[bytes]:
    """One batch in ten leaves twice."""
    return [frame] * (2 if _of_the_room(frame) and rng.random() < 0.1 else 1)


MUTANTS: dict[str, Callable[[], Plan]] = {
    "versions are not compared": lambda: Plan(compares=False),
    "lost replies are sent again, and versions are not compared": lambda: Plan(compares=False, retries=True, servers=1),
    "results are not remembered": lambda: Plan(codec=Forgetful),
    "the store loses what it has acknowledged": lambda: Plan(keeps=False),
    "told before it is stored": lambda: Plan(committer=Hasty),
    "a lost reply is taken for a good one": lambda: Plan(committer=Hopeful),
    "a lost reply is taken for a lost command": lambda: Plan(committer=Despairing, compares=False),
    "a batch is not written": lambda: Plan(mangle=losing),
    "a batch is written twice": lambda: Plan(mangle=repeating),
}
