"""Why a change of somebody's points is refused: codes 1300–1399.

Refused
└── InsufficientPoints  1300
"""

from room.refusal import Refused


class InsufficientPoints(Refused):
    """More points would be taken than the member has."""

    code = 1300
    reason = "not enough points"
