"""What the room server and the media process say to each other: JSON, a line each, over the process's pipes.

to it     {"id": 7, "call": "publish", "with": {…}}
from it   {"id": 7, "gave": {"Answer": {…}}}     {"id": 7, "rejected": {"reason": …, "detail": …}}
          {"event": {"Published": {…}}}     {"counts": {…}}     {"ready": 40123}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from media.backend import Answer, Gone, MediaEvent, Patched, Playing, Published, Quality, Rejected, Unpublished

LONGEST = 1 << 20
"""Bytes of a line: an offer of the largest size, as JSON."""

_NAMED: dict[str, type] = {
    one.__name__: one for one in (Answer, Patched, Published, Unpublished, Playing, Gone, Quality)
}

# ``Any`` below: values of classes that are looked up by their name.


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Something is asked of the media process."""

    id: int
    call: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why it is not done."""

    reason: str
    detail: str
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that the media process says: the reply to a call, an event, its numbers, or that it is ready."""

    id: int | None = None
    gave: dict[str, Any] | None = None
    rejected: Refusal | None = None
    event: dict[str, Any] | None = None
    counts: dict[str, float] | None = None
    ready: int | None = None


def line(said: Call | Said) -> bytes:
    """A message as it goes over a pipe."""
    return msgspec.json.encode(said) + b"\n"


def read_call(data: bytes) -> Call:
    """Raises ValueError."""
    return msgspec.json.decode(data, type=Call)


def read_said(data: bytes) -> Said:
    """Raises ValueError."""
    return msgspec.json.decode(data, type=Said)


def named(value: Answer | Patched | MediaEvent | None) -> dict[str, Any]:
    """A value with the name of its class."""
    return {} if value is None else {type(value).__name__: msgspec.to_builtins(value)}


def unnamed(said: dict[str, Any]) -> Any:
    """The value of a class that has a name; None when there is none."""
    for name, fields in said.items():
        return msgspec.convert(fields, _NAMED[name])
    return None


def refusal(rejected: Rejected) -> Refusal:
    """A rejection as it goes over a pipe."""
    return Refusal(reason=rejected.reason.value, detail=rejected.detail, retry_after=rejected.retry_after)
