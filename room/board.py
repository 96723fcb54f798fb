"""Boards: the places of a room's subjects, and which of them a question needs to see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most ``limit`` places of one order made of several boards, no subject being on two of them.

    The first places, or with ``around`` those around that subject, and none when it is on no board. Higher values
    come first; of equal ones those of an earlier board, and on one board the subjects backwards.
    """

    boards: tuple[str, ...]
    limit: int
    around: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A subject's place: ``rank`` counts from 1 over all boards of the window."""

    rank: int
    subject: str
    value: float
