"""A feed and all who are shown it: a packet is written once for each payload type, and protected for each viewer."""

from __future__ import annotations

from collections.abc import Iterable

from media import rtcp
from media.feed import Feed, shift_from
from media.ring import Outgoing
from media.rtp import Packet, write
from media.subscription import Subscription
from media.track import Track


class Outlet:
    """One kind of media of one slot, going out."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.track: Track | None = None
        self.sent = 0
        self._live: tuple[Subscription, ...] = ()
        self._waiting: list[Subscription] = []
        self._watched: list[Track] = []
        self._clock: tuple[int, int] | None = None

    def show(self, track: Track | None, now: float) -> None:
        """Show another track from its next key frame on, and until then the present one; None shows nothing."""
        if track is self.track:
            return
        self.track = track
        self.feed.switch(None if track is None else track.source)
        if track is not None and track not in self._watched:
            self._watched.append(track)
            track.shown.append(self)
        self._watch_only(one for one in self._watched if one is track or one.source == self.feed.source)
        self.want_key(now)

    def _watch_only(self, tracks: Iterable[Track]) -> None:
        kept = list(tracks)
        for one in self._watched:
            if one not in kept:
                one.shown.remove(self)
        self._watched = kept

    def take(self, track: Track, packet: Packet, now: float) -> None:
        """Send a packet to all who are shown this feed."""
        before = self.feed.source
        outgoing = self.feed.take(track.source, packet, now)
        if outgoing is None:
            return
        if self.feed.source is not before:
            self._clock = None  # the last one's wall clock, which says nothing of this one's packets
        if track is self.track and len(self._watched) > 1:
            self._watch_only([track])  # its picture has begun
        if self._waiting and self.feed.begins(outgoing.packet):
            self._let_in(outgoing.packet.sequence)
        self._send(outgoing)

    def _send(self, outgoing: Outgoing) -> None:
        forms: dict[tuple[int, int], bytes] = {}
        for one in self._live:
            number = one.numbers.get(outgoing.codec)
            if number is None:
                continue
            form = (number, one.shift)
            plain = forms.get(form)
            if plain is None:
                plain = forms[form] = write(outgoing.packet, number, one.shift)
            one.connection.send_rtp(plain)
        self.sent += len(self._live)

    def clock(self, track: Track, ntp: int, timestamp: int) -> None:
        """Pass on when it was: the instant unchanged, the timestamp as it is here."""
        if (time := self.feed.time_of(track.source, timestamp)) is not None:
            self._clock = (ntp, time)
            said = self._report()
            for one in self._live:
                one.connection.send_rtcp(said)

    def _report(self) -> bytes:
        assert self._clock is not None
        return rtcp.sender_report(self.feed.ssrc, *self._clock, self.feed.packets, self.feed.octets)

    # --- who is shown it

    def join(self, one: Subscription, now: float) -> None:
        """Show it to somebody: from a little earlier, if that is how he sees something at once, or from a key frame."""
        entry = self.feed.entry(now)
        if entry is None:
            self._waiting.append(one)
            self.want_key(now)
            return
        one.shift = shift_from(entry)
        one.catch_up(entry, self._caught_up)

    def _caught_up(self, one: Subscription) -> None:
        self._live = (*self._live, one)
        self._tell_time(one)

    def _let_in(self, sequence: int) -> None:
        for one in self._waiting:
            one.shift = shift_from(sequence)
            self._tell_time(one)
        self._live = (*self._live, *self._waiting)
        self._waiting = []

    def _tell_time(self, one: Subscription) -> None:
        if self._clock is not None:
            one.connection.send_rtcp(self._report())

    def leave(self, one: Subscription) -> None:
        """Show it to him no more."""
        one.stop()
        self._live = tuple(other for other in self._live if other is not one)
        self._waiting = [other for other in self._waiting if other is not one]

    def want_key(self, now: float) -> None:
        """Somebody cannot go on without a key frame."""
        if self.track is not None:
            self.track.want_key(now)
