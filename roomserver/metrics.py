"""What the server counts, for Prometheus; labels never come from users."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Metrics:
    """The counters of one server process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.commands = self._counter("commands", "Commands and queries, by kind.", "kind")
        self.refusals = self._counter("refusals", "Refused commands, by error code.", "code")
        self.closes = self._counter("closes", "Connections closed by the server, by code.", "code")
        self.unsubscribes = self._counter("unsubscribes", "Subscriptions ended by the server, by code.", "code")
        self.joins = self._counter("joins", "Finished joins, by what became of recovery.", "recovery")
        self.shed = self._counter("shed", "Events accepted but not shown, by lane.", "lane")
        self.shown = self._counter("shown", "Events shown, by lane.", "lane")
        self.conflicts = self._counter("commit_conflicts", "Changes that lost against another worker.")
        self.unknown = self._counter("commit_unknown", "Changes whose reply was lost.")
        self.given_up = self._counter("commands_given_up", "Durable commands not answered within 3 s.")
        self.replayed = self._counter("commands_replayed", "Durable commands answered from memory of the first.")
        self.skipped = self._counter("reactions_skipped", "Reactions that a rule refused.")
        self.losses = self._counter("store_losses", "Times a room's store held less than it had confirmed.")
        self.lagging = self._counter("lagging", "Times a connection could not keep up with its rooms.")
        self.tick = Gauge("roomserver_tick_seconds", "The longest tick of any room now.", registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"roomserver_{name}", text, labels, registry=self.registry)

    def gather(self, collect: Callable[[], Iterable[Family]]) -> None:
        """Ask a function for more families whenever metrics are read."""
        self.registry.register(_Asked(collect))

    def page(self) -> bytes:
        """Everything in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Asked(Collector):
    def __init__(self, collect: Callable[[], Iterable[Family]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Family]:
        """Ask."""
        return self._collect()

    def describe(self) -> Iterable[Family]:
        """Name nothing in advance."""
        return ()
