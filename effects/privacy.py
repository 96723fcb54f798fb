"""How a member wants to be shown: with an entrance or without, his streak open to others or hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from room.context import Context
from room.message import Audience, Command, Event, Key
from room.people import User
from room.settings import Privacy


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePrivacy(Command):
    """Choose whether one's entrance is shown, and whether one's streak is hidden from others; absent: as it was."""

    kind: ClassVar[str] = "effects.settings"
    durable: ClassVar[bool] = True

    entrance: bool | None = None
    hide_streak: bool | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyChanged(Event):
    """A member chose how he is shown; both settings as they are now, told to nobody."""

    kind: ClassVar[str] = "effects.privacy_changed"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    entrance: bool
    hide_streak: bool


def choose(command: ChangePrivacy, context: Context) -> Iterable[Event]:
    """The change, if it is one."""
    chosen = context.row.of(Privacy)
    entrance = chosen.entrance if command.entrance is None else command.entrance
    hide_streak = chosen.hide_streak if command.hide_streak is None else command.hide_streak
    if (entrance, hide_streak) != (chosen.entrance, chosen.hide_streak):
        yield PrivacyChanged(user=context.person, entrance=entrance, hide_streak=hide_streak)


def changed(event: PrivacyChanged) -> Privacy:
    """What is stored of the choice."""
    return Privacy(entrance=event.entrance, hide_streak=event.hide_streak)


def shown(chosen: Privacy) -> Mapping[str, object]:
    """A member's own settings, as the reply and his card have them."""
    return {"entrance": chosen.entrance, "hide_streak": chosen.hide_streak}
