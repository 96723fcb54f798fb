from __future__ import annotations

import pytest

from room.refusal import Refused
from stage.refusals import NoStage, NotHere, NotInvited, NotOnStage, StageFull


@pytest.mark.parametrize("kind", [StageFull, NotInvited, NotOnStage, NotHere, NoStage])
def test_codes_are_of_the_stages_block(kind: type[Refused]) -> None:
    assert 1100 <= kind.code < 1200
    assert not kind.temporary
