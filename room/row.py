"""What is stored of one subject: a member of a room, or a part of the room.

A row is an immutable value with one section per feature. Sections that this process does not know stay in
``foreign`` and are written back as they came, so that a newer worker's data survive an older one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import lru_cache
from typing import Any, TypeVar

from room.fingerprint import LENGTH, fingerprint
from room.value import value

S = TypeVar("S")

KEYED_RESULTS = 4
"""How many keys of each caller a row remembers with their results."""


OTHERS_RESULTS = 8
"""How many keys of others than its own member a row remembers in all: of a hundred moderators each did one thing."""

USED_KEYS = 32
"""How many keys a row knows to have been used, beyond those whose results it remembers: 8 characters each."""


def member(user: str) -> str:
    """The subject of a member's row."""
    return f"m:{user}"


def part(feature: str) -> str:
    """The subject of the row in which a feature keeps its part of the room."""
    return f"p:{feature}"


def user_of(subject: str) -> str | None:
    """The user whose row this subject names, or None for a part of the room."""
    return subject[2:] if subject.startswith("m:") else None


@value(frozen=True, slots=True, kw_only=True)
class Result:
    """What a durable command was answered, for its retries.

    ``id`` is the change that wrote it; ``natural`` the identity that the command has by nature, as
    ``kind#which`` (the day of a check-in); ``keys`` the clients' keys under which it is known, newest first, as
    ``caller#kind#key``; ``said`` what the command said (``Command.said_by``), where its key with another one is no
    retry. ``written`` is what the shell keeps its bytes in, since a row is written many times with it.
    """

    id: str
    natural: str | None = None
    keys: tuple[str, ...] = ()
    said: str | None = None
    reply: Mapping[str, object]
    written: bytes | None = field(default=None, init=False, compare=False, repr=False)


@value(frozen=True, slots=True, kw_only=True)
class Row:
    """One subject's stored state at one version; ``version`` 0 means that nothing is stored yet.

    ``used`` are fingerprints of the last keys of commands that must not be done twice, the newest first. ``sections``
    are by their own class, which a type cannot say: hence ``Any``.
    """

    subject: str
    version: int = 0
    change: str = ""
    sections: Mapping[type, Any] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    foreign: Mapping[str, bytes] = field(default_factory=dict)
    used: str = ""

    def of(self, kind: type[S]) -> S:
        """This row's section of a kind, or that kind's empty section."""
        made: type = kind
        found: S | None = self.sections.get(made)
        return _empty(made) if found is None else found

    def having(self, section: object) -> Row:
        """This row with one section in place of the one of its kind."""
        return self.drafted({**self.sections, type(section): section})

    def drafted(self, sections: Mapping[type, object]) -> Row:
        """This row with these sections in place of its own."""
        return Row(  # on the path of every durable command: spelled out, since `replace` takes three times as long
            subject=self.subject,
            version=self.version,
            change=self.change,
            sections=sections,
            results=self.results,
            foreign=self.foreign,
            used=self.used,
        )

    def known(self, *, natural: str | None, key: str | None) -> Result | None:
        """The result remembered under a key or, failing that, under a natural identity."""
        if key is not None:
            for result in self.results:
                if key in result.keys:
                    return result
        if natural is not None:
            for result in self.results:
                if natural == result.natural:
                    return result
        return None

    def written_by(self, change: str) -> Result | None:
        """The result that a change wrote, which proves that the change was stored."""
        return next((result for result in self.results if result.id == change), None)

    def remembering(self, result: Result) -> Row:
        """This row with one more result: the newest of each natural command, and those of the last keys."""
        return replace(self, results=self._with(result))

    def using(self, key: str) -> Row:
        """This row, which knows from now on that a key was used."""
        return replace(self, used=(fingerprint(key) + self.used)[: USED_KEYS * LENGTH])

    def has_used(self, key: str) -> bool:
        """Whether a key was used, as far back as this row knows."""
        found = fingerprint(key) if self.used else ""
        return any(self.used[n : n + LENGTH] == found for n in range(0, len(self.used), LENGTH))

    def emptied(self) -> Row:
        """This row with nothing in it but its version, which nobody may count from the beginning again."""
        return Row(subject=self.subject, version=self.version, change=self.change)

    def without(self, user: str) -> Row:
        """This row with nothing of a user: nothing at all where it is his own, else without what he was answered."""
        if user_of(self.subject) == user:
            return self.emptied()
        return replace(self, results=tuple(_unanswered(f"{user}#", self.results)))

    def has_answered(self, user: str) -> bool:
        """Whether this row remembers what a command of a user was answered."""
        return any(key.startswith(f"{user}#") for result in self.results for key in result.keys)

    def next(self, change: str, result: Result | None = None) -> Row:
        """This row as the next version, which a change writes, with one more result if there is one."""
        return Row(  # spelled out as in `drafted`
            subject=self.subject,
            version=self.version + 1,
            change=change,
            sections=self.sections,
            results=self.results if result is None else self._with(result),
            foreign=self.foreign,
            used=self.used,
        )

    def _with(self, result: Result) -> tuple[Result, ...]:
        owner = user_of(self.subject)
        if owner is not None and len(result.keys) == 1 and result.keys[0].startswith(f"{owner}#"):
            return _kept_own(f"{owner}#", result, self.results)
        return _kept(owner, (result, *[one for one in self.results if one.id != result.id]))


