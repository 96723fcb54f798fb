"""The store in Redis (7.0 or later) or Valkey; the only module that knows their client.

Keys of a room: ``row:<subject>`` (version, space, change id, line feed, body), ``log:<subject>:<log>`` (stream),
``counters``, ``stock``, ``cursors`` (hashes), ``board:<name>``, ``due`` (sorted sets), ``outbox`` (stream), ``seq``;
and outside of any room the set ``rooms`` and the sorted set ``revoked``. Nothing is ever sent twice by itself: the
client's own retries double writes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, NoScriptError, RedisError, ResponseError

from roomserver.clock import wall_ns
from roomserver.commit_script import call, key, script, script_sha, verdict
from roomserver.store import (
    Durability,
    NotDurable,
    OutboxPage,
    RoomFacts,
    StoredRow,
    StoreRefused,
    StoreTooOld,
    StoreUnavailable,
    TooLarge,
    Traces,
    Verdict,
    Write,
)
from roomserver.store_limits import check, parse_record_id, too_large

log = logging.getLogger(__name__)

Command = tuple[str | bytes | int, ...]
# ``Any`` in this module: a reply of the store, whose shape its command decides.

ROOMS = "rooms"
"""The set of all rooms' ids. It lies in another cluster slot than the rooms, so the script cannot write it."""

REVOKED = "revoked"
"""The sorted set of users whose tokens were revoked, by the last second that this is true of."""

TOUCHED = "touched"
"""What is written to see whether anything can be; on a cluster it is another shard's than most rooms."""

AT_ONCE = 256
"""Changes of one call of the script: a store answers others in between; the calls of one commit share its fsync."""

SCANNED = 1_000
"""Keys that are looked at in one request: a store answers others in between."""

UNWRITTEN = {"READONLY", "MISCONF", "OOM", "CLUSTERDOWN", "NOREPLICAS", "MASTERDOWN", "BUSY", "NOPERM", "NOSCRIPT"}
"""Errors that the store gives before it runs a script: nothing was written."""

DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""What a live configuration must say for an acknowledgement to be worth ``local``: with ``everysec`` a killed process
loses acknowledged writes when its disk is slow, and an evicted row was acknowledged too."""

TO_WRITE = "min-replicas-to-write"
"""Without so many replicas a primary that was cut off must take no more writes: another may have taken its place."""


class RedisStore:
    """A store that keeps its word when it is killed.

    ``url``: redis://, rediss:// or unix://. ``accept``: the least that an acknowledgement may be worth; with
    REPLICATED, ``replicas`` is how many must have what is answered for. ``timeout``: seconds for one round trip.
    ``outbox_age``: ms after which an outbox record may go. Raises StoreRefused for a URL that is none.
    """

    def __init__(
        self,
        url: str,
        *,
        accept: Durability = Durability.LOCAL,
        replicas: int = 1,
        timeout: float = 2.0,
        outbox_age: int = 72 * 3_600_000,
    ) -> None:
        self._replicas = replicas if accept is Durability.REPLICATED else 0
        self._patience = round(timeout * 500)  # ms: replicas have it within a millisecond, or they are away
        self._server = _Server(url, accept, self._replicas, timeout)
        # A large log must not delay a join, nor a join a commit.
        self._commits, self._rows, self._lists = (_Line(self._server) for _ in range(3))
        self._outbox_age = outbox_age
        self._announced: set[str] = set()

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

    async def clock_offset(self) -> int:
        await self._rows.ask(("PING",))  # connects, so that the next trip is only a trip
        sent = wall_ns()
        [(seconds, micros)] = await self._rows.ask(("TIME",))
        halfway = (sent + wall_ns()) // 2
        return (int(seconds) * 1_000_000 + int(micros) - halfway // 1000) // 1000

    async def touch(self) -> None:
        await self._rows.ask(("SET", TOUCHED, "1"))

    async def open_room(self, room: str) -> RoomFacts:
        asked = (("GET", key(room, "seq")), ("HGETALL", key(room, "counters")), ("HGETALL", key(room, "stock")))
        seq, counters, stock = _settled([_undamaged(reply, room) for reply in await self._rows.exchange(*asked)])
        exhausted = frozenset(name for name, left in _numbers(stock, room).items() if left == 0)
        [changes] = _numbers((b"seq", seq or b"0"), room).values() or [0]
        return RoomFacts(seq=changes, counters=_numbers(counters, room), exhausted=exhausted)

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        keys = [key(room, "row", subject) for subject in subjects]
        if not keys:
            return []
        [texts] = _settled(await self._replicated(self._rows, [("MGET", *keys)], *self._mark))
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
        [entries] = await self._lists.ask(("XRANGE", key(room, "log", subject, name), "-", "+"))
        return [fields[1] for _, fields in entries]

    async def outbox(self, room: str, after: str, limit: int) -> OutboxPage:
        place, stream = parse_record_id(after), key(room, "outbox")
        # In this order a record that is trimmed in between can only make a whole page look incomplete.
        page, first, facts = await self._lists.exchange(
            ("XRANGE", stream, f"({place[0]}-{place[1]}", "+", "COUNT", limit),
            ("XRANGE", stream, "-", "+", "COUNT", 1),
            ("XINFO", "STREAM", stream),
        )
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
        [flat] = await self._lists.ask(("ZRANGE", key(room, "board", name), start, stop, "REV", "WITHSCORES"))
        return [(subject.decode(), float(score)) for subject, score in zip(flat[::2], flat[1::2], strict=True)]

    async def rank(self, room: str, name: str, subject: str) -> tuple[int, float] | None:
        board = key(room, "board", name)
        rank, value = await self._lists.ask(("ZREVRANK", board, subject), ("ZSCORE", board, subject))
        return None if rank is None or value is None else (int(rank), float(value))

    async def above(self, room: str, name: str, value: float, *, equal: bool) -> int:
        least = repr(value) if equal else f"({value!r}"
        [count] = await self._lists.ask(("ZCOUNT", key(room, "board", name), least, "+inf"))
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
        await self._rows.ask(("ZADD", REVOKED, "GT", until, user))

    async def revoked(self, since: int) -> list[tuple[str, int]]:
        [flat] = await self._lists.ask(("ZRANGE", REVOKED, since, "+inf", "BYSCORE", "WITHSCORES"))
        return [(user.decode(), int(float(until))) for user, until in zip(flat[::2], flat[1::2], strict=True)]

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

        In a request of its own, since on a cluster the list is another shard's.
        """
        new = {room for room, writes in batches.items() if any(_makes_part(write) for write in writes)}
        if new - self._announced:
            await self._rows.ask(("SADD", ROOMS, *sorted(new)))
            self._announced |= new

    async def _run(self, calls: Sequence[Command]) -> list[Any]:
        if not calls:
            return []
        replies = await self._replicated(self._commits, calls)
        if all(isinstance(reply, NoScriptError) for reply in replies):
            await self._commits.ask(("SCRIPT", "LOAD", script()))
            replies = await self._replicated(self._commits, calls)
        return _settled(replies)

    @property
    def _mark(self) -> Sequence[Command]:
        """A write of one's own behind what was read: whoever has it has what was read, whoever wrote that."""
        return (("SET", TOUCHED, "1"),) if self._replicas else ()

    async def _replicated(self, line: _Line, calls: Sequence[Command], *mark: Command) -> list[Any]:
        """The replies to commands, once as many replicas as wanted have all that they tell of.

        Raises StoreUnavailable when they have not: nobody knows then what a failover would keep.
        """
        if not self._replicas:
            return await line.exchange(*calls)
        *replies, reached = await line.exchange(*calls, *mark, ("WAIT", self._replicas, self._patience))
        [have] = _settled([reached])
        if have < self._replicas:
            raise StoreUnavailable(f"{have} of {self._replicas} replicas have it", written="unknown")
        if mark:
            _settled([replies.pop()])
        return replies


