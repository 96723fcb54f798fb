"""The numbers of the protocol: errors in replies, closes of the connection, ends of a subscription.

Numbers, reasons and what an SDK does about them: "Client protocol codes" of Centrifugo's documentation. Which of them
this server uses when: docs/protocol.md, "Errors and closes". Refusals of the domain (1000–1999) are not listed here;
they are `Error`s with their own numbers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """The reply to a refused command; the connection goes on. `temporary`: the same command may succeed later."""

    code: int
    message: str
    temporary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """Why a connection is closed: code and reason of the WebSocket's close frame."""

    code: int
    reason: str

    @property
    def reconnect(self) -> bool:
        """Whether an SDK comes back by itself: the ranges 3500–3999 and 4500–4999 are final."""
        return not (3500 <= self.code <= 3999 or 4500 <= self.code <= 4999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscription:
    """Why the server ends a subscription."""

    code: int
    reason: str

    @property
    def resubscribe(self) -> bool:
        """Whether an SDK subscribes again by itself, and recovers what it missed: from 2500 on."""
        return self.code >= 2500


# --- errors

INTERNAL = Error(code=100, message="internal server error", temporary=True)  # our fault; the log says more
UNAUTHORIZED = Error(code=101, message="unauthorized")
UNKNOWN_CHANNEL = Error(code=102, message="unknown channel")  # no name of a channel; an unknown room is 1005
PERMISSION_DENIED = Error(code=103, message="permission denied")  # not joined, or not his to see
METHOD_NOT_FOUND = Error(code=104, message="method not found")
ALREADY_SUBSCRIBED = Error(code=105, message="already subscribed")
LIMIT_EXCEEDED = Error(code=106, message="limit exceeded")  # too many channels, or too many members to list
BAD_DATA = Error(code=107, message="bad request")  # `data` that cannot be read, values out of range
NOT_AVAILABLE = Error(code=108, message="not available")  # a command of the protocol that this server has no use for
TOKEN_EXPIRED = Error(code=109, message="token expired")  # the SDK fetches a new token
EXPIRED = Error(code=110, message="expired")
TOO_MANY_REQUESTS = Error(code=111, message="too many requests", temporary=True)
# Never in reply to a subscribe, where it would keep SDKs from ever coming in: that says `recovered: false` instead.
UNRECOVERABLE_POSITION = Error(code=112, message="unrecoverable position")

ERRORS = (
    INTERNAL,
    UNAUTHORIZED,
    UNKNOWN_CHANNEL,
    PERMISSION_DENIED,
    METHOD_NOT_FOUND,
    ALREADY_SUBSCRIBED,
    LIMIT_EXCEEDED,
    BAD_DATA,
    NOT_AVAILABLE,
    TOKEN_EXPIRED,
    EXPIRED,
    TOO_MANY_REQUESTS,
    UNRECOVERABLE_POSITION,
)

# --- closes after which an SDK comes back, with backoff

SHUTDOWN = Disconnect(code=3001, reason="shutdown")
CONNECTION_EXPIRED = Disconnect(code=3005, reason="connection expired")  # no refresh before the token's end
SLOW = Disconnect(code=3008, reason="slow")  # reads slower than its rooms speak, even after a gap was declared
NO_PONG = Disconnect(code=3012, reason="no pong")
FLOOD = Disconnect(code=3013, reason="too many requests")

# --- closes that are final

INVALID_TOKEN = Disconnect(code=3500, reason="invalid token")  # also none at all, and a refresh for somebody else
BAD_REQUEST = Disconnect(code=3501, reason="bad request")  # a malformed frame, or a command out of order
STALE = Disconnect(code=3502, reason="stale")  # not authenticated in time
FORCED = Disconnect(code=3503, reason="force disconnect")  # kicked or banned
CONNECTION_LIMIT = Disconnect(code=3504, reason="connection limit")  # of one user; never for overload

DISCONNECTS = (
    SHUTDOWN,
    CONNECTION_EXPIRED,
    SLOW,
    NO_PONG,
    FLOOD,
    INVALID_TOKEN,
    BAD_REQUEST,
    STALE,
    FORCED,
    CONNECTION_LIMIT,
)

# --- ends of a subscription

INSUFFICIENT_STATE = Unsubscription(
    code=2500, reason="insufficient state"
)  # batches were missed: come back and recover
SUBSCRIPTION_EXPIRED = Unsubscription(code=2501, reason="subscription expired")

UNSUBSCRIPTIONS = (INSUFFICIENT_STATE, SUBSCRIPTION_EXPIRED)
