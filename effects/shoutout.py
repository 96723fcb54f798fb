"""Shout-outs: the host thanks somebody by name, and everybody sees it pinned for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from effects.danmaku import allowed
from effects.refusals import ThankedAlready
from effects.words import Forbidden
from room.context import Context
from room.live import Room
from room.message import Audience, Command, Event, Key, ReplyAt, UserId
from room.people import Actor, Role, User
from room.row import part
from room.until import Until

PIN_MS = 30_000
"""How long a shout-out stays pinned."""

COOL_MS = 60_000
"""How long after a shout-out the same person is not thanked again: two in a row are seldom meant, and dull for all."""

SUBJECT = part("effects")
"""The row in which a room keeps its pinned shout-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendShoutout(Command):
    """Thank the user ``to`` before the whole room.

    The reply says how many users were ``online`` and how many connections it ``reached``: null in a retry.
    """

    kind: ClassVar[str] = "shoutout.send"
    who: ClassVar[Role] = Role.MODERATOR
    durable: ClassVar[bool] = True
    speaks: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True
    needs_leave: ClassVar[bool] = True
    reply_at: ClassVar[ReplyAt] = ReplyAt.TICK

    to: UserId
    text: str
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        """The room's own row, whoever sends it."""
        return SUBJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoutoutShown(Event):
    """A host or moderator thanks somebody; pinned until an instant (ms since 1970)."""

    kind: ClassVar[str] = "shoutout.shown"
    durable: ClassVar[bool] = True
    unkept: ClassVar[frozenset[str]] = frozenset({"text"})

    by: User
    to: User
    text: str
    pinned_until: int

    @property
    def spoken(self) -> str:
        """Its words."""
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpin(Command):
    """Keep no shout-out by or to ``user``."""

    kind: ClassVar[str] = "shoutout.unpin"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: str

    def subject(self, actor: Actor) -> str:
        """The room's own row."""
        return SUBJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpinned(Event):
    """The last shout-out is kept no more."""

    kind: ClassVar[str] = "shoutout.unpinned"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The last shout-out as it is stored, whether it is still pinned or not; nobody's when there was none."""

    by: User | None = None
    to: User | None = None
    text: str = ""
    pinned_until: int = 0


class Thanked:
    """Until when a room, in memory, thanks nobody of these again."""

    def __init__(self) -> None:
        self.until = Until()
        self._cool_ms = 0

    def wait(self, user: str, now: int) -> int:
        """Milliseconds until somebody may be thanked, 0 or less when he may now, or the clock was set back since."""
        wait = self.until.of(user) - now
        return 0 if wait > 2 * self._cool_ms else wait

    def note(self, event: ShoutoutShown, at: int, cool_ms: int) -> None:
        """Somebody was thanked."""
        self._cool_ms = cool_ms
        if cool_ms:
            self.until.set(event.to.id, at + cool_ms, now=at)


def shout(command: SendShoutout, context: Context, pin_ms: int, forbidden: Forbidden) -> Iterable[Event]:
    """The shout-out, with cleaned text.

    Raises TextEmpty, TextTooLong, WordRefused, ThankedAlready.
    """
    wait = context.room.state(Thanked).wait(command.to, context.now)
    if wait > 0:
        raise ThankedAlready(retry_in=wait)
    yield ShoutoutShown(
        by=context.user,
        to=context.someone(command.to),
        text=allowed(command.text, forbidden, context),
        pinned_until=context.now + pin_ms,
    )


def unpin(command: Unpin, context: Context) -> Iterable[Event]:
    """The end of what is kept of the last shout-out, if it is one of his."""
    kept = context.row.of(Pin)
    if command.user in {one.id for one in (kept.by, kept.to) if one is not None}:
        yield Unpinned()


def pin(event: ShoutoutShown | Unpinned) -> Pin:
    """What is kept of a shout-out, in place of the one before."""
    if isinstance(event, Unpinned):
        return Pin()
    return Pin(by=event.by, to=event.to, text=event.text, pinned_until=event.pinned_until)


def pinned(room: Room, now: int) -> Mapping[str, object] | None:
    """The shout-out that is pinned at this instant, as the snapshot has it.

    Its id is in the newest result of the row: nothing else that writes it has one.
    """
    row = room.row(SUBJECT)
    shown = row.of(Pin)
    if now >= shown.pinned_until:
        return None
    known = {"id": row.results[0].reply["id"]} if row.results else {}
    return {**known, "by": shown.by, "to": shown.to, "text": shown.text, "pinned_until": shown.pinned_until}
