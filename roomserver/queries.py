"""How a room answers queries: from memory, or once the rows that they need are read along."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from room.board import Place, Window
from room.context import Context
from room.live import Room
from room.message import Query
from room.people import Actor, Role
from room.refusal import InternalError, NotAMember, PermissionDenied, Refused, StoreAway
from room.row import Row
from roomserver.loads import crowded
from roomserver.passing_keys import Answer
from roomserver.schema import encode
from roomserver.shell import Shell

log = logging.getLogger(__name__)

Places = Mapping[Window, Sequence[Place]]

MakeContext = Callable[[Actor, Mapping[str, Row], Places], Context]
"""Makes the context of a question from who asks, and the rows and places read along."""

NO_ROWS: Mapping[str, Row] = {}
NO_PLACES: Places = {}


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
        feature = self._shell.house.queries[type(query)]
        windows = set(feature.windows(query, self._context(actor, NO_ROWS, NO_PLACES)))
        if windows:
            self._look(actor, query, windows, answer)
        else:
            self._complete(actor, query, NO_PLACES, answer)

    def _look(self, actor: Actor, query: Query, windows: set[Window], answer: Answer) -> None:
        """Read the windows, then the rows of who is in them."""
        places: dict[Window, Sequence[Place]] = {}
        waiting = set(windows)

        def placed(window: Window, found: Sequence[Place] | None) -> None:
            if window not in waiting:
                return
            if found is None:
                waiting.clear()
                answer(StoreAway(retry_in=1000))
                return
            places[window] = found
            waiting.remove(window)
            if not waiting:
                self._complete(actor, query, places, answer)

        for window in windows:
            if not self._shell.committer.loads.places(self._room.id, window, partial(placed, window)):
                waiting.clear()
                answer(crowded())
                return

    def _complete(self, actor: Actor, query: Query, places: Places, answer: Answer) -> None:
        """Answer, now or when the rows are read."""
        subjects = [*query.needs(actor), *(place.subject for found in places.values() for place in found)]
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in self._room.rows]
        if missing:
            self._read_along(actor, query, missing, places, answer)
        else:
            answer(self._answered(actor, query, NO_ROWS, places))

    def _read_along(self, actor: Actor, query: Query, missing: Sequence[str], places: Places, answer: Answer) -> None:
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
                answer(self._answered(actor, query, rows, places))

        for subject in missing:
            if not self._shell.committer.loads.load(self._room.id, subject, partial(loaded, subject)):
                waiting.clear()
                answer(crowded())
                return

    def _answered(self, actor: Actor, query: Query, rows: Mapping[str, Row], places: Places) -> bytes | Refused:
        feature = self._shell.house.queries[type(query)]
        try:
            return encode(feature.answer(query, self._context(actor, rows, places)))
        except Refused as refused:
            return refused
        except Exception:
            log.exception("a query failed", extra={"kind": type(query).kind})
            return InternalError()
