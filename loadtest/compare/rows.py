"""The rows of the comparison: who is measured how, and what is to come out."""

from __future__ import annotations

from loadtest.compare import contenders
from loadtest.compare.checkins import flood, tap
from loadtest.compare.goals import Goal
from loadtest.compare.measures import Row, fan_out

_FAN_OUT = (
    "offered_per_second",
    "cpu_us_per_delivery",
    "bytes_per_delivery",
    "last_p50_ms",
    "last_p99_ms",
    "cpu_percent",
)


def _cpu(text: str, to: str, bound: float) -> Goal:
    return Goal(text=text, figure="cpu_us_per_delivery", of="roomserver", to=to, bound=bound)


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

ROWS = {row.name: row for row in (STORM, SINGLE, TAP)}
