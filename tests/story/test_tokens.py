"""Tokens over the wire: a good one connects, one that is over says so, and every other one ends the connection."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.server import RealServer, running, signed
from tests.story.wire import dialled, fresh

pytestmark = pytest.mark.store

FOREIGN = "somebody else's secret, long enough for all that anybody could sign with it"
LATER = int(time.time()) + 3600
GOOD = {"sub": "eve", "exp": LATER}


def unsigned(claims: object) -> str:
    """A token that says it needs no signature."""
    return ".".join([encoded({"alg": "none", "typ": "JWT"}), encoded(claims), ""])


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def rsa_signed() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(dict(GOOD), key, algorithm="RS256")


def tampered(secret: str) -> str:
    head, _, signature = signed(secret, GOOD).split(".")
    return ".".join([head, encoded({**GOOD, "sub": "host"}), signature])


BAD: dict[str, Callable[[str], str]] = {
    "none": lambda _: "",
    "no token": lambda _: "no token",
    "dots": lambda _: "a.b.c",
    "foreign secret": lambda _: signed(FOREIGN, GOOD),
    "tampered": tampered,
    "signature cut": lambda secret: signed(secret, GOOD)[:-4],
    "unsigned": lambda _: unsigned(GOOD),
    "unsigned, yet signed": lambda secret: unsigned(GOOD) + signed(secret, GOOD).split(".")[2],
    "another hash": lambda secret: jwt.encode(dict(GOOD), secret, algorithm="HS512"),
    "another kind of key": lambda _: rsa_signed(),
    "a key of its own": lambda secret: signed(secret, GOOD, jwk={"kty": "oct", "k": "AAAA"}),
    "an address of keys": lambda secret: signed(secret, GOOD, jku="http://127.0.0.1/keys"),
    "a kid": lambda secret: signed(secret, GOOD, kid="../../dev/null"),
    "critical": lambda secret: signed(secret, GOOD, crit=["exp"]),
    "no end": lambda secret: signed(secret, {"sub": "eve"}),
    "an end that is no number": lambda secret: signed(secret, {"sub": "eve", "exp": "tomorrow"}),
    "nobody": lambda secret: signed(secret, {"exp": LATER}),
    "not yet": lambda secret: signed(secret, {**GOOD, "nbf": LATER}),
    "a user who cannot be": lambda secret: signed(secret, {"sub": "two words", "exp": LATER}),
    "a made-up guest": lambda secret: signed(secret, {"sub": "guest-abc", "exp": LATER}),
    "a made-up role": lambda secret: signed(secret, {**GOOD, "roles": {"*": "owner"}}),
    "a role nowhere": lambda secret: signed(secret, {**GOOD, "roles": {"no room": "host"}}),
}
"""By what is wrong with them: how to make them, for a server with this secret."""


@pytest.mark.parametrize("wrong", BAD)
async def test_a_bad_token_ends_the_connection(server: RealServer, wrong: str, protobuf: bool) -> None:
    async with dialled(server.url, protobuf=protobuf) as eve:
        await eve.say({"id": 1, "connect": {"token": BAD[wrong](server.secret)}})
        assert await eve.ended() == (3500, "invalid token")


async def test_a_token_that_is_over_is_an_error_so_that_another_may_be_fetched(
    server: RealServer, protobuf: bool
) -> None:
    async with dialled(server.url, protobuf=protobuf) as ada:
        reply = await ada.ask(connect={"token": server.sign("ada", life=-1)})
        assert reply["error"]["code"] == 109
        assert ada.connection.close_code is None


async def test_a_token_over_since_long_and_foreign_is_foreign(server: RealServer, protobuf: bool) -> None:
    async with dialled(server.url, protobuf=protobuf) as eve:
        await eve.say({"id": 1, "connect": {"token": signed(FOREIGN, {"sub": "eve", "exp": 1})}})
        assert (await eve.ended())[0] == 3500


async def test_the_reply_to_a_good_token_says_how_long_it_lasts(server: RealServer, protobuf: bool) -> None:
    user = fresh("ada")
    async with dialled(server.url, protobuf=protobuf) as ada:
        reply = await ada.done(connect={"token": server.sign(user, life=100)})
        assert reply["expires"]
        assert 95 <= reply["ttl"] <= 100
        assert (reply["ping"], reply["pong"]) == (25, True)
        assert list(reply["subs"]) == [f"#{user}"]
        refreshed = await ada.done(refresh={"token": server.sign(user, life=1000)})
        assert 995 <= refreshed["ttl"] <= 1000


async def test_a_public_key_is_no_shared_secret(tmp_path: Path) -> None:
    """Whoever signs with the server's public key, which everybody may know, as if it were an HS256 secret."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    document = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys, config = tmp_path / "keys.json", tmp_path / "room.toml"
    keys.write_text(f'{{"keys": [{document}]}}')
    config.write_text(f'[tokens]\nalgorithms = ["RS256"]\njwks = "{keys}"\n')
    async with running(tmp_path, ["--config", str(config)]) as server:
        for forged in (hmac_signed(pem, GOOD), hmac_signed(pem.strip(), GOOD), hmac_signed(document.encode(), GOOD)):
            async with dialled(server.url) as eve:
                await eve.say({"id": 1, "connect": {"token": forged}})
                assert (await eve.ended())[0] == 3500
        async with dialled(server.url) as eve:
            await eve.say({"id": 1, "connect": {"token": server.sign("eve")}})
            assert (await eve.ended())[0] == 3500
        async with dialled(server.url) as ada:
            good = jwt.encode({"sub": "ada", "exp": LATER}, private, algorithm="RS256")
            assert "client" in await ada.done(connect={"token": good})


def hmac_signed(secret: bytes, claims: object) -> str:
    """What libraries refuse to make."""
    body = ".".join([encoded({"alg": "HS256", "typ": "JWT"}), encoded(claims)])
    signature = hmac.digest(secret, body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
