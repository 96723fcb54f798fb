"""Why something that a host wants at his desk is refused: codes 1800–1899.

Refused
├── UnknownCue  1800
└── NotInRoom   1801
"""

from room.refusal import Refused


class UnknownCue(Refused):
    """No cue card of this id lies open or was missed: another host has dealt with it, or it is too old."""

    code = 1800
    reason = "no such cue card"


class NotInRoom(Refused):
    """Somebody who is called is not in the room."""

    code = 1801
    reason = "not in the room"
