from __future__ import annotations

import pytest

from roomserver.centrifuge import codes
from roomserver.centrifuge.codes import Disconnect, Unsubscription


def test_the_standard_errors_are_all_there() -> None:
    assert [error.code for error in codes.ERRORS] == list(range(100, 113))


def test_only_where_waiting_helps_an_error_is_temporary() -> None:
    assert [error.code for error in codes.ERRORS if error.temporary] == [100, 111]


def test_every_error_has_a_message() -> None:
    assert all(error.message for error in codes.ERRORS)


def test_numbers_are_given_once() -> None:
    numbers = [code.code for code in (*codes.ERRORS, *codes.DISCONNECTS, *codes.UNSUBSCRIPTIONS)]
    assert len(set(numbers)) == len(numbers)


def test_a_reason_fits_into_a_close_frame() -> None:
    assert all(len(close.reason.encode()) <= 123 for close in codes.DISCONNECTS)  # RFC 6455, 5.5


@pytest.mark.parametrize(
    ("code", "reconnect"), [(3001, True), (3499, True), (3500, False), (3999, False), (4500, False)]
)
def test_from_3500_on_a_close_is_final(code: int, reconnect: bool) -> None:
    assert Disconnect(code=code, reason="").reconnect is reconnect


@pytest.mark.parametrize(("code", "resubscribe"), [(2000, False), (2499, False), (2500, True), (2501, True)])
def test_from_2500_on_an_sdk_subscribes_again(code: int, resubscribe: bool) -> None:
    assert Unsubscription(code=code, reason="").resubscribe is resubscribe
