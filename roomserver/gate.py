"""Who is let in at the moment: how many are here, from where, and how fast more of them come.

Whoever is turned away hears why and when to come back, and is counted by the reason. No clock of its own: instants are
seconds of a steady clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from room.people import Role
from room.refusal import ServerBusy
from room.until import Until
from roomserver.addresses import Proxies
from roomserver.clock import jitter
from roomserver.limits import ARRIVALS_AT_ONCE, Limits
from roomserver.load import Load, Step
from roomserver.pace import Bucket

FAILURE_MS = 1_000
"""After so long one more failure of an address is forgiven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAway:
    """The answer to a handshake that is not accepted; ``reason`` is its name in metrics, ``after`` seconds to wait."""

    status: int
    reason: str
    text: str
    after: int | None = None


@dataclass(slots=True, kw_only=True)
class Gate:
    """Counts who is inside, and who has failed; ``proxies`` None: addresses are not counted.

    An address fails with each connection that ends before it has shown a good token, and with each wrong key or token
    over HTTP. It may fail as often at once as it may have connections, then once a second, and is put off meanwhile.
    """

    limits: Limits
    load: Load = field(default_factory=Load)
    proxies: Proxies | None = None
    _arrivals: Bucket | None = None
    _by_address: Counter[str] = field(default_factory=Counter)
    _failures: Until = field(default_factory=Until)

    def admit(self, address: str, inside: int, at: float) -> TurnedAway | None:
        """Why one more connection from an address is not accepted now; None when it is, and it is counted.

        ``inside`` are there already. ``leave`` must follow once an accepted one is lost.
        """
        if self._hurried and self.load.step is Step.OVERLOADED:
            return self._later("overloaded", "The server is overloaded")
        if inside >= self.limits.connections:
            return self._later("full", "The server is full")
        if self.proxies is not None and self._by_address[address] >= self.limits.per_address:
            return self._later("address", "Too many connections from this address")
        if self.wait_after_failures(address, at):
            return self._later("failures", "Too many failures from this address")
        if not self._in_time(at):
            return self._later("arrivals", "Too many are coming at once")
        self._by_address[address] += 1
        return None

    @property
    def _hurried(self) -> bool:
        """Whether it matters how fast people come; where it does not, nobody is put off."""
        return self.limits.arrivals is not None

    def _in_time(self, at: float) -> bool:
        rate = self.limits.arrivals
        if rate is None:
            return True
        if self._arrivals is None:
            self._arrivals = Bucket(rate, rate * ARRIVALS_AT_ONCE, at)
        return self._arrivals.take(at)

    def _later(self, reason: str, text: str) -> TurnedAway:
        return TurnedAway(status=503, reason=reason, text=f"{text}: try again.\n", after=round(jitter(1, 5)))

    def address(self, peer: str, forwarded: str | None) -> str:
        """Whom a connection is counted for; "" where addresses are not counted."""
        return "" if self.proxies is None else self.proxies.origin(peer, forwarded)

    def leave(self, address: str) -> None:
        """An accepted connection from an address is lost."""
        self._by_address[address] -= 1
        if self._by_address[address] <= 0:
            del self._by_address[address]

    def failed(self, address: str, at: float) -> None:
        """Somebody from an address has shown no good token or key."""
        if address:
            now = round(at * 1000)
            forgiven = max(self._failures.of(address), now) + FAILURE_MS
            self._failures.set(address, min(forgiven, now + self._patience + FAILURE_MS), now=now)

    def wait_after_failures(self, address: str, at: float) -> int:
        """For how many seconds nobody from an address is listened to, who may have a good token or not; 0: for none."""
        over = self._failures.of(address) - round(at * 1000) - self._patience
        return -(-over // 1000) if address and over > 0 else 0

    @property
    def _patience(self) -> int:
        return self.limits.per_address * FAILURE_MS

    def puts_off(self, role: Role, *, recovers: bool) -> ServerBusy | None:
        """Why somebody may not join a room now: a newcomer while the process is strained; None when he may."""
        if not self._hurried or self.load.step < Step.STRAINED or recovers or role >= Role.MODERATOR:
            return None
        return ServerBusy(retry_in=round(jitter(1_000, 5_000)))
