"""A house with one small durable feature, for tests of the shell: jars of coins, gifts that run out, a loud wall.

`Drop` puts coins into one's own jar (or refuses above 10 and below 0), `Take` claims one of two mugs and falls back
to a spoon, `Paint` and `Engrave` change a part of the room, `Shout` and `Cry` are passing words, `Look` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

from host.feature import Host
from presence.feature import Presence
from room.board import Window
from room.change import Claim, Counter, Part
from room.context import Context
from room.feature import Fate, Feature, Turn
from room.house import House
from room.live import Room
from room.message import Audience, Bounds, Command, Event, Lane, Query, ReplyAt, Stamped
from room.people import Actor, Role, Standing, User
from room.refusal import Refused
from room.row import Row, member, part
from settings.feature import RoomSettings

Key = Annotated[str, Bounds(1, 64)]


class Full(Refused):
    code = 1980
    reason = "the jar is full"


class Banned(Refused):
    code = 1981
    reason = "not in this room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    coins: int = 0
    gifts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    coats: int = 0


@dataclass(slots=True)
class Seen:
    """The passing state: what was observed, in order, and how many coins were in the jar when a drop was."""

    events: list[str] = field(default_factory=list)
    coins: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Command):
    kind: ClassVar[str] = "jar.drop"
    durable: ClassVar[bool] = True

    coins: int = 1
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Drop):
    """Coins into the jar, or out of it, never twice."""

    kind: ClassVar[str] = "jar.pay"
    needs_key: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily(Command):
    kind: ClassVar[str] = "jar.daily"
    durable: ClassVar[bool] = True

    day: int = 1
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Take(Command):
    kind: ClassVar[str] = "jar.take"
    durable: ClassVar[bool] = True

    stubborn: bool = False
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint(Command):
    kind: ClassVar[str] = "jar.paint"
    who: ClassVar[Role] = Role.MODERATOR
    durable: ClassVar[bool] = True
    reply_at: ClassVar[ReplyAt] = ReplyAt.TICK

    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        return part("jar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engrave(Command):
    """Words that last."""

    kind: ClassVar[str] = "jar.engrave"
    durable: ClassVar[bool] = True
    needs_leave: ClassVar[bool] = True

    text: str = "hi"
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        return part("jar")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOut(Command):
    kind: ClassVar[str] = "jar.show_out"
    who: ClassVar[Role] = Role.MODERATOR

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break(Command):
    """A fault of ours: in the rules, in what is stored, or when it is told."""

    kind: ClassVar[str] = "jar.break"
    durable: ClassVar[bool] = True

    where: str = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shout(Command):
    kind: ClassVar[str] = "jar.shout"
    who: ClassVar[Role] = Role.GUEST
    needs_leave: ClassVar[bool] = True
    reply_at: ClassVar[ReplyAt] = ReplyAt.TICK

    text: str = "hi"
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cry(Command):
    """Words that a fault of ours befalls."""

    kind: ClassVar[str] = "jar.cry"
    who: ClassVar[Role] = Role.GUEST

    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Query):
    kind: ClassVar[str] = "jar.look"

    users: tuple[str, ...] = ()
    broken: bool = False

    def needs(self, actor: Actor) -> tuple[str, ...]:
        return tuple(map(member, self.users))


@dataclass(frozen=True, slots=True, kw_only=True)
class Top(Query):
    """The fullest jars, as far as boards are kept, with what is in them now."""

    kind: ClassVar[str] = "jar.top"

    boards: tuple[str, ...] = ("coins",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped(Event):
    kind: ClassVar[str] = "jar.dropped"
    durable: ClassVar[bool] = True

    user: User
    coins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanked(Event):
    """For the person alone."""

    kind: ClassVar[str] = "jar.thanked"
    audience: ClassVar[Audience] = Audience.MEMBER | Audience.HOST

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(Event):
    kind: ClassVar[str] = "jar.taken"
    durable: ClassVar[bool] = True

    user: User
    gift: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted(Event):
    kind: ClassVar[str] = "jar.painted"
    durable: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Engraved(Event):
    kind: ClassVar[str] = "jar.engraved"
    durable: ClassVar[bool] = True

    text: str

    @property
    def spoken(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(Event):
    kind: ClassVar[str] = "jar.broken"
    durable: ClassVar[bool] = True

    user: User
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shouted(Event):
    kind: ClassVar[str] = "jar.shouted"
    lane: ClassVar[Lane] = Lane.DANMAKU

    user: User
    text: str

    @property
    def spoken(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOut(Event):
    """For the person alone, who has to go."""

    kind: ClassVar[str] = "jar.shown_out"
    audience: ClassVar[Audience] = Audience.MEMBER
    closes: ClassVar[bool] = True

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """For nobody."""

    kind: ClassVar[str] = "jar.noted"
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User


class Jars(Feature):
    name = "jar"
    commands = (Drop, Pay, Daily, Take, Paint, Engrave, ShowOut, Break, Shout, Cry)
    queries = (Look, Top)
    events = (Dropped, Thanked, Taken, Painted, Engraved, Broken, Shouted, ShownOut, Noted)
    section = Savings
    part = Wall

    def guard(self, command: Command, context: Context) -> None:
        if command.enters and context.actor.id == "banned":
            raise Banned

    def natural(self, command: Command, context: Context) -> str | None:
        return f"{command.kind}#{command.day}" if isinstance(command, Daily) else None

    def decide(self, command: Command, context: Context) -> Iterable[Event]:
        match command:
            case Drop(coins=0):
                return
            case Drop() | Daily():
                coins = command.coins if isinstance(command, Drop) else 1
                if not 0 <= context.row.of(Savings).coins + coins <= 10:
                    raise Full
                yield Dropped(user=context.user, coins=coins)
                yield Thanked(user=context.user)
                yield Noted(user=context.user)
            case Take(stubborn=stubborn):
                gone = "mug" in context.failed and not stubborn
                yield Taken(user=context.user, gift="spoon" if gone else "mug")
            case Paint():
                yield Painted()
            case Engrave(text=text):
                yield Engraved(text=text)
            case Break(where=where):
                if where == "rules":
                    raise ZeroDivisionError
                yield Broken(user=context.user, where=where)
            case Shout() | Cry() | ShowOut():
                yield _passing(command, context)

    def evolve(self, section: Savings | Wall, event: Event) -> Savings | Wall:
        match section, event:
            case Savings(), Dropped():
                return replace(section, coins=section.coins + event.coins)
            case Savings(), Taken():
                return replace(section, gifts=(*section.gifts, event.gift))
            case Savings(), Broken(where="store"):
                return replace(section, coins=2**70)
            case Savings(), Broken():
                return replace(section, coins=section.coins + 1)
            case Wall(), Painted():
                return replace(section, coats=section.coats + 1)
        return section

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        match event:
            case Dropped():
                yield Counter(name="coins", add=event.coins)
            case Taken(gift="mug"):
                yield Claim(name="mug", take=1, stock=2)

    def receipt(self, turn: Turn) -> Mapping[str, object]:
        saved = turn.context.row.of(Savings)
        match turn.command:
            case Daily():
                return {"coins": saved.coins, "replayed": False}
            case Take():
                return {"gift": saved.gifts[-1]}
            case Paint():
                return {"coats": turn.context.row.of(Wall).coats, "online": None, "reached": None}
            case Shout():
                return {"id": turn.events[0].id, "status": "accepted"}
        return {"coins": saved.coins}

    def told(self, command: Shout | Paint, reply: Mapping[str, object], fate: Fate) -> Mapping[str, object]:
        match command:
            case Shout():
                return reply if fate.shown else {**reply, "status": "shed"}
            case Paint():
                return {**reply, "online": fate.online, "reached": fate.reached}

    def windows(self, query: Look | Top, context: Context) -> Iterable[Window]:
        return [Window(boards=(one,), limit=2) for one in query.boards] if isinstance(query, Top) else ()

    def answer(self, query: Look | Top, context: Context) -> Mapping[str, object]:
        if isinstance(query, Top):
            found = [place for places in context.places.values() for place in places]
            return {one.subject: [one.rank, one.value, context.row_of(one.subject).of(Savings).coins] for one in found}
        if query.broken:
            raise ZeroDivisionError
        users = query.users or (context.actor.id,)
        return {user: context.row_of(member(user)).of(Savings).coins for user in users}

    def snapshot(self, context: Context) -> Mapping[str, object]:
        return {"coins": context.room.counters.get("coins", 0)}

    def observe(self, stamped: Stamped, room: Room) -> None:
        if isinstance(stamped.event, Broken) and stamped.event.where == "telling":
            raise ZeroDivisionError
        if isinstance(stamped.event, Dropped):
            room.state(Seen).coins.append(room.row(member(stamped.event.user.id)).of(Savings).coins)
        if type(stamped.event).kind.startswith("jar."):
            room.state(Seen).events.append(type(stamped.event).kind)


def _passing(command: Shout | Cry | ShowOut, context: Context) -> Event:
    match command:
        case Shout():
            return Shouted(user=context.user, text=command.text)
        case ShowOut():
            return ShownOut(user=context.someone(command.user))
        case Cry():
            raise ZeroDivisionError


def standing(row: Row) -> Standing:
    return Standing(tier=row.of(Savings).coins)


HOUSE = House([RoomSettings(), Presence(), Jars(), Host()], standing=standing)
