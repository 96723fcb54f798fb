"""Why a check-in is refused: codes 1400–1499.

Refused
├── UnknownStreak     1400
└── AlreadyCheckedIn  1401
"""

from room.refusal import Refused


class UnknownStreak(Refused):
    """This server keeps no streak of that name."""

    code = 1400
    reason = "no such streak"


class AlreadyCheckedIn(Refused):
    """The day is credited, but the receipt of its check-in is no longer there to be given again."""

    code = 1401
    reason = "checked in already"