class _Server:
    """Which server is asked, and what is known of its present run."""

    def __init__(self, url: str, accept: Durability, replicas: int, timeout: float) -> None:
        self.timeout = timeout
        self.run_id = ""
        self.durability = Durability.MEMORY
        self._accept = accept
        self._replicas = replicas
        options: dict[str, Any] = {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "retry": Retry(NoBackoff(), 0),
            "redis_connect_func": self._greet,
            "protocol": 2,  # nothing of the newer one is needed, and 7.0 behind a proxy may not speak it
            "driver_info": None,
        }
        try:
            self._connections = ConnectionPool.from_url(url, **options)
        except ValueError as error:
            raise StoreRefused(f"no URL of a store: {error}") from error

    def connection(self) -> AbstractConnection:
        connection: AbstractConnection = self._connections.make_connection()  # type: ignore[no-untyped-call]  # theirs
        return connection

    async def _greet(self, connection: AbstractConnection) -> None:
        """What every new connection starts with: it may lead to another run of the store than the last one did."""
        try:
            await connection.on_connect()  # theirs; on a unix socket it has run already, and does no harm
            [info] = _settled(await _round_trip(connection, [("INFO", "server")]))
            facts = _facts(info)
            await self._verify(connection, facts)
            self.run_id = facts["run_id"]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise

    async def _verify(self, connection: AbstractConnection, facts: Mapping[str, str]) -> None:
        if int(facts["redis_version"].split(".")[0]) < 7:
            raise StoreTooOld(f"the store is Redis {facts['redis_version']}; Redis 7.0 or later, or Valkey, is needed")
        asked = [("CONFIG", "GET", *DURABLE, TO_WRITE), ("INFO", "replication")]
        [reply, about] = await _round_trip(connection, asked)
        missing = _missing(reply, self._replicas) or (_unreplicated(about, self._replicas) if self._replicas else "")
        if missing and self._accept is not Durability.MEMORY:
            raise NotDurable(missing)
        reached = Durability.REPLICATED if self._replicas else Durability.LOCAL
        self.durability = Durability.MEMORY if missing else reached


