"""What is read from the running server whenever metrics are asked for: nothing of this is counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from effects.lane import BOUNDS_MS, Entrances
from room.house import House
from room.live import Room
from room.message import Lane
from room.people import Role
from room.row import member
from roomserver.conservation import Conservation
from roomserver.followers import Followers, Ledger
from roomserver.metrics import Family, counter, gauge, histogram
from roomserver.prepublish import Prepublish
from roomserver.publisher import Visitor
from roomserver.server import RoomServer
from roomserver.store import Durability
from roomserver.webhooks import Webhooks


def readings(server: RoomServer) -> Iterator[Family]:
    """Connections, rooms, the committer, the fan-out, ticks and entrances at this moment."""
    rooms = list(server.rooms)
    fanout = server.shell.fanout
    yield gauge("connections", "WebSocket connections.", len(server.door.connections))
    yield gauge("loop_lag_seconds", "The lag that 9 of 10 turns of the loop do not exceed.", server.shell.load.lag)
    yield gauge("load_step", "What is given up for it: 0 nothing, 3 nearly all.", server.shell.load.step)
    yield gauge("rooms", "Open rooms.", len(rooms))
    yield gauge("users", "Users in all open rooms, those in grace included.", sum(room.state.online for room in rooms))
    yield gauge(
        "longest_tick_seconds", "The longest tick of any room.", max((room.publisher.tick for room in rooms), default=0)
    )
    levels = {level.value: float(level is server.durability) for level in Durability}
    yield gauge("durability", "1 for what an acknowledgement is worth now.", levels, label="level")
    yield gauge("store_away", "1 while durable commands cannot be stored.", int(server.rooms.storage == "away"))
    yield gauge("commits_waiting", "Changes that have no verdict yet.", server.committer.queued)
    yield gauge("commit_wait_seconds", "How long Changes wait for the store, 9 of 10 times.", server.shell.load.wait)
    yield counter("commits_stale", "Changes not written because nobody waited any more.", server.committer.stale)
    yield counter("rows_unreadable", "Stored rows that could not be read; the log names each.", server.codec.unreadable)
    yield counter("commits", "Changes that have a verdict.", server.committer.committed)
    yield counter("commit_batches", "Round trips that carried Changes.", server.committer.batches)
    yield counter("frames_encoded", "Publications encoded, once per encoding in use.", fanout.encoded)
    yield counter("frames_written", "Frames given to connections.", fanout.written)
    yield counter("bytes_written", "Bytes of these frames.", fanout.bytes)
    yield counter("writes_failed", "Frames that a broken transport did not take.", fanout.failed)
    yield counter(
        "recoveries_encoded",
        "Answers to joins that recover, put together once for all who missed the same.",
        fanout.recovered,
    )
    yield from _conserved(server.shell.conservation, [room.publisher.public for room in rooms])
    yield from _members(server.shell.house, [room.state for room in rooms])
    yield from _entrances([room.state.state(Entrances) for room in rooms])


def _members(house: House, open_rooms: list[Room]) -> Iterator[Family]:
    tiers = Counter(
        str(house.standing(room.row(member(user))).tier)
        for room in open_rooms
        for user, actor in room.actors.items()
        if actor.role is not Role.GUEST
    )
    yield gauge("members", "Members in all open rooms, by tier.", dict(sorted(tiers.items())), label="tier")


def lagging(webhooks: Webhooks) -> Iterator[Family]:
    """How far the slowest endpoint is behind."""
    text = "How long ago the oldest thing happened that a webhook endpoint has not taken."
    yield gauge("webhooks_lag_seconds", text, webhooks.lag_seconds())


def asking(prepublish: Prepublish) -> Iterator[Family]:
    """What the platform is being asked, and whether it is left alone for a while."""
    yield gauge("prepublish_under_way", "Questions to the platform that are out or wait.", prepublish.under_way)
    yield gauge("prepublish_open", "1 while the circuit is open: nobody is asked.", int(prepublish.breaker.is_open))


def _conserved(kept: Conservation, open_rooms: list[Followers[Visitor]]) -> Iterator[Family]:
    """What was accepted and owed, what became of it, and how often a sum did not come out."""
    for name, text, counts in (
        (
            "accepted",
            "Events accepted for a batch, by lane: shown, merged, shed, failed, or waiting for their tick.",
            kept.accepted,
        ),
        ("shown", "Events shown, by lane.", kept.shown),
        ("merged", "Events shown by another that says the same, by lane.", kept.merged),
        ("shed", "Events accepted but not shown, by lane; their senders and the room were told.", kept.shed),
        ("failed", "Events lost to a fault of the server, by lane; their senders were told.", kept.failed),
    ):
        yield counter(name, text, {str(lane): counts[lane] for lane in Lane}, label="lane")
    total = Ledger()
    for ledger in (kept.closed, *(one.ledger for one in open_rooms)):
        total.add(ledger)
    yield counter(
        "deliveries",
        "Batches owed to those who follow a room, and what became of them.",
        asdict(total),
        label="outcome",
    )
    outstanding = sum(one.outstanding() for one in open_rooms)
    yield gauge("deliveries_outstanding", "Batches owed to those whose transports take no more.", outstanding)
    text = "Ticks after which accepted or owed was not what became of it: always 0."
    yield counter("conservation_violations", text, dict(kept.violations), label="of")


def _entrances(lanes: list[Entrances]) -> Iterator[Family]:
    delays: dict[int, tuple[list[int], int]] = {}
    drops: dict[int, int] = {}
    for lane in lanes:
        for tier, delay in lane.delays.items():
            counts, total = delays.get(tier, ([0] * (len(BOUNDS_MS) + 1), 0))
            delays[tier] = ([a + b for a, b in zip(counts, delay.counts, strict=True)], total + delay.total_ms)
        for tier, dropped in lane.drops.items():
            drops[tier] = drops.get(tier, 0) + dropped
    bounds = [bound / 1000 for bound in BOUNDS_MS]
    yield histogram(
        "entrance_delay_seconds",
        "From arrival to the entrance effect, by tier, in the rooms that are open.",
        bounds,
        {str(tier): (counts, total / 1000) for tier, (counts, total) in sorted(delays.items())},
        label="tier",
    )
    yield counter(
        "entrances_merged",
        "Entrances that were merged instead of played, by tier, in the rooms that are open.",
        {str(tier): dropped for tier, dropped in sorted(drops.items())},
        label="tier",
    )
