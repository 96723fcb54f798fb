"""The floor: takes viewers in, then becomes a C program that only calls `send()` (see floor.c).

Nothing that a server does is in it: no reading, no room, no encoding. What is left is the operating system's price.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import subprocess
from argparse import ArgumentParser, Namespace
from pathlib import Path

import orjson
from websockets.asyncio.server import ServerConnection, serve

from loadtest.peers.room import PeerRoom

_SOURCE = Path(__file__).with_name("floor.c")
_FIRST = 8_000  # the number of the first inherited socket: above all that taking 7,000 viewers in has opened


def compiler() -> str | None:
    """The C compiler of this machine."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(folder: Path) -> Path:
    """Compile the program into a folder.

    Raises:
        OSError, subprocess.CalledProcessError: there is no compiler, or it refuses.
    """
    program = folder / "floor"
    command = [compiler() or "cc", "-O2", "-o", str(program), str(_SOURCE)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own source and the machine's compiler
    return program


def frames(room: PeerRoom, *, count: int, events: int) -> bytes:
    """As many frames with so many events each, in the form that the program reads."""
    made = bytearray()
    for number in range(count):
        texts = (f"message {number * events + one:06d}" for one in range(events))
        payload = room.batch([orjson.dumps(room.said(text)) for text in texts])
        frame = _head(len(payload)) + payload
        made += len(frame).to_bytes(4, "little") + frame
    return bytes(made)


def _head(size: int) -> bytes:
    """The head of a whole text frame (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


class _Entrance:
    """Lets viewers in until all are there."""

    def __init__(self, viewers: int) -> None:
        self.room = PeerRoom()
        self.present: list[ServerConnection] = []
        self.full = asyncio.Event()
        self._viewers = viewers

    async def attend(self, viewer: ServerConnection) -> None:
        """One viewer, until the program takes over."""
        async for message in viewer:
            for answer in self.room.receive(message):
                await viewer.send(answer.reply, text=True)
                if b'"subscribe"' in answer.reply:
                    self._enter(viewer)

    def _enter(self, viewer: ServerConnection) -> None:
        self.present.append(viewer)
        if len(self.present) == self._viewers:
            asyncio.get_running_loop().call_later(0.2, self.full.set)  # the last reply leaves first


async def _gather(options: Namespace) -> None:
    """Wait for all viewers, give their sockets the numbers that the program expects, and become it."""
    entrance = _Entrance(options.viewers)
    async with serve(entrance.attend, "127.0.0.1", options.port, compression=None, ping_interval=None):
        await entrance.full.wait()
        for place, viewer in enumerate(entrance.present):
            os.dup2(viewer.transport.get_extra_info("socket").fileno(), _FIRST + place, inheritable=True)
        content = frames(entrance.room, count=options.frames, events=options.events)
        path = options.program.with_name(f"frames-{os.getpid()}")
        path.write_bytes(content)
        arguments = [str(path), str(_FIRST), str(options.viewers), str(int(options.interval * 1e9))]
        os.execv(options.program, [str(options.program), *arguments])  # noqa: S606  # it is to be this very process


def _allow_sockets(viewers: int) -> None:
    """Inherited sockets have high numbers, whatever few files a process may have open at first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FIRST + viewers:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_FIRST + viewers, hard))


def main() -> None:
    """Take the viewers in, then send."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--viewers", type=int, required=True)
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--program", type=Path, required=True)
    options = parser.parse_args()
    _allow_sockets(options.viewers)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    asyncio.run(_gather(options))


if __name__ == "__main__":
    main()
