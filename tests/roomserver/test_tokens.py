"""What a token proves, and the many that prove nothing."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from room.people import Role
from roomserver.clock import wall_ms
from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.tokens import KeySet, Rules, Secrets, TokenChecks, UnfitKeys, issue

SECRET = "a-secret-of-the-tests-that-is-long-enough-also-for-longer-hashes"
OTHER = "another-secret-of-the-tests-long-enough-too"
NOW = 1_800_000_000
EXP = NOW + 600
RULES = Rules(audience="room", issuer="https://shop.example", life=3600)
LIVE = {"sub": "ann", "exp": EXP, "aud": "room", "iss": "https://shop.example"}

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def by_secret(rules: Rules = RULES, *secrets: str) -> TokenChecks:
    return TokenChecks(Secrets(secrets or (SECRET,)), rules, now=lambda: NOW * 1000)


def signed(claims: dict[str, Any] | None = None, *, key: Any = SECRET, alg: str = "HS256", **header: Any) -> str:
    """A token as a careless or hostile issuer would make it: the library is asked to check nothing."""
    return jwt.encode({**LIVE, **(claims or {})}, key, algorithm=alg, headers=header or None)


def without(name: str) -> str:
    return jwt.encode({key: value for key, value in LIVE.items() if key != name}, SECRET, algorithm="HS256")


def raw(header: dict[str, Any], claims: Any, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def resigned(header: dict[str, Any], payload: bytes) -> str:
    """A well-signed token around any bytes."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(payload).rstrip(b"=")
    key = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    mark = base64.urlsafe_b64encode(key.sign(head + b"." + body, SECRET.encode())).rstrip(b"=")
    return b".".join((head, body, mark)).decode()


HS = {"alg": "HS256", "typ": "JWT"}

