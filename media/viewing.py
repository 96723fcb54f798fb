"""A viewer's session: the feeds that he is shown, and what his player asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from media import rtcp
from media.connection import Connection
from media.outlet import Outlet
from media.subscription import Subscription


class Viewing:
    """A viewer of some outlets, each with his subscription to it."""

    def __init__(
        self,
        name: str,
        room: str,
        member: str,
        connection: Connection,
        shown: Sequence[tuple[Outlet, Subscription]],
        *,
        began: Callable[[Viewing], None],
        ended: Callable[[Viewing, str], None],
    ) -> None:
        self.name, self.room, self.member = name, room, member
        self.connection = connection
        self.shown = tuple(shown)
        self._by_ssrc = {outlet.feed.ssrc: (outlet, one) for outlet, one in shown}
        self._began, self._ended = began, ended
        connection.serve(self)

    def opened(self, now: float) -> None:
        """Show him everything."""
        for outlet, one in self.shown:
            outlet.join(one, now)
        self._began(self)

    def rtp(self, plain: bytes, now: float) -> None:
        """A viewer sends nothing.

        Raises ValueError.
        """
        raise ValueError("packets from a viewer")

    def rtcp(self, plain: bytes, now: float) -> None:
        """Give him what he asks for.

        Raises ValueError.
        """
        for told in rtcp.read(plain):
            found = self._by_ssrc.get(told.ssrc)
            if found is None:
                continue
            outlet, one = found
            match told:
                case rtcp.KeyWanted():
                    outlet.want_key(now)
                case rtcp.Lost(sequences=sequences):
                    one.send_again(sequences, now)
                case _:
                    pass

    def over(self, reason: str) -> None:
        """He is gone."""
        self._ended(self, reason)

    def leave(self) -> None:
        """Show him nothing more."""
        for outlet, one in self.shown:
            outlet.leave(one)
