"""Why something on stage is not done."""

from __future__ import annotations

from room.refusal import Refused


class StageFull(Refused):
    """Every seat is taken, or kept for somebody who is invited."""

    code = 1900
    reason = "every seat is taken"


class NotInvited(Refused):
    """Nobody has asked the caller on stage, or not lately."""

    code = 1901
    reason = "you are not invited"


class NotOnStage(Refused):
    """He has no seat."""

    code = 1902
    reason = "not on stage"


class NotHere(Refused):
    """Only members who are in the room can be asked on stage."""

    code = 1903
    reason = "not in the room"