BAD: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no token": lambda: "hello",
    "two parts": lambda: signed().rsplit(".", 1)[0],
    "four parts": lambda: signed() + ".x",
    "not base64": lambda: "é.é.é",
    "header is no object": lambda: raw([], LIVE),  # type: ignore[arg-type]  # that is the point
    "claims are no object": lambda: resigned(HS, b"[]"),
    "claims are no JSON": lambda: resigned(HS, b"{"),
    "claims too deep": lambda: resigned(HS, b"[" * 5000),
    "alg none": lambda: raw({"alg": "none"}, LIVE),
    "alg None": lambda: raw({"alg": "None"}, LIVE),
    "alg nOnE with a signature": lambda: raw({"alg": "nOnE"}, LIVE, b"x"),
    "alg absent": lambda: raw({"typ": "JWT"}, LIVE),
    "alg HS512": lambda: signed(alg="HS512"),
    "alg RS256": lambda: signed(key=RSA_KEY, alg="RS256"),
    "another secret": lambda: signed(key=OTHER),
    "empty secret": lambda: raw(HS, LIVE, b""),
    "claims exchanged": lambda: ".".join(
        (signed().split(".")[0], signed({"sub": "bob"}).split(".")[1], signed().split(".")[2])
    ),
    "header jku": lambda: signed(jku="https://evil.example/keys"),
    "header jwk": lambda: signed(jwk={"kty": "oct", "k": "AA"}),
    "header x5u": lambda: signed(x5u="https://evil.example/chain"),
    "header x5c": lambda: signed(x5c=["AA"]),
    "header crit": lambda: signed(crit=["exp"]),
    "header b64": lambda: resigned({**HS, "b64": True}, json.dumps(LIVE).encode()),
    "header zip": lambda: signed(zip="DEF"),
    "header typ": lambda: signed(typ="at+jwt"),
    "header kid": lambda: signed(kid="unknown"),
    "header kid is a path": lambda: signed(kid="../../../../dev/null"),
    "header kid is SQL": lambda: signed(kid="x' UNION SELECT 'key"),
    "no exp": lambda: without("exp"),
    "no sub": lambda: without("sub"),
    "no aud": lambda: without("aud"),
    "no iss": lambda: without("iss"),
    "exp is a text": lambda: signed({"exp": "tomorrow"}),
    "exp is a number in a text": lambda: signed({"exp": str(EXP)}),
    "exp is true": lambda: signed({"exp": True}),
    "exp is null": lambda: signed({"exp": None}),
    "exp is infinite": lambda: resigned(HS, b'{"sub":"a","aud":"room","iss":"https://shop.example","exp":Infinity}'),
    "exp is not a number": lambda: resigned(HS, b'{"sub":"a","aud":"room","iss":"https://shop.example","exp":NaN}'),
    "exp is negative": lambda: signed({"exp": -1}),
    "lives too long": lambda: signed({"exp": NOW + 3601}),
    "has lived too long": lambda: signed({"exp": NOW + 600, "iat": NOW - 3_061}),
    "not yet valid": lambda: signed({"nbf": NOW + 61}),
    "issued in the future": lambda: signed({"iat": NOW + 61}),
    "another aud": lambda: signed({"aud": "shop"}),
    "aud is a longer one": lambda: signed({"aud": "room2"}),
    "another iss": lambda: signed({"iss": "https://shop.example.evil.example"}),
    "sub is a number": lambda: signed({"sub": 5}),
    "sub has a space": lambda: signed({"sub": "a b"}),
    "sub has a line feed at its end": lambda: signed({"sub": "ann\n"}),
    "sub is a letter of another script": lambda: signed({"sub": "аnn"}),
    "sub is too long": lambda: signed({"sub": "a" * 129}),
    "sub is a step in a path": lambda: signed({"sub": "."}),
    "sub is a step up in a path": lambda: signed({"sub": ".."}),
    "sub is a guest's": lambda: signed({"sub": "guest-1"}),
    "sub is the platform's": lambda: signed({"sub": "operator"}),
    "info is a text": lambda: signed({"info": "Ann"}),
    "name is a number": lambda: signed({"info": {"name": 5}}),
    "avatar is a number": lambda: signed({"info": {"avatar": 5}}),
    "roles are a list": lambda: signed({"roles": ["host"]}),
    "role is unknown": lambda: signed({"roles": {"demo": "operator"}}),
    "role in capitals": lambda: signed({"roles": {"demo": "Host"}}),
    "role is null": lambda: signed({"roles": {"demo": None}}),
    "role in no room": lambda: signed({"roles": {"de/mo": "host"}}),
    "role in all rooms of a pattern": lambda: signed({"roles": {"d*": "host"}}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_invalid(name: str) -> None:
    with pytest.raises(InvalidToken):
        by_secret().verify(BAD[name]())


def test_a_good_token_says_who_it_is() -> None:
    info = {"name": "Ann", "avatar": "https://cdn.example/a.png", "zone": "Asia/Shanghai", "more": 1}
    identity = by_secret().verify(signed({"info": info, "roles": {"demo": "host", "*": "moderator"}}))
    assert identity == Identity(
        user="ann",
        name="Ann",
        expires=EXP,
        avatar="https://cdn.example/a.png",
        zone="Asia/Shanghai",
        roles={"demo": Role.HOST, "*": Role.MODERATOR},
    )
    assert identity.actor("demo", "c").role is Role.HOST
    assert identity.actor("other", "c").role is Role.MODERATOR


def test_it_expires_at_its_second_without_grace() -> None:
    assert by_secret().verify(signed({"exp": NOW + 1})).expires == NOW + 1
    for exp in (NOW, NOW - 1, 1):
        with pytest.raises(ExpiredToken):
            by_secret().verify(signed({"exp": exp}))


def test_an_issuers_clock_may_be_a_minute_ahead() -> None:
    assert by_secret().verify(signed({"nbf": NOW + 60, "iat": NOW + 59.5})).user == "ann"


def test_an_expired_token_of_somebody_else_is_invalid_not_expired() -> None:
    with pytest.raises(InvalidToken):
        by_secret().verify(signed({"exp": 1}, key=OTHER))


def test_both_secrets_are_good_during_a_rotation() -> None:
    checks = by_secret(RULES, OTHER, SECRET)
    assert checks.verify(signed()).user == checks.verify(signed(key=OTHER)).user == "ann"


@pytest.mark.parametrize("secrets", [(), ("short",), (SECRET, "x" * 31)])
def test_a_short_secret_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(UnfitKeys, match="32 bytes"):
        Secrets(secrets)


def test_a_guest_comes_in_unless_guests_are_forbidden() -> None:
    guest = signed({"sub": "", "info": {"name": "Passer-by"}})
    actor = by_secret().verify(guest).actor("demo", "c1")
    assert (actor.id, actor.name, actor.role) == ("guest-c1", "Passer-by", Role.GUEST)
    with pytest.raises(InvalidToken, match="guests"):
        by_secret(Rules(audience="room", issuer="https://shop.example", guests=False)).verify(guest)


def jwk(key: Any, **more: Any) -> dict[str, Any]:
    kinds = {"RSA": jwt.algorithms.RSAAlgorithm, "EC": jwt.algorithms.ECAlgorithm, "OKP": jwt.algorithms.OKPAlgorithm}
    kind = (
        "RSA" if isinstance(key, rsa.RSAPrivateKey) else "EC" if isinstance(key, ec.EllipticCurvePrivateKey) else "OKP"
    )
    return {**json.loads(kinds[kind].to_jwk(key.public_key())), **more}  # type: ignore[attr-defined]


def document(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


ALL = ("RS256", "ES256", "EdDSA")
PUBLIC = document(jwk(RSA_KEY, kid="r"), jwk(EC_KEY, kid="e"), jwk(ED_KEY, kid="d"))


def by_keys(algorithms: tuple[str, ...] = ALL, keys: bytes = PUBLIC) -> TokenChecks:
    return TokenChecks(KeySet(algorithms, keys), RULES, now=lambda: NOW * 1000)


@pytest.mark.parametrize(
    ("key", "alg", "kid"), [(RSA_KEY, "RS256", "r"), (EC_KEY, "ES256", "e"), (ED_KEY, "EdDSA", "d")]
)
def test_each_algorithm_of_a_key_set_is_checked(key: Any, alg: str, kid: str) -> None:
    assert by_keys().verify(signed(key=key, alg=alg, kid=kid)).user == "ann"


PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def confused() -> str:
    """Signed with HS256 and the public key as its secret, as if the server could not tell."""
    header, claims = raw({"alg": "HS256", "kid": "r"}, LIVE).split(".")[:2]
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    mark = base64.urlsafe_b64encode(algorithm.sign(f"{header}.{claims}".encode(), PEM)).rstrip(b"=").decode()
    return f"{header}.{claims}.{mark}"


BAD_BY_KEYS: dict[str, Callable[[], str]] = {
    "RS256 to HS256 confusion": confused,
    "a secret's token": lambda: signed(kid="r"),
    "no kid among several": lambda: signed(key=RSA_KEY, alg="RS256"),
    "unknown kid": lambda: signed(key=RSA_KEY, alg="RS256", kid="x"),
    "kid of another key": lambda: signed(key=RSA_KEY, alg="RS256", kid="e"),
    "kid is a path": lambda: signed(key=RSA_KEY, alg="RS256", kid="/r"),
    "kid is a parent": lambda: signed(key=RSA_KEY, alg="RS256", kid=".."),
    "kid is a list": lambda: raw({"alg": "RS256", "kid": ["r"]}, LIVE, b"x"),
    "a stranger's key": lambda: signed(key=rsa.generate_private_key(65537, 2048), alg="RS256", kid="r"),
    "RS512 by the same key": lambda: signed(key=RSA_KEY, alg="RS512", kid="r"),
    "PS256 by the same key": lambda: signed(key=RSA_KEY, alg="PS256", kid="r"),
    "its own key in the header": lambda: signed(key=RSA_KEY, alg="RS256", kid="r", jwk=jwk(RSA_KEY)),
    "alg none": lambda: raw({"alg": "none", "kid": "r"}, LIVE),
}


@pytest.mark.parametrize("name", BAD_BY_KEYS)
def test_a_token_that_no_public_key_fits_is_invalid(name: str) -> None:
    with pytest.raises(InvalidToken):
        by_keys().verify(BAD_BY_KEYS[name]())


def test_an_algorithm_that_is_not_configured_is_not_used_though_its_key_is_there() -> None:
    with pytest.raises(InvalidToken):
        by_keys(("ES256",)).verify(signed(key=RSA_KEY, alg="RS256", kid="r"))


def test_a_single_key_needs_no_name() -> None:
    checks = by_keys(("EdDSA",), document(jwk(ED_KEY)))
    assert checks.verify(signed(key=ED_KEY, alg="EdDSA")).user == "ann"


SMALL = rsa.generate_private_key(65537, 1024)  # a key that must be refused

UNFIT: dict[str, bytes] = {
    "no JSON": b"{",
    "no set": b"[]",
    "no keys": document(),
    "only a secret": document({"kty": "oct", "k": "AAAA", "kid": "s"}),
    "for encryption": document(jwk(RSA_KEY, kid="r", use="enc")),
    "of another algorithm": document(jwk(RSA_KEY, kid="r", alg="PS512")),
    "too short": document(jwk(SMALL, kid="r")),
    "two of one name": document(jwk(RSA_KEY, kid="r"), jwk(EC_KEY, kid="r")),
    "broken": document({"kty": "RSA", "n": "!", "e": "AQAB", "kid": "r"}),
    "private": document(json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(ED_KEY))),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_key_set_that_does_not_fit_is_refused(name: str) -> None:
    with pytest.raises(UnfitKeys):
        KeySet(ALL, UNFIT[name])


def test_a_new_set_replaces_the_old_one_only_when_it_fits() -> None:
    keys = KeySet(ALL, document(jwk(RSA_KEY, kid="r")))
    checks = TokenChecks(keys, RULES, now=lambda: NOW * 1000)
    old, new = signed(key=RSA_KEY, alg="RS256", kid="r"), signed(key=ED_KEY, alg="EdDSA", kid="d")
    with pytest.raises(UnfitKeys):
        keys.take(b"{}")
    assert checks.verify(old).user == "ann"
    keys.take(document(jwk(ED_KEY, kid="d")))
    assert checks.verify(new).user == "ann"
    with pytest.raises(InvalidToken, match="unknown kid"):
        checks.verify(old)


def test_an_issued_token_is_good_here() -> None:
    soon = wall_ms() // 1000 + 600
    token = issue(SECRET, user="ann", name="Ann", expires=soon, zone="Asia/Tokyo", roles={"*": "host"}, rules=RULES)
    identity = TokenChecks(Secrets([SECRET]), RULES).verify(token)
    assert (identity.user, identity.name, identity.zone, identity.roles) == (
        "ann",
        "Ann",
        "Asia/Tokyo",
        {"*": Role.HOST},
    )


@pytest.mark.parametrize(
    "wanted",
    [
        {"user": "a b"},
        {"user": ".."},
        {"user": "guest-a"},
        {"user": "operator"},
        {"user": "a", "roles": {"demo": "king"}},
    ],
)
def test_no_token_is_issued_that_would_be_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"sub|role"):
        issue(SECRET, expires=EXP, **wanted)


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*LIVE, "info", "roles", "nbf", "iat"), Json)))
def test_any_claims_prove_somebody_or_nothing(claims: dict[str, Any]) -> None:
    try:
        token = resigned(HS, json.dumps({**LIVE, **claims}).encode())
        identity = by_secret().verify(token)
    except (InvalidToken, ExpiredToken):
        return
    assert len(identity.user) <= 128
    assert len(identity.name) <= 64
    assert NOW < identity.expires <= NOW + 3600


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True))
def test_any_text_is_a_token_or_an_invalid_one(text: str) -> None:
    with pytest.raises(InvalidToken):
        by_secret().verify(text)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(st.sampled_from(["keys", "kty", "kid", "n", "e", "crv", "x", "y", "alg", "use"]), one)
        ),
        max_leaves=12,
    ).map(lambda one: json.dumps(one).encode())
)
@example(document({"kty": "EC", "crv": "P-256", "x": "", "y": "", "kid": "e"}))
@example(document({"kty": "OKP", "crv": "Ed25519", "x": 5, "kid": "d"}))
def test_any_document_is_a_key_set_or_an_unfit_one(text: bytes) -> None:
    with suppress(UnfitKeys):
        KeySet(ALL, text)
