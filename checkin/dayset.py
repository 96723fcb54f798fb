"""A set of dates as one bitmap, so that streaks are arithmetic on bits and never a counter.

In memory: `bits`, whose bit i is the day `origin + i`, with bit 0 always set. In a stored row: a bitmap per run of
years, from 1 January on, little-endian, base64 without padding: {"2025": "…"}. Ten full years take about 620 bytes,
and nothing shorter survives JSON without escapes at the speed of base64.
"""

from binascii import a2b_base64, b2a_base64
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, Self


@lru_cache(maxsize=1024)
def days_in(year: int, month: int) -> int:
    """How many days a month has: asked of the same few with every calendar that is shown."""
    return monthrange(year, month)[1]


class DaySet:
    """An immutable set of dates; `DaySet()` is empty, `DaySet.of(days)` and `DaySet.from_json(stored)` make others.

    Equal sets are equal values and hash alike. No dataclass: a row keeps it as `to_json` says, not by its fields.
    """

    __slots__ = ("bits", "origin")

    def __init__(self, origin: int = 0, bits: int = 0) -> None:
        self.origin: Final = origin
        self.bits: Final = bits

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DaySet):
            return NotImplemented
        return self.origin == other.origin and self.bits == other.bits

    def __hash__(self) -> int:
        return hash((self.origin, self.bits))

    def __repr__(self) -> str:
        return f"DaySet.of([{', '.join(day.isoformat() for day in self)}])"

    @classmethod
    def of(cls, days: Iterable[date]) -> Self:
        """The set of these dates."""
        ordinals = [day.toordinal() for day in days]
        origin = min(ordinals, default=0)
        return cls._trimmed(origin, sum(1 << ordinal - origin for ordinal in set(ordinals)))

    @classmethod
    def span(cls, first: date, last: date) -> Self:
        """All days between the two, both included; none when the last is before the first."""
        size = last.toordinal() - first.toordinal() + 1
        return cls(first.toordinal(), (1 << size) - 1) if size > 0 else cls()

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """The set that `to_json` wrote; a bitmap may run on into the years after its key.

        Raises ValueError when it is no such thing: a key is no year, a text no base64, or a day after the year 9999.
        """
        if not isinstance(stored, Mapping):
            raise ValueError("a day set must be an object of years")
        days = cls()
        for year, text in stored.items():
            days |= cls._trimmed(_new_year(max(0, int(year))), _bits(text))  # `date` refuses 0, but overflows below
        if days.origin + days.bits.bit_length() - 1 > date.max.toordinal():
            raise ValueError("a day set reaches beyond the year 9999")
        return days

    def to_json(self) -> dict[str, str]:
        """The stored form: one text per run of years in which there are any days."""
        if not self.bits:
            return {}
        if self.bits.bit_length() <= _YEAR:  # no year can lie empty between two others
            year = date.fromordinal(self.origin).year
            return {f"{year:04}": _text(self.bits << self.origin - _new_year(year))}
        return self._runs_of_years()

    def add(self, day: date) -> Self:
        """The set with that day in it."""
        offset = day.toordinal() - self.origin
        if offset < 0 or not self.bits:
            return type(self)(day.toordinal(), 1) | self
        return self if self.bits >> offset & 1 else type(self)(self.origin, self.bits | 1 << offset)

    def __or__(self, other: Self) -> Self:
        if not self.bits or not other.bits:
            return self if self.bits else other
        low, high = (self, other) if self.origin <= other.origin else (other, self)
        return type(self)(low.origin, low.bits | high.bits << high.origin - low.origin)

    def __sub__(self, other: Self) -> Self:
        if not self.bits or not other.bits:
            return self
        gone = other._slice(self.origin, self.origin + self.bits.bit_length())
        return self._trimmed(self.origin, self.bits & ~gone)

    def __and__(self, other: Self) -> Self:
        return self - (self - other)

    def __contains__(self, day: date) -> bool:
        offset = day.toordinal() - self.origin
        return offset >= 0 and bool(self.bits >> offset & 1)

    def __iter__(self) -> Iterator[date]:
        return (date.fromordinal(self.origin + i) for i in range(self.bits.bit_length()) if self.bits >> i & 1)

    def __len__(self) -> int:
        return self.bits.bit_count()

    @property
    def first(self) -> date | None:
        return date.fromordinal(self.origin) if self.bits else None

    @property
    def last(self) -> date | None:
        return date.fromordinal(self.origin + self.bits.bit_length() - 1) if self.bits else None

    def last_before(self, day: date) -> date | None:
        """The last day before that one; None when there is none."""
        size = (self.bits & (1 << max(day.toordinal() - self.origin, 0)) - 1).bit_length()
        return date.fromordinal(self.origin + size - 1) if size else None

    def month(self, year: int, month: int) -> list[date]:
        """The days of that month, in order."""
        if not self.bits:
            return []
        begin = date(year, month, 1)
        bits = self._slice(begin.toordinal(), begin.toordinal() + days_in(year, month))
        return [begin.replace(day=i + 1) for i in range(bits.bit_length()) if bits >> i & 1]

    def count(self, first: date, last: date) -> int:
        """How many days lie between the two, both included."""
        return self._slice(first.toordinal(), last.toordinal() + 1).bit_count()

    def run_ending(self, day: date) -> int:
        """How many days in a row end with this one; 0 when it is not in the set."""
        size = day.toordinal() - self.origin + 1
        if size <= 0 or not self.bits:
            return 0
        ones = (1 << size) - 1
        return size - (self.bits & ones ^ ones).bit_length()

    def longest_run(self, across: "DaySet | None" = None) -> int:
        """The most days in a row; days of `across` that are not in the set neither count nor interrupt."""
        if across is None or not across.bits or not self.bits:
            return _longest_run(self.bits)
        holes = across._slice(self.origin, self.origin + self.bits.bit_length()) & ~self.bits
        return _longest_run(_cut(self.bits, holes))

    def _runs_of_years(self) -> dict[str, str]:
        """A bitmap for each run of years that have any days; from one such year to the next, however far."""
        stored: dict[str, int] = {}
        key, start, following = "", 0, 0
        left, origin = self.bits, self.origin
        while left:
            zeros = (left & -left).bit_length() - 1
            left, origin = left >> zeros, origin + zeros
            year = date.fromordinal(origin).year
            end = _new_year(year + 1)
            if year != following:
                key, start = f"{year:04}", _new_year(year)
            stored[key] = stored.get(key, 0) | (left & (1 << end - origin) - 1) << origin - start
            left, origin, following = left >> end - origin, end, year + 1
        return {year: _text(bits) for year, bits in stored.items()}

    def _slice(self, begin: int, end: int) -> int:
        """The bits of the days from ordinal `begin` up to `end`, bit 0 being `begin`."""
        if end <= max(begin, self.origin):
            return 0
        shift = begin - self.origin
        bits = self.bits >> shift if shift >= 0 else self.bits << -shift
        return bits & (1 << end - begin) - 1

    @classmethod
    def _trimmed(cls, origin: int, bits: int) -> Self:
        if not bits:
            return cls()
        zeros = (bits & -bits).bit_length() - 1
        return cls(origin + zeros, bits >> zeros)


