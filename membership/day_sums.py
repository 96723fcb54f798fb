"""What was earned on each of a few hundred days, small enough for a row."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """A sum, 0 or more, for each day from ``origin`` (an ordinal) on; equal sums are equal values.

    ``packed``: a number per day in seven bits a byte, the lowest first (LEB128), as base64 without padding. A day of
    up to 127 points takes one byte, so 400 of them 534 characters; one of up to 16,383 takes two.
    """

    origin: int = 0
    packed: str = ""

    @classmethod
    def of(cls, origin: int, amounts: Sequence[int]) -> Self:
        """These sums from a day on."""
        zeros = next((place for place, amount in enumerate(amounts) if amount), len(amounts))
        kept = list(dropwhile(lambda amount: not amount, reversed(amounts[zeros:])))[::-1]
        if not kept:
            return cls()
        packed = b2a_base64(bytes(_packed(kept)), newline=False).rstrip(b"=").decode()
        return cls(origin=origin + zeros, packed=packed)

    @property
    def amounts(self) -> list[int]:
        """The sum of each day, from ``origin`` on."""
        padded = self.packed.encode("ascii") + b"=" * (-len(self.packed) % 4)
        found, value, shift = [], 0, 0
        for byte in a2b_base64(padded):
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                found.append(value)
                value = shift = 0
        return found

    def since(self, first: int) -> int:
        """The sum of a day and all after it."""
        return sum(self.amounts[max(first - self.origin, 0) :])

    def plus(self, day: int, amount: int, *, first: int) -> Self:
        """The sums with so much more on a day, and without the days before ``first``.

        An earlier day than the last one counts as the last one. What is taken back is taken from the newest days on,
        and never below nothing.
        """
        origin = self.origin if self.packed else day
        amounts = self.amounts
        amounts += [0] * (day - origin + 1 - len(amounts))
        amounts[-1] += max(amount, 0)
        _take(amounts, max(-amount, 0))
        gone = max(first - origin, 0)
        return type(self).of(origin + gone, amounts[gone:])


def _take(amounts: list[int], wanted: int) -> None:
    for place in reversed(range(len(amounts))):
        if not wanted:
            return
        taken = min(amounts[place], wanted)
        amounts[place] -= taken
        wanted -= taken


def _packed(amounts: Iterable[int]) -> Iterable[int]:
    for amount in amounts:
        left = amount
        while left > 127:
            yield left & 127 | 128
            left >>= 7
        yield left
