"""What a run records while it goes on: replies, deliveries, events and audits, gathered for its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter

import msgspec
from msgspec import Struct

from loadtest.audit import Tally
from loadtest.census import Census
from loadtest.decoder import SharedDecoder
from loadtest.histogram import Histogram
from loadtest.oscost import Cost, cost_of
from loadtest.progress import Glance
from loadtest.protocol import Reply
from loadtest.report import Replies, Report, Spent
from loadtest.roomlog import RoomLog
from loadtest.viewer import Viewer
from loadtest.wire import PLAIN, Wire


class Said(Struct, frozen=True):
    """The part of a feature's reply that is counted: of a danmaku, or of a check-in's receipt."""

    id: str = ""
    status: str = ""
    replayed: bool = False


def nothing_more(_reply: Reply, _said: Said) -> None:
    """The reply is counted, and that is all."""


class Recording:
    """The record of one run; its clock is `perf_counter`."""

    def __init__(self, wire: Wire = PLAIN) -> None:
        self.started = perf_counter()
        self.log = RoomLog()
        self.decoder = SharedDecoder(wire)
        self.census = Census(self.started)
        self.lag = Histogram()
        self.warnings: dict[str, None] = {}
        self.faults: dict[str, None] = {}
        self.outstanding = 0
        self._weights: dict[Viewer, int] = {}
        self._replies: defaultdict[str, Replies] = defaultdict(Replies)
        self.tally = Tally()
        self.spent: Spent | None = None
        self._before: Cost | None = None
        self._delivered_before = 0
        self._bytes = 0
        self._reconnects = 0
        self._viewers = 0

    def fire(
        self,
        viewer: Viewer,
        method: str,
        data: Mapping[str, object],
        due: float,
        then: Callable[[Reply, Said], None] = nothing_more,
    ) -> None:
        """Let `viewer` call a feature; its latency counts from `due`, when the plan wanted it."""

        def answered(reply: Reply, now: float) -> None:
            self.outstanding -= 1
            said = _said(reply)
            if method == "danmaku.send" and said.status == "accepted":
                self.log.expect(said.id, due, now)
            self._replies[method].add(reply, now - due, said.status or ("replayed" if said.replayed else "ok"))
            then(reply, said)

        self.lag.add(max(0.0, perf_counter() - due))
        self.outstanding += 1
        viewer.fire(method, data, answered)

    def joined(self, reply_seconds: float) -> None:
        """A viewer entered the room, `reply_seconds` after the plan wanted him to."""
        self._replies["join"].add(Reply(), reply_seconds)

    def warn(self, sentence: str) -> None:
        """Remember a note for the report, once, and not too many."""
        if len(self.warnings) < 20:
            self.warnings[sentence] = None

    def weigh(self, viewers: Iterable[Viewer], pid: int | None = None) -> None:
        """From now on count the bytes of these viewers and of no others, and what the server's process spends."""
        self._weights = {viewer: viewer.bytes_in for viewer in viewers}
        self._before = None if pid is None else cost_of(pid)
        self._delivered_before = self.log.delivered

    def weighed(self, pid: int | None) -> None:
        """The end of what is charged to the server's process."""
        after = None if pid is None else cost_of(pid)
        if after is not None and self._before is not None:
            self.spent = Spent(cost=after.since(self._before), deliveries=self.log.delivered - self._delivered_before)

    def retire(self, viewer: Viewer) -> None:
        """Take over the audit of a viewer who has left."""
        self.tally.add(viewer.audit.tally)
        self._reconnects += viewer.reconnects
        if not self._weights or viewer in self._weights:
            self._bytes += viewer.bytes_in - self._weights.get(viewer, 0)
            self._viewers += 1

    def settle(self) -> None:
        """Let go what has reached everybody; call it now and then."""
        self.log.settle(perf_counter())

    def glance(self, phase: str, done: float, total: float | None, present: int) -> Glance:
        """The run at this moment."""
        census = self.census
        return Glance(
            phase=phase, done=done, total=total, present=present, online=census.online, events=census.events.total()
        )

    def count(self, method: str, outcome: str) -> int:
        """How often `method` was answered with `outcome`."""
        return self._replies[method].outcomes[outcome] if method in self._replies else 0

    def report(self, name: str, viewers: int, seconds: float, silences: Sequence[str] = ()) -> Report:
        """The end of the run: close the log and sum up."""
        self.log.close()
        now = perf_counter()
        if not self.tally.batches:
            self.faults["No viewer got any batch, so nothing was audited."] = None
        return Report(
            name=name,
            viewers=viewers,
            seconds=seconds,
            replies=dict(self._replies),
            to_first=self.log.to_first,
            to_last=self.log.to_last,
            audit=self.tally,
            repeated=self.log.repeated,
            unseen=self.log.unseen,
            batches=self.log.batches,
            bytes_per_viewer=self._bytes / max(1, self._viewers),
            events=dict(self.census.events),
            silences={kind: self.census.silence(kind, now) for kind in silences},
            shed=dict(self.census.shed),
            reconnects=self._reconnects,
            lag=self.lag,
            spent=self.spent,
            warnings=tuple(self.warnings),
            faults=tuple(self.faults),
        )


def _said(reply: Reply) -> Said:
    if reply.rpc is None:
        return Said()
    try:
        return msgspec.json.decode(reply.rpc.data, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said()  # a reply of another shape is counted as one, no more
