from room.refusal import Refused
from settings import refusals

ALL = [
    one for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, Refused) and one is not Refused
]


def test_every_reason_has_a_code_of_its_own_in_the_block() -> None:
    assert sorted(one.code for one in ALL) == list(range(1500, 1500 + len(ALL)))
    assert len({one.reason for one in ALL}) == len(ALL)


def test_the_tree_on_top_of_the_module_names_them_all() -> None:
    assert refusals.__doc__ is not None
    assert all(f"{one.__name__} " in refusals.__doc__ and str(one.code) in refusals.__doc__ for one in ALL)
