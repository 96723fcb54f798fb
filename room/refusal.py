"""Refusals: why a command was not done, as values a client can act on.

Refused
├── standard reasons, with the codes of the real-time protocol (100–112)
│   ├── InternalError          100
│   ├── PermissionDenied       103
│   ├── UnknownMethod          104
│   ├── LimitExceeded          106
│   ├── BadRequest             107
│   ├── TooManyRequests        111
│   └── UnrecoverablePosition  112
└── reasons of the domain, 1000–1999, one code per reason
    ├── kernel                 1001–1019, below
    └── features               each in its own package, a block of a hundred

A refusal changes nothing and never closes the connection.
"""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """A command was refused.

    ``code`` and ``reason`` stand on the class and are stable; ``temporary`` says whether the same command may
    succeed later; ``retry_in`` is the number of milliseconds to wait, where waiting helps.
    """

    code: ClassVar[int]
    reason: ClassVar[str]
    temporary: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, retry_in: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_in = retry_in

    @property
    def message(self) -> str:
        """The text for people: the reason, what exactly was wrong, and when to try again."""
        text = f"{self.reason}: {self.detail}" if self.detail else self.reason
        return text if self.retry_in is None else f"{text}; retry in {self.retry_in} ms"


class InternalError(Refused):
    """The server could not carry the command out, by a fault of its own; its log says more."""

    code = 100
    reason = "internal server error"
    temporary = True


class PermissionDenied(Refused):
    """The caller's role does not allow this command."""

    code = 103
    reason = "permission denied"


class UnknownMethod(Refused):
    """There is no command or query of this name."""

    code = 104
    reason = "method not found"


class LimitExceeded(Refused):
    """More was asked for than one answer may hold."""

    code = 106
    reason = "limit exceeded"


class BadRequest(Refused):
    """A field is missing, unknown, of the wrong type or out of its range."""

    code = 107
    reason = "bad request"


class TooManyRequests(Refused):
    """The caller has too many commands under way."""

    code = 111
    reason = "too many requests"
    temporary = True


class UnrecoverablePosition(Refused):
    """The log no longer reaches back to the position that was asked for."""

    code = 112
    reason = "unrecoverable position"


class NotAMember(Refused):
    """A guest asked for something only a member may do."""

    code = 1001
    reason = "sign in first"


class NotJoined(Refused):
    """The caller has not joined the room that the command names."""

    code = 1002
    reason = "join the room first"


class StoreAway(Refused):
    """The store did not confirm the command in time; it may still be done, and a retry tells."""

    code = 1003
    reason = "the store is away"
    temporary = True


class Contended(Refused):
    """The same subject was changed elsewhere again and again."""

    code = 1004
    reason = "changed elsewhere at the same time"
    temporary = True


class UnknownRoom(Refused):
    """There is no room of this id, or it has not been made yet."""

    code = 1005
    reason = "no such room"


class RowTooLarge(Refused):
    """The subject's stored row would grow beyond what one row may hold."""

    code = 1006
    reason = "too much is stored for this subject"


class ServerBusy(Refused):
    """The server is strained: who is inside goes first; a command that it has not stored in time may still be done."""

    code = 1010
    reason = "the server is busy"
    temporary = True


class RowDamaged(Refused):
    """What is stored of the subject cannot be read, and is left as it is; the operator's log says more."""

    code = 1007
    reason = "what is stored of this subject cannot be read"


class KeyUsed(Refused):
    """A key that was used before, so long ago that what came of it is no longer remembered: it was done."""

    code = 1011
    reason = "done before under this key; its reply is no longer remembered"


class KeyTaken(Refused):
    """A key of the platform's that was used before, for something else: nothing was done."""

    code = 1012
    reason = "this key was used before with other data"


class NotAllowed(Refused):
    """The platform was asked before this was shown, and said no; its reason follows, if it gave one."""

    code = 1008
    reason = "the platform does not allow this"


class PlatformAway(Refused):
    """The platform must be asked before this is shown, and has not answered in time."""

    code = 1009
    reason = "the platform could not be asked"
    temporary = True