@lru_cache(maxsize=64)
def _empty(kind: type) -> Any:
    return kind()


def _kept_own(own: str, result: Result, known: Iterable[Result]) -> tuple[Result, ...]:
    """What ``_kept`` comes to when a member did one thing more himself, as nearly always: only his keys are counted."""
    command = None if result.natural is None else result.natural.partition("#")[0] + "#"
    kept, left = [result], KEYED_RESULTS - 1
    for one in known:
        if one.id == result.id:
            continue
        natural, keys = one.natural, one.keys
        if command is not None and natural is not None and natural.startswith(command):
            natural = None
        if keys:
            count = sum([key.startswith(own) for key in keys]) if len(keys) > 1 else keys[0].startswith(own)
            if count > left:
                gone = [key for key in keys if key.startswith(own)][left:]
                keys = tuple([key for key in keys if key not in gone])
            left = max(left - count, 0)
        if natural is one.natural and keys is one.keys:
            kept.append(one)
        elif natural is not None or keys:
            kept.append(Result(id=one.id, natural=natural, keys=keys, said=one.said, reply=one.reply))
    return tuple(kept)


def _unanswered(own: str, results: Iterable[Result]) -> Iterable[Result]:
    """Results without the keys of one caller; none that then has neither a key nor a nature."""
    for result in results:
        keys = tuple(key for key in result.keys if not key.startswith(own))
        if keys == result.keys:
            yield result
        elif keys or result.natural is not None:
            yield Result(id=result.id, natural=result.natural, keys=keys, reply=result.reply)


def _kept(owner: str | None, results: Iterable[Result]) -> tuple[Result, ...]:
    naturals: set[str] = set()
    counts: dict[str, int] = {}
    kept: list[Result] = []
    for result in results:
        natural, keys = result.natural, result.keys
        if natural is not None:
            command = natural.partition("#")[0]
            if command in naturals:
                natural = None
            naturals.add(command)
        if keys:
            keys = _newest(owner, keys, counts)
        if natural is result.natural and keys is result.keys:
            kept.append(result)
        elif natural is not None or keys:
            kept.append(Result(id=result.id, natural=natural, keys=keys, said=result.said, reply=result.reply))
    return tuple(kept)


def _newest(owner: str | None, keys: tuple[str, ...], counts: dict[str, int]) -> tuple[str, ...]:
    """Those of these keys that are among the newest of their callers, and of all but the owner; the same when all are.

    The callers' counts are kept by name, that of all but the owner under "", which is nobody's.
    """
    forgotten: tuple[str, ...] = ()
    for key in keys:
        caller = key.partition("#")[0]
        count = counts[caller] = counts.get(caller, 0) + 1
        if count > KEYED_RESULTS:
            forgotten = (*forgotten, key)
        elif caller != owner:
            count = counts[""] = counts.get("", 0) + 1
            if count > OTHERS_RESULTS:
                forgotten = (*forgotten, key)
    return tuple([key for key in keys if key not in forgotten]) if forgotten else keys
