"""What a turn wants stored: one Change, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from room.message import Stamped
from room.row import Row
from room.value import value


@value(frozen=True, slots=True, kw_only=True)
class Claim:
    """Take ``take`` pieces of a limited thing; ``stock`` counts those that were taken before. Refused below zero."""

    name: str
    take: int
    stock: int


@value(frozen=True, slots=True, kw_only=True)
class Append:
    """One entry for a log of the subject's own (points ledger, evidence of days); never inside the row."""

    log: str
    entry: Mapping[str, object]


@value(frozen=True, slots=True, kw_only=True)
class Counter:
    """Add to one of the room's sums; the store answers with the new sum."""

    name: str
    add: int


@value(frozen=True, slots=True, kw_only=True)
class Score:
    """Set the subject's place on a board of the room; None takes it off the board."""

    board: str
    value: float | None


@value(frozen=True, slots=True, kw_only=True)
class Due:
    """When (ms since 1970) the subject must be looked at again though nobody comes; None forgets it.

    ``what`` begins with the name of the feature that is then asked (``Feature.due``), as ``membership.tier``.
    """

    what: str
    at: int | None


@value(frozen=True, slots=True, kw_only=True)
class Forget:
    """Delete one of the subject's own logs with all its entries."""

    log: str


Part = Claim | Append | Counter | Score | Due | Forget


@value(frozen=True, slots=True, kw_only=True)
class Change:
    """A subject's new row, made from ``version``, and what goes with it in the same step.

    ``id`` stays the same when the turn is run again, so that a lost reply can be told from a lost command.
    """

    id: str
    version: int
    row: Row
    parts: tuple[Part, ...] = ()
    outbox: tuple[Stamped, ...] = ()
