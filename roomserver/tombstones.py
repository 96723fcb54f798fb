"""Who was erased, in a file beside the store: a backup of the store that is older knows nothing of it.

One line for each erasure, ``{"room", "user", "version"}``: ids, and the version that the emptied row was to have. A row
of a lower version comes from before; one of the same or a higher version is what came after. The highest counts: of
two backups that are restored one after the other the second may be the newer one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import orjson

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

    async def read(self) -> Tombs:
        """The versions of emptied rows by room and user, the highest one of each.

        Raises OSError.
        """
        return {} if self._path is None else await asyncio.to_thread(_read, self._path)


def _append(path: Path, room: str, user: str, version: int) -> None:
    line = b"\n%b\n" % orjson.dumps({"room": room, "user": user, "version": version})  # after a torn one, too
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, line)
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


def _read(path: Path) -> Tombs:
    """What was written; a torn line was never acted on."""
    found: dict[str, dict[str, int]] = {}
    if not path.exists():
        return found
    for text in path.read_bytes().splitlines():
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            line = msgspec.json.decode(text, type=_Line)
            users = found.setdefault(line.room, {})
            users[line.user] = max(line.version, users.get(line.user, 0))
    return found