class _Line:
    """One connection to the store, on which one request at a time has its round trip.

    A request that was cancelled or timed out closes the connection: its reply must not answer the next one.
    """

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._connection = server.connection()
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect now. Raises StoreUnavailable, StoreRefused."""
        try:
            async with self._connected():
                pass
        except (RedisError, OSError, TimeoutError) as error:
            if isinstance(error, AuthenticationError) or isinstance(error.__cause__, AuthenticationError):
                raise StoreRefused(f"the store lets nobody in with this user and password: {error}") from error
            raise StoreUnavailable(_reason(error), written="no") from error

    async def close(self) -> None:
        await self._connection.disconnect(nowait=True)

    async def ask(self, *commands: Command) -> list[Any]:
        """The replies to commands; raises StoreUnavailable when one of them is an error."""
        return _settled(await self.exchange(*commands))

    async def exchange(self, *commands: Command) -> list[Any]:
        """The replies to commands, errors among them, in one round trip. Raises StoreUnavailable."""
        sent = False
        try:
            async with self._connected() as connection:
                sent = True
                return await _round_trip(connection, commands)
        except (RedisError, OSError, TimeoutError, StoreRefused) as error:
            unwritten = not sent or isinstance(error, BusyLoadingError)
            raise StoreUnavailable(_reason(error), written="no" if unwritten else "unknown") from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AbstractConnection]:
        async with asyncio.timeout(self._server.timeout), self._turn:
            # The store has closed it, or says what nobody asked: its next reply would be another's.
            if self._connection.is_connected and await self._connection.can_read():
                await self._connection.disconnect(nowait=True)
            await self._connection.connect()  # type: ignore[no-untyped-call]  # theirs
            yield self._connection


async def _round_trip(connection: AbstractConnection, commands: Sequence[Command]) -> list[Any]:
    try:
        await connection.send_packed_command([_packed(command) for command in commands], check_health=False)
        return [await _reply(connection) for _ in commands]
    except BaseException:
        await connection.disconnect(nowait=True)
        raise


def _packed(command: Command) -> bytes:
    """A command in the store's protocol (RESP), as arrays of binary texts; theirs copies what it has with each word."""
    words = [word if isinstance(word, bytes) else str(word).encode() for word in command]
    return b"".join((b"*%d\r\n" % len(words), *[b"$%d\r\n%b\r\n" % (len(word), word) for word in words]))


async def _reply(connection: AbstractConnection) -> object:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _settled(replies: list[Any]) -> list[Any]:
    """The replies, unless the store refused a command: then StoreUnavailable."""
    errors = [reply for reply in replies if isinstance(reply, ResponseError)]
    if not errors:
        return replies
    unwritten = len(errors) == len(replies) and all(_code(error) in UNWRITTEN for error in errors)
    raise StoreUnavailable(_reason(errors[0]), written="no" if unwritten else "unknown")


def _code(error: RedisError) -> str:
    return error.status_code or str(error).partition(" ")[0]


def _reason(error: Exception) -> str:
    code = error.status_code if isinstance(error, RedisError) else None
    text = " ".join(filter(None, (code, str(error))))
    return text or "the store did not answer in time"


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
    return StoredRow(version=int(version), change=change.decode(), body=body)


def _undamaged(reply: Any, room: str) -> Any:
    """A reply about a room's sums; nothing where what is stored is of another kind, as commits find it too."""
    if isinstance(reply, ResponseError) and _code(reply) == "WRONGTYPE":
        log.error("damaged sums", extra={"room": room, "why": _reason(reply)})
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


def _facts(info: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in info.decode().splitlines())
    return {name: text for name, _, text in lines}


def _missing(reply: list[bytes] | ResponseError, replicas: int) -> str:
    """What keeps an acknowledgement of this live configuration from being worth anything, as a sentence."""
    if isinstance(reply, ResponseError):
        return f"the store does not tell its configuration (CONFIG GET: {_reason(reply)}), so it may lose what it said"
    live = {name.decode(): text.decode() for name, text in zip(reply[::2], reply[1::2], strict=True)}
    wrong = [
        f"{name} is {live.get(name)} and must be {text}" for name, text in DURABLE.items() if live.get(name) != text
    ]
    if int(live.get(TO_WRITE, 0)) < replicas:
        wrong.append(f"{TO_WRITE} is {live.get(TO_WRITE)} and must be at least {replicas}")
    return f"the store may lose what it has acknowledged: {', '.join(wrong)}" if wrong else ""


def _unreplicated(about: bytes | ResponseError, replicas: int) -> str:
    """Why a failover could lose what is acknowledged, as a sentence."""
    if isinstance(about, ResponseError):
        return f"the store does not tell of its replicas (INFO: {_reason(about)})"
    facts = _facts(about)
    if facts["role"] != "master":
        return "the store is a replica itself, and takes no writes"
    if int(facts["connected_slaves"]) < replicas:
        return f"the store has {facts['connected_slaves']} replicas, and {replicas} must have what is acknowledged"
    return ""
