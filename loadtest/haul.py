"""What one process brings home from a run, and the one report that the hauls of all make together.

Times are those of one monotonic clock that all processes of a machine share, so the last viewer of all is found among
the last viewers of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from loadtest.audit import Tally, differences
from loadtest.histogram import Histogram
from loadtest.report import Replies, Report, Second, Spent
from loadtest.roomlog import RoomLog


@dataclass(slots=True, kw_only=True)
class Haul:
    """Everything in it can be sent from process to process."""

    log: RoomLog
    replies: dict[str, Replies]
    tally: Tally
    events: Counter[str]
    sums: Counter[str]
    shed: Counter[str]
    paces: dict[str, float]
    seconds: dict[int, Counter[str]]
    lag: Histogram
    bytes: int
    weighed: int
    deliveries: int
    copies: int
    reconnects: int
    spent: Spent | None = None
    reached: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def report_of(
    name: str, viewers: int, seconds: float, hauls: Sequence[Haul], silences: Mapping[str, float] | None = None
) -> Report:
    """Join what all parts brought home."""
    tally = Tally()
    for haul in hauls:
        tally.add(haul.tally)
    log = _joined(hauls, tally)
    reached = {event: (said, log.readers(event)) for haul in hauls for event, said in haul.reached.items()}
    log.close()
    fullest = max(hauls, key=lambda haul: haul.events.total())  # each process sees the whole room
    spent = next((haul.spent for haul in hauls if haul.spent is not None), None)
    deliveries, copies = sum(haul.deliveries for haul in hauls), sum(haul.copies for haul in hauls)
    faults = dict.fromkeys(one for haul in hauls for one in haul.faults)
    if not tally.batches:
        faults["No viewer got any batch, so nothing was audited."] = None
    return Report(
        name=name,
        viewers=viewers,
        seconds=seconds,
        replies=_replies(hauls),
        to_first=log.to_first,
        to_last=log.to_last,
        audit=tally,
        repeated=log.repeated,
        unseen=log.unseen,
        batches=log.batches,
        bytes_per_viewer=sum(haul.bytes for haul in hauls) / max(1, sum(haul.weighed for haul in hauls)),
        events=dict(fullest.events),
        sums=dict(fullest.sums),
        paces=fullest.paces,
        timeline=_timeline(fullest.seconds, log.worst),
        silences=silences or {},
        shed=dict(fullest.shed),
        reconnects=sum(haul.reconnects for haul in hauls),
        lag=_histogram(haul.lag for haul in hauls),
        spent=None if spent is None else replace(spent, deliveries=deliveries, copies=copies),
        reached=reached,
        warnings=tuple(dict.fromkeys(one for haul in hauls for one in haul.warnings)),
        faults=tuple(faults),
    )


def _timeline(seconds: Mapping[int, Counter[str]], worst: Mapping[int, float]) -> tuple[Second, ...]:
    """The run second by second, from the first in which anything was seen."""
    if not seconds:
        return ()
    start = min(seconds)
    known = range(start, max(*seconds, *worst, start) + 1)
    return tuple(Second(at=at - start, events=dict(seconds.get(at, {})), to_last=worst.get(at)) for at in known)


def _joined(hauls: Sequence[Haul], tally: Tally) -> RoomLog:
    """One log of the room; where two processes were told different things under one offset, that is a fault."""
    first, *others = (haul.log for haul in hauls)
    for other in others:
        for mine, theirs in first.merge(other):
            lost, doubled, reordered = differences(mine, theirs)
            tally.lost += lost
            tally.doubled += doubled
            tally.reordered += reordered
    return first


def _replies(hauls: Iterable[Haul]) -> dict[str, Replies]:
    together: dict[str, Replies] = {}
    for haul in hauls:
        for method, replies in haul.replies.items():
            together.setdefault(method, Replies()).merge(replies)
    return together


def _histogram(parts: Iterable[Histogram]) -> Histogram:
    whole = Histogram()
    for part in parts:
        whole.merge(part)
    return whole
