"""The audit log: who did, or tried to do, what only hosts, moderators and the platform may.

Ids only: nothing that anybody wrote. What was accepted is in the room's outbox too, where it is durable.
"""

from __future__ import annotations

import logging

from room.message import Command, Query
from room.people import Actor, Role
from room.refusal import Refused
from roomserver.passing_keys import Answer

log = logging.getLogger("roomserver.audit")


def audited(actor: Actor, message: Command | Query, answer: Answer) -> Answer:
    """The same answer, written down on its way when the command needs a role above a member's."""
    if not isinstance(message, Command) or not Role.MODERATOR <= message.who <= Role.OPERATOR:
        return answer

    def written_down(result: bytes | Refused) -> None:
        code = result.code if isinstance(result, Refused) else None
        facts = {
            "who": actor.id,
            "role": actor.role.name.lower(),
            "what": message.kind,
            "whom": _whom(message),
            "room": message.room,
            "result": "done" if code is None else "refused",
            "code": code,
        }
        log.info("privileged", extra=facts)
        answer(result)

    return written_down


def _whom(command: Command) -> str | None:
    """The user, or failing that the thing, that a command names."""
    named = (getattr(command, name, None) for name in ("user", "to", "id"))
    return next((one for one in named if isinstance(one, str)), None)
