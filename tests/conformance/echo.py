"""The server's own listener, handshake, frames and transport under an application that says back what it hears.

What is ours is replaced in four places: what becomes of a message (said back with its own kind, text that is no text
ends with 1007, as RFC 6455, 8.1 has it for text frames), how large one may be, whole or waiting to be heard, how many
one client may send, and for how long without a token.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from websockets.frames import Frame, Opcode

from roomserver import doorstep, frames, liveness, websocket, whole_frames, wire
from roomserver.admission import Local
from roomserver.features import make_house
from roomserver.frame_variants import deflated, framed
from roomserver.frames import Frames, Knock
from roomserver.http.app import Access, make_app
from roomserver.limits import Limits
from roomserver.memory_store import MemoryStore
from roomserver.server import Options, RoomServer
from roomserver.serving import listen, serve
from roomserver.tokens import Rules, Secrets, TokenChecks
from roomserver.websocket import WebSocket

TEXT = 0x81
MANY = 1_000_000
HOURS = 7200


class EchoFrames(Frames):
    """Frames that remember of which kind each message was."""

    def __init__(self, *, deflates: bool, opened: bool = False) -> None:
        super().__init__(deflates=deflates, opened=opened)
        self.kinds: deque[int] = deque()
        self._kind = 0

    def receive(self, data: bytes) -> Sequence[Knock | bytes]:
        """As theirs; a message that needs no parser, the one that came by no other way, says its kind at its start."""
        known, heard = len(self.kinds), super().receive(data)
        if sum(isinstance(one, bytes) for one in heard) > len(self.kinds) - known:
            self.kinds.append(data[0])
        return heard

    def _of_frame(self, frame: bytes, header: int) -> Sequence[Knock | bytes]:
        known, heard = len(self.kinds), super()._of_frame(frame, header)
        if heard and len(self.kinds) == known:
            self.kinds.append(0x80 | frame[0] & 0x0F)  # whole, whether it was deflated or not
        return heard

    def _message(self, frame: Frame) -> bytes | None:
        message = super()._message(frame)
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._kind = 0x80 | frame.opcode
        if message is not None:
            self.kinds.append(self._kind)
        return message


class Echo(WebSocket):
    """Says back what it hears."""

    def heard(self, message: bytes) -> None:
        """The same message as a frame of the same kind."""
        assert isinstance(self._frames, EchoFrames)
        self._send_own()  # the pong of a ping that came before it
        kind = self._frames.kinds.popleft()
        if kind == TEXT and not _is_text(message):
            self._frames.close(1007, "")
            self._send_own()
        elif not self._closing:
            packs = self._frames.deflates
            said = deflated(message) if packs else message
            self._transport.write(framed(said, text=kind == TEXT, deflated=packs))


def _is_text(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


async def main(port_file: Path, message_bytes: int, fragments: int) -> None:
    """Serve until SIGTERM; the port is written into a file."""
    frames.MESSAGE_BYTES = whole_frames.MESSAGE_BYTES = message_bytes  # type: ignore[attr-defined]
    frames.FRAGMENTS = fragments
    liveness.STALE_SECONDS = HOURS
    wire.UNHEARD = 4 * message_bytes  # type: ignore[attr-defined]  # as in the server itself
    wire.Frames = EchoFrames  # type: ignore[attr-defined]  # the one listener, with another application above it
    doorstep.WebSocket = websocket.WebSocket = Echo  # type: ignore[attr-defined, misc]
    limits = Limits(calls=MANY, burst=MANY, arrivals=None)
    options = Options(
        house=make_house(),
        store=MemoryStore(),
        checks=TokenChecks(Secrets(["s" * 32]), Rules()),
        version="echo",
        admits=Local(),
        limits=limits,
    )
    async with RoomServer(options).running() as server:
        app = make_app(server, Access(admission=Local(), operator=("k" * 32,)), version="echo")
        listener = listen("127.0.0.1", 0)
        port = listener.getsockname()[1]
        await serve(server, app, listener, on_ready=lambda: _tell(port_file, port))


def _tell(port_file: Path, port: int) -> None:
    port_file.with_suffix(".new").write_text(str(port))
    port_file.with_suffix(".new").rename(port_file)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
