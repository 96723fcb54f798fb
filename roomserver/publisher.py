"""What an open room says: its lanes, its log, and who hears it.

event ─ observe ─ lane ─ tick (ticks.py): one batch ─ log ─ one frame to all (hub.py)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from room.feature import Fate, Reply
from room.lanes import FIRST, Lanes, Taken
from room.live import Room
from room.message import Audience, Command, Event, Lane, Stamped
from room.people import Actor, Role
from room.refusal import InternalError, UnrecoverablePosition
from room.row import member
from room.value import value
from roomserver.centrifuge.codes import Disconnect
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import HistoryResult, Publication
from roomserver.clock import secret_text
from roomserver.followers import Follower, Followers
from roomserver.hub import Listeners
from roomserver.load import SHARES
from roomserver.passing_keys import Answer
from roomserver.ring import Ring
from roomserver.schema import batch, encode, encode_event
from roomserver.shell import Shell
from roomserver.ticks import Ticks

COUNT_MS = 250
"""Between two batches that tell nothing but how many are here: a wave of joins must not make a batch of each tick."""

log = logging.getLogger(__name__)


class Visitor(Follower, Protocol):
    """A connection in a room; ``gone`` once it is lost."""

    client: str
    gone: bool

    def lose(self, channel: str) -> None:
        """What he followed in a channel does not go on: he must come back to it."""

    def actor_in(self, room: str) -> Actor:
        """The person as he acts in a room."""

    def close(self, why: Disconnect) -> None:
        """End the connection."""


@value(frozen=True, slots=True)
class PendingReply:
    """A reply that waits for its tick: ``told`` makes it once the fate of its event is known."""

    told: Callable[[Fate], Reply]
    answer: Answer

    def decided(self, fate: Fate) -> None:
        """The tick is written."""
        self.answer(encode(self.told(fate)))


class _Hearers(NamedTuple):
    """Whether a class of events is for all in the room, for the person it concerns, for hosts."""

    room: bool
    member: bool
    host: bool


_known_hearers: dict[type[Event], _Hearers] = {}


def _hearers(kind: type[Event]) -> _Hearers:
    """Looked up once for each class: a test of a flag takes as long as all the rest of telling an event."""
    known = _known_hearers.get(kind)
    if known is None:
        said = kind.audience
        known = _Hearers(Audience.ROOM in said, Audience.MEMBER in said, Audience.HOST in said)
        _known_hearers[kind] = known
    return known


class Publisher:
    """The public and the host channel of one room, its log and its ticks.

    ``observe`` takes note of every event before it is told; ``command`` carries out what a deadline asks for.
    """

    def __init__(
        self, shell: Shell, room: Room, *, observe: Callable[[Stamped], None], command: Callable[[Command], None]
    ) -> None:
        self.public: Followers[Visitor] = Followers(f"room:{room.id}", Ring(secret_text(6)), shell.fanout)
        self.hosts: Listeners[Visitor] = Listeners(f"host:{room.id}", shell.fanout)
        self.told_online = 0
        self._told_at = 0
        self._shell = shell
        self._room = room
        self._observe = observe
        self._ticks = Ticks(shell, room, flush=self._flush, command=command, deadline=self._count_due)
        self._lanes: Lanes[PendingReply | None] = Lanes(weigh=self._weigh)

    @property
    def ring(self) -> Ring:
        """The log."""
        return self.public.ring

    @property
    def silent(self) -> bool:
        """Nobody listens and nothing waits to be told."""
        return not len(self.public) and not len(self.hosts) and not self._ticks.due

    @property
    def tick(self) -> float:
        """Seconds between two batches while the room is busy."""
        return self._ticks.tick

    @property
    def crowded(self) -> bool:
        """Whether twice as much waits as the next batch may show of danmaku: there is enough to choose from."""
        return len(self._lanes) > 2 * SHARES[self._shell.load.step][Lane.DANMAKU]

    # --- the log

    def history(self, limit: int, since: Position | None, *, reverse: bool) -> HistoryResult:
        """Batches after a position, or all there are: the first ``limit`` of them (all when negative) in that order.

        Raises UnrecoverablePosition.
        """
        entries = self.ring.entries() if since is None else self.ring.since(since.epoch, since.offset)
        if entries is None:
            raise UnrecoverablePosition
        chosen = list(reversed(entries)) if reverse else list(entries)
        if limit >= 0:
            chosen = chosen[:limit]
        told = tuple(Publication(offset=entry.offset, data=entry.data) for entry in chosen)
        return HistoryResult(publications=told, epoch=self.ring.epoch, offset=self.ring.offset)

    def restart(self) -> None:
        """Begin a new log, and send everybody back to come in anew."""
        for visitor in self.public.begin(Ring(secret_text(6))):
            visitor.lose(self.public.listeners.name)

    # --- telling

    def is_public(self, stamped: Stamped) -> bool:
        """Whether the room is told: not of somebody who is not in it (promoted by the platform while away)."""
        if not _hearers(type(stamped.event)).room:
            return False
        user = stamped.event.concerns
        return user is None or user in self._room.actors

    def tell(self, events: Sequence[Stamped], waiting: tuple[Stamped, PendingReply] | None = None) -> None:
        """Observe events and pass them on; a reply may wait for the tick of one of them."""
        self._pass_on(events, waiting)
        if events:
            self._ticks.touch()

    def _pass_on(self, events: Sequence[Stamped], waiting: tuple[Stamped, PendingReply] | None = None) -> None:
        for stamped in events:
            self._observe(stamped)
            if self.is_public(stamped):
                self._shell.conservation.accepted[type(stamped.event).lane] += 1
                self._lanes.offer(stamped, waiting[1] if waiting is not None and waiting[0] is stamped else None)
        self._tell_apart(events)

    def _tell_apart(self, events: Sequence[Stamped]) -> None:
        """What is for one member, or for the hosts: all of it in one frame for each of them."""
        members: dict[str, list[bytes]] = {}
        hosts: list[bytes] = []
        for stamped in events:
            hearers = _hearers(type(stamped.event))
            if hearers.member and (user := stamped.event.concerns) is not None:
                members.setdefault(user, []).append(encode_event(stamped))
            if hearers.host:
                hosts.append(encode_event(stamped))
        for user, told in members.items():
            self._shell.people.tell(user, batch(told, room=self._room.id))  # his channel is that of all his rooms
        if hosts and len(self.hosts):
            self.hosts.publish(0, batch(hosts))

    def _weigh(self, stamped: Stamped) -> int:
        """How much an event counts where places are few: as its person's standing says, and hosts before all."""
        user = stamped.event.concerns
        if user is None:
            return 1
        actor = self._room.actors.get(user)
        if actor is not None and actor.role >= Role.MODERATOR:
            return FIRST
        return self._shell.house.standing(self._room.row(member(user))).entitlements.weight

    # --- a tick

    def _flush(self, now: int) -> None:
        self._merge(now)
        due = self._count_due()
        if self._lanes or (due is not None and due <= now):
            self._write(now)

    def _count_due(self) -> int | None:
        """When the number of users is told though nothing else is: the instant, None when it is known."""
        return None if self.told_online == self._room.online else self._told_at + COUNT_MS

    def _merge(self, now: int) -> None:
        for feature in self._shell.flushers:
            merged = feature.flush(self._room, now)
            self._pass_on([Stamped(id=self._shell.ids.next(), at=now, event=event) for event in merged])

    def _write(self, now: int) -> None:
        taken = self._lanes.take(SHARES[self._shell.load.step])
        self.told_online, self._told_at = self._room.online, now
        try:
            data = batch([encode_event(s) for s, _ in taken.shown], online=self._room.online, shed=taken.counts)
        except Exception:
            log.exception("a batch was not made", extra={"room": self._room.id})
            self._shell.conservation.decided(taken, told=False)
            self._refuse(taken)
            return
        reached = self.public.publish(data)
        self._shell.conservation.decided(taken, told=True)
        self._shell.conservation.delivered(self.public.ledger, self.public.outstanding())
        fates = {shown: Fate(shown=shown, online=self._room.online, reached=reached) for shown in (True, False)}
        for shown, decided in ((True, taken.shown), (True, taken.merged), (False, taken.shed)):
            for _, waiting in decided:
                if waiting is not None:
                    waiting.decided(fates[shown])
        self._shell.mailbag.empty()

    def _refuse(self, taken: Taken[PendingReply | None]) -> None:
        for _, waiting in (*taken.shown, *taken.merged, *taken.shed):
            if waiting is not None:
                waiting.answer(InternalError())

    def close(self) -> None:
        """Nothing is told any more, and nobody comes back to what was."""
        self._ticks.close()
        self.ring.forget()
        self._shell.conservation.closed.add(self.public.ledger)
