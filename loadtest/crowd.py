"""A seeded crowd that makes a room live: it comes and goes, chats, checks in, and its host thanks members by name.

Every kind of life comes at least once in any 12 seconds for as long as the crowd runs. Ids go on from member to member
instead of coming back, since the server lets nobody check in twice a day nor make an entrance every minute; the cast
is bounded (see `cast.CAST_SIZE`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from time import perf_counter

from loadtest.arrivals import gaps
from loadtest.cast import Cast, Member
from loadtest.faults import LoadtestFault, PlatformRefused
from loadtest.lines import Mood, pick_line, pick_shout_out
from loadtest.platform import Platform
from loadtest.progress import Watch, unwatched
from loadtest.protocol import Reply
from loadtest.recording import Recording, Said
from loadtest.report import Report
from loadtest.target import parse_target
from loadtest.viewer import Style, Venue, Viewer

LIFE = ("danmaku.said", "effects.entered", "checkin.burst", "shoutout.shown", "online")

_NEWCOMER_EVERY = 2.5
_THANKED_SECONDS = 65.0  # in which a room refuses to thank the same person again, and what clocks differ
_PATIENCE = 60.0  # seconds without anybody in the room after which the crowd goes home
_ARRIVING_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdPlan:
    """What the crowd is to do; `seconds` None means until it is stopped."""

    url: str
    run: str
    room: str = "demo"
    viewers: int = 60
    seed: int = 7
    seconds: float | None = None
    operator_token: str | None = None


async def run_crowd(plan: CrowdPlan, stop: asyncio.Event, watch: Watch = unwatched) -> Report:
    """Let the crowd live until `stop` is set or the plan's time is over; it sets `stop` when it goes home by itself.

    Raises:
        LoadtestFault: when not even the host gets into the room.
    """
    recording = Recording()
    async with Platform(parse_target(plan.url), plan.room, plan.run, plan.operator_token) as platform:
        crowd = _Crowd(plan, platform, recording, stop, watch)
        await crowd.live()
    return recording.report("crowd", plan.viewers, perf_counter() - recording.started, LIFE)


class _Crowd:
    def __init__(
        self, plan: CrowdPlan, platform: Platform, recording: Recording, stop: asyncio.Event, watch: Watch
    ) -> None:
        self._plan = plan
        self._platform = platform
        self._recording = recording
        self._stop = stop
        self._watch = watch
        self._cast = Cast(seed=plan.seed, run=plan.run)
        self._venue = Venue(
            target=parse_target(plan.url),
            room=plan.room,
            tokens=platform,
            log=recording.log,
            decoder=recording.decoder,
            heard=recording.census.heard,
        )
        self._group = asyncio.TaskGroup()
        self._present: dict[str, Viewer] = {}
        self._unmarked: dict[str, Viewer] = {}
        self._moods: dict[str, Mood] = {}
        self._away: deque[Member] = deque(maxlen=30)
        self._arriving = 0
        self._next = 0

    async def live(self) -> None:
        """Open with the host, go through the evening, and go home together."""
        host = await self._enter(self._cast.host(self._plan.room))
        await self._learn_tiers()
        async with self._group:
            self._group.create_task(host.stay())
            beats = (
                self._open(),
                self._newcomers(),
                self._returns(),
                self._chat(),
                self._check_in(),
                self._shout(host),
            )
            for beat in (*beats, self._keep_time()):
                self._group.create_task(beat)
            await self._stop.wait()
            await asyncio.sleep(0.5)  # what was said last is still under way
            for viewer in (host, *self._present.values()):
                viewer.leave()
        for viewer in (host, *self._present.values()):
            self._recording.retire(viewer)

    # --- coming and going

    async def _learn_tiers(self) -> None:
        try:
            if not await self._platform.learn_ladder(self._cast.climber()):
                self._recording.warn("The room has no tiers to climb, so nobody makes an entrance.")
        except PlatformRefused as fault:
            self._recording.warn(f"Nobody gets a tier, so nobody makes an entrance: {fault}")

    async def _open(self) -> None:
        rng = self._rng("open")
        for gap in gaps(rng, min(0.1, 6.0 / self._plan.viewers), 0.5):
            if len(self._present) + self._arriving >= self._plan.viewers or await self._pause(gap):
                return
            self._send_in(self._newcomer(), fresh=True)

    async def _newcomers(self) -> None:
        for gap in gaps(self._rng("newcomers"), _NEWCOMER_EVERY, 1.5 * _NEWCOMER_EVERY):
            if await self._pause(gap):
                return
            self._send_in(self._newcomer(), fresh=True)

    async def _returns(self) -> None:
        for gap in gaps(self._rng("returns"), 9.0, 20.0):
            if await self._pause(gap):
                return
            if len(self._away) > 3:
                self._send_in(self._away.popleft(), fresh=False)

    def _newcomer(self) -> Member:
        self._next += 1
        return self._cast.member(self._next - 1)

    def _send_in(self, member: Member, *, fresh: bool) -> None:
        """Let a member in without waiting for him: the plan does not slow down because the server does."""
        if self._arriving >= max(_ARRIVING_AT_ONCE, self._plan.viewers // 10):
            self._recording.warn("The server let viewers in more slowly than they came, so some stayed away.")
            return
        self._arriving += 1
        self._group.create_task(self._arrive(member, fresh=fresh))

    async def _arrive(self, member: Member, *, fresh: bool) -> None:
        due = perf_counter()
        try:
            if fresh:
                await self._promote(member)
            viewer = await self._enter(member)
        except LoadtestFault as fault:
            self._recording.warn(str(fault))
            return
        finally:
            self._arriving -= 1
        self._recording.joined(perf_counter() - due)
        self._settle_in(viewer, fresh=fresh)
        await viewer.stay()

    async def _promote(self, member: Member) -> None:
        try:
            await self._platform.remember(member, datetime.now(UTC).date())
            await self._platform.promote(member)
        except PlatformRefused as fault:
            self._recording.warn(str(fault))

    async def _enter(self, member: Member) -> Viewer:
        viewer = Viewer(member, await self._platform.token(member), self._venue, self._rng(member.user))
        try:
            await viewer.enter()
        except LoadtestFault:
            viewer.leave()
            raise
        return viewer

    def _settle_in(self, viewer: Viewer, *, fresh: bool) -> None:
        user = viewer.member.user
        self._present[user] = viewer
        self._moods[user] = "arrived"
        if fresh:
            self._unmarked[user] = viewer
        while len(self._present) > self._plan.viewers:
            self._send_home(next(iter(self._present)))

    def _send_home(self, user: str) -> None:
        viewer = self._present.pop(user)
        self._unmarked.pop(user, None)
        self._moods.pop(user, None)
        viewer.leave()
        self._recording.retire(viewer)
        self._away.append(viewer.member)

    # --- what they do

    async def _chat(self) -> None:
        rng = self._rng("chat")
        rate = min(8.0, max(0.6, 0.04 * self._plan.viewers), 0.4 * self._plan.viewers)
        spoken: dict[str, float] = {}
        for gap in gaps(rng, 1.0 / rate, 3.0):
            if await self._pause(gap):
                return
            if inside := self._inside():
                few = rng.sample(inside, min(4, len(inside)))
                speaker = min(few, key=lambda viewer: spoken.get(viewer.member.user, 0.0))
                spoken[speaker.member.user] = perf_counter()
                self._speak(speaker, rng)
            spoken = {user: at for user, at in spoken.items() if user in self._present}

    def _speak(self, speaker: Viewer, rng: Random) -> None:
        member = speaker.member
        mood = self._moods.get(member.user, "watching")
        self._moods[member.user] = "watching"
        data = {"text": pick_line(rng, member.language, mood)} | _look(speaker.styles, rng)
        self._recording.fire(speaker, "danmaku.send", data, perf_counter())

    async def _check_in(self) -> None:
        rng = self._rng("check-in")
        while not await self._pause(rng.uniform(5.0, 8.5)):
            ready = [viewer for viewer in self._unmarked.values() if viewer.inside.is_set()]
            burst = rng.sample(ready, min(len(ready), 12, max(2, len(ready) // 3)))
            for viewer in burst:
                del self._unmarked[viewer.member.user]
                delay = rng.uniform(0.0, 0.3)
                asyncio.get_running_loop().call_later(delay, self._mark, viewer, perf_counter() + delay)

    def _mark(self, viewer: Viewer, due: float) -> None:
        user = viewer.member.user

        def then(reply: Reply, _: Said) -> None:
            if reply.error is None:
                self._moods[user] = "checked_in"
            elif reply.error.temporary and user in self._present:
                self._unmarked[user] = viewer

        self._recording.fire(viewer, "checkin.mark", {}, due, then)

    async def _shout(self, host: Viewer) -> None:
        """A host thanks somebody now and then, nobody twice within a minute: a room refuses that."""
        rng = self._rng("shout")
        number, thanked = 0, dict[str, float]()
        while not await self._pause(rng.uniform(5.0, 8.5)):
            now = perf_counter()
            thanked = {user: at for user, at in thanked.items() if now - at < _THANKED_SECONDS}
            inside = [viewer for viewer in self._inside() if viewer.member.user not in thanked]
            if not inside or not host.inside.is_set():
                continue
            number += 1
            lucky = rng.choice(inside).member
            thanked[lucky.user] = now
            text = pick_shout_out(rng, lucky.language, lucky.name)
            data = {"to": lucky.user, "text": text, "key": f"{self._plan.run}-{number}"}
            self._recording.fire(host, "shoutout.send", data, perf_counter())
            self._moods[lucky.user] = "thanked"

    # --- time

    async def _keep_time(self) -> None:
        """Once a second: tell who watches, let go what is settled, and stop when the time is over or nobody is left."""
        started = seen = perf_counter()
        while not await self._pause(1.0):
            now = perf_counter()
            self._recording.settle()
            inside = len(self._inside())
            self._watch(self._recording.glance("live", now - started, self._plan.seconds, inside))
            seen = now if inside else seen
            if now - seen > _PATIENCE:
                self._recording.faults[
                    f"Nobody could stay in the room for {_PATIENCE:g} s, so the crowd went home."
                ] = None
                self._stop.set()
            if self._plan.seconds is not None and now - started >= self._plan.seconds:
                self._stop.set()

    async def _pause(self, seconds: float) -> bool:
        """Wait; true when it is time to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            pass
        return self._stop.is_set()

    def _inside(self) -> list[Viewer]:
        return [viewer for viewer in self._present.values() if viewer.inside.is_set()]

    def _rng(self, purpose: str) -> Random:
        return Random(f"{self._plan.seed}:{purpose}")


def _look(styles: tuple[Style, ...], rng: Random) -> dict[str, object]:
    """The style and mode of a danmaku: mostly the best colour the speaker has, now and then at the top or bottom."""
    own = [style for style in styles if not style.locked]
    if not own:
        return {}
    style = own[-1] if rng.random() < 0.7 else rng.choice(own)
    still = [mode for mode in style.modes if mode != 1]
    return {"style": style.id, "mode": rng.choice(still) if still and rng.random() < 0.15 else 1}
