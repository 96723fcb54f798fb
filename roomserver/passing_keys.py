"""The first replies of passing commands by their keys, so that a retry says nothing twice.

Five minutes, in memory, and bounded: a room remembers its last 10,000 keys. Refusals are not remembered. A retry that
comes before the first reply waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from room.refusal import KeyTaken, Refused

KEPT_MS = 5 * 60 * 1000
MOST = 10_000

Answer = Callable[[bytes | Refused], None]
Name = tuple[str, str, str]
"""Caller, kind and key."""


@dataclass(slots=True)
class _First:
    at: int
    said: str | None
    reply: bytes | None = None
    waiting: list[Answer] = field(default_factory=list)


class PassingKeys:
    """What one room remembers of keys."""

    def __init__(self) -> None:
        self._firsts: dict[Name, _First] = {}

    def __len__(self) -> int:
        return len(self._firsts)

    def first(self, name: Name, now: int, answer: Answer, *, said: str | None = None) -> Answer | None:
        """Whom to answer when this is the first command of its key; None when it is a retry, which is seen to.

        ``said`` is what the command said (``Command.said_by``): where it differs, that is no retry and is refused.
        """
        self._forget(now)
        known = self._firsts.get(name)
        if known is None:
            first = self._firsts[name] = _First(at=now, said=said, waiting=[answer])
            return lambda result: self._answered(name, first, result)
        if known.said != said:
            answer(KeyTaken())
        elif known.reply is None:
            known.waiting.append(answer)
        else:
            answer(known.reply)
        return None

    def _answered(self, name: Name, first: _First, result: bytes | Refused) -> None:
        waiting, first.waiting = first.waiting, []
        if not isinstance(result, Refused):
            first.reply = result
        elif self._firsts.get(name) is first:
            del self._firsts[name]
        for answer in waiting:
            answer(result)

    def _forget(self, now: int) -> None:
        """Forget what is too old or too much; the oldest come first in the dict."""
        while self._firsts:
            name, oldest = next(iter(self._firsts.items()))
            if len(self._firsts) < MOST and oldest.at > now - KEPT_MS:
                return
            del self._firsts[name]
