"""Why something that a member wants to show is refused: codes 1200–1299.

Refused
├── TooFast        1200  temporary, says when to try again
├── TextEmpty      1201
├── TextTooLong    1202
├── EmoteLocked    1203
├── WordRefused    1204
└── ThankedAlready 1205  temporary, says when to try again
"""

from room.refusal import Refused


class TooFast(Refused):
    """The sender has used up his danmaku for the moment."""

    code = 1200
    reason = "too many danmaku"
    temporary = True


class TextEmpty(Refused):
    """Nothing that can be seen is left of the text once it is cleaned."""

    code = 1201
    reason = "the text is empty"


class TextTooLong(Refused):
    """The text has more characters or bytes than a room shows."""

    code = 1202
    reason = "the text is too long"


class EmoteLocked(Refused):
    """The sender holds neither this emote nor its pack, or there is no such emote."""

    code = 1203
    reason = "this emote is not yours"


class WordRefused(Refused):
    """A word in it may not be said in this room, in whatever spelling."""

    code = 1204
    reason = "a word in it may not be said here"


class ThankedAlready(Refused):
    """A host or moderator has thanked this person before the whole room just now."""

    code = 1205
    reason = "thanked a moment ago"
    temporary = True
