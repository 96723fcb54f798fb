"""The feature `host`: cue cards and the roll-call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from host.desk import Card, Desk
from host.messages import (
    Backstage,
    Call,
    Called,
    Cue,
    CueClosed,
    CueDone,
    Listen,
    Listening,
    Missed,
    Prompt,
    Prompted,
    Shown,
    StopListening,
    StoppedListening,
    Withdraw,
    Withdrawn,
)
from host.occasion import Occasion, script
from host.refusals import NotInRoom, UnknownCue
from room.context import Context
from room.feature import Feature, Reply
from room.live import Room
from room.message import Event, Sign, Stamped
from room.row import member
from room.settings import Privacy
from room.wording import said

Commands = Listen | StopListening | Prompt | Withdraw | CueDone | Call


@dataclass(slots=True)
class Regulars:
    """The passing state of the roll-call: who has come back after some days, and how."""

    back: dict[str, Occasion] = field(default_factory=dict)


class Host(Feature):
    """What helps a host to know his people."""

    name = "host"
    commands = (Listen, StopListening, Prompt, Withdraw, CueDone, Call)
    queries = (Backstage,)
    events = (Listening, StoppedListening, Prompted, Cue, CueClosed, Withdrawn, Missed, Called)

    def decide(self, command: Commands, context: Context) -> Iterable[Event]:
        """What happens at the desk.

        Raises UnknownCue, NotInRoom.
        """
        match command:
            case Listen(connection=connection):
                return (Listening(connection=connection),)
            case StopListening(connection=connection):
                return (StoppedListening(connection=connection),)
            case Prompt():
                return (Prompted(user=command.user, occasion=command.occasion),)
            case Withdraw():
                return _withdrawn(command, context)
            case CueDone():
                return _closed(command, context)
            case Call():
                return _called(command, context)
        assert_never(command)

    def answer(self, query: Backstage, context: Context) -> Reply:
        """What every feature has for hosts."""
        return context.house.backstage(context)

    def backstage(self, context: Context) -> Reply:
        """The caller's role, the cards that lie open, and those that were missed."""
        desk, language = context.room.state(Desk), context.room.settings.language
        cues = sorted(desk.open.values(), key=lambda card: card.order)
        return {
            "role": context.actor.role.name.lower(),
            "cues": [_shown(card, language) for card in cues],
            "missed": [_shown(card, language) for card in desk.missed.values()],
        }

    def notices(self, kind: type[Event]) -> bool:
        """Who goes, who listens, and what becomes of cues."""
        heard = Prompted | Listening | StoppedListening | Withdrawn | CueClosed
        return kind.sign is Sign.LEFT or issubclass(kind, heard)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Take notice of who listens, and of what happens to people."""
        desk, event = room.state(Desk), stamped.event
        if type(event).sign is Sign.LEFT and event.concerns is not None:
            room.state(Regulars).back.pop(event.concerns, None)
        match event:
            case Prompted(user=user, occasion=occasion):
                if occasion.kind == "returning":
                    room.state(Regulars).back[user.id] = occasion
                desk.add(stamped.id, user, occasion, stamped.at)
            case Listening(connection=connection):
                alone = not desk.listening
                desk.listening.add(connection)
                if alone:
                    desk.turn(stamped.at)  # what has its turn is in the first one's reply
            case StoppedListening(connection=connection):
                desk.listening.discard(connection)
            case Withdrawn(user=user):
                desk.withdraw(user.id, stamped.at)
            case CueClosed(cue=cue, outcome=outcome):
                desk.close(cue, later=outcome == "later", now=stamped.at)

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        """The cards whose turn it is, and those that nobody took up."""
        desk = room.state(Desk)
        if (at := desk.next_at()) is None or at > now:
            return
        turned, language = desk.turn(now), room.settings.language
        if turned.missed:
            yield Missed(cues=tuple(_shown(card, language) for card in turned.missed))
        for card in turned.open:
            yield _cue(_shown(card, language))

    def deadline(self, room: Room) -> int | None:
        """When the desk is to be looked at again."""
        return room.state(Desk).next_at()


def returning(room: Room, user: str) -> Reply | None:
    """The days of a regular who has come back, and how long he was away; None when he is none or hides his days."""
    came = room.state(Regulars).back.get(user)
    if came is None or room.row(member(user)).of(Privacy).hide_streak:
        return None
    return {"days": came.days, "away": came.away}


def _closed(command: CueDone, context: Context) -> Iterable[Event]:
    if not context.room.state(Desk).known(command.id):
        raise UnknownCue(command.id)
    yield CueClosed(cue=command.id, outcome=command.outcome, by=context.user)


def _withdrawn(command: Withdraw, context: Context) -> Iterable[Event]:
    """First who is on no card any more: his closed cards are gone by then, or another one stands in their place."""
    yield Withdrawn(user=command.user)
    desk, language = context.room.state(Desk), context.room.settings.language
    for card, left in desk.without(command.user.id, context.now):
        yield CueClosed(cue=card.shown_id, outcome="withdrawn")
        if left is not None and card.shown_id in desk.missed:
            yield Missed(cues=(_shown(left, language),))


def _called(command: Call, context: Context) -> Iterable[Event]:
    users = tuple(dict.fromkeys(command.users))
    absent = [user for user in users if user not in context.room.actors]
    if absent:
        raise NotInRoom(absent[0])
    yield Called(by=context.user, users=tuple(context.someone(user) for user in users))


def _shown(card: Card, language: str) -> Shown:
    scripts = script(card.occasion, card.users, card.count)
    return Shown(
        id=card.shown_id,
        kind=card.occasion.kind,
        priority=card.occasion.priority,
        user=card.users[0],
        users=card.users,
        count=card.count,
        script=said(scripts, language),
        scripts=scripts,
        expires_at=card.expires_at,
    )


def _cue(shown: Shown) -> Cue:
    return Cue(
        id=shown.id,
        kind_=shown.kind,
        priority=shown.priority,
        user=shown.user,
        users=shown.users,
        count=shown.count,
        script=shown.script,
        scripts=shown.scripts,
        expires_at=shown.expires_at,
    )
