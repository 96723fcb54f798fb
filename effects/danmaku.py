"""Danmaku: what a person says across the picture, in the style that his standing gives him."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from effects.emotes import Emotes
from effects.fixed import Fixed
from effects.rate import Rates
from effects.refusals import EmoteLocked, WordRefused
from effects.styles import SCROLL, Style, Styles
from effects.text import clean
from effects.words import Forbidden
from room.context import Context
from room.live import Room
from room.message import Bounds, Command, Event, Key, Lane, ReplyAt, Sign, Stamped
from room.people import Role, User
from room.refusal import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDanmaku(Command):
    """Say something: either ``text`` or ``emote`` (an emote's id).

    ``style`` is the id of a style and ``mode`` is 1 (scroll), 4 (bottom) or 5 (top); what the sender does not hold
    becomes white and scrolls, and where two stand already the next one scrolls; the reply says ``degraded``. Without
    ``style`` he gets the best one he holds. The reply's ``status`` is ``accepted``, or ``shed`` when the room was too
    busy to show it.
    """

    kind: ClassVar[str] = "danmaku.send"
    who: ClassVar[Role] = Role.GUEST
    speaks: ClassVar[bool] = True
    needs_leave: ClassVar[bool] = True
    reply_at: ClassVar[ReplyAt] = ReplyAt.TICK

    text: str | None = None
    emote: Annotated[str, Bounds(1, 64, r"^[A-Za-z0-9_.:-]+$(?!\n)")] | None = None
    style: Annotated[str, Bounds(most=64)] | None = None
    mode: Literal[1, 4, 5] | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DanmakuSaid(Event):
    """Somebody said something; ``text`` of an ``emote`` is what is read in its place, ``medal`` the id of his, if any.

    What several say alike within one tick is told once, as the first one's: ``count`` times in all, and for the
    messages of the ids ``merged`` too.
    """

    kind: ClassVar[str] = "danmaku.said"
    lane: ClassVar[Lane] = Lane.DANMAKU
    sign: ClassVar[Sign | None] = Sign.SPOKE

    user: User
    text: str
    emote: str | None = None
    style: Style
    medal: str | None = None
    count: int | None = None
    merged: tuple[str, ...] | None = None

    @property
    def spoken(self) -> str | None:
        """The text, unless it is an emote's."""
        return self.text if self.emote is None else None

    @property
    def same_as(self) -> str:
        """The text, whatever its case, width and spaces."""
        return "".join(unicodedata.normalize("NFKC", self.text).casefold().split())

    def standing_for(self, ids: tuple[str, ...]) -> DanmakuSaid:
        """The same, said more than once."""
        return replace(self, count=1 + len(ids), merged=ids)


Medal = Callable[[Context], str | None]
"""The id of the medal that the caller wears."""


def say(
    command: SendDanmaku, context: Context, styles: Styles, emotes: Emotes, forbidden: Forbidden, medal: Medal
) -> Iterable[Event]:
    """What is said, cleaned and in its style.

    Raises BadRequest, TooFast, TextEmpty, TextTooLong, WordRefused, EmoteLocked.
    """
    if (command.text is None) == (command.emote is None):
        raise BadRequest("give either text or emote")
    context.room.state(Rates).check(context.actor.id, context.actor.role, context.now)
    held = context.standing.entitlements
    style = styles.resolve(held, command.style, command.mode)
    if not context.room.state(Fixed).free(style.mode, context.now):
        style = replace(style, mode=SCROLL)
    if command.emote is None:
        text = allowed(command.text or "", forbidden, context)
        yield DanmakuSaid(user=context.user, text=text, style=style, medal=medal(context))
        return
    emote = emotes.held(held, command.emote)
    if emote is None:
        raise EmoteLocked(command.emote)
    text = emote.said(context.room.settings.language)
    yield DanmakuSaid(user=context.user, text=text, emote=emote.id, style=style, medal=medal(context))


def allowed(text: str, forbidden: Forbidden, context: Context) -> str:
    """The text, cleaned, if no word of all rooms is in it and none of this one's.

    Raises TextEmpty, TextTooLong, WordRefused.
    """
    text = clean(text)
    if forbidden.forbids(text, context.room.settings.words):
        raise WordRefused
    return text


def said(command: SendDanmaku, stamped: Stamped) -> Mapping[str, object]:
    """The reply to the sender, who draws his own message from it; ``status`` holds unless its lane sheds it."""
    assert isinstance(stamped.event, DanmakuSaid)
    shown = stamped.event.style
    reply: dict[str, object] = {"id": stamped.id, "status": "accepted", "style": shown.id}
    if command.style not in (None, shown.id) or command.mode not in (None, shown.mode):
        reply["degraded"] = True
    return reply


def spend(event: DanmakuSaid, at: int, room: Room) -> None:
    """Take what was said out of its sender's bucket, and give it its place."""
    sender = room.actors.get(event.user.id)
    room.state(Fixed).take(event.style.mode, at)
    room.state(Rates).take(event.user.id, Role.MEMBER if sender is None else sender.role, at)
