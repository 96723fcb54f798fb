"""What a store asks of the kernel, as strace saw it: were replies only given for what is on the disk?"""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

CALL = re.compile(r"\d+ +(?P<name>\w+)\((?P<fd>\d+)<(?P<what>[^>]*)>.*= (?P<result>-?\d+)")
RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>.*= (?P<result>-?\d+)")
BEGUN = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<fd>\d+)<(?P<what>[^>]*)>.*<unfinished")


def hasty_replies(lines: Iterable[str]) -> tuple[int, int]:
    """How many replies left the store, and how many of them before what was last logged had reached the disk.

    A line is of ``strace -f -y``: a call is done when its result is there.
    """
    replies = hasty = 0
    on_disk = True
    begun: dict[str, tuple[str, str]] = {}
    for line in lines:
        if (start := BEGUN.match(line)) is not None:
            begun[start["thread"]] = start["name"], start["what"]
            continue
        if (done := CALL.match(line)) is not None:
            name, what, result = done["name"], done["what"], int(done["result"])
        elif (end := RESUMED.match(line)) is not None and end["thread"] in begun:
            (name, what), result = begun.pop(end["thread"]), int(end["result"])
        else:
            continue
        if result < 0:
            continue
        if ".aof" in what:
            on_disk = name == "fdatasync"
        elif name != "fdatasync" and re.match(r"(UNIX|TCP|socket)", what):
            replies += 1
            hasty += not on_disk
    return replies, hasty


@asynccontextmanager
async def traced(pid: int, output: Path, *, delay: float = 0.0) -> AsyncIterator[None]:
    """Watch a process and its threads; every fdatasync begins so many seconds late."""
    calls = "trace=fdatasync,write,writev,sendto,sendmsg"
    late = ["-e", f"inject=fdatasync:delay_enter={int(delay * 1e6)}"] if delay else []
    command = ["strace", "-f", "-y", "-s", "0", "-o", str(output), "-e", calls, *late, "-p", str(pid)]
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        said = await process.stderr.readline()
        assert b"attached" in said, said
        yield
    finally:
        process.terminate()
        await process.wait()
