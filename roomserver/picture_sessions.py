"""Who sends and sees pictures of one server: whose session is which, and how many one caller may have."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from media.backend import Reason, Rejected
from roomserver.limits import Limits

EACH = 2
"""Of one caller for each connection that he may have: a page watches, and may be on stage."""

RETRY_SECONDS = 30
"""By then the sessions of pages that vanished are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Whose session it is, as his token of that second says (a guest's ``user`` is empty), and the number of his seat.

    ``caller`` is whom it is counted for: the person, or a guest's address; "" where nobody knows it.
    """

    room: str
    user: str
    member: str
    caller: str = ""
    issued: int | None = None
    slot: str | None = None
    number: int = 0


@dataclass(eq=False, slots=True)
class Making:
    """A session that is being made; ``out``: its member has lost his right to it meanwhile."""

    session: Session
    out: bool = False


class Sessions:
    """The sessions by their names, and those that are being made."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._named: dict[str, Session] = {}
        self._making: set[Making] = set()

    def __len__(self) -> int:
        return len(self._named)

    def get(self, name: str) -> Session | None:
        """The session of a name."""
        return self._named.get(name)

    def drop(self, name: str) -> None:
        """It is over."""
        self._named.pop(name, None)

    @contextlib.contextmanager
    def making(self, session: Session) -> Iterator[Making]:
        """While the block lasts it is being made, and may be put out before it has a name.

        Raises Rejected.
        """
        if session.caller and self._count(session.caller) >= self._most(session):
            raise Rejected(Reason.MANY, "too many sessions of one caller", retry_after=RETRY_SECONDS)
        making = Making(session)
        self._making.add(making)
        try:
            yield making
        finally:
            self._making.remove(making)

    def _count(self, caller: str) -> int:
        made = sum(one.caller == caller for one in self._named.values())
        return made + sum(one.session.caller == caller for one in self._making)

    def _most(self, session: Session) -> int:
        return EACH * (self._limits.per_user if session.user else self._limits.per_address)

    def made(self, name: str, making: Making) -> None:
        """It has a name now."""
        self._named[name] = making.session

    def learn(self, name: str, session: Session) -> None:
        """There is one that was made elsewhere."""
        self._named.setdefault(name, session)

    def put_out(self, lost: Callable[[Session], bool]) -> list[str]:
        """The names of sessions whose members have lost the right to them; those being made never begin."""
        for one in self._making:
            one.out = one.out or lost(one.session)
        return [name for name, one in self._named.items() if lost(one)]
