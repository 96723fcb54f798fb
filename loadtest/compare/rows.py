"""The rows of the comparison: who is measured how, and what is to come out."""

from __future__ import annotations

from loadtest.compare import contenders
from loadtest.compare.centrifugo import CENTRIFUGO
from loadtest.compare.checkins import flood, tap
from loadtest.compare.crowds import MANY, idle, rejoin, stalled, storm, wave
from loadtest.compare.goals import Goal
from loadtest.compare.measures import Row, fan_out

_FAN_OUT = (
    "offered_per_second",
    "cpu_us_per_delivery",
    "events_per_frame",
    "bytes_per_delivery",
    "last_p50_ms",
    "last_p99_ms",
    "cpu_percent",
    "kernel_percent",
    "shed_percent",
)


def _cpu(text: str, to: str, bound: float) -> Goal:
    alike = "events_per_frame" if to.endswith("-batches") else None
    return Goal(text=text, figure="cpu_us_per_delivery", of="roomserver", to=to, bound=bound, alike=alike)


STORM = Row(
    name="storm",
    title="storm: 400 messages a second in batches of 50 ms (peers without batches as fast as one core lets them)",
    columns=_FAN_OUT,
    entries=(
        fan_out(contenders.ROOMSERVER, 400),
        fan_out(contenders.FLOOR_BATCHES, 400),
        fan_out(contenders.UWS_BATCHES, 400),
        fan_out(contenders.BROADCAST_BATCHES, 400),
        fan_out(contenders.BROADCAST, 40),
        fan_out(contenders.UWS, 40),
        fan_out(CENTRIFUGO, 40),
        fan_out(contenders.SOCKETIO, 6),
    ),
    goals=(
        _cpu("CPU per delivery: 1/12 of websockets.broadcast, each message", "websockets", 1 / 12),
        _cpu("0.8 of websockets.broadcast given the same batches", "websockets-batches", 0.8),
        _cpu("1/60 of python-socketio", "python-socketio", 1 / 60),
        _cpu("1.05 of socketify given the same batches", "socketify-batches", 1.05),
        _cpu("1.5 of the C floor", "floor-batches", 1.5),
    ),
)

SINGLE = Row(
    name="single",
    title="single messages: 10 a second into an idle room, each delivered at once",
    columns=_FAN_OUT,
    entries=(
        fan_out(contenders.ROOMSERVER, 10, evenly=True),
        fan_out(contenders.FLOOR, 10, evenly=True),
        fan_out(contenders.UWS, 10, evenly=True),
        fan_out(contenders.BROADCAST, 10, evenly=True),
        fan_out(CENTRIFUGO, 10, evenly=True),
    ),
    goals=(
        _cpu("CPU per delivery: 0.8 of websockets.broadcast", "websockets", 0.8),
        _cpu("1.1 of socketify", "socketify", 1.1),
        _cpu("1.6 of the C floor", "floor", 1.6),
    ),
)

TAP = Row(
    name="tap",
    title="tap: six times as many members check in within one second, every fifth twice; fsync before every answer",
    columns=(
        "checkins",
        "cpu_us_per_checkin",
        "fan_out_cpu_ms",
        "ack_p50_ms",
        "ack_p99_ms",
        "bursts_per_second",
        "checkins_per_second",
    ),
    entries=(tap(contenders.ROOMSERVER), flood(contenders.ROOMSERVER), flood(contenders.NAIVE)),
    goals=(
        Goal(text="CPU per check-in, µs, writing apart", figure="cpu_us_per_checkin", of="roomserver", bound=90),
        Goal(text="acknowledged within, p99, ms", figure="ack_p99_ms", of="roomserver", bound=400),
        Goal(text="bursts a second", figure="bursts_per_second", of="roomserver", bound=4.1),
        Goal(
            text="twice the rate of the naive server",
            figure="checkins_per_second",
            of="roomserver-flood",
            to="naive-flood",
            bound=2,
            at_least=True,
        ),
        Goal(
            text="at half its CPU per check-in",
            figure="cpu_us_per_checkin",
            of="roomserver-flood",
            to="naive-flood",
            bound=0.5,
        ),
    ),
)

WAVE = Row(
    name="wave",
    title="wave: five times as many viewers come in within five seconds, and a tenth of as many",
    columns=("joined", "bytes_per_viewer_second", "join_p50_ms", "join_p99_ms", "cpu_percent"),
    entries=(wave("small", "a small wave", 0.1), wave("great", "a great wave", MANY)),
    goals=(Goal(text="bytes of a small wave", figure="bytes_per_viewer_second", of="great", to="small", bound=1.2),),
)

STALLED = Row(
    name="stalled",
    title="stalled: a storm in which some stop reading for most of three rounds' time",
    columns=("last_p50_ms", "last_p99_ms", "cpu_us_per_delivery", "kib_per_stalled", "gaps", "reconnects"),
    entries=(
        stalled("none", "everybody reads", 0.0),
        stalled("few", "one in a hundred does not", 0.01),
        stalled("many", "one in ten does not", 0.1),
    ),
    goals=(
        Goal(text="p99 of the others", figure="last_p99_ms", of="few", to="none", bound=1.25),
        Goal(text="memory for each of them, KiB", figure="kib_per_stalled", of="many", bound=64),
    ),
)

IDLE = Row(
    name="idle",
    title="idle: five times as many joined members, nobody says anything",
    columns=("members", "kib_per_member", "cpu_percent"),
    entries=(
        idle("one", "in one room", rooms=False),
        idle("rooms", "five in each room", rooms=True),
    ),
    goals=(
        Goal(text="memory for each member, KiB", figure="kib_per_member", of="one", bound=11),
        Goal(text="CPU with many rooms", figure="cpu_percent", of="rooms", to="one", bound=1.25),
    ),
)

REJOIN = Row(
    name="rejoin",
    title="rejoin: five times as many viewers come back at 2,000 a second and recover",
    columns=("rejoined", "cpu_us_per_rejoin", "rejoin_p50_ms", "rejoin_p99_ms"),
    entries=(rejoin("roomserver", "roomserver"),),
    goals=(Goal(text="CPU for each rejoin, µs", figure="cpu_us_per_rejoin", of="roomserver", bound=300),),
)

COMPRESSED = Row(
    name="compressed",
    title="compressed: the storm to viewers who take compressed frames",
    columns=("bytes_per_delivery", "cpu_us_per_delivery", "last_p99_ms"),
    entries=(
        storm("plain", "plain frames", deflate=False),
        storm("compressed", "compressed frames", deflate=True),
    ),
    goals=(
        Goal(text="bytes of plain frames", figure="bytes_per_delivery", of="compressed", to="plain", bound=0.4),
        Goal(
            text="CPU of plain frames",
            figure="cpu_us_per_delivery",
            of="compressed",
            to="plain",
            bound=1.25,
            alike="events_per_frame",
        ),
    ),
)

ROWS = {row.name: row for row in (STORM, SINGLE, TAP, WAVE, STALLED, IDLE, REJOIN, COMPRESSED)}
