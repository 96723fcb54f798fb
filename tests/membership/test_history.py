"""An account that begins with what another system kept."""

import pytest

from membership.account import Account
from membership.history import ImportAccount, check_empty
from membership.messages import Medal, PointsEarned, TierChanged
from membership.refusals import AccountNotEmpty
from room.refusal import PermissionDenied
from tests.dialogue import ITSELF, OPERATOR, given
from tests.membership.test_feature import HOUSE, ROOM


def test_points_and_score_are_the_ledgers_first_entry_and_lead_to_the_tier() -> None:
    evening = given(HOUSE).when(ImportAccount(room=ROOM, points=70, score=350), actor=ITSELF)
    earned, risen = (stamped.event for stamped in evening.events[:2])
    assert isinstance(earned, PointsEarned)
    assert (earned.points, earned.qualifying, earned.balance, earned.reason) == (70, 350, 70, "import")
    assert isinstance(risen, TierChanged)
    assert risen.tier == 2


def test_nothing_at_all_is_no_event() -> None:
    given(HOUSE).when(ImportAccount(room=ROOM, points=0, score=0), actor=ITSELF).then()


@pytest.mark.parametrize(
    "account", [Account(balance=1), Account(qualifying=1), Account(medals=(Medal(id="a", title="A"),))]
)
def test_who_has_anything_is_no_newcomer(account: Account) -> None:
    with pytest.raises(AccountNotEmpty):
        check_empty(account)


def test_only_the_room_itself_commands_it() -> None:
    given(HOUSE).when(ImportAccount(room=ROOM, points=1, score=1), actor=OPERATOR).refuses(PermissionDenied)
