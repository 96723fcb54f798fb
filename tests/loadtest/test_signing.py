import jwt

from loadtest.cast import Member
from loadtest.signing import Anonymous, Signer

SECRET = "s" * 32
HOST = Member(user="h", name="Han", tier=0, language="en", role="host")


async def test_a_signed_token_says_who_and_what_he_is() -> None:
    token = await Signer(SECRET, "r").token(HOST)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["info"], claims["roles"]) == ("h", {"name": "Han"}, {"r": "host"})
    assert claims["exp"] > 0


async def test_peers_take_any_token() -> None:
    assert await Anonymous().token(HOST) == "h"
