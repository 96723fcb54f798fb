"""The store in Redis (7.0 or later) or Valkey; it and the line to it (``redis_line``) alone know their client.

Keys of a room: ``row:<subject>`` (version, space, change id, line feed, body), ``log:<subject>:<log>`` (stream),
``counters``, ``stock``, ``cursors`` (hashes), ``board:<name>``, ``due`` (sorted sets), ``outbox`` (stream), ``seq``;
and outside of any room the set ``rooms`` and the sorted sets ``revoked`` and ``erased``.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from redis.exceptions import NoScriptError, ReadOnlyError, ResponseError

from roomserver.clock import wall_ns
from roomserver.commit_script import call, key, script, script_sha, verdict
from roomserver.redis_line import Command, Line, Server, code_of, reason_of, settled
from roomserver.store import (
    Durability,
    OutboxPage,
    RoomFacts,
    StoredRow,
    StoreUnavailable,
    TooLarge,
    Traces,
    Verdict,
    Write,
)
from roomserver.store_limits import TOLD_MS, check, parse_record_id, too_large

log = logging.getLogger(__name__)

# ``Any`` in this module: a reply of the store, whose shape its command decides.

ROOMS = "rooms"
"""The set of all rooms' ids. It lies in another cluster slot than the rooms, so the script cannot write it."""

REVOKED = "revoked"
"""The sorted set of users whose tokens were revoked, by the last second that this is true of."""

ERASED = "erased"
"""The sorted set of rooms and members who were erased lately, by the instant."""

TOUCHED = "touched"
"""What is written to see whether anything can be; on a cluster it is another shard's than most rooms."""

AT_ONCE = 256
"""Changes of one call of the script: a store answers others in between; the calls of one commit share its fsync."""

TIMEOUT = 2.0
"""Seconds for one round trip: then the store is away."""

SCANNED = 1_000
"""Keys that are looked at in one request: a store answers others in between."""


