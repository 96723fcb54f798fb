"""A store with a replica, as an operator would run them: two servers on loopback, each with a log on its disk."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from roomserver.embedded import find_program
from tests.server import free_port

WELL = ("appendonly yes", "appendfsync always", "maxmemory-policy noeviction", 'save ""', "repl-diskless-sync-delay 0")

DOWN_MS = 2_000
"""A primary that says nothing for so long is down for a Sentinel; one on a busy machine is not."""


@dataclass(frozen=True, slots=True)
class Plain:
    """One server process; ``admin`` is a client for what an operator does."""

    process: subprocess.Popen[bytes]
    url: str
    admin: redis.Redis


@dataclass(frozen=True, slots=True)
class Pair:
    """A primary, and the replica that has all it has."""

    primary: Plain
    replica: Plain


@contextmanager
def plain(folder: Path, *lines: str, inside: Sequence[str] = (), host: str = "127.0.0.1") -> Iterator[Plain]:
    """A server with these lines of configuration, killed at the end; ``inside`` begins its command line."""
    folder.mkdir(parents=True)
    port = free_port()
    (folder / "store.conf").write_text("\n".join([f"port {port}", f'dir "{folder}"', *WELL, *lines]))
    program, _ = find_program()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*inside, program, folder / "store.conf"], stdout=log, stderr=log)
    url = f"redis://{host}:{port}"
    try:
        with redis.Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 400)) as admin:
            admin.ping()  # again and again, until it is there
            yield Plain(process, url, admin)
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def replicated_pair(folder: Path) -> AsyncIterator[Pair]:
    """A primary with one replica that is up to date."""
    with ExitStack() as stack:
        primary = stack.enter_context(plain(folder / "primary", "min-replicas-to-write 1"))
        address = primary.url.removeprefix("redis://").replace(":", " ")
        replica = stack.enter_context(plain(folder / "replica", f"replicaof {address}"))
        await until_up_to_date(replica)
        yield Pair(primary, replica)


async def until_up_to_date(replica: Plain) -> None:
    """Wait until a replica has all that its primary has."""
    async with asyncio.timeout(60):
        while replica.admin.info("replication")["master_link_status"] != "up":  # noqa: ASYNC110 - no event says so
            await asyncio.sleep(0.02)


@contextmanager
def sentinel(folder: Path, primary: Plain, *, inside: Sequence[str] = (), host: str = "127.0.0.1") -> Iterator[str]:
    """A Sentinel that alone decides when a primary is down; the URL of whoever is the primary, for a server."""
    folder.mkdir(parents=True)
    port = free_port()
    where = primary.url.removeprefix("redis://").replace(":", " ")
    lines = [
        f"port {port}",
        f'dir "{folder}"',
        "protected-mode no",
        f"sentinel monitor shop {where} 1",
        f"sentinel down-after-milliseconds shop {DOWN_MS}",
        "sentinel failover-timeout shop 10000",
    ]
    (folder / "sentinel.conf").write_text("\n".join(lines))
    program, _ = find_program()
    with (folder / "log").open("wb") as log:
        command = [*inside, str(program), str(folder / "sentinel.conf"), "--sentinel"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"redis+sentinel://{host}:{port}/shop"
    finally:
        process.kill()
        process.wait()
