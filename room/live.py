"""One open room as it stands in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from room.names import marked, skeleton
from room.people import Actor, Role
from room.row import Row
from room.settings import Settings

P = TypeVar("P")


@dataclass(slots=True, kw_only=True)
class Room:
    """What is known of an open room: stored rows as last confirmed, and passing state rebuilt when it opens.

    Only ``observe``, ``flush`` and ``expire`` of features change passing state, each its own kind; only the shell
    changes the rest. ``since`` is when each user's present stay began (ms since 1970), kept by presence as ``online``.
    ``passing`` is by its own class, which a type cannot say: hence ``Any``.
    """

    id: str
    durability: str = "memory"
    storage: str = "ok"
    online: int = 0
    since: dict[str, int] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    guarded: dict[str, set[str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    exhausted: set[str] = field(default_factory=set)
    passing: dict[type, Any] = field(default_factory=dict)

    def row(self, subject: str) -> Row:
        """A subject's row, empty when it is not loaded."""
        return self.rows.get(subject) or Row(subject=subject)

    def state(self, kind: type[P]) -> P:
        """The passing state of a kind, made at its first use."""
        found: P | None = self.passing.get(kind)
        if found is None:
            found = self.passing[kind] = kind()
        return found

    @property
    def settings(self) -> Settings:
        """What is set for this room."""
        row = self.rows.get(SETTINGS)
        return _UNSET if row is None else row.sections.get(Settings, _UNSET)

    def admit(self, actor: Actor) -> None:
        """Know somebody who comes in; who is called like a host or moderator, and is none, is shown with his id.

        On a second device he is to others what he is on the first: a plain token there makes a host nobody's prey.
        """
        known = self.actors.get(actor.id)
        if known is not None and known.role > actor.role:
            actor = replace(actor, role=known.role)
        bones = skeleton(actor.name)
        if actor.role >= Role.MODERATOR or actor.id == self.settings.host:
            self.guarded.setdefault(bones, set()).add(actor.id)
            for other in [one for one in self.actors.values() if self._passes_for_another(one, bones)]:
                self.actors[other.id] = replace(other, name=marked(other.name, other.id))
        elif actor.id not in self.guarded.get(bones, (actor.id,)):
            actor = replace(actor, name=marked(actor.name, actor.id))
        self.actors[actor.id] = actor

    def _passes_for_another(self, actor: Actor, bones: str) -> bool:
        others = actor.role < Role.MODERATOR and actor.id not in self.guarded[bones]
        return others and skeleton(actor.name) == bones

    def name_of(self, user: str) -> str:
        """How a user is called here: by his own name while he is known, else by his id."""
        actor = self.actors.get(user)
        return user if actor is None else actor.name


_UNSET = Settings()

SETTINGS = "p:settings"
"""The subject of the row that holds a room's settings."""
