"""Leave of the platform for what is said in one room: asked before a turn, and the turn runs when the answer is there.

A durable command is answered within its time all the same: what is allowed later is still done, and a retry is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from room.context import Context
from room.live import Room
from room.message import Command
from room.people import Actor
from room.refusal import InternalError, NotJoined, PlatformAway, Refused
from room.turn import run
from roomserver.durable import ANSWER_SECONDS
from roomserver.passing_keys import Answer
from roomserver.question import Question
from roomserver.shell import Shell

CarryOut = Callable[[Actor, Command, Answer], None]
"""What is done with a command that needs no leave, or has it."""

log = logging.getLogger(__name__)


class Leave:
    """Stands between what a room is asked to do and its being done."""

    def __init__(self, shell: Shell, room: Room, context: Callable[[Actor, Command], Context]) -> None:
        self._shell = shell
        self._room = room
        self._context = context

    def before(self, carry_out: CarryOut, actor: Actor, command: Command, answer: Answer) -> None:
        """Carry a command out, at once or when the platform allows its words and its sender is still here."""
        prepublish = self._shell.prepublish
        if prepublish is None or not type(command).needs_leave:
            carry_out(actor, command, answer)
            return
        if command.durable:
            answer = self._in_time(answer)

        def decided(refusal: Refused | None) -> None:
            if refusal is None and actor.id not in self._room.actors:
                refusal = NotJoined()
            if refusal is None:
                carry_out(actor, command, answer)
            else:
                answer(refusal)

        prepublish.ask(
            Question(
                room=self._room.id,
                kind=type(command).kind,
                user=self._context(actor, command).user,
                role=actor.role,
                rehearse=lambda: self._rehearsed(actor, command),
                decided=decided,
            )
        )

    def _rehearsed(self, actor: Actor, command: Command) -> str | Refused | None:
        """What a command would put into words, or why it would be refused; what is known already says nothing anew."""
        try:
            outcome = run(self._shell.house, command, self._context(actor, command))
        except Refused as refused:
            return refused
        except Exception:
            log.exception("a command failed", extra={"kind": type(command).kind})
            return InternalError()
        return next((words for one in outcome.events if (words := one.event.spoken) is not None), None)

    def _in_time(self, answer: Answer) -> Answer:
        """The same answer, or a temporary refusal when none has come in 3 s."""
        given = False

        def once(result: bytes | Refused) -> None:
            nonlocal given
            if not given:
                given = True
                late.cancel()
                answer(result)

        def give_up() -> None:
            self._shell.metrics.given_up.inc()
            once(PlatformAway(retry_in=1000))

        late = self._shell.loop.call_later(ANSWER_SECONDS, give_up)
        return once
