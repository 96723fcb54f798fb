"""What handing a picture on has cost, and whether that is what is asked of this server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table

RATIO = 40.0
MICROS_PER_PACKET = 20.0
PERCENT_PER_VIEWER = 0.35
JOIN_MS = 5.0
KEY_REQUESTS = 2
DISTURBANCE = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One round of one server: CPU seconds in `seconds` without viewers and with them, and what they got."""

    viewers: int
    seconds: float
    base: float
    cpu: float
    packets: int
    gaps: int
    join_cpu: float
    key_requests: int = 0

    @property
    def percent_per_viewer(self) -> float:
        """Of a core, beyond what it costs when nobody watches."""
        return 100 * (self.cpu - self.base) / self.seconds / self.viewers

    @property
    def micros_per_packet(self) -> float:
        """CPU microseconds for each packet that a viewer got, receiving and everything else included."""
        return 1e6 * self.cpu / max(1, self.packets)

    @property
    def join_ms(self) -> float:
        """CPU milliseconds for each viewer who came."""
        return 1000 * self.join_cpu / self.viewers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rushed:
    """So many joined at once: how long it took, and how often the publisher was asked for a key frame.

    ``cpu`` is what the server spent meanwhile, ``shown`` in as long a time with all of them there; both in seconds.
    """

    viewers: int
    took: float
    cpu: float
    shown: float
    key_requests: int

    @property
    def join_ms(self) -> float:
        """CPU milliseconds for each of them, beyond what they were shown: on average half of them were there."""
        return 1000 * (self.cpu - self.shown / 2) / self.viewers

    @property
    def keys_a_second(self) -> float:
        """Key frames asked for, over no less than a second."""
        return self.key_requests / max(1.0, self.took)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbed:
    """One pair of turns: how long danmaku took without and beside viewers of the picture.

    ``unsent`` is what the server could not send, ``gaps`` what viewers missed, by their own sockets' fault too.
    """

    viewers: int
    alone_p99_ms: float
    beside_p99_ms: float
    packets: int
    gaps: int
    unsent: int

    @property
    def slower(self) -> float:
        """How many times longer they took."""
        return self.beside_p99_ms / max(self.alone_p99_ms, 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReport:
    """Alternating rounds of this server and of `MediaRelay`, on one machine in one run."""

    machine: str
    picture: str
    forwarded: Sequence[Handed]
    relayed: Sequence[Handed]
    rushed: Sequence[Rushed] = ()
    beside: Sequence[Disturbed] = ()

    @property
    def ratio(self) -> float:
        """How many times less a viewer costs here."""
        here = median(one.percent_per_viewer for one in self.forwarded)
        return median(one.percent_per_viewer for one in self.relayed) / max(here, 1e-6)

    def goals(self) -> Iterator[tuple[str, float, bool]]:
        """What is asked, what was measured, and whether that is enough."""
        percent = median(one.percent_per_viewer for one in self.forwarded)
        micros = median(one.micros_per_packet for one in self.forwarded)
        join = median(one.join_ms for one in self.forwarded)
        keys = max(one.key_requests for one in self.forwarded)
        gaps = max(one.gaps for one in self.forwarded)
        yield f"G1 CPU per viewer, times less than MediaRelay: at least {RATIO:.0f}", self.ratio, self.ratio >= RATIO
        yield f"G2 CPU per packet, µs: at most {MICROS_PER_PACKET:.0f}", micros, micros <= MICROS_PER_PACKET
        yield f"G2 of a core per viewer, %: at most {PERCENT_PER_VIEWER}", percent, percent <= PERCENT_PER_VIEWER
        yield f"G7 CPU per join, ms: at most {JOIN_MS:.0f}", join, join <= JOIN_MS
        yield f"G7 key frames asked for, all joining at once: at most {KEY_REQUESTS}", keys, keys <= KEY_REQUESTS
        yield "packets missing at viewers: none", gaps, gaps == 0
        for one in self.rushed:
            these = f"{one.viewers} joining at once"
            yield (
                f"G7 key frames asked for a second, {these}: at most {KEY_REQUESTS}",
                *_at_most(one.keys_a_second, KEY_REQUESTS),
            )
            yield f"G7 CPU per join, {these}, ms: at most {JOIN_MS:.0f}", *_at_most(one.join_ms, JOIN_MS)
        if self.beside:
            yield from self._undisturbed()

    def _undisturbed(self) -> Iterator[tuple[str, float, bool]]:
        viewers = max(one.viewers for one in self.beside)
        slower = median(one.slower for one in self.beside)
        unsent = sum(one.unsent for one in self.beside)
        yield f"G10 danmaku p99 beside {viewers} viewers: at most {DISTURBANCE} ×", slower, slower <= DISTURBANCE
        yield "packets not sent while people talk and check in: none", unsent, unsent == 0

    def to_json(self) -> bytes:
        """All of it as one JSON object."""
        facts = {
            "machine": self.machine,
            "picture": self.picture,
            "ratio": round(self.ratio, 1),
            "goals": [{"goal": goal, "measured": round(value, 3), "met": met} for goal, value, met in self.goals()],
            "forwarded": [_shown(one) for one in self.forwarded],
            "media_relay": [_shown(one) for one in self.relayed],
            "rushed": [asdict(one) for one in self.rushed],
            "beside": [asdict(one) | {"slower": round(one.slower, 3)} for one in self.beside],
        }
        return msgspec.json.encode(facts)

    def print(self, console: Console) -> None:
        """As a table."""
        table = Table("goal", "measured", "met", title=self.picture)
        for goal, value, met in self.goals():
            table.add_row(goal, f"{value:.2f}", "yes" if met else "no")
        console.print(table)


def _at_most(figure: float, most: float) -> tuple[float, bool]:
    return figure, figure <= most


def _shown(one: Handed) -> dict[str, object]:
    figures = {"percent_per_viewer": one.percent_per_viewer, "micros_per_packet": one.micros_per_packet}
    return {
        **asdict(one),
        **{name: round(value, 4) for name, value in figures.items()},
        "join_ms": round(one.join_ms, 2),
    }
