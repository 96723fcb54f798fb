"""Why a change of somebody's points is refused: codes 1300–1399.

Refused
├── InsufficientPoints  1300
├── AccountNotEmpty     1301
├── NoSuchItem          1302
├── ItemGone            1303
├── TakenAlready        1304
└── TierTooLow          1305
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


class NoSuchItem(Refused):
    """There is no item of this id on offer."""

    code = 1302
    reason = "no such item"


class ItemGone(Refused):
    """All that there were of a limited item are taken."""

    code = 1303
    reason = "none of it is left"


class TakenAlready(Refused):
    """The member has taken as many of a limited item as one may."""

    code = 1304
    reason = "no more of it for you"


class TierTooLow(Refused):
    """The item is for higher tiers."""

    code = 1305
    reason = "a higher level is needed"