class RedisStore:
    """A store that keeps its word when it is killed.

    ``url``: redis://, rediss://, unix:// or redis+sentinel:// (redis_place.py). ``accept``: the least that an
    acknowledgement may be worth; with REPLICATED, ``replicas`` is how many must have what is answered for.
    ``timeout``: seconds for one round trip. ``outbox_age``: ms after which an outbox record may go.

    Raises StoreRefused for a URL that is none.
    """

    def __init__(
        self,
        url: str,
        *,
        accept: Durability = Durability.LOCAL,
        replicas: int = 1,
        timeout: float = TIMEOUT,
        outbox_age: int = 72 * 3_600_000,
    ) -> None:
        self._replicas = replicas if accept is Durability.REPLICATED else 0
        self._patience = round(timeout * 500)  # ms: replicas have it within a millisecond, or they are away
        self._server = Server(url, accept, self._replicas, timeout)
        # A large log must not delay a join, nor a join a commit.
        self._commits, self._rows, self._lists = (Line(self._server) for _ in range(3))
        self._outbox_age = outbox_age

    @property
    def run_id(self) -> str:
        return self._server.run_id

    @property
    def durability(self) -> Durability:
        return self._server.durability

    async def connect(self) -> Durability:
        await self._rows.open()
        return self._server.durability

    async def close(self) -> None:
        for line in (self._commits, self._rows, self._lists):
            await line.close()
        await self._server.place.close()

    async def clock_offset(self) -> int:
        await self._rows.ask(("PING",))  # connects, so that the next trip is only a trip
        sent = wall_ns()
        [(seconds, micros)] = await self._rows.ask(("TIME",))
        halfway = (sent + wall_ns()) // 2
        return (int(seconds) * 1_000_000 + int(micros) - halfway // 1000) // 1000

    async def touch(self) -> None:
        await self._rows.ask(("SET", TOUCHED, "1"))

    async def open_room(self, room: str) -> RoomFacts:
        asked = (("GET", key(room, "seq")), ("HGETALL", key(room, "counters")))
        replies = await self._replicated(self._rows, asked, *self._mark)
        seq, counters = settled([_undamaged(reply, room) for reply in replies])
        [changes] = _numbers((b"seq", seq or b"0"), room).values() or [0]
        return RoomFacts(seq=changes, counters=_numbers(counters, room))

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        keys = [key(room, "row", subject) for subject in subjects]
        if not keys:
            return []
        [texts] = await self._told(self._rows, ("MGET", *keys))
        return [None if text is None else _row(name, text) for name, text in zip(keys, texts, strict=True)]

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        check(batches)
        await self._announce(batches)
        fitting = {room: [write for write in writes if not too_large(write)] for room, writes in batches.items()}
        asked = [
            (room, writes[start : start + AT_ONCE])
            for room, writes in fitting.items()
            for start in range(0, len(writes), AT_ONCE)
        ]
        replies = await self._run([_script_call(room, writes, self._outbox_age) for room, writes in asked])
        verdicts = {
            (room, write.subject): verdict(write, answer)
            for (room, writes), answers in zip(asked, replies, strict=True)
            for write, answer in zip(writes, answers, strict=True)
        }
        return {
            room: [verdicts.get((room, write.subject), TooLarge()) for write in writes]
            for room, writes in batches.items()
        }

    async def log(self, room: str, subject: str, name: str) -> list[bytes]:
        [entries] = await self._told(self._lists, ("XRANGE", key(room, "log", subject, name), "-", "+"))
        return [fields[1] for _, fields in entries]

    async def outbox(self, room: str, after: str, limit: int) -> OutboxPage:
        place, stream = parse_record_id(after), key(room, "outbox")
        # In this order a record that is trimmed in between can only make a whole page look incomplete.
        asked: list[Command] = [
            ("XRANGE", stream, f"({place[0]}-{place[1]}", "+", "COUNT", limit),
            ("XRANGE", stream, "-", "+", "COUNT", 1),
            ("XINFO", "STREAM", stream),
        ]
        page, first, facts = await self._replicated(self._lists, asked, *self._mark)
        if isinstance(facts, ResponseError):  # no such stream: nothing was ever sent
            return OutboxPage(records=[], oldest=None, complete=True)
        counts = dict(zip(facts[::2], facts[1::2], strict=True))
        oldest = first[0][0].decode() if first else None
        trimmed = counts[b"entries-added"] > counts[b"length"]
        complete = place == (0, 0) or not trimmed or (oldest is not None and place >= parse_record_id(oldest))
        records = [(record.decode(), fields[1]) for record, fields in page]
        return OutboxPage(records=records, oldest=oldest, complete=complete)

    async def cursor(self, room: str, name: str) -> str | None:
        [place] = await self._lists.ask(("HGET", key(room, "cursors"), name))
        return None if place is None else str(place.decode())

    async def move(self, room: str, name: str, to: str) -> None:
        parse_record_id(to)
        await self._lists.ask(("HSET", key(room, "cursors"), name, to))

    async def rooms(self) -> list[str]:
        [rooms] = await self._lists.ask(("SMEMBERS", ROOMS))
        return sorted(room.decode() for room in rooms)

    async def board(self, room: str, name: str, start: int, stop: int) -> list[tuple[str, float]]:
        asked = ("ZRANGE", key(room, "board", name), start, stop, "REV", "WITHSCORES")
        [flat] = await self._told(self._lists, asked)
        return [(subject.decode(), float(score)) for subject, score in zip(flat[::2], flat[1::2], strict=True)]

    async def rank(self, room: str, name: str, subject: str) -> tuple[int, float] | None:
        board = key(room, "board", name)
        rank, value = await self._told(self._lists, ("ZREVRANK", board, subject), ("ZSCORE", board, subject))
        return None if rank is None or value is None else (int(rank), float(value))

    async def above(self, room: str, name: str, value: float, *, equal: bool) -> int:
        least = repr(value) if equal else f"({value!r}"
        [count] = await self._told(self._lists, ("ZCOUNT", key(room, "board", name), least, "+inf"))
        return int(count)

    async def due(self, room: str, until: int, limit: int) -> list[tuple[str, str, int]]:
        asked = ("ZRANGE", key(room, "due"), "-inf", until, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
        [flat] = await self._lists.ask(asked)
        entries = zip(flat[::2], flat[1::2], strict=True)
        return [(*member.decode().split(" ", 1), int(float(at))) for member, at in entries]

    async def soonest(self, rooms: Sequence[str]) -> list[int | None]:
        firsts = await self._lists.ask(*[("ZRANGE", key(room, "due"), 0, 0, "WITHSCORES") for room in rooms])
        return [int(float(first[1])) if first else None for first in firsts]

    async def traces(self, room: str, subject: str) -> Traces:
        boards, logs = key(room, "board", ""), key(room, "log", subject, "")
        names = [name async for name in self._scan("SCAN", (), key(room, "*"))]
        kept = [name.removeprefix(boards) for name in names if name.startswith(boards)]
        found: list[str] = []
        for start in range(0, len(kept), SCANNED):
            asked = kept[start : start + SCANNED]
            places = await self._lists.ask(*[("ZSCORE", key(room, "board", name), subject) for name in asked])
            found += [name for name, place in zip(asked, places, strict=True) if place is not None]
        due = [one async for one in self._scan("ZSCAN", (key(room, "due"),), f"{subject} *")]
        own = {name.removeprefix(logs) for name in names if name.startswith(logs)}
        return Traces(
            boards=tuple(sorted(set(found))),
            due=tuple(sorted({what for one in due for who, _, what in [one.partition(" ")] if who == subject})),
            logs=tuple(sorted(name for name in own if ":" not in name)),  # "a:b" is another user's id
        )

    async def compact(self) -> None:
        await self._lists.ask(("BGREWRITEAOF",))

    async def revoke(self, user: str, until: int) -> None:
        await self._told(self._rows, ("ZADD", REVOKED, "GT", until, user))

    async def revoked(self, since: int) -> list[tuple[str, int]]:
        [flat] = await self._lists.ask(("ZRANGE", REVOKED, since, "+inf", "BYSCORE", "WITHSCORES"))
        return [(user.decode(), int(float(until))) for user, until in zip(flat[::2], flat[1::2], strict=True)]

    async def end_revocations(self, before: int) -> None:
        await self._rows.ask(("ZREMRANGEBYSCORE", REVOKED, "-inf", f"({before}"))

    async def tell_erased(self, room: str, user: str, at: int) -> None:
        told = ("ZADD", ERASED, "GT", at, f"{room} {user}"), ("ZREMRANGEBYSCORE", ERASED, "-inf", f"({at - TOLD_MS}")
        await self._told(self._rows, *told)

    async def erased(self, since: int) -> list[tuple[str, str, int]]:
        [flat] = await self._lists.ask(("ZRANGE", ERASED, since, "+inf", "BYSCORE", "WITHSCORES"))
        whom = [tuple(one.decode().split(" ", 1)) for one in flat[::2]]
        return [(room, user, int(float(at))) for (room, user), at in zip(whom, flat[1::2], strict=True)]

    async def _scan(self, command: str, where: tuple[str, ...], pattern: str) -> AsyncIterator[str]:
        """Keys, or members of a sorted set, that fit; some perhaps twice. Ids have nothing that patterns know."""
        place = b"0"
        while True:
            [(place, found)] = await self._lists.ask((command, *where, place, "MATCH", pattern, "COUNT", SCANNED))
            for name in found if command == "SCAN" else found[::2]:
                yield name.decode()
            if place == b"0":
                return

    async def _announce(self, batches: Mapping[str, Sequence[Write]]) -> None:
        """Put rooms on the list before their first part is written: never a room that nobody finds.

        In a request of its own, since on a cluster the list is another shard's; each time, since a store that lost what
        it had lost its list too.
        """
        new = {room for room, writes in batches.items() if any(_makes_part(write) for write in writes)}
        if new:
            await self._rows.ask(("SADD", ROOMS, *sorted(new)))

    async def _run(self, calls: Sequence[Command]) -> list[Any]:
        if not calls:
            return []
        replies = await self._replicated(self._commits, calls)
        if all(isinstance(reply, NoScriptError) for reply in replies):
            await self._commits.ask(("SCRIPT", "LOAD", script()))
            replies = await self._replicated(self._commits, calls)
        if any(isinstance(reply, ReadOnlyError) for reply in replies):  # the address may be another primary's by now
            for line in (self._commits, self._rows, self._lists):
                await line.hang_up()
        return settled(replies)

    @property
    def _mark(self) -> Sequence[Command]:
        """A write of one's own behind what was read: whoever has it has what was read, whoever wrote that."""
        return (("SET", TOUCHED, "1"),) if self._replicas else ()

    async def _told(self, line: Line, *commands: Command) -> list[Any]:
        """The replies to commands, of which somebody is told: what is not durable enough nobody must hear of.

        Raises StoreUnavailable.
        """
        return settled(await self._replicated(line, commands, *self._mark))

    async def _replicated(self, line: Line, calls: Sequence[Command], *mark: Command) -> list[Any]:
        """The replies to commands, once as many replicas as wanted have all that they tell of.

        Raises StoreUnavailable when they have not: nobody knows then what a failover would keep.
        """
        if not self._replicas:
            return await line.exchange(*calls)
        *replies, reached = await line.exchange(*calls, *mark, ("WAIT", self._replicas, self._patience))
        [have] = settled([reached])
        if have < self._replicas:
            if self._server.place.moves:  # this primary may have been cut off, and another one taken its place
                await line.close()
            raise StoreUnavailable(f"{have} of {self._replicas} replicas have it", written="unknown")
        if mark:
            settled([replies.pop()])
        return replies


def _script_call(room: str, writes: Sequence[Write], outbox_age: int) -> Command:
    keys, arguments = call(room, writes, outbox_age)
    return ("EVALSHA", script_sha(), len(keys), *keys, *arguments)


def _makes_part(write: Write) -> bool:
    return write.version == 0 and write.subject.startswith("p:")


def _row(name: str, text: bytes) -> StoredRow | None:
    header, _, body = text.partition(b"\n")
    version, _, change = header.partition(b" ")
    if not version.isdigit():
        log.error("damaged row", extra={"key": name})  # a commit to it is answered with Damaged
        return None
    return StoredRow(version=int(version), change=change.decode(errors="replace"), body=body)


def _undamaged(reply: Any, room: str) -> Any:
    """A reply about a room's sums; nothing where what is stored is of another kind, as commits find it too."""
    if isinstance(reply, ResponseError) and code_of(reply) == "WRONGTYPE":
        log.error("damaged sums", extra={"room": room, "why": reason_of(reply)})
        return ()
    return reply


def _numbers(flat: Sequence[bytes], room: str) -> dict[str, int]:
    """Whole numbers by their names; what is none is left out: who reads them is not kept from a room by it."""
    found: dict[str, int] = {}
    for name, number in zip(flat[::2], flat[1::2], strict=True):
        try:
            found[name.decode()] = int(number)
        except ValueError:
            log.error("damaged sum", extra={"room": room, "sum": name.decode(errors="replace")})
    return found
