"""Why a change of somebody's points is refused: codes 1300–1399.

Refused
├── InsufficientPoints  1300
└── AccountNotEmpty     1301
"""

from room.refusal import Refused


class InsufficientPoints(Refused):
    """More points would be taken than the member has."""

    code = 1300
    reason = "not enough points"


class AccountNotEmpty(Refused):
    """An account can only be imported for a member who has earned nothing here yet."""

    code = 1301
    reason = "the member has points or score already"
