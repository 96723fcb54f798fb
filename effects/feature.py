"""The feature `effects`: how a member appears on the screens of a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from effects.catalogue import EFFECTS, EffectDef
from effects.danmaku import DanmakuSaid, Medal, SendDanmaku, said, say, spend
from effects.emotes import EMOTES, EmoteDef, Emotes
from effects.entrance import Enter, EntranceEarned, EntranceEffects, EntranceShown, flush
from effects.lane import Entrances
from effects.privacy import ChangePrivacy, PrivacyChanged, changed, choose, shown
from effects.removal import DanmakuRemoved, RemoveDanmaku, Spoken, remove
from effects.shoutout import (
    COOL_MS,
    PIN_MS,
    Pin,
    SendShoutout,
    ShoutoutShown,
    Thanked,
    Unpin,
    Unpinned,
    pin,
    pinned,
    shout,
    unpin,
)
from effects.styles import STYLES, StyleDef, Styles
from effects.words import Forbidden
from room.context import Context
from room.feature import Fate, Feature, Reply, Turn
from room.live import Room
from room.message import Event, Stamped
from room.row import Row
from room.settings import Privacy


class Effects(Feature):
    """Danmaku and their removal, entrances and shout-outs; who is entitled to what is decided elsewhere.

    Takes the catalogues of styles, of entrance effects and of emotes, how long (ms) a shout-out stays pinned and nobody
    is thanked again (0: at once), the words that are ``forbidden`` in any room, and which ``medal`` somebody wears.
    """

    name = "effects"
    commands = (SendDanmaku, RemoveDanmaku, Enter, SendShoutout, Unpin, ChangePrivacy)
    events = (DanmakuSaid, DanmakuRemoved, EntranceEarned, EntranceShown, ShoutoutShown, Unpinned, PrivacyChanged)
    section = Privacy
    part = Pin

    def __init__(
        self,
        styles: tuple[StyleDef, ...] = STYLES,
        effects: tuple[EffectDef, ...] = EFFECTS,
        pin_ms: int = PIN_MS,
        emotes: tuple[EmoteDef, ...] = EMOTES,
        forbidden: Forbidden | None = None,
        cool_ms: int = COOL_MS,
        medal: Medal = lambda _: None,
    ):
        self._styles = Styles(styles)
        self._emotes = Emotes(emotes)
        self._forbidden = forbidden or Forbidden()
        self._entrances = EntranceEffects(effects)
        self._pin_ms = pin_ms
        self._cool_ms = cool_ms
        self._medal = medal

    def decide(
        self, command: SendDanmaku | RemoveDanmaku | Enter | SendShoutout | Unpin | ChangePrivacy, context: Context
    ) -> Iterable[Event]:
        """What is said, taken back, shown, thanked or chosen.

        Raises BadRequest, PermissionDenied, TooFast, TextEmpty, TextTooLong, WordRefused, EmoteLocked, ThankedAlready.
        """
        match command:
            case SendDanmaku():
                return say(command, context, self._styles, self._emotes, self._forbidden, self._medal)
            case RemoveDanmaku():
                return remove(command, context)
            case Enter():
                return self._entrances.enter(context)
            case SendShoutout():
                return shout(command, context, self._pin_ms, self._forbidden)
            case Unpin():
                return unpin(command, context)
            case ChangePrivacy():
                return choose(command, context)
        assert_never(command)

    def evolve(self, section: Privacy | Pin, event: Event) -> Privacy | Pin:
        """A member's choices, or the room's pinned shout-out."""
        match event:
            case PrivacyChanged():
                return changed(event)
            case ShoutoutShown() | Unpinned():
                return pin(event)
        return section

    def receipt(self, turn: Turn) -> Reply:
        """The reply of each command; whom a shout-out has reached is known only when it is written."""
        match turn.command:
            case SendDanmaku():
                return said(turn.command, turn.happened(DanmakuSaid)[0])
            case SendShoutout():
                return {"id": turn.happened(ShoutoutShown)[0].id, "online": None, "reached": None}
            case ChangePrivacy():
                return shown(turn.context.row.of(Privacy))
        return {}

    def told(self, command: SendDanmaku | SendShoutout, reply: Reply, fate: Fate) -> Reply:
        """A danmaku's sender hears that it was shed, a shout-out's whom it has reached."""
        match command:
            case SendDanmaku():
                return reply if fate.shown else {**reply, "status": "shed"}
            case SendShoutout():
                return {**reply, "online": fate.online, "reached": fate.reached}
        assert_never(command)

    def snapshot(self, context: Context) -> Reply:
        """What is pinned, the styles and emotes on offer and one's own entrance."""
        return {
            "pinned": pinned(context.room, context.now),
            "styles": self._styles.offer(context.standing.entitlements),
            "emotes": self._emotes.offer(context.standing.entitlements),
            "effects": self._entrances.own(context),
        }

    def backstage(self, context: Context) -> Reply:
        """How long entrances waited to be played, and how many were merged instead, by tier, since the room opened."""
        return {"entrances": context.room.state(Entrances).figures()}

    def card(self, context: Context, subject: Row, *, own: bool) -> Mapping[str, object]:
        """A member's settings, for himself."""
        return {"settings": shown(subject.of(Privacy))} if own else {}

    def notices(self, kind: type[Event]) -> bool:
        """What was said, who comes in with an effect, and who was thanked."""
        return issubclass(kind, DanmakuSaid | EntranceEarned | ShoutoutShown)

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Count and remember what was said, and who was thanked, and take entrances into the lane."""
        match stamped.event:
            case DanmakuSaid():
                spend(stamped.event, stamped.at, room)
                room.state(Spoken).last.append(stamped)
            case EntranceEarned():
                self._entrances.note(stamped.event, stamped.at, room)
            case ShoutoutShown():
                room.state(Thanked).note(stamped.event, stamped.at, self._cool_ms)

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        """The entrances and merged lines of this tick."""
        return flush(room, now)

    def deadline(self, room: Room) -> int | None:
        """When the lane of entrances will have something to show."""
        return room.state(Entrances).next_at()
