"""Three times as much as the server holds, for a minute: who gets his receipt, what is shed, how soon it is over.

a crowd beside (speakers.py)    how much is held │   quiet   │ three times as much, and everybody checks in │ quiet
the audited crowd, and a host                    │ ── chats, checks in, thanks, changes a setting, all the way ── │
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from time import perf_counter

import httpx

from loadtest.arrivals import even
from loadtest.cast import Cast
from loadtest.compare.bench import Bench, Started
from loadtest.compare.contenders import ROOM
from loadtest.compare.measures import Entry, Measured, faults_of, planned, surrounded
from loadtest.haul import report_of
from loadtest.hold.child import Child, beside
from loadtest.hold.pressure import NEVER, Facts, Turn, pressure_figures
from loadtest.hold.server import PRODUCTION
from loadtest.hold.speakers import Press, SpeakersPlan, speak
from loadtest.hold.spoken import Checkin
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.play import Act, Load, Play
from loadtest.protocol import Reply
from loadtest.recording import Recording, Said
from loadtest.target import parse_target
from loadtest.viewer import Viewer

TIMES = 3.0
LASTS = 15
"""Times a round of other rows: a minute where these have four seconds."""

_AUDIENCE, _SPEAKERS = 0.25, 2.0  # of the bench's viewers
_FIRST_SPEAKER = 10_000
_BEFORE, _AFTER = 1.5, 4.0  # rounds of quiet around it
_AGAIN = 1.0  # and the second taps
_MOST_OF_ONE = 15.0  # danmaku a second: beyond 20 commands he would be refused whatever he asks
_CHAT = 10.0
_SHOUT_EVERY = 1.0
_THANKED_AGAIN = 66.0
_SETTING_EVERY = 3.0
_LOOK_EVERY = 0.1
_COMES_IN_WITHIN, _ENDS_WITHIN = 120.0, 120.0


def overload(name: str, label: str) -> Entry:
    """The one case of its row: before, while and after are of the same run."""
    return Entry(name=name, label=label, missing=PRODUCTION.missing, measure=overloaded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds from the beginning of what is measured."""

    begins: float
    ends: float
    again: float
    over: float

    @classmethod
    def of(cls, seconds: float) -> Timing:
        """With rounds of so many seconds."""
        begins = _BEFORE * seconds
        ends = begins + LASTS * seconds
        again = ends + max(12.0, _AFTER * seconds)
        return cls(begins=begins, ends=ends, again=again, over=again + _AGAIN * seconds)


async def overloaded(bench: Bench) -> Measured:
    """Start the server and both crowds, find out what it holds, offer three times as much, and sum up."""
    timing = Timing.of(bench.seconds)
    viewers = max(10, round(_AUDIENCE * bench.viewers))
    plan = planned(bench, Scenario.SHOUT, viewers=viewers, seconds=timing.over)
    async with PRODUCTION.running(bench, 0.0) as started, _speakers(bench, started) as speakers:
        speakers.tell("come in")
        came = int(await speakers.hear(_COMES_IN_WITHIN)) / _speakers_of(bench)
        speakers.tell(bench.seconds)
        holds = float(await speakers.hear(_COMES_IN_WITHIN))
        around = surrounded(Around(), bench, PRODUCTION, started)
        evening = _Evening(plan.at(started.url), timing, around, bench, speakers, came, holds)
        await evening.perform(started)
        spoken = await speakers.hear(_ENDS_WITHIN)
    facts, faults = evening.facts(spoken)
    return pressure_figures(facts), faults


@asynccontextmanager
async def _speakers(bench: Bench, started: Started) -> AsyncIterator[Child]:
    cast, signer = Cast(seed=7, run="speakers"), PRODUCTION.tokens(bench)
    tokens = [await signer.token(cast.member(_FIRST_SPEAKER + number)) for number in range(_speakers_of(bench))]
    plan = SpeakersPlan(target=parse_target(started.url), room=ROOM, tokens=tokens)
    async with beside(speak, plan, bench.cores.others) as child:
        yield child


def _speakers_of(bench: Bench) -> int:
    return max(10, round(_SPEAKERS * bench.viewers))


