"""Charts as SVG text: lines and bars, with their numbers, readable without colour and without a script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 16, 44
_DASHES = ("", "7 4", "2 4", "10 4 2 4", "1 6")
_MOST_LINES = len(_DASHES)

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Values along one axis between two places on the page, evenly or by powers of ten."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Where a value stands."""
        low, high, value = self._eased(self.low), self._eased(self.high), self._eased(value)
        share = (value - low) / (high - low) if high > low else 0.0
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))

    def ticks(self) -> list[float]:
        """Round values to write beside the axis."""
        if self.logarithmic:
            return [
                10.0**power for power in range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            ]
        step = _round_step((self.high - self.low) / 5)
        first = math.ceil(self.low / step)
        return [step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _eased(self, value: float) -> float:
        return math.log10(max(value, 1e-9)) if self.logarithmic else value


def _round_step(rough: float) -> float:
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def lines(
    title: str,
    series: Mapping[str, Points],
    *,
    x: str,
    y: str,
    log_y: bool = False,
    marks: Mapping[float, str] | None = None,
) -> str:
    """A line for each of the first five series; `marks` name places on the x axis instead of numbers."""
    drawn = {name: points for name, points in list(series.items())[:_MOST_LINES] if points}
    values = [value for points in drawn.values() for value in points]
    if not values:
        return ""
    across = Scale(low=min(v[0] for v in values), high=max(v[0] for v in values), start=_LEFT, end=_WIDTH - _RIGHT)
    up = _upwards([value for _, value in values], logarithmic=log_y)
    parts = [_axes(across, up, x, y, marks)]
    for number, (name, points) in enumerate(drawn.items()):
        parts.append(_line(number, name, [(across.at(a), up.at(b)) for a, b in points]))
    return _figure(title, _WIDTH, _HEIGHT, "".join(parts))


def _upwards(values: Sequence[float], *, logarithmic: bool) -> Scale:
    """The scale of the y axis: from zero, or over the powers of ten that the values span (five of them at most)."""
    high = max(*values, 1e-6)
    if not logarithmic:
        return Scale(low=0.0, high=high * 1.05, start=_HEIGHT - _BOTTOM, end=_TOP)
    low = max(min((value for value in values if value > 0), default=high), high / 1e5)
    bottom, top = 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high) + 1e-9)
    return Scale(low=bottom, high=top, start=_HEIGHT - _BOTTOM, end=_TOP, logarithmic=True)


def _axes(across: Scale, up: Scale, x: str, y: str, marks: Mapping[float, str] | None) -> str:
    floor, left = up.start, across.start
    parts = [f'<path class="axis" d="M{left:.1f} {up.end:.1f}V{floor:.1f}H{across.end:.1f}"/>']
    for value in up.ticks():
        at = up.at(value)
        parts.append(f'<path class="grid" d="M{left:.1f} {at:.1f}H{across.end:.1f}"/>')
        parts.append(_text(left - 6, at + 4, _told(value), "end", "number"))
    named = marks if marks is not None else {value: _told(value) for value in across.ticks()}
    for value, name in named.items():
        if across.low <= value <= across.high:
            parts.append(_text(across.at(value), floor + 16, name, "middle", "number"))
    parts.append(_text((left + across.end) / 2, floor + 36, x, "middle"))
    parts.append(f'<g transform="rotate(-90 14 {floor / 2:.1f})">{_text(14, floor / 2, y, "middle")}</g>')
    return "".join(parts)


def _line(number: int, name: str, points: Points) -> str:
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
    dash = f' stroke-dasharray="{_DASHES[number]}"' if _DASHES[number] else ""
    pen = f'class="line c{number}"{dash}'
    row, left = _TOP + 14 + 20 * number, _WIDTH - _RIGHT + 12
    return f'<path {pen} d="M{path}"/><path {pen} d="M{left} {row - 4}h24"/>{_text(left + 30, row, name)}'


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "name") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def bars(title: str, values: Sequence[tuple[str, float, str]], *, highlighted: int = 0) -> str:
    """A horizontal bar for each (name, value, value as text)."""
    if not values:
        return ""
    left, row = 250, 30
    most = max(*(value for _, value, _ in values), 1e-9)
    scale = Scale(low=0.0, high=most, start=left, end=_WIDTH - 90)
    parts = []
    for number, (name, value, told) in enumerate(values):
        top = 8 + row * number
        mark = "c0" if number == highlighted else "other"
        width = max(1.0, scale.at(value) - left)
        parts.append(_text(left - 8, top + 15, name, "end"))
        parts.append(f'<rect class="bar {mark}" x="{left}" y="{top}" width="{width:.1f}" height="{row - 10}"/>')
        parts.append(_text(left + width + 6, top + 15, told, "start", "number"))
    return _figure(title, _WIDTH, 16 + row * len(values), "".join(parts))


def _figure(title: str, width: int, height: int, inside: str) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{inside}</svg></figure>'
    )


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"
