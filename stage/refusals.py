"""Why something on stage is not done: codes 1100–1199.

Refused
├── StageFull   1100
├── NotInvited  1101
├── NotOnStage  1102
├── NotHere     1103
├── HandsFull   1104
└── NoStage     1105
"""

from __future__ import annotations

from room.refusal import Refused


class StageFull(Refused):
    """Every seat is taken, or kept for somebody who is invited."""

    code = 1100
    reason = "every seat is taken"


class NotInvited(Refused):
    """Nobody has asked the caller on stage, or not lately."""

    code = 1101
    reason = "you are not invited"


class NotOnStage(Refused):
    """He has no seat."""

    code = 1102
    reason = "not on stage"


class NotHere(Refused):
    """Only members who are in the room can be asked on stage."""

    code = 1103
    reason = "not in the room"


class HandsFull(Refused):
    """So many ask to come on stage that nobody could choose among more."""

    code = 1104
    reason = "too many ask to come on stage"
    temporary = True


class NoStage(Refused):
    """Pictures are carried elsewhere, one of a room: nobody can be seen beside the host."""

    code = 1105
    reason = "there is no stage here"
