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
from loadtest.haul import Haul, report_of
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
    reached: int | None = None


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
        self._spent: Spent | None = None
        self._probe: float | None = None
        self._peak = 0
        self._receipts: dict[str, str] = {}
        self._reached: dict[str, int] = {}
        self._before: Cost | None = None
        self._delivered_before = self._copies_before = 0
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
            if said.reached is not None:
                self.log.expect(said.id, due, now)
                self._reached[said.id] = said.reached
            self._replies[method].add(reply, now - due, said.status or ("replayed" if said.replayed else "ok"))
            then(reply, said)

        self.lag.add(max(0.0, perf_counter() - due))
        self.outstanding += 1
        viewer.fire(method, data, answered)

    def seated(self, seconds: float) -> None:
        """A viewer entered the room while the run was made ready, many at the same time."""
        self._replies["seat"].add(Reply(), seconds)

    def joined(self, seconds: float) -> None:
        """A viewer entered the room, so long after the plan wanted him to."""
        self._replies["join"].add(Reply(), seconds)

    def returned(self, seconds: float) -> None:
        """A viewer who had lost his connection is in the room again, so long after he set out."""
        self._replies["rejoin"].add(Reply(), seconds)

    def put_off(self) -> None:
        """A viewer was told to come again later."""
        self._replies["join"].outcomes["put off"] += 1

    def warn(self, sentence: str) -> None:
        """Remember a note for the report, once, and not too many."""
        if len(self.warnings) < 20:
            self.warnings[sentence] = None

    def weigh(self, viewers: Iterable[Viewer], pid: int | None = None) -> None:
        """From now on count the bytes of these viewers and of no others, and what the server's process spends."""
        self._weights = {viewer: viewer.bytes_in for viewer in viewers}
        self._before = None if pid is None else cost_of(pid)
        self._delivered_before, self._copies_before = self.log.delivered, self.log.copies

    def weighed(self, pid: int | None) -> None:
        """The end of what is charged to the server's process."""
        after = None if pid is None else cost_of(pid)
        if after is not None and self._before is not None:
            cost = after.since(self._before)
            deliveries, copies = self.log.delivered - self._delivered_before, self.log.copies - self._copies_before
            peak = max(0, self._peak - self._before.rss)
            self._spent = Spent(
                cost=cost, deliveries=deliveries, copies=copies, before=self._before, peak=peak, probe=self._probe
            )

    def weigh_memory(self, pid: int | None) -> None:
        """Note how much the server's process holds at this moment."""
        now = None if pid is None else cost_of(pid)
        self._peak = max(self._peak, 0 if now is None else now.rss)

    def probed(self, pid: int) -> None:
        """The end of what tells the price of one write."""
        self.weighed(pid)
        if self._spent is not None and self._spent.copies:
            self._probe = self._spent.cost.cpu / self._spent.copies
        self._spent = None

    def retire(self, viewer: Viewer) -> None:
        """Take over the audit of a viewer who has left."""
        viewer.audit.settle()
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

    def receipt(self, user: str, receipt: str) -> None:
        """A member was given a receipt: the same every time."""
        if self._receipts.setdefault(user, receipt) != receipt:
            self.faults["A member was given two different receipts for one day."] = None

    def haul(self) -> Haul:
        """The end of the run in this process: what it brings home."""
        spent = self._spent
        return Haul(
            log=self.log,
            replies=dict(self._replies),
            tally=self.tally,
            events=self.census.events,
            sums=self.census.sums,
            shed=self.census.shed,
            paces=self.census.paces(),
            seconds=self.census.seconds,
            lag=self.lag,
            bytes=self._bytes,
            weighed=self._viewers,
            deliveries=self.log.delivered - self._delivered_before if spent is None else spent.deliveries,
            copies=self.log.copies - self._copies_before if spent is None else spent.copies,
            reconnects=self._reconnects,
            spent=spent,
            reached=self._reached,
            warnings=tuple(self.warnings),
            faults=tuple(self.faults),
        )

    def report(self, name: str, viewers: int, seconds: float, silences: Sequence[str] = ()) -> Report:
        """The end of a run of one process: close the log and sum up."""
        now = perf_counter()
        return report_of(
            name, viewers, seconds, [self.haul()], {kind: self.census.silence(kind, now) for kind in silences}
        )


def _said(reply: Reply) -> Said:
    if reply.rpc is None:
        return Said()
    try:
        return msgspec.json.decode(reply.rpc.data, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said()  # a reply of another shape is counted as one, no more
