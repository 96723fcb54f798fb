"""Why somebody may not speak in a room as it is set: codes 1500–1599.

Refused
├── HostsOnly    1500
├── Frozen       1501
├── MembersOnly  1502
├── TierTooLow   1503
├── EmotesOnly   1504
└── SlowMode     1505  temporary, says when to try again
"""

from room.refusal import Refused


class HostsOnly(Refused):
    """Only the host and moderators speak in this room."""

    code = 1500
    reason = "only hosts may speak"


class Frozen(Refused):
    """Nobody but the host and moderators speaks until the room is thawed."""

    code = 1501
    reason = "the room is frozen"
    temporary = True


class MembersOnly(Refused):
    """Who speaks in this room must have reached the first tier."""

    code = 1502
    reason = "only members may speak"


class TierTooLow(Refused):
    """Who speaks in this room must have reached a tier that the sender has not."""

    code = 1503
    reason = "a higher tier is needed to speak"


class EmotesOnly(Refused):
    """Only emotes are shown in this room."""

    code = 1504
    reason = "only emotes may be sent"


class SlowMode(Refused):
    """The sender spoke a moment ago, and this room gives everybody one message in so many seconds."""

    code = 1505
    reason = "slow mode"
    temporary = True
