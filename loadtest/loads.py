"""What each scenario does and when: streams of moments and acts, made from a seed.

| scenario | load                                                                                          |
|----------|-----------------------------------------------------------------------------------------------|
| idle     | a message now and then: what one danmaku costs a quiet room                                    |
| storm    | danmaku from everybody in turn                                                                 |
| wave     | a tenth of the viewers watches (and is weighed) while the others come in                       |
| tap      | everybody checks in within the first second, every fifth twice                                 |
| shout    | a host thanks members by name while the room chats                                             |
| churn    | connections are cut all the time, and their viewers come back and recover                      |
| stalled  | a storm in which one viewer in a hundred stops reading, and reads on near the end              |
| rejoin   | all but a few are cut off, miss something, and come back at the same moment                    |
| evening  | all of it: half of the room comes in, chats, likes, checks in together, is thanked, drops out  |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import cycle
from operator import itemgetter
from random import Random

from loadtest.arrivals import even, poisson
from loadtest.cast import Member
from loadtest.lines import pick_line, pick_shout_out
from loadtest.plan import REFILL, Scenario
from loadtest.play import Act, Load, Play
from loadtest.protocol import Reply
from loadtest.recording import Said
from loadtest.viewer import Viewer

Moments = Iterator[float]


def load_of(play: Play) -> Load:
    """What happens when, in order of time."""
    return _LOADS[play.plan.scenario](play, play.plan.arrivals_per_second) if play.around.offers else ()


def _together(*streams: Iterator[tuple[float, Act]]) -> Iterator[tuple[float, Act]]:
    return merge(*streams, key=itemgetter(0))


def _moments(play: Play, purpose: str, rate: float, seconds: float | None = None) -> Moments:
    span = play.plan.seconds if seconds is None else seconds
    return even(rate, span) if play.around.evenly else poisson(play.rng(purpose), rate, span)


def _talk(play: Play) -> float:
    """Danmaku a second with which a room is lively while something else is looked at."""
    return min(100.0, REFILL * 0.5 * len(play.seated))


# --- chatting


def _chat(play: Play, speakers: Sequence[Viewer], rate: float) -> Iterator[tuple[float, Act]]:
    rng = play.rng("chat")
    if rate > REFILL * len(speakers):
        play.recording.warn(
            f"{len(speakers)} viewers cannot say {rate:g} danmaku a second: a room lets each say one every "
            f"{1 / REFILL:g} s by default, so the others are refused."
        )
    turns = cycle(rng.sample(speakers, len(speakers)))
    for number, (at, speaker) in enumerate(zip(_moments(play, "arrivals", rate), turns, strict=False)):
        line = pick_line(rng, speaker.member.language, "watching")
        yield at, _speaking(play, speaker, f"message {number:06d}" if play.around.numbered else line)


def _speaking(play: Play, speaker: Viewer, text: str) -> Act:
    return lambda due: play.recording.fire(speaker, "danmaku.send", {"text": text}, due)


def _likes(play: Play, rate: float) -> Iterator[tuple[float, Act]]:
    rng = play.rng("likes")
    for at in _moments(play, "like moments", rate):
        yield at, _liking(play, rng.choice(_readers(play)))


def _liking(play: Play, viewer: Viewer) -> Act:
    return lambda due: play.recording.fire(viewer, "like.send", {"count": 3}, due)


# --- checking in


def _taps(play: Play, rate: float, start: float = 0.0) -> Iterator[tuple[float, Act]]:
    """Everybody once, every fifth twice, at random moments at that rate."""
    rng, viewers = play.rng("taps"), _readers(play)
    tapping = [*viewers, *rng.sample(viewers, len(viewers) // 5)]
    span = len(viewers) / rate
    times = sorted(start + rng.uniform(0.0, span) for _ in tapping)
    return zip(times, [_tapping(play, viewer) for viewer in rng.sample(tapping, len(tapping))], strict=True)


def _tapping(play: Play, viewer: Viewer) -> Act:
    def then(reply: Reply, said: Said) -> None:
        if reply.error is None:
            play.recording.receipt(viewer.member.user, said.id)

    return lambda due: play.recording.fire(viewer, "checkin.mark", {}, due, then)


# --- coming and going


def _wave(play: Play, rate: float) -> Iterator[tuple[float, Act]]:
    moments = _moments(play, "wave", rate)
    for at, viewer in zip(moments, play.coming, strict=False):
        yield at, partial(play.come, viewer)


def _cuts(play: Play, rate: float) -> Iterator[tuple[float, Act]]:
    """Connections that break, one after the other; the last seconds are for coming back."""
    rng = play.rng("cuts")
    for at in _moments(play, "cut moments", rate, play.plan.seconds * 0.8):
        yield at, _once(rng.choice(_readers(play)).cut)


def _readers(play: Play) -> Sequence[Viewer]:
    """Those who do not stop reading."""
    return play.seated[play.plan.stalling :]


def _stalls(play: Play) -> Iterator[tuple[float, Act]]:
    """The first few stop reading at once, and read on when nine tenths of the time are over."""
    for viewer in play.seated[: play.plan.stalling]:
        yield 0.0, _once(viewer.stall)
    yield play.plan.seconds * 0.89, _once(lambda: play.recording.weigh_memory(play.around.pid))
    for viewer in play.seated[: play.plan.stalling]:
        yield play.plan.seconds * 0.9, _once(viewer.read_on)


def _rejoin(play: Play, rate: float) -> Iterator[tuple[float, Act]]:
    """All but the first two go; these speak while the others are away; all come back, and that is weighed."""
    staying, leaving = play.seated[:2], play.seated[2:]
    for viewer in leaving:
        yield 0.0, _once(viewer.go_away)
    for number in range(5):
        yield 0.5 + 0.2 * number, _speaking(play, staying[number % 2], f"while they were away {number}")
    yield 2.0, _once(lambda: play.recording.weigh(play.seated, play.around.pid))
    for at, viewer in zip(even(rate, len(leaving) / rate), leaving, strict=False):
        yield 2.0 + at, _once(viewer.come_back)


def _once(act: Callable[[], None]) -> Act:
    """An act that does not mind how late it is."""
    return lambda _due: act()


# --- the host, and the whole evening


def _shouts(play: Play, rate: float) -> Iterator[tuple[float, Act]]:
    """Everybody is thanked before anybody is again, since a room thanks nobody twice within a minute."""
    rng = play.rng("shouts")
    turns = cycle(rng.sample(play.seated, len(play.seated)))
    for number, (at, whom) in enumerate(zip(_moments(play, "shout moments", rate), turns, strict=False)):
        yield at, _shouting(play, rng, number, whom.member)


def _shouting(play: Play, rng: Random, number: int, whom: Member) -> Act:
    data = {"to": whom.user, "text": pick_shout_out(rng, whom.language, whom.name), "key": f"{play.plan.run}-{number}"}

    def act(due: float) -> None:
        assert play.host is not None
        play.recording.fire(play.host, "shoutout.send", data, due)

    return act


def _evening(play: Play, rate: float) -> Iterator[tuple[float, Act]]:
    plan = play.plan
    coming = len(play.coming) / (plan.seconds * 0.6)
    streams = [
        _wave(play, coming) if play.coming else iter(()),
        _chat(play, _readers(play), rate),
        _likes(play, rate / 2),
        _taps(play, float(max(1, len(play.seated))), plan.seconds * 0.4),
        _cuts(play, max(0.2, 0.002 * len(play.seated))),
        _stalls(play),
    ]
    if plan.has_host:
        streams.append(_shouts(play, 0.5))
    return _together(*streams)


_LOADS: Mapping[Scenario, Callable[[Play, float], Load]] = {
    Scenario.IDLE: lambda play, rate: _chat(play, play.seated, rate),
    Scenario.STORM: lambda play, rate: _chat(play, play.seated, rate),
    Scenario.WAVE: _wave,
    Scenario.TAP: _taps,
    Scenario.SHOUT: lambda play, rate: _together(_shouts(play, rate), _chat(play, play.seated, _talk(play))),
    Scenario.CHURN: lambda play, rate: _together(_cuts(play, rate), _chat(play, play.seated, _talk(play))),
    Scenario.STALLED: lambda play, rate: _together(_stalls(play), _chat(play, _readers(play), rate)),
    Scenario.REJOIN: _rejoin,
    Scenario.EVENING: _evening,
}
