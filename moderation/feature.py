"""The feature `moderation`: mute, kick, ban, and their undoing, in the row of whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from moderation.messages import Act, Ban, Changed, Done, Kick, Mute, PutOut, Unban, Unmute
from moderation.refusals import GuestGone
from moderation.sanctions import Sanction, Sanctions, banned, muted, shown
from room.context import Context
from room.feature import Feature, Reply
from room.message import Command, Event
from room.people import GUEST_ID
from room.refusal import PermissionDenied
from room.row import Row, member

MOST_LISTED = 100
"""How many of those who are muted a host is told of."""


class Moderation(Feature):
    """Who may not speak, and who may not be here."""

    name = "moderation"
    commands = (Mute, Unmute, Kick, Ban, Unban)
    events = (Done, Changed, PutOut)
    section = Sanctions

    def guards(self, kind: type[Command]) -> bool:
        """What puts words before the room, or lets somebody into it."""
        return kind.speaks or kind.enters

    def guard(self, command: Command, context: Context) -> None:
        """Let nobody speak who is muted, nor come in who is banned, nor say what he had begun to say before.

        Raises Muted, MutedForGood, Banned, BannedForGood.
        """
        sanctions = context.row_of(member(context.actor.id)).of(Sanctions)
        role = context.role_of(context.actor.id)
        if (ban := sanctions.ban) is not None and ban.binds(role, context.now):
            raise banned(ban, context.now)
        if command.speaks and (mute := sanctions.mute) is not None and mute.binds(role, context.now):
            raise muted(mute, context.now)

    def decide(self, command: Act, context: Context) -> Iterable[Event]:
        """What is done, told and kept; nothing when there is nothing to undo.

        Raises PermissionDenied, GuestGone.
        """
        _check_rank(command.user, context)
        sanctions = context.row.of(Sanctions)
        match command:
            case Mute(seconds=seconds):
                yield from _done(command, context, sanctions.mute, seconds)
            case Ban(seconds=seconds):
                yield from _done(command, context, sanctions.ban, seconds)
            case Unmute() if sanctions.mute is not None:
                yield from _done(command, context, sanctions.mute)
            case Unban() if sanctions.ban is not None:
                yield from _done(command, context, sanctions.ban)
            case Kick():
                yield from _done(command, context, None)

    def evolve(self, section: Sanctions, event: Event) -> Sanctions:
        """What is in force after the event."""
        return section.after(event) if isinstance(event, Done) else section

    def backstage(self, context: Context) -> Reply:
        """Who of those here is muted; at most ``MOST_LISTED``."""
        here = ((user, context.row_of(member(user)).of(Sanctions).mute) for user in context.room.actors)
        muted = ({"user": context.someone(user), **said} for user, mute in here if (said := shown(mute, context.now)))
        return {"muted": list(islice(muted, MOST_LISTED))}

    def card(self, context: Context, subject: Row, *, own: bool) -> Reply:
        """Whether he is muted, for himself."""
        return {"muted": shown(subject.of(Sanctions).mute, context.now)} if own else {}


def _check_rank(user: str, context: Context) -> None:
    """Raises PermissionDenied for whom the caller cannot act on, like himself; GuestGone for a guest who is gone."""
    if user.startswith(GUEST_ID) and user not in context.room.actors:
        raise GuestGone
    if context.role_of(user) >= context.role_of(context.actor.id):
        raise PermissionDenied("his role is not below yours")


def _done(command: Act, context: Context, stands: Sanction | None, seconds: int | None = None) -> Iterable[Event]:
    """Raises PermissionDenied when somebody of a higher role has set what stands, and it still holds."""
    rank = context.role_of(context.actor.id)
    if stands is not None and stands.binds(rank, context.now):
        raise PermissionDenied("set by a higher role")
    kind = command.kind.partition(".")[2]
    until = None if seconds is None else context.now + seconds * 1000
    who, reason = context.person, command.reason
    yield Done(user=who, by=context.user, rank=rank, kind_=kind, until=until, reason=reason)
    told = PutOut if isinstance(command, Kick | Ban) else Changed
    yield told(user=who, kind_=kind, until=until, reason=reason)
