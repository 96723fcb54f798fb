"""Signatures, held against the reference implementation of Standard Webhooks."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from roomserver.clock import wall_ms
from roomserver.webhook_signature import read_secret, signed

SECRETS = st.binary(min_size=24, max_size=64)


def written(secret: bytes) -> str:
    return "whsec_" + base64.b64encode(secret).decode()


def signed_now(secrets: list[bytes], body: str, message: str = "demo.1-0.x") -> dict[str, str]:
    return dict(signed(secrets, message, wall_ms() // 1000, body.encode()))


@given(SECRETS, st.text())
def test_a_receiver_verifies_what_was_signed(secret: bytes, body: str) -> None:
    headers = signed_now([read_secret(written(secret))], body)
    Webhook(written(secret)).verify(body, headers, json_parse=False)


@given(SECRETS, SECRETS)
def test_during_a_rotation_both_secrets_verify(new: bytes, old: bytes) -> None:
    headers = signed_now([new, old], "{}")
    for secret in (new, old):
        assert Webhook(written(secret)).verify("{}", headers) == {}


def test_another_body_id_time_or_secret_does_not_verify() -> None:
    secret = b"s" * 32
    headers = signed_now([secret], '{"a":1}')
    later = str(int(headers["webhook-timestamp"]) + 1)
    for body, changed, key in (
        ('{"a":2}', {}, secret),
        ('{"a":1}', {"webhook-id": "other"}, secret),
        ('{"a":1}', {"webhook-timestamp": later}, secret),
        ('{"a":1}', {}, b"t" * 32),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(written(key)).verify(body, headers | changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "secret",
        written(b"x" * 23),
        written(b"x" * 65),
        written(b"x" * 32)[6:],
        written(b"x" * 32) + "=",
        "whsec_" + "é" * 40,
        "whsec_" + "!" * 40,
    ],
)
def test_a_secret_is_written_as_the_standard_says(text: str) -> None:
    with pytest.raises(ValueError, match="no whsec_ and base64 of 24 to 64 bytes") as caught:
        read_secret(text)
    assert len(text) < 10 or text not in str(caught.value)
