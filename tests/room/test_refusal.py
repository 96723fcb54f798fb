from collections.abc import Iterator

from room import refusal
from room.refusal import BadRequest, Refused, StoreAway


def refusals(kind: type[Refused] = Refused) -> Iterator[type[Refused]]:
    for one in kind.__subclasses__():
        yield one
        yield from refusals(one)


def test_a_refusal_says_its_reason_then_what_was_wrong_then_when_to_try_again() -> None:
    assert StoreAway().message == "the store is away"
    assert BadRequest("limit is 1 to 200").message == "bad request: limit is 1 to 200"
    assert StoreAway("not now", retry_in=250).message == "the store is away: not now; retry in 250 ms"


OWN = [one for one in refusals() if one.__module__ == refusal.__name__]


def test_the_kernel_has_one_code_per_reason_and_keeps_to_its_blocks() -> None:
    assert len({one.code for one in OWN}) == len({one.reason for one in OWN}) == len(OWN)
    assert all(100 <= one.code <= 112 or 1001 <= one.code <= 1019 for one in OWN)


def test_every_refusal_of_the_kernel_is_explained() -> None:
    assert all(one.reason and one.__doc__ for one in OWN)
