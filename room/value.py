"""Values: made often, compared by what they hold, and changed by nobody.

To the type checker a ``@value(frozen=True, …)`` is a frozen dataclass. At run time it is not frozen: a check-in makes
forty of them, and what freezes a dataclass costs more than half of the time that it takes to make one (0.98 instead of
0.41 µs with six fields). Messages stay frozen dataclasses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    def value(*, frozen: bool, slots: bool, kw_only: bool = False):
        """Make a class of values."""
        assert frozen, "a value changes for nobody"
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=True)


__all__ = ["value"]
