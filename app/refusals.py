"""Why something of the platform's is not shown: codes 1900–1999.

Refused
└── TooManyShown  1900  temporary, says when to try again
"""

from room.refusal import Refused


class TooManyShown(Refused):
    """The platform has shown so much in this room that viewers would see nothing else."""

    code = 1900
    reason = "too much was shown in this room"
    temporary = True
