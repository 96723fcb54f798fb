"""Why a check-in is refused: codes 1400–1499.

Refused
├── UnknownStreak     1400
├── AlreadyCheckedIn  1401
├── BoardNotKept      1402
├── NotHereLongEnough 1403
├── NoStreamToday     1404
├── ZoneTooNew        1405
├── HistoryNotEmpty   1406
└── NotLive           1407
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


class BoardNotKept(Refused):
    """Boards of the whole platform and of friends are kept elsewhere, if anywhere."""

    code = 1402
    reason = "this board is not kept by this server"


class NotHereLongEnough(Refused):
    """The room asks for some time of presence before a check-in, on the same day."""

    code = 1403
    reason = "not long enough here"
    temporary = True


class NoStreamToday(Refused):
    """The room's check-in belongs to its stream, which has not run for long enough today."""

    code = 1404
    reason = "no stream today yet"
    temporary = True


class ZoneTooNew(Refused):
    """After a change of time zone, two days are not credited within eight hours."""

    code = 1405
    reason = "too soon after a change of time zone"
    temporary = True


class HistoryNotEmpty(Refused):
    """A history can only be imported for a member who has not checked in here yet."""

    code = 1406
    reason = "the member has check-ins already"


class NotLive(Refused):
    """In this room each stream has its check-in, and none runs now."""

    code = 1407
    reason = "no stream runs now"
    temporary = True
