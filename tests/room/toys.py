"""Two small features to try the kernel with: coins that people drop into a jar, and praise for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from room.change import Append, Part
from room.context import Context
from room.feature import Feature, Turn
from room.house import House, Reaction
from room.message import Command, Event, Query
from room.people import Actor, Role, Standing, User
from room.refusal import Refused
from room.row import Row, part


class Full(Refused):
    code = 1990
    reason = "the jar is full"


class Frozen(Refused):
    code = 1991
    reason = "nothing may be said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    coins: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fame:
    praised: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Command):
    """Drop coins into one's own jar; ``key`` names the attempt."""

    kind: ClassVar[str] = "jar.drop"
    durable: ClassVar[bool] = True

    coins: int = 1
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily(Command):
    """Drop one coin, once a day."""

    kind: ClassVar[str] = "jar.daily"
    durable: ClassVar[bool] = True

    day: int
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint(Command):
    """A host paints the wall, which is nobody's row."""

    kind: ClassVar[str] = "jar.paint"
    who: ClassVar[Role] = Role.HOST
    durable: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True

    key: str | None = None

    def subject(self, actor: Actor) -> str:
        return part("jar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shout(Command):
    """Say something that nobody stores."""

    kind: ClassVar[str] = "jar.shout"
    who: ClassVar[Role] = Role.GUEST
    speaks: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip(Command):
    """Tip the room: guests would be let in, were it not stored."""

    kind: ClassVar[str] = "jar.tip"
    who: ClassVar[Role] = Role.GUEST
    durable: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Praise(Command):
    """Praise somebody ``times`` times, one after the other."""

    kind: ClassVar[str] = "praise.give"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Query):
    """How many coins are in one's jar."""

    kind: ClassVar[str] = "jar.count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped(Event):
    kind: ClassVar[str] = "jar.dropped"
    durable: ClassVar[bool] = True

    user: User
    coins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted(Event):
    kind: ClassVar[str] = "jar.painted"
    durable: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shouted(Event):
    kind: ClassVar[str] = "jar.shouted"

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Praised(Event):
    kind: ClassVar[str] = "praise.praised"
    durable: ClassVar[bool] = True

    user: User
    left: int


class Jars(Feature):
    """At most ``most`` coins in a jar; nobody may drop 7; dropping 0 changes nothing."""

    name = "jar"
    commands = (Drop, Daily, Paint, Shout, Tip)
    queries = (Count,)
    events = (Dropped, Painted, Shouted)
    section = Jar

    def __init__(self, most: int = 10):
        self.most = most

    def natural(self, command: Drop | Daily | Paint | Shout, context: Context) -> str | None:
        return f"{command.kind}#{command.day}" if isinstance(command, Daily) else None

    def guard(self, command: Command, context: Context) -> None:
        if command.speaks and context.room.settings.frozen:
            raise Frozen
        if isinstance(command, Drop) and command.coins == 7:
            raise Frozen("seven")

    def decide(self, command: Drop | Daily | Paint | Shout, context: Context) -> Iterable[Event]:
        match command:
            case Shout():
                yield Shouted(user=context.user)
            case Paint():
                yield Painted()
            case Drop(coins=0):
                return
            case Drop() | Daily():
                coins = command.coins if isinstance(command, Drop) else 1
                if context.row.of(Jar).coins + coins > self.most:
                    raise Full
                yield Dropped(user=context.person, coins=coins)

    def evolve(self, section: Jar, event: Event) -> Jar:
        return replace(section, coins=section.coins + event.coins) if isinstance(event, Dropped) else section

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        if isinstance(event, Dropped):
            yield Append(log="coins", entry={"coins": event.coins, "after": context.row.of(Jar).coins})

    def receipt(self, turn: Turn) -> Mapping[str, object]:
        reply: dict[str, object] = {"coins": turn.context.row.of(Jar).coins}
        return {**reply, "replayed": False} if isinstance(turn.command, Daily) else reply

    def answer(self, query: Count, context: Context) -> Mapping[str, object]:
        return {"coins": context.row.of(Jar).coins}

    def card(self, context: Context, subject: Row, *, own: bool) -> Mapping[str, object]:
        return {"coins": subject.of(Jar).coins} if own else {}

    def snapshot(self, context: Context) -> Mapping[str, object]:
        return {"jar": True}


class Praises(Feature):
    """Nobody is praised more than 100 times; praise goes on until none is left."""

    name = "praise"
    commands = (Praise,)
    events = (Praised,)
    section = Fame

    def decide(self, command: Praise, context: Context) -> Iterable[Event]:
        if context.row.of(Fame).praised >= 100:
            raise Full("praise")
        yield Praised(user=context.person, left=command.times - 1)

    def evolve(self, section: Fame, event: Event) -> Fame:
        return replace(section, praised=section.praised + 1) if isinstance(event, Praised) else section

    def receipt(self, turn: Turn) -> Mapping[str, object]:
        return {"praised": turn.context.row.of(Fame).praised}


def standing(row: Row) -> Standing:
    return Standing(tier=row.of(Jar).coins)


def praise(event: Event, context: Context) -> Iterable[Command]:
    if isinstance(event, Dropped):
        yield Praise(room=context.room.id, times=event.coins)


def go_on(event: Event, context: Context) -> Iterable[Command]:
    if isinstance(event, Praised) and event.left:
        yield Praise(room=context.room.id, times=event.left)


HOUSE = House([Jars(), Praises()], standing=standing)


def praising(*, required: bool = False, most: int = 10) -> House:
    reactions = [Reaction(on=Dropped, make=praise, required=required), Reaction(on=Praised, make=go_on)]
    return House([Jars(most), Praises()], reactions=reactions, standing=standing)
