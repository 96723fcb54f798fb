"""The forwarding unit: rooms, sessions, and which member's picture is shown in which slot."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Literal

from media import chance
from media.answer import Host, Reply, fragment, playable, preferred, write
from media.backend import (
    CHECK,
    Answer,
    Gone,
    MediaEvent,
    Patched,
    Playing,
    Published,
    PublishLimits,
    Quality,
    Reason,
    Rejected,
    Unpublished,
)
from media.connection import Connection, Spawn
from media.dtls import fingerprint, make_certificate
from media.feed import Kind
from media.offer import Offer, Section, read_publisher, read_viewer
from media.policy import Level
from media.port import MediaPort
from media.publication import Publication
from media.room import Room
from media.subscription import Subscription
from media.tally import Tally
from media.viewing import Viewing

TICK_SECONDS = 0.1
SESSIONS = 2000
"""Of one process: what a core forwards is less."""

HOSTS = 200
"""Places that viewers cannot take: a host who comes back to a full house must come in."""

PUBLISHERS = 8
"""Of one member in one room, those that are being replaced included: nobody on stage can keep the host away."""

RETRY_SECONDS = 2
CHECK_SECONDS = 20
"""How long a line may be checked: a picture that nobody sees need not come for ever."""

_KINDS: tuple[Kind, ...] = ("audio", "video")
log = logging.getLogger(__name__)

_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)\s*$", re.MULTILINE)


class Sfu:
    """All sessions of one media port; ``emit`` takes what happens."""

    def __init__(
        self, port: MediaPort, addresses: Sequence[str], spawn: Spawn, emit: Callable[[MediaEvent], None]
    ) -> None:
        self._port = port
        self._spawn = spawn
        self._emit = emit
        self._loop = asyncio.get_running_loop()
        self._certificate = make_certificate()
        self._host = Host(addresses=tuple(addresses), port=port.number, fingerprint=fingerprint(self._certificate))
        self._rooms: dict[str, Room] = {}
        self._sessions: dict[str, Publication | Viewing] = {}
        self._tags: dict[str, str] = {}
        self._tally = Tally()

    # --- what is asked

    def publish(self, room: str, member: str, slot: str, sdp: str, limits: PublishLimits) -> Answer:
        """Take a member's picture. Raises Rejected."""
        offer = read_publisher(sdp)
        known = self._rooms.get(room)
        if known is not None:
            self._check_seat(known, room, member, slot)
        place = self._entered(room, SESSIONS + HOSTS)
        place.claim(slot, member)
        connection = Connection(self._port, self._certificate, offer, self._spawn)
        name = chance.session_name()
        self._sessions[name] = Publication(name, room, member, slot, connection, offer.sections, limits.bitrate, self)
        replies = [Reply(section=one, codecs=(preferred(one),)) for one in offer.sections]
        return self._answer(name, connection, replies, "recvonly")

    def _check_seat(self, place: Room, room: str, member: str, slot: str) -> None:
        if place.has_other(slot, member):
            raise Rejected(Reason.OCCUPIED, "somebody else's picture is in this slot", retry_after=RETRY_SECONDS)
        if sum(_is_of(one, room, member) for one in self._sessions.values()) >= PUBLISHERS:
            raise Rejected(Reason.FULL, "too many sessions publish for one member", retry_after=RETRY_SECONDS)

    def play(self, room: str, member: str, slots: Sequence[str], sdp: str) -> Answer:
        """Show a room's slots to somebody. Raises Rejected."""
        offer = read_viewer(sdp, len(slots))
        place = self._rooms.get(room)
        if place is None or not any(place.in_slot(slot) for slot in slots):
            raise Rejected(Reason.NOT_LIVE, "nobody publishes here now", retry_after=RETRY_SECONDS)
        place = self._entered(room, SESSIONS)
        connection = Connection(self._port, self._certificate, offer, self._spawn)
        replies, shown = [], []
        for section, slot in _placed(offer, slots):
            codecs = playable(section)
            outlet = place.outlet(slot, section.kind)
            numbers = {codec.name: codec.payload_type for codec in codecs}
            shown.append((outlet, Subscription(outlet.feed, connection, numbers)))
            replies.append(Reply(section=section, codecs=codecs, ssrc=outlet.feed.ssrc, stream=slot))
        place.show(self._loop.time())
        name = chance.session_name()
        self._sessions[name] = Viewing(
            name, room, member, connection, shown, began=self._viewer_began, ended=self._viewer_ended
        )
        return self._answer(name, connection, replies, "sendonly")

    def _entered(self, room: str, most: int) -> Room:
        if len(self._sessions) >= most:
            raise Rejected(Reason.FULL, "this server carries no more pictures", retry_after=10)
        place = self._rooms.setdefault(room, Room())
        place.sessions += 1
        return place

    def _answer(
        self, name: str, connection: Connection, replies: Sequence[Reply], direction: Literal["recvonly", "sendonly"]
    ) -> Answer:
        sdp = write(
            replies,
            host=self._host,
            ice=connection.ice[0],
            setup=connection.setup,
            direction=direction,
            session=chance.ssrc(),
        )
        tag = self._tags[name] = _tag(connection)
        return Answer(sdp=sdp, session=name, etag=tag)

    def patch(self, session: str, text: str, if_match: str | None) -> Patched:
        """Take candidates, which are never needed here, or restart ICE. Raises Rejected."""
        found = self._found(session)
        if if_match is None:
            raise Rejected(Reason.NO_TAG, "say with If-Match which ICE session this is of")
        names = _UFRAG.search(text)
        if names is None:
            raise Rejected(Reason.MALFORMED, "an SDP fragment has an ice-ufrag")
        if if_match != "*":
            if if_match != self._tags[session]:
                raise Rejected(Reason.STALE_TAG, "this is of an ICE session that is over")
            return Patched()
        ice = found.connection.restart()
        tag = self._tags[session] = _tag(found.connection)
        return Patched(fragment="\r\n".join(["a=ice-lite", *fragment(ice)]) + "\r\n", etag=tag)

    def _found(self, session: str) -> Publication | Viewing:
        found = self._sessions.get(session)
        if found is None:
            raise Rejected(Reason.NO_SESSION, "there is no such session")
        return found

    def close(self, session: str, reason: str) -> None:
        """End a session, if it is there."""
        found = self._sessions.get(session)
        if found is not None:
            found.over(reason)

    def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        """Show these members in these slots, and let nobody hear who is muted."""
        place = self._rooms.setdefault(room, Room())
        place.seats.update(slots)
        place.muted = frozenset(muted)
        place.staged = any(place.seats.values())
        place.show(self._loop.time())
        self._tidy(room)

    # --- what happens

    def began(self, publication: Publication) -> None:
        """A picture begins to come in: it takes the place of the member's last one, unless it is but a check."""
        if publication.slot == CHECK:
            return
        place = self._rooms[publication.room]
        if place.has_other(publication.slot, publication.member):
            self.ended(publication, "occupied")  # both asked before either sent
            return
        last = place.publications.get(publication.member)
        place.publications[publication.member] = publication
        place.claim(publication.slot, publication.member)
        place.show(self._loop.time())
        self._emit(
            Published(
                room=publication.room,
                member=publication.member,
                slot=publication.slot,
                session=publication.name,
            )
        )
        if last is not None:
            self.ended(last, "replaced")

    def ended(self, publication: Publication, reason: str) -> None:
        """A picture comes in no more."""
        if self._sessions.pop(publication.name, None) is None:
            return
        place = self._rooms[publication.room]
        if place.publications.get(publication.member) is publication:
            del place.publications[publication.member]
        self._tally.left(publication)
        place.show(self._loop.time())
        self._part(publication, place)
        self._emit(
            Unpublished(
                room=publication.room,
                member=publication.member,
                slot=publication.slot,
                session=publication.name,
                reason=reason,
            )
        )

    def felt(self, publication: Publication, level: Level, loss: float, bitrate: int) -> None:
        """A picture arrives better or worse."""
        facts = {"room": publication.room, "member": publication.member, "slot": publication.slot}
        self._emit(Quality(**facts, level=level, loss=round(loss, 3), bitrate=bitrate))

    def _viewer_began(self, viewing: Viewing) -> None:
        self._emit(Playing(room=viewing.room, member=viewing.member, session=viewing.name))

    def _viewer_ended(self, viewing: Viewing, reason: str) -> None:
        if self._sessions.pop(viewing.name, None) is None:
            return
        viewing.leave()
        self._tally.left(viewing)
        self._part(viewing, self._rooms[viewing.room])
        self._emit(Gone(room=viewing.room, member=viewing.member, session=viewing.name, reason=reason))

    def _part(self, session: Publication | Viewing, place: Room) -> None:
        self._tags.pop(session.name, None)
        session.connection.close()
        place.sessions -= 1
        self._tidy(session.room)

    def _tidy(self, room: str) -> None:
        place = self._rooms[room]
        if place.sessions == 0:
            self._tally.emptied(place)
            place.outlets.clear()
            if not place.staged:
                del self._rooms[room]

    # --- time, and numbers

    async def run(self) -> None:
        """Ask publishers for what is due, and give up who is lost, until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._loop.time()
            for session in list(self._sessions.values()):
                self._tend(session, now)

    def _tend(self, session: Publication | Viewing, now: float) -> None:
        try:
            if (reason := session.connection.expired(now)) is not None:
                session.over(reason)
            elif isinstance(session, Publication) and session.slot == CHECK and session.age(now) > CHECK_SECONDS:
                session.over("checked")
            elif isinstance(session, Publication):
                session.tick(now)
        except Exception:  # one session's fault is not to be everybody's
            log.exception("a session is given up", extra={"room": session.room})
            self._tally.fault()
            session.over("fault")

    def counts(self) -> dict[str, float]:
        """Numbers for metrics."""
        return self._tally.counts(self._port.counted, self._rooms.values(), self._sessions.values())

    def end_all(self) -> None:
        """Say good-bye to everybody."""
        for session in list(self._sessions.values()):
            session.over("shutdown")


def _is_of(session: Publication | Viewing, room: str, member: str) -> bool:
    return isinstance(session, Publication) and (session.room, session.member) == (room, member)


def _placed(offer: Offer, slots: Sequence[str]) -> Iterator[tuple[Section, str]]:
    """Each section with its slot: the first of a kind is the first slot's."""
    places: Counter[str] = Counter()
    for section in offer.sections:
        yield section, slots[places[section.kind]]
        places[section.kind] += 1


def _tag(connection: Connection) -> str:
    return f'"{connection.ice[0].fragment}"'
