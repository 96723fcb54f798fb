"""The audit log: who did, or tried to do, what only hosts, moderators and the platform may.

Ids only: nothing that anybody wrote. What was accepted is in the room's outbox too, where it is durable. Nobody fills
the log: of one person so much is written at once and so much in a minute, less of what he tries in vain, and of guests
as of one; the next line says how many were not written. What the platform does is always written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from room.buckets import Buckets
from room.message import Command, Query
from room.people import GUEST_ID, Actor, Role
from room.refusal import Refused
from roomserver.audit_trail import Trail
from roomserver.metrics import Metrics
from roomserver.passing_keys import Answer

REFUSED_MS, DONE_MS = 6_000, 100
"""How long it takes until one more line may be written: ten a minute of what was refused, ten a second of the rest."""

REFUSED_AT_ONCE, DONE_AT_ONCE = 10, 100
"""Lines of one person before he has to wait."""

log = logging.getLogger("roomserver.audit")


class Audit:
    """The audit log of one server; ``now`` is a clock in ms, ``trail`` the file in which it is a chain too."""

    def __init__(self, metrics: Metrics, now: Callable[[], int]) -> None:
        self._metrics = metrics
        self._now = now
        self._refused, self._done = Buckets(REFUSED_MS * REFUSED_AT_ONCE), Buckets(DONE_MS * DONE_AT_ONCE)
        self._unwritten = 0
        self.trail: Trail | None = None

    def audited(self, actor: Actor, message: Command | Query, answer: Answer) -> Answer:
        """The same answer, written down on its way when the command needs a role above a member's."""
        if not isinstance(message, Command) or not Role.MODERATOR <= message.who <= Role.OPERATOR:
            return answer

        def written_down(result: bytes | Refused) -> None:
            code = result.code if isinstance(result, Refused) else None
            self.note(actor, message.kind, room=message.room, whom=_whom(message), code=code)
            answer(result)

        return written_down

    def note(self, actor: Actor, what: str, *, room: str, whom: str | None = None, code: int | None = None) -> None:
        """Write down that somebody did something, or was refused with a code."""
        if not self._has_room(actor, refused=code is not None):
            self._unwritten += 1
            self._metrics.audit_unwritten.inc()
            return
        facts: dict[str, object] = {
            "who": actor.id,
            "role": actor.role.name.lower(),
            "what": what,
            "whom": whom,
            "room": room,
            "result": "done" if code is None else "refused",
            "code": code,
        }
        if self._unwritten:
            facts["unwritten"], self._unwritten = self._unwritten, 0
        if self.trail is not None:
            facts["hash"] = self._chained(self.trail, facts)
        log.info("privileged", extra=facts)

    def _chained(self, trail: Trail, facts: Mapping[str, object]) -> str | None:
        """The hash of the line in the file; None when it could not be written, and the act was done all the same."""
        try:
            return trail.append({"at": self._now(), **facts})
        except OSError as error:
            self._metrics.audit_unwritten.inc()
            log.error("the audit file was not written", extra={"why": str(error)})
            return None

    def _has_room(self, actor: Actor, *, refused: bool) -> bool:
        """Whether one more line of this person may be written; if so, it is taken out of his bucket."""
        if actor.role is Role.OPERATOR:
            return True
        lines, each = (self._refused, REFUSED_MS) if refused else (self._done, DONE_MS)
        who = GUEST_ID if actor.role is Role.GUEST else actor.id
        now = self._now()
        if lines.wait(who, each, now) > 0:
            return False
        lines.take(who, each, now)
        return True


def _whom(command: Command) -> str | None:
    """The user, or failing that the thing, that a command names."""
    named = (getattr(command, name, None) for name in ("user", "to", "id"))
    return next((one for one in named if isinstance(one, str)), None)
