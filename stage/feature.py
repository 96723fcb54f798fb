"""The feature `stage`: who is seen and heard beside the host, and who may send a picture at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from room.context import Context
from room.feature import Feature, Reply, Turn
from room.live import Room
from room.message import Command, Event, Sign, Stamped
from room.people import GUEST_ID, Role
from room.refusal import PermissionDenied
from stage.messages import (
    STAGE,
    Accept,
    Candidates,
    Changed,
    Invite,
    Invited,
    Leave,
    MuteSeat,
    OnStage,
    PicturesChanged,
    Publish,
    PutDown,
    QualityChanged,
    Raise,
    Raised,
    ShowPictures,
    Spotlight,
    TellQuality,
    UnmuteSeat,
    Vacate,
    Watch,
)
from stage.refusals import HandsFull, NoStage, NotHere, NotInvited, NotOnStage, StageFull
from stage.seats import MAIN, Seats

MOST_RAISED = 200
"""Hands that are up at a time; who asks when so many do is told to come back."""


@dataclass(slots=True)
class Hall:
    """The stage's passing state: who asks to come on it and since when, who has gone, which pictures come in."""

    raised: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    slots: tuple[str, ...] = ()


class Stage(Feature):
    """Seats beside the host; ``carried`` says whether rooms have pictures, ``seated`` whether several at a time."""

    name = "stage"
    commands = (
        Watch,
        Publish,
        ShowPictures,
        TellQuality,
        Raise,
        Invite,
        Accept,
        Leave,
        MuteSeat,
        UnmuteSeat,
        PutDown,
        Spotlight,
        Vacate,
    )
    queries = (Candidates,)
    events = (Changed, Invited, Raised, PicturesChanged, QualityChanged)
    part = Seats

    def __init__(self, *, carried: bool = False, seated: bool = True) -> None:
        self._carried = carried
        self._seated = seated

    def decide(self, command: Command, context: Context) -> Iterable[Event]:
        """What happens.

        Raises NoStage, StageFull, NotInvited, NotOnStage, NotHere, HandsFull, PermissionDenied.
        """
        if not self._seated and isinstance(command, Invite | Raise):
            raise NoStage
        match command:
            case OnStage():
                yield from _seated(command, context)
            case Publish():
                _slot(context)
            case ShowPictures(slots=slots):
                if slots != context.room.state(Hall).slots:
                    yield PicturesChanged(slots=slots)
            case TellQuality(user=user, slot=slot, level=level, loss=loss, bitrate=bitrate):
                yield QualityChanged(user=context.someone(user), slot=slot, level=level, loss=loss, bitrate=bitrate)
            case Raise(down=down):
                yield from _raised(down, context)
            case _:
                return

    def evolve(self, section: Seats, event: Event) -> Seats:
        """The seats as they were said to be."""
        if not isinstance(event, Changed):
            return section
        return Seats(seats=event.seats, number=event.number, spotlight=event.spotlight)

    def receipt(self, turn: Turn) -> Reply:
        """Into which slot to publish, and under which number."""
        match turn.command:
            case Publish():
                slot, number = _slot(turn.context)
                return {"slot": slot, "number": number}
            case Accept():
                seat = turn.context.row.of(Seats).of(turn.context.actor.id)
                return {} if seat is None else {"slot": seat.slot, "number": seat.number}
            case _:
                return {}

    def answer(self, query: Candidates, context: Context) -> Reply:
        """Who asks to come on stage."""
        asked = context.room.state(Hall).raised
        rows = [(_streak(context, user), at, user) for user, at in asked.items() if user in context.room.actors]
        rows.sort(key=lambda row: (-row[0], row[1]))
        shown = [{"user": context.someone(user), "streak": streak, "at": at} for streak, at, user in rows]
        return {"candidates": shown[: query.limit], "count": len(rows)}

    def snapshot(self, context: Context) -> Reply:
        """The stage, and where its pictures are to be had."""
        room = context.room.id
        media = {"whep": f"/whep/{room}", "whip": f"/whip/{room}", "slots": context.room.state(Hall).slots}
        stage = said(context.room.row(STAGE).of(Seats)) if self._seated else None
        return {"stage": stage, "media": media if self._carried else None}

    def notices(self, kind: type[Event]) -> bool:
        """Hands, pictures, seats, and who comes and goes."""
        passes = kind.sign is not None and kind.sign is not Sign.SPOKE
        return passes or issubclass(kind, Raised | PicturesChanged | Changed)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Remember hands, pictures and who has gone."""
        hall, event = room.state(Hall), stamped.event
        match event:
            case Raised(user=user, down=False):
                hall.raised[user.id] = stamped.at
            case Raised(user=user):
                hall.raised.pop(user.id, None)
            case PicturesChanged(slots=slots):
                hall.slots = slots
            case Changed(seats=seats):
                for seat in seats:
                    hall.raised.pop(seat.user.id, None)
                hall.gone &= {seat.user.id for seat in seats}
            case _:
                _note_presence(hall, event, room)

    def deadline(self, room: Room) -> int | None:
        """When an invitation ends, or at once when somebody on stage has gone."""
        if room.state(Hall).gone:
            return 0
        return min((seat.until for seat in room.row(STAGE).of(Seats).seats if seat.until is not None), default=None)

    def expire(self, room: Room, now: int) -> Iterable[Command]:
        """Free the seats of whoever has gone or has not accepted."""
        hall = room.state(Hall)
        gone = hall.gone.difference(room.actors)  # the others are on their way out, or back
        hall.gone -= gone
        users = gone | room.row(STAGE).of(Seats).lapsed(now)
        if users:
            yield Vacate(room=room.id, users=tuple(sorted(users)))


def said(seats: Seats) -> dict[str, object]:
    """The stage as the snapshot shows it."""
    return {"seats": seats.seats, "number": seats.number, "spotlight": seats.spotlight}


def _note_presence(hall: Hall, event: Event, room: Room) -> None:
    if type(event).sign is Sign.LEFT and event.concerns is not None:
        hall.raised.pop(event.concerns, None)
        if room.row(STAGE).of(Seats).of(event.concerns) is not None:
            hall.gone.add(event.concerns)
    elif type(event).sign is Sign.FORGOTTEN and event.concerns is not None:
        hall.raised.pop(event.concerns, None)
    elif type(event).sign is Sign.ARRIVED and event.concerns is not None:
        hall.gone.discard(event.concerns)


def _slot(context: Context) -> tuple[str, int]:
    """Where the caller may publish, and under which number; 0 is the host's.

    Raises NotOnStage.
    """
    seat = context.room.row(STAGE).of(Seats).of(context.actor.id)
    if seat is not None and seat.state == "on":
        return seat.slot, seat.number
    if context.role_of(context.actor.id) >= Role.HOST:
        return MAIN, 0
    raise NotOnStage


def _raised(down: bool, context: Context) -> Iterable[Event]:
    """Raises HandsFull."""
    raised = context.room.state(Hall).raised
    up = context.actor.id in raised
    seated = context.room.row(STAGE).of(Seats).of(context.actor.id) is not None
    if not up and not seated and not down and len(raised) >= MOST_RAISED:
        raise HandsFull
    if up if down else not up and not seated:
        yield Raised(user=context.user, down=down)


def _seated(command: OnStage, context: Context) -> Iterable[Event]:
    seats = context.row.of(Seats)
    match command:
        case Invite(user=user):
            yield from _invited(user, seats, context)
            return
        case Accept():
            after = _accepted(seats, context)
        case Leave():
            after = seats.without(frozenset({context.actor.id}))
        case MuteSeat(user=user) | UnmuteSeat(user=user):
            _check_rank(user, context)
            after = seats.muted(_on_stage(user, seats), isinstance(command, MuteSeat))
        case PutDown(user=user):
            _check_rank(user, context)
            after = seats.without(frozenset({user}))
        case Spotlight(user=user):
            after = _lit(user, seats)
        case Vacate(users=users):
            gone = frozenset(users) - (frozenset(context.room.actors) - seats.lapsed(context.now))
            after = seats.without(gone)
        case _:
            raise NotImplementedError(type(command).kind)
    if after != seats:
        yield _told(after)


def _told(seats: Seats) -> Changed:
    return Changed(seats=seats.seats, number=seats.number, spotlight=seats.spotlight)


def _invited(user: str, seats: Seats, context: Context) -> Iterable[Event]:
    """Raises NotHere, StageFull."""
    seats = seats.without(seats.lapsed(context.now))
    if user.startswith(GUEST_ID) or user not in context.room.actors:
        raise NotHere
    if seats.of(user) is not None:
        return
    if (slot := seats.free()) is None:
        raise StageFull
    after = seats.invited(context.someone(user), slot, context.now)
    yield _told(after)
    until = after.seats[-1].until
    assert until is not None
    yield Invited(user=context.someone(user), by=context.user, slot=slot, expires_at=until)


def _accepted(seats: Seats, context: Context) -> Seats:
    """Raises NotInvited."""
    seat = seats.of(context.actor.id)
    if seat is None or context.actor.id in seats.lapsed(context.now):
        raise NotInvited
    return seats if seat.state == "on" else seats.accepted(context.actor.id, context.now)


def _check_rank(user: str, context: Context) -> None:
    """Raises PermissionDenied for whom the caller cannot act on, as moderation has it; on stage equals may."""
    if context.role_of(user) > context.role_of(context.actor.id):
        raise PermissionDenied("his role is not below yours")


def _on_stage(user: str, seats: Seats) -> str:
    """Raises NotOnStage."""
    seat = seats.of(user)
    if seat is None or seat.state != "on":
        raise NotOnStage
    return user


def _lit(user: str | None, seats: Seats) -> Seats:
    """Raises NotOnStage."""
    return Seats(seats=seats.seats, number=seats.number, spotlight=None if user is None else _on_stage(user, seats))


def _streak(context: Context, user: str) -> int:
    """His current streak, as far as others may see it."""
    shown = context.house.card(context, user).get("streak")
    current = shown.get("current", 0) if isinstance(shown, dict) else 0
    return current if isinstance(current, int) else 0