@dataclass(slots=True)
class _Evening:
    """The audited part: what everybody does, and what is noted of it."""

    plan: ScenarioPlan
    timing: Timing
    around: Around
    bench: Bench
    speakers: Child
    came: float
    holds: float
    recording: Recording = field(init=False)
    began: float = 0.0
    measured: float = 0.0
    checkins: list[Checkin] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    ordered: int = 0
    obeyed: int = 0
    changes: int = 0
    turns: list[Turn] = field(default_factory=list)
    steps: list[tuple[float, int, float]] = field(default_factory=list)

    async def perform(self, started: Started) -> None:
        """From the first viewer to the last."""
        self.recording = Recording(self.around.wire)
        tokens = PRODUCTION.tokens(self.bench)
        play = Play(self.plan, self.around, tokens, self.recording, self.bench.stop, self.bench.watch)
        async with _looking(self, started):
            self.measured = await play.perform(self._load)

    def facts(self, spoken: object) -> tuple[Facts, list[str]]:
        """What is summed up, and what the audit found."""
        plan, hauls = self.plan, [self.recording.haul()]
        report = report_of(plan.scenario.value, plan.viewers, self.measured, hauls)  # others are in the room as well
        begins = self.began + self.timing.begins
        facts = Facts(
            seconds=self.timing.ends - self.timing.begins,
            came=self.came,
            holds=self.holds,
            spoken=spoken,  # type: ignore[arg-type]  # what comes through a pipe is of no typed interface
            checkins=self.checkins,
            receipts_lost=len(self.receipts.keys() - self.kept),
            ordered=self.ordered,
            obeyed=self.obeyed,
            changes=self.changes,
            changes_told=report.events.get("room.changed", 0),
            shed=report.outcomes("danmaku.send", "shed"),
            shed_told=report.shed.get("danmaku", 0),
            turns=[Turn(at=turn.at - begins, seconds=turn.seconds) for turn in self.turns],
            danmaku=[Turn(at=at - begins, seconds=worst) for at, worst in self.recording.log.worst.items()],
            steps=[(at - begins, step, lag) for at, step, lag in self.steps],
        )
        return facts, faults_of(report)

    # --- what happens when

    def _load(self, play: Play) -> Load:
        """Told when everybody is there: the crowd beside begins in a moment."""
        self.began, timing = perf_counter(), self.timing
        self.speakers.tell(
            Press(
                start=self.began + timing.begins,
                seconds=timing.ends - timing.begins,
                rate=min(TIMES * self.holds, _MOST_OF_ONE * _SPEAKERS * self.bench.viewers),
                again=self.began + timing.again,
            )
        )
        streams = self._chat(play), self._taps(play), self._shouts(play), self._settings(play), self._again(play)
        return merge(*streams, key=itemgetter(0))

    def _chat(self, play: Play) -> Iterator[tuple[float, Act]]:
        rate = min(_CHAT, 0.25 * len(play.seated))
        for number, at in enumerate(even(rate, self.timing.over)):
            speaker = play.seated[number % len(play.seated)]
            yield at, self._saying(speaker, f"from the audience {number}")

    def _saying(self, speaker: Viewer, text: str) -> Act:
        return lambda due: self.recording.fire(speaker, "danmaku.send", {"text": text}, due)

    def _taps(self, play: Play) -> Iterator[tuple[float, Act]]:
        rng, timing = play.rng("taps"), self.timing
        moments = sorted(rng.uniform(timing.begins, timing.ends) for _ in play.seated)
        return zip(moments, map(self._tapping, play.seated), strict=True)

    def _tapping(self, viewer: Viewer) -> Act:
        def act(due: float) -> None:
            def then(reply: Reply, said: Said) -> None:
                seconds = None if reply.error is not None else perf_counter() - due
                self.checkins.append(Checkin(at=due - self.began - self.timing.begins, seconds=seconds))
                if reply.error is None:
                    self.receipts[viewer.member.user] = said.id

            self.recording.fire(viewer, "checkin.mark", {}, due, then)

        return act

    def _again(self, play: Play) -> Iterator[tuple[float, Act]]:
        """Everybody taps once more: what was acknowledged must still be there."""
        for number, viewer in enumerate(play.seated):
            yield self.timing.again + number / 500, self._tapping_again(viewer)

    def _tapping_again(self, viewer: Viewer) -> Act:
        def then(_reply: Reply, said: Said) -> None:
            if said.replayed and said.id == self.receipts.get(viewer.member.user):
                self.kept.add(viewer.member.user)

        return lambda due: self.recording.fire(viewer, "checkin.mark", {}, due, then)

    def _shouts(self, play: Play) -> Iterator[tuple[float, Act]]:
        every = max(_SHOUT_EVERY, _THANKED_AGAIN / len(play.seated))
        for number, at in enumerate(even(1 / every, self.timing.over)):
            whom = play.seated[number % len(play.seated)].member
            data = {"to": whom.user, "text": f"Thank you, {number}", "key": f"shout-{number}"}
            yield at, self._ordering(play, "shoutout.send", data)

    def _settings(self, play: Play) -> Iterator[tuple[float, Act]]:
        for number, at in enumerate(even(1 / _SETTING_EVERY, self.timing.over)):
            data = {"guests_speak": number % 2 == 0}
            yield at, self._ordering(play, "room.settings", data)

    def _ordering(self, play: Play, method: str, data: Mapping[str, object]) -> Act:
        def then(reply: Reply, _said: Said) -> None:
            done = reply.error is None
            self.obeyed += done
            self.changes += done and method == "room.settings"

        def act(due: float) -> None:
            assert play.host is not None
            self.ordered += 1
            self.recording.fire(play.host, method, data, due, then)

        return act


# --- what a stranger sees of the server meanwhile


@asynccontextmanager
async def _looking(evening: _Evening, started: Started) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=started.http, trust_env=False, timeout=30.0) as http:
        looks = [
            asyncio.create_task(_look_for_turns(http, evening.turns)),
            asyncio.create_task(_look_for_steps(http, evening.steps)),
        ]
        try:
            yield
        finally:
            for look in looks:
                look.cancel()


async def _look_for_turns(http: httpx.AsyncClient, turns: list[Turn]) -> None:
    """How late `/livez` answers: one turn of the server's loop. Counted from when it was due; no answer is never."""
    due = perf_counter()
    while True:
        try:
            answers = (await http.get("/livez")).is_success
        except httpx.HTTPError:
            answers = False
        turns.append(Turn(at=due, seconds=perf_counter() - due if answers else NEVER))
        due += _LOOK_EVERY
        await asyncio.sleep(max(0.0, due - perf_counter()))


async def _look_for_steps(http: httpx.AsyncClient, steps: list[tuple[float, int, float]]) -> None:
    """What the server says of its load, now and then."""
    while True:
        await asyncio.sleep(10 * _LOOK_EVERY)
        try:
            page = (await http.get("/metrics")).text
        except httpx.HTTPError:
            continue
        said = dict(line.split()[:2] for line in page.splitlines() if line and not line.startswith("#"))
        step, lag = said.get("roomserver_load_step", "0"), said.get("roomserver_loop_lag_seconds", "0")
        steps.append((perf_counter(), int(float(step)), float(lag)))
