"""Secrets of the environment, and what of it other programs get."""

import pytest

from roomserver.environment import child_environment, credentials, store_url, webhook_secrets
from roomserver.tables import WrongConfig
from roomserver.webhook_config import WebhookSection

LONG = "x" * 32
SECRET = "whsec_" + "QUFB" * 8
HOOK = WebhookSection(url="https://shop.example/hook", secret="SHOP_SECRET")


def test_two_secrets_are_taken_newest_first() -> None:
    found = credentials({"ROOMSERVER_TOKEN_SECRET": f"{LONG}1, {LONG}2", "ROOMSERVER_OPERATOR_TOKEN": LONG})
    assert found.tokens == (f"{LONG}1", f"{LONG}2")
    assert found.operator == (LONG,)


def test_secrets_do_not_show() -> None:
    assert LONG not in repr(credentials({"ROOMSERVER_TOKEN_SECRET": LONG}))


@pytest.mark.parametrize("value", ["short", "x" * 31, f"{LONG},short", ",".join([LONG] * 3)])
def test_short_or_many_secrets_are_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(WrongConfig) as caught:
        credentials({"ROOMSERVER_OPERATOR_TOKEN": value})
    [line] = caught.value.lines()
    assert line.startswith("environment: ROOMSERVER_OPERATOR_TOKEN: found ")
    assert value not in line


def test_bytes_that_are_no_text_are_refused_without_being_repeated() -> None:
    with pytest.raises(WrongConfig, match="bytes that are no UTF-8") as caught:
        credentials({"ROOMSERVER_OPERATOR_TOKEN": b"\xffhush".decode("utf-8", "surrogateescape") * 9})
    assert "hush" not in str(caught.value)


def test_bytes_count_not_letters() -> None:
    assert credentials({"ROOMSERVER_TOKEN_SECRET": "茶" * 11}).tokens == ("茶" * 11,)


def test_a_child_has_our_environment_and_what_it_is_given() -> None:
    made = child_environment(ROOMSERVER_TEST="1")
    assert made["ROOMSERVER_TEST"] == "1"
    assert "PATH" in made


def test_a_webhook_has_a_secret_or_two_during_a_rotation() -> None:
    assert webhook_secrets([HOOK], {"SHOP_SECRET": SECRET}) == [(b"AAA" * 8,)]
    assert webhook_secrets([HOOK], {"SHOP_SECRET": f"whsec_{'QkJC' * 8}, {SECRET}"}) == [(b"BBB" * 8, b"AAA" * 8)]


@pytest.mark.parametrize("given", ["", "short", SECRET + "," + SECRET + "," + SECRET, "whsec_QUFB", f"{SECRET},x"])
def test_a_webhook_without_a_good_secret_is_told(given: str) -> None:
    with pytest.raises(WrongConfig) as caught:
        webhook_secrets([HOOK], {"SHOP_SECRET": given})
    [problem] = caught.value.problems
    assert problem.key == "SHOP_SECRET"
    assert not given or given not in str(caught.value)


def test_a_store_with_a_password_is_named_here() -> None:
    assert store_url({"ROOMSERVER_REDIS": "redis://:hush@store"}) == "redis://:hush@store"
    assert store_url({"ROOMSERVER_REDIS": ""}) is store_url({}) is None
