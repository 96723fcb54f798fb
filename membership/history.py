"""Setting up the points and the score that a member had in another system, beside his history of check-ins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from membership.account import Account
from membership.refusals import AccountNotEmpty
from room.message import Command
from room.people import Role

REASON = "import"
"""What the ledger's first entry says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAccount(Command):
    """Begin a member's account with points and score, of which nothing was earned here; 0 is allowed."""

    kind: ClassVar[str] = "membership.import"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    points: int
    score: int


def check_empty(account: Account) -> None:
    """Raises AccountNotEmpty when the member has earned anything here."""
    if account.balance or account.qualifying or account.medals:
        raise AccountNotEmpty(f"{account.balance} points, a score of {account.qualifying}")
