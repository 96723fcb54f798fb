from effects import refusals
from room.refusal import Refused


def test_each_reason_has_a_code_of_the_block_and_says_whether_waiting_helps() -> None:
    kinds = [
        kind
        for kind in vars(refusals).values()
        if isinstance(kind, type) and issubclass(kind, Refused) and kind is not Refused
    ]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes) == 6
    assert all(1200 <= code < 1300 for code in codes)
    assert [kind for kind in kinds if kind.temporary] == [refusals.TooFast, refusals.ThankedAlready]
