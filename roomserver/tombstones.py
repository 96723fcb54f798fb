"""Who was erased, in a file beside the store: a backup of the store that is older knows nothing of it.

One line for each erasure, ``{"room", "user", "version", "at"}``: ids, the version that the emptied row was to have, the
instant (ms since 1970). A row of a lower version comes from before; one of the same or a higher version is what came
after. The highest counts: of two backups that are restored one after the other the second may be the newer one.

Nothing is ever taken out of it: how old a backup may come back only its owner knows. It is read a part at a time, so it
may grow as it likes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec
import orjson

from roomserver.clock import wall_ms

AT_ONCE = 1_000
"""Lines that are read, and compared with the store, at a time."""

LINE_BYTES = 4_096
"""More than any line has; what is longer is none."""

Tombs = Mapping[str, Mapping[str, int]]
"""The version of each emptied row, by room and user."""


class _Line(msgspec.Struct):
    room: str
    user: str
    version: int


class Tombstones:
    """The file of a server; None where nobody said where to keep it, and then nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    async def add(self, room: str, user: str, version: int) -> None:
        """Write an erasure down, on the disk before anything is erased.

        Raises OSError.
        """
        if self._path is not None:
            await asyncio.to_thread(_append, self._path, room, user, version)

    async def read(self) -> AsyncIterator[Tombs]:
        """The versions of emptied rows by room and user, the highest one of each in a part of the file.

        What is added meanwhile is not among them. Raises OSError.
        """
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as file:
            end = os.fstat(file.fileno()).st_size
            while texts := await asyncio.to_thread(_lines, file, end):
                yield _read(texts)


def _append(path: Path, room: str, user: str, version: int) -> None:
    said = {"room": room, "user": user, "version": version, "at": wall_ms()}
    line = b"\n%b\n" % orjson.dumps(said)  # after a torn one, too
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError("the disk took a part of a line")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A new file's name is its folder's to keep."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lines(file: BinaryIO, end: int) -> list[bytes]:
    """The next lines that begin before an offset."""
    lines = iter(lambda: file.readline(LINE_BYTES) if file.tell() < end else b"", b"")
    return list(islice(lines, AT_ONCE))


def _read(texts: list[bytes]) -> Tombs:
    """What was written; a torn line was never acted on."""
    found: dict[str, dict[str, int]] = {}
    for text in texts:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            line = msgspec.json.decode(text, type=_Line)
            users = found.setdefault(line.room, {})
            users[line.user] = max(line.version, users.get(line.user, 0))
    return found
