"""Why a like is refused: codes 1700–1799.

Refused
└── TooManyLikes  1700  temporary, says when to try again
"""

from room.refusal import Refused


class TooManyLikes(Refused):
    """The sender has used up his likes for the moment."""

    code = 1700
    reason = "too many likes"
    temporary = True