EMPTY = DaySet()

_YEAR = 365


def _new_year(year: int) -> int:
    """The ordinal of 1 January, that of the year 10000 included."""
    return date(year, 1, 1).toordinal() if year <= date.max.year else date.max.toordinal() + 1


def _bits(text: object) -> int:
    """The bitmap of a text; raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("a bitmap must be a text")
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    return int.from_bytes(a2b_base64(padded, strict_mode=True), "little")


def _text(bits: int) -> str:
    return b2a_base64(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), newline=False).rstrip(b"=").decode()


def _longest_run(bits: int) -> int:
    """The longest run of ones, in a logarithmic number of steps.

    `starts[k]` marks where at least 2**k ones begin; the length is then put together from the largest power down.
    """
    if not bits:
        return 0
    starts = [bits]
    while longer := starts[-1] & starts[-1] >> (1 << len(starts) - 1):
        starts.append(longer)
    length, here = 0, -1
    for power in reversed(range(len(starts))):
        if longer := here & starts[power] >> length:
            length, here = length + (1 << power), longer
    return length


def _cut(bits: int, holes: int) -> int:
    """The bits with the places of `holes` taken out, so that their neighbours touch; a run of holes at a time."""
    while holes:
        top = holes.bit_length()
        low = (holes ^ (1 << top) - 1).bit_length()
        below = (1 << low) - 1
        bits = bits >> top << low | bits & below
        holes &= below
    return bits
