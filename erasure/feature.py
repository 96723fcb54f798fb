"""The feature `erasure`: all that is stored of a member in a room goes in one commit.

His row is emptied and keeps its version alone, so that no other server writes an older one back; he leaves every board
and everything that is due, his logs are deleted, and his connections in the room are closed. Where he stands was looked
up before: a command that comes after another change of his row is refused, and looked up anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, assert_never

from room.change import Due, Forget, Part, Score
from room.context import Context
from room.feature import Feature, Reply, Turn
from room.message import Audience, Command, Event, Sign
from room.people import Actor, Role, User
from room.refusal import Contended
from room.row import member


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase(Command):
    """Keep nothing of ``user``, who at this ``version`` of his row stands on these boards and has these logs."""

    kind: ClassVar[str] = "member.erase"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: str
    version: int
    boards: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()

    def subject(self, actor: Actor) -> str:
        """The member's row."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """Nothing of ``user`` is kept any more, from here on, neither in these places."""

    kind: ClassVar[str] = "member.erased"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY
    closes: ClassVar[bool] = True
    sign: ClassVar[Sign | None] = Sign.FORGOTTEN
    unkept: ClassVar[frozenset[str]] = frozenset({"boards", "due", "logs"})

    user: User
    boards: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseResults(Command):
    """Let a ``part`` of the room remember nothing of what commands of ``user`` were answered."""

    kind: ClassVar[str] = "member.erase_results"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    part: str
    user: str

    def subject(self, actor: Actor) -> str:
        """The part's row."""
        return self.part


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsErased(Event):
    """A part of the room remembers nothing more of what commands of ``user`` were answered."""

    kind: ClassVar[str] = "member.results_erased"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY
    sign: ClassVar[Sign | None] = Sign.FORGOTTEN

    user: User


class Erasure(Feature):
    """Nothing is kept of whom the platform wants forgotten."""

    name = "erasure"
    commands = (Erase, EraseResults)
    events = (Erased, ResultsErased)

    def decide(self, command: Erase | EraseResults, context: Context) -> Iterable[Event]:
        """He is forgotten, in his row or in a part of the room that has answered him.

        Raises Contended when his row has changed since his places were looked up.
        """
        match command:
            case Erase():
                yield from _erased(command, context)
            case EraseResults(user=user):
                if context.row.has_answered(user):
                    yield ResultsErased(user=User(id=user, name=user))
            case _:
                assert_never(command)

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        """What is taken away beside the row."""
        if isinstance(event, Erased):
            yield from (Score(board=name, value=None) for name in event.boards)
            yield from (Due(what=what, at=None) for what in event.due)
            yield from (Forget(log=name) for name in event.logs)

    def receipt(self, turn: Turn) -> Reply:
        """Who is forgotten."""
        return {"erased": turn.command.user} if isinstance(turn.command, Erase) else {}


def _erased(command: Erase, context: Context) -> Iterable[Event]:
    """Raises Contended."""
    if context.row.version != command.version:
        raise Contended
    user = User(id=command.user, name=command.user)
    yield Erased(user=user, boards=command.boards, due=command.due, logs=command.logs)
