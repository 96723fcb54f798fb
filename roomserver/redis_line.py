"""How the store is reached: connections that do not retry, what a live configuration is worth, and errors told apart.

Nothing is ever sent twice by itself: the client's own retries double writes.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

from roomserver.redis_place import Place
from roomserver.store import Durability, NotDurable, StoreRefused, StoreTooOld, StoreUnavailable

Command = tuple[str | bytes | int, ...]
# ``Any`` in this module: a reply of the store, whose shape its command decides.

UNWRITTEN = {"READONLY", "MISCONF", "OOM", "CLUSTERDOWN", "NOREPLICAS", "MASTERDOWN", "BUSY", "NOPERM", "NOSCRIPT"}
"""Errors that the store gives before it runs a script: nothing was written."""

DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""What a live configuration must say for an acknowledgement to be worth ``local``: with ``everysec`` a killed process
loses acknowledged writes when its disk is slow, and an evicted row was acknowledged too."""

TO_WRITE = "min-replicas-to-write"
"""Without so many replicas a primary that was cut off must take no more writes: another may have taken its place."""


AT_ONCE = 4 * 1024 * 1024
"""Bytes that leave without a pause, more than a batch has: a pause lasts until a busy loop comes round."""


class Server:
    """Which server is asked, and what is known of its present run."""

    def __init__(self, url: str, accept: Durability, replicas: int, timeout: float) -> None:
        self.timeout = timeout
        self.run_id = ""
        self.durability = Durability.MEMORY
        self._accept = accept
        self._replicas = replicas
        options: dict[str, Any] = {
            "redis_connect_func": self._greet,
            "protocol": 2,  # nothing of the newer one is needed, and 7.0 behind a proxy may not speak it
            "driver_info": None,
        }
        try:
            self.place = Place(url, timeout, **options)
        except ValueError as error:
            raise StoreRefused(f"no URL of a store: {error}") from error

    async def _greet(self, connection: AbstractConnection) -> None:
        """What every new connection starts with: it may lead to another run of the store than the last one did."""
        try:
            await connection.on_connect()  # theirs; on a unix socket it has run already, and does no harm
            [info] = settled(await _round_trip(connection, [("INFO", "server")]))
            facts = _facts(info)
            await self._verify(connection, facts)
            _widen(connection)
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


class Line:
    """One connection to the store, on which one request at a time has its round trip.

    A request that was cancelled or timed out closes the connection: its reply must not answer the next one.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = server.place.connection()
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect now. Raises StoreUnavailable, StoreRefused."""
        try:
            async with self._connected():
                pass
        except (RedisError, OSError, TimeoutError) as error:
            if isinstance(error, AuthenticationError) or isinstance(error.__cause__, AuthenticationError):
                raise StoreRefused(f"the store lets nobody in with this user and password: {error}") from error
            raise StoreUnavailable(reason_of(error), written="no") from error

    async def close(self) -> None:
        await self._connection.disconnect(nowait=True)

    async def hang_up(self) -> None:
        """Connect anew for what is asked next, once nobody waits for a reply."""
        async with self._turn:
            await self.close()

    async def ask(self, *commands: Command) -> list[Any]:
        """The replies to commands; raises StoreUnavailable when one of them is an error."""
        return settled(await self.exchange(*commands))

    async def exchange(self, *commands: Command) -> list[Any]:
        """The replies to commands, errors among them, in one round trip. Raises StoreUnavailable."""
        sent = False
        try:
            async with self._connected() as connection:
                sent = True
                return await _round_trip(connection, commands)
        except (RedisError, OSError, TimeoutError, StoreRefused) as error:
            unwritten = not sent or isinstance(error, BusyLoadingError)
            raise StoreUnavailable(reason_of(error), written="no" if unwritten else "unknown") from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AbstractConnection]:
        async with asyncio.timeout(self._server.timeout), self._turn:
            # The store has closed it, or says what nobody asked: its next reply would be another's.
            if self._connection.is_connected and await self._connection.can_read():
                await self._connection.disconnect(nowait=True)
            await self._connection.connect()  # type: ignore[no-untyped-call]  # theirs
            yield self._connection


def _widen(connection: AbstractConnection) -> None:
    """Let a whole batch leave at once: through a socket of this machine's own as far as the system lets it."""
    assert connection._writer is not None  # theirs has no other way to it
    transport = connection._writer.transport
    transport.set_write_buffer_limits(high=AT_ONCE)
    own: socket.socket = transport.get_extra_info("socket")
    if own.family == socket.AF_UNIX:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, AT_ONCE)


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


def settled(replies: list[Any]) -> list[Any]:
    """The replies, unless the store refused a command: then StoreUnavailable."""
    errors = [reply for reply in replies if isinstance(reply, ResponseError)]
    if not errors:
        return replies
    unwritten = len(errors) == len(replies) and all(code_of(error) in UNWRITTEN for error in errors)
    raise StoreUnavailable(reason_of(errors[0]), written="no" if unwritten else "unknown")


def code_of(error: RedisError) -> str:
    """The store's word for an error, such as READONLY."""
    return error.status_code or str(error).partition(" ")[0]


def reason_of(error: Exception) -> str:
    """What went wrong with a request, in words for the log."""
    code = error.status_code if isinstance(error, RedisError) else None
    text = " ".join(filter(None, (code, str(error))))
    return text or "the store did not answer in time"


def _facts(info: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in info.decode().splitlines())
    return {name: text for name, _, text in lines}


def _missing(reply: list[bytes] | ResponseError, replicas: int) -> str:
    """What keeps an acknowledgement of this live configuration from being worth anything, as a sentence."""
    if isinstance(reply, ResponseError):
        return (
            f"the store does not tell its configuration (CONFIG GET: {reason_of(reply)}), so it may lose what it said"
        )
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
        return f"the store does not tell of its replicas (INFO: {reason_of(about)})"
    facts = _facts(about)
    if facts["role"] != "master":
        return "the store is a replica itself, and takes no writes"
    if int(facts["connected_slaves"]) < replicas:
        return f"the store has {facts['connected_slaves']} replicas, and {replicas} must have what is acknowledged"
    return ""
