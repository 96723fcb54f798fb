"""How a room answers queries: from memory, or once the rows that they need are read along."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from room.context import Context
from room.live import Room
from room.message import Query
from room.people import Actor, Role
from room.refusal import InternalError, NotAMember, PermissionDenied, Refused, StoreAway
from room.row import Row
from roomserver.passing_keys import Answer
from roomserver.schema import encode
from roomserver.shell import Shell

log = logging.getLogger(__name__)

MakeContext = Callable[[Actor, Mapping[str, Row]], Context]
"""Makes the context of a question from who asks and the rows read along."""


class Queries:
    """The queries of one room."""

    def __init__(self, shell: Shell, room: Room, context: MakeContext) -> None:
        self._shell = shell
        self._room = room
        self._context = context

    def answer(self, actor: Actor, query: Query, answer: Answer) -> None:
        """Answer, now or when what it needs is read.

        Raises Refused.
        """
        if actor.role < query.who:
            raise NotAMember if actor.role is Role.GUEST else PermissionDenied
        missing = [subject for subject in query.needs(actor) if subject not in self._room.rows]
        if missing:
            self._read_along(actor, query, missing, answer)
        else:
            answer(self._answered(actor, query, {}))

    def _read_along(self, actor: Actor, query: Query, missing: Sequence[str], answer: Answer) -> None:
        rows: dict[str, Row] = {}
        waiting = set(missing)

        def loaded(subject: str, row: Row | None) -> None:
            if subject not in waiting:
                return
            if row is None:
                waiting.clear()
                answer(StoreAway(retry_in=1000))
                return
            rows[subject] = row
            waiting.remove(subject)
            if not waiting:
                answer(self._answered(actor, query, rows))

        for subject in missing:
            if not self._shell.committer.load(self._room.id, subject, partial(loaded, subject)):
                loaded(subject, None)

    def _answered(self, actor: Actor, query: Query, rows: Mapping[str, Row]) -> bytes | Refused:
        feature = self._shell.house.queries[type(query)]
        try:
            return encode(feature.answer(query, self._context(actor, rows)))
        except Refused as refused:
            return refused
        except Exception:
            log.exception("a query failed", extra={"kind": type(query).kind})
            return InternalError()
