"""The audit log as a file of its own, in which every line vouches for all before it.

    {"at": 1700000000123, "who": "ada", …, "after": "<hash of the line before>", "hash": "<of this line>"}

Who changes a line, or takes one out of the midst, breaks the chain there; who rewrites all from there on, or cuts the
end off, is found by whoever has kept a later hash: the log has each line's, too. A file that was put aside is gone on
from in a new one. Lines are written at once and left to the system to bring to the disk, as those of the log are.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

BEGINNING = ""
"""What the first line of all comes after."""

LINE_BYTES = 4_096
"""More than any line has: ids, and no texts."""

_END = len(',"hash":""}') + 64


class BrokenTrail(Exception):
    """Where a trail does not hold: ``line`` counts from 1; 0 is the last one."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path}, {f'line {line}' if line else 'the last line'}: {why}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that holds: so many lines, after a hash and up to one."""

    lines: int
    after: str
    hash: str


class Trail:
    """The file of one server, which nobody else writes to meanwhile.

    Raises OSError, from ``append`` too, and BrokenTrail where the file's last line is no line of a trail.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = _opened(path)
        try:
            self._last = _last(path)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, facts: Mapping[str, object]) -> str:
        """Write a line; its hash."""
        if _is_elsewhere(self._path, self._descriptor):
            opened = _opened(self._path)
            os.close(self._descriptor)
            self._descriptor = opened
        line, said = _line(facts, self._last)
        if (taken := os.write(self._descriptor, line)) != len(line):
            _take_back(self._descriptor, taken)
            raise OSError("the disk took a part of a line")
        self._last = said
        return said

    def close(self) -> None:
        """Let another server write to it."""
        os.close(self._descriptor)


def verified(paths: Iterable[Path]) -> Iterator[tuple[Path, Whole]]:
    """The files of a trail, the oldest first, each as soon as it was found to hold and to come after the last one.

    Raises BrokenTrail for the first line that does not, and OSError.
    """
    last: str | None = None
    for path in paths:
        whole = _verified(path, last)
        last = whole.hash
        yield path, whole


def _verified(path: Path, last: str | None) -> Whole:
    first, count = last, 0
    with path.open("rb") as file:
        for count, line in enumerate(iter(lambda: file.readline(LINE_BYTES), b""), 1):
            after, said = _read(path, count, line)
            if last is not None and after != last:
                raise BrokenTrail(path, count, "it does not come after the line before it")
            first, last = after if first is None else first, said
    return Whole(count, first or BEGINNING, last or BEGINNING)


def _line(facts: Mapping[str, object], after: str) -> tuple[bytes, str]:
    body = orjson.dumps({**facts, "after": after})
    said = sha256(body).hexdigest()
    return b'%b,"hash":"%b"}\n' % (body[:-1], said.encode()), said


def _read(path: Path, number: int, line: bytes) -> tuple[str, str]:
    """What a line comes after, and its hash.

    Raises BrokenTrail.
    """
    body, end = line[: -_END - 1] + b"}", line[-_END - 1 :]
    said = sha256(body).hexdigest()
    if end != b',"hash":"%b"}\n' % said.encode():
        raise BrokenTrail(path, number, "it is not as it was written")
    return str(orjson.loads(body)["after"]), said


def _last(path: Path) -> str:
    """The hash of a file's last line."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LINE_BYTES))
        lines = file.read().splitlines(keepends=True)
    return _read(path, 0, lines[-1])[1] if lines else BEGINNING


def _opened(path: Path) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise OSError("another server writes to it") from None
    return descriptor


def _take_back(descriptor: int, taken: int) -> None:
    """Leave no part of a line at a file's end: the chain goes on without it, and would be broken there."""
    os.ftruncate(descriptor, os.fstat(descriptor).st_size - taken)


def _is_elsewhere(path: Path, descriptor: int) -> bool:
    """Whether the file has been put aside: then its name is another one's, or nobody's."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return True
