"""What the pre-publish hook is asked and answers: questions, and how both go over the wire.

{"id", "at", "messages": [{"room", "type", "user": {"id", "name", "tier", "role"}, "text"}, …]}
{"answers": [{"allow": true} | {"allow": false, "reason"}, …]}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import orjson

from room.people import Role, User
from room.refusal import Refused
from roomserver.webhook_post import NoAnswer

REASON = 200
"""Characters of the platform's reason that the sender is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody wants to say: ``rehearse`` gives the words as they would be shown, None where there are none.

    A refusal that it gives is the sender's answer. ``decided`` takes what is decided: None is leave.
    """

    room: str
    kind: str
    user: User
    role: Role
    rehearse: Callable[[], str | Refused | None]
    decided: Callable[[Refused | None], None]

    @property
    def sender(self) -> tuple[str, str]:
        """Whose line it stands in."""
        return self.room, self.user.id


class Answer(msgspec.Struct):
    """Leave, or why not."""

    allow: bool
    reason: str = ""


class _Post(msgspec.Struct):
    answers: list[Answer]


def written(name: str, at: int, asked: Sequence[tuple[Question, str]]) -> bytes:
    """The body of one request: its id, the time (ms since 1970), and the questions with their words."""
    return orjson.dumps({"id": name, "at": at, "messages": [_told(question, words) for question, words in asked]})


def _told(question: Question, words: str) -> Mapping[str, object]:
    user, role = question.user, question.role.name.lower()
    who = {"id": user.id, "name": user.name, "tier": user.tier, "role": role}
    return {"room": question.room, "type": question.kind, "user": who, "text": words}


def read(body: bytes, size: int) -> Sequence[Answer]:
    """The answers to so many questions, in their order.

    Raises NoAnswer.
    """
    try:
        answers = msgspec.json.decode(body, type=_Post).answers
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NoAnswer("an answer that is none") from None
    if len(answers) != size:
        raise NoAnswer(f"{len(answers)} answers to {size} questions")
    return answers


def plain(reason: str) -> str:
    """A reason as a message may hold it: one line of what can be printed."""
    return " ".join("".join(one if one.isprintable() else " " for one in reason).split())[:REASON]
