from __future__ import annotations

from aioice import stun as theirs
from hypothesis import given
from hypothesis import strategies as st

from media import stun

PASSWORD = "password-of-this-agent"


def check(*, password: str = PASSWORD, nominates: bool = False) -> bytes:
    made = theirs.Message(message_method=theirs.Method.BINDING, message_class=theirs.Class.REQUEST)
    made.attributes |= {"USERNAME": "ours:theirs"} | ({"USE-CANDIDATE": None} if nominates else {})
    made.add_message_integrity(password.encode())
    return bytes(made)


def test_a_check_says_whom_it_is_for() -> None:
    read = stun.read(check())
    assert read is not None
    assert (read.fragment, read.nominates) == ("ours", False)
    nominating = stun.read(check(nominates=True))
    assert nominating is not None
    assert nominating.nominates


def test_a_check_is_believed_with_the_right_password_only() -> None:
    read = stun.read(check(password="guessed"))
    assert read is not None
    assert not stun.authentic(read, PASSWORD)
    right = stun.read(check())
    assert right is not None
    assert stun.authentic(right, PASSWORD)


def test_its_sender_is_told_his_address() -> None:
    read = stun.read(check())
    assert read is not None
    told = theirs.parse_message(stun.answer(read, ("192.0.2.1", 4000), PASSWORD))
    assert told.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.1", 4000)
    assert told.transaction_id == read.message.transaction_id
    assert told.check_message_integrity(PASSWORD.encode())


def test_what_is_no_check_is_nothing() -> None:
    for made in (
        theirs.Message(message_method=theirs.Method.ALLOCATE, message_class=theirs.Class.REQUEST),
        theirs.Message(message_method=theirs.Method.BINDING, message_class=theirs.Class.RESPONSE),
        theirs.Message(message_method=theirs.Method.BINDING, message_class=theirs.Class.REQUEST),
    ):
        assert stun.read(bytes(made)) is None


@given(st.binary(max_size=100), st.integers(0, 90))
def test_no_datagram_confuses_it(noise: bytes, at: int) -> None:
    whole = check()
    assert stun.read(noise) is None or len(noise) >= 20
    stun.read(whole[:at] + noise + whole[at:])
    stun.read(whole[:at])
