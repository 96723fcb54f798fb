"""What the server counts, for Prometheus; labels never come from users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


CONTENT_TYPE = CONTENT_TYPE_LATEST
"""Of the page of metrics."""


class Metrics:
    """The counters of one server process, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type for it
        self.registry = CollectorRegistry()
        self.refusals = self._counter("refusals", "Refused commands, by error code.", "code")
        self.problems = self._counter("http_problems", "HTTP answers that tell of a problem, by status.", "status")
        self.cut_off = self._counter("http_cut_off", "HTTP connections cut off, since nothing was read there.")
        self.audit_unwritten = self._counter("audit_unwritten", "Lines of the audit log that were too many to write.")
        self.closes = self._counter("closes", "Connections closed by the server, by code.", "code")
        self.turned_away = self._counter("turned_away", "Handshakes that were not accepted, by reason.", "reason")
        self.conflicts = self._counter("commit_conflicts", "Changes that lost against another worker.")
        self.unknown = self._counter("commit_unknown", "Changes whose reply was lost.")
        self.given_up = self._counter("commands_given_up", "Durable commands not answered within 3 s.")
        self.replayed = self._counter("commands_replayed", "Durable commands answered from memory of the first.")
        self.skipped = self._counter("reactions_skipped", "Reactions that a rule refused.")
        self.losses = self._counter("store_losses", "Times a room's store held less than it had confirmed.")
        self.lagging = self._counter("lagging", "Times a connection could not keep up with its rooms.")

        self.prepublish = self._counter("prepublish", "Questions to the platform before words are shown.", "outcome")
        self.webhooks_delivered = self._counter("webhooks_delivered", "Webhooks taken, by endpoint.", "endpoint")
        self.webhooks_failed = self._counter("webhooks_failed", "Attempts at a webhook that failed.", "endpoint")
        self.webhooks_lost = self._counter("webhooks_lost", "Webhooks given up, or found kept no more.", "endpoint")
        self.media_refused = self._counter("media_refused", "WHIP and WHEP requests that were refused.", "reason")

        self._commands: dict[str, int] = {}
        self._joins: dict[str, int] = {}
        self.gather(self._frequent)

    def asked(self, kind: str) -> None:
        """Count a command or query: every one passes here, and the library's own counters take a lock for each."""
        self._commands[kind] = self._commands.get(kind, 0) + 1

    def joined(self, recovery: str) -> None:
        """Count a finished join, by what became of recovery."""
        self._joins[recovery] = self._joins.get(recovery, 0) + 1

    def _frequent(self) -> Sequence[Family]:
        return [
            counter("commands", "Commands and queries, by kind.", self._commands, label="kind"),
            counter("joins", "Finished joins, by what became of recovery.", self._joins, label="recovery"),
        ]

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


def gauge(name: str, text: str, value: float | Mapping[str, float], *, label: str | None = None) -> Family:
    """A value of this moment, or one for each value of a label."""
    if not isinstance(value, Mapping):
        return GaugeMetricFamily(f"roomserver_{name}", text, value=value)
    family = GaugeMetricFamily(f"roomserver_{name}", text, labels=[label or "kind"])
    for one, value_of_it in value.items():
        family.add_metric([one], value_of_it)
    return family


def counter(name: str, text: str, value: float | Mapping[str, float], *, label: str | None = None) -> Family:
    """A sum that only grows, or one for each value of a label."""
    if not isinstance(value, Mapping):
        return CounterMetricFamily(f"roomserver_{name}", text, value=value)
    family = CounterMetricFamily(f"roomserver_{name}", text, labels=[label or "kind"])
    for one, sum_of_it in value.items():
        family.add_metric([one], sum_of_it)
    return family


def histogram(
    name: str, text: str, bounds: Sequence[float], values: Mapping[str, tuple[Sequence[int], float]], *, label: str
) -> Family:
    """Counts per bucket (one more than bounds) and the sum of what was measured, for each value of a label."""
    family = HistogramMetricFamily(f"roomserver_{name}", text, labels=[label])
    edges = [*(str(bound) for bound in bounds), "+Inf"]
    for one, (counts, total) in values.items():
        family.add_metric([one], list(zip(edges, accumulate(counts), strict=True)), sum_value=total)
    return family
