"""What can go wrong outside the measured room, each told in one sentence.

LoadtestFault
├── NotLoopback         the address is not this machine
├── ServerUnreachable   nobody answers at the address
├── HandshakeRefused    somebody answers, but opens no WebSocket
│   └── TurnedAway      it is full or overloaded at the moment
├── TokenRefused        no token for a simulated viewer
├── PlatformRefused     a call of the platform's back end was refused
├── PartFailed          a client process could not go on
└── WireFault           bytes or messages that break RFC 6455 or the Centrifuge protocol
"""

from __future__ import annotations


class LoadtestFault(Exception):
    """The harness cannot go on; the message is a whole sentence for the person who started it."""


class NotLoopback(LoadtestFault):
    """The address is not this machine."""


class ServerUnreachable(LoadtestFault):
    """Nobody answers at the address."""


class HandshakeRefused(LoadtestFault):
    """Somebody answers, but opens no WebSocket."""


class TurnedAway(HandshakeRefused):
    """Somebody answers, but is full or overloaded at the moment."""


class TokenRefused(LoadtestFault):
    """No token for a simulated viewer."""


class PlatformRefused(LoadtestFault):
    """A call of the platform's back end was refused."""


class PartFailed(LoadtestFault):
    """A client process could not go on; the message is its own."""


class WireFault(LoadtestFault):
    """The server sent what RFC 6455 or the Centrifuge protocol does not allow."""
