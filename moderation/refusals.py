"""Why somebody may not speak or may not come in, and whom nobody can put out: codes 1600–1699.

Refused
├── Muted          1600  temporary, says when to try again
├── MutedForGood   1601
├── Banned         1602  temporary, says when to try again
├── BannedForGood  1603
└── GuestGone      1604
"""

from room.refusal import Refused


class Muted(Refused):
    """The host or a moderator has muted the sender until an instant."""

    code = 1600
    reason = "muted"
    temporary = True


class MutedForGood(Refused):
    """The host or a moderator has muted the sender until one of them undoes it."""

    code = 1601
    reason = "muted for good"


class Banned(Refused):
    """The host or a moderator has banned the caller from this room until an instant."""

    code = 1602
    reason = "banned"
    temporary = True


class BannedForGood(Refused):
    """The host or a moderator has banned the caller from this room until one of them undoes it."""

    code = 1603
    reason = "banned for good"


class GuestGone(Refused):
    """A guest who is not here cannot be moderated: nobody would know him again."""

    code = 1604
    reason = "no such guest is here"
