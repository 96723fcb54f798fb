"""Who may speak in a room, by what is set for it; the host and his moderators always may."""

from __future__ import annotations

from dataclasses import dataclass, field

from room.context import Context
from room.message import Command
from room.people import Role
from room.refusal import NotAMember
from room.settings import Settings
from settings.refusals import EmotesOnly, Frozen, HostsOnly, MembersOnly, SlowMode, TierTooLow


@dataclass(slots=True)
class Spoken:
    """The passing state of slow mode: when each user last spoke, in the order in which they did.

    It remembers no longer than slow mode looks back, so it stays as small as the number of speakers in that time.
    """

    last: dict[str, int] = field(default_factory=dict)

    def note(self, user: str, now: int, slow_ms: int) -> None:
        """A user has spoken."""
        self.last.pop(user, None)
        self.last[user] = now
        while (oldest := next(iter(self.last), None)) is not None and self.last[oldest] + slow_ms <= now:
            del self.last[oldest]

    def wait(self, user: str, now: int, slow_ms: int) -> int:
        """Milliseconds until a user may speak again, 0 or less when he may now, or the clock was set back since."""
        last = self.last.get(user)
        return 0 if last is None or last > now + slow_ms else last + slow_ms - now


def check(command: Command, context: Context) -> None:
    """Let the caller speak, or say why not; what lasts is told before what passes.

    Raises NotAMember, HostsOnly, Frozen, MembersOnly, TierTooLow, EmotesOnly, SlowMode.
    """
    settings = context.room.settings
    if context.actor.role >= Role.MODERATOR:
        return
    if context.actor.role is Role.GUEST and not settings.guests_speak:
        raise NotAMember
    if settings.hosts_only:
        raise HostsOnly
    _check_tier(settings, context.standing.tier)
    if settings.frozen:
        raise Frozen
    if settings.emotes_only and getattr(command, "emote", None) is None:
        raise EmotesOnly
    _check_pace(settings, context)


def _check_tier(settings: Settings, tier: int) -> None:
    if settings.members_only and tier < 1:
        raise MembersOnly
    if tier < settings.min_tier:
        raise TierTooLow(f"tier {settings.min_tier}")


def _check_pace(settings: Settings, context: Context) -> None:
    slow_ms = settings.slow_seconds * 1000
    wait = context.room.state(Spoken).wait(context.actor.id, context.now, slow_ms)
    if wait > 0:
        raise SlowMode(f"one message in {settings.slow_seconds} s", retry_in=wait)
