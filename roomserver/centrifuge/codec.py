"""The seam between the session and the wire: what both encodings can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from roomserver.centrifuge.commands import Command
from roomserver.centrifuge.replies import Push, Result


class MalformedFrame(Exception):
    """A frame that is no sequence of commands; the answer is a close with `codes.BAD_REQUEST` (3501)."""


class Codec(Protocol):
    """One encoding: `roomserver.centrifuge.json_codec` and `roomserver.centrifuge.protobuf_codec` are the two.

    What the encoders return is a *part*: a frame by itself, and one of several when given to `join`.
    """

    @property
    def text(self) -> bool:
        """Whether frames go out as text (JSON) or as binary (Protobuf)."""
        ...

    @property
    def ping(self) -> bytes:
        """The part that is a ping."""
        ...

    def decode(self, frame: bytes) -> list[Command]:
        """Read all commands of a frame, at least one; a bad one spoils the whole frame, so none of it is carried out.

        As in Centrifugo: unknown fields are skipped, of several requests in a command the first (by field number)
        counts, and a command with an id but without a request is malformed. Stricter than Centrifugo, which takes it
        for a pong: a request other than `send` whose id is 0 or missing is malformed too.

        Raises:
            MalformedFrame: for whatever cannot be read, an empty frame included.
        """
        ...

    def encode_reply(self, command_id: int, result: Result) -> bytes:
        """Encode the answer to the command with this id."""
        ...

    def encode_push(self, push: Push) -> bytes:
        """Encode what goes to one connection."""
        ...

    def encode_publication(self, channel: str, offset: int, data: bytes) -> bytes:
        """Encode what goes to all of a channel: called once per batch and encoding, never per recipient."""
        ...

    def join(self, parts: Sequence[bytes]) -> bytes:
        """Make one frame of parts, at least one, in this order."""
        ...
