"""Whom claims name; what is wrong with them altogether is in test_tokens.py."""

import pytest

from roomserver.claims import identity, shaped
from roomserver.identity import Identity


def identified(**info: str) -> Identity:
    return identity(shaped({"sub": "ann", "exp": 1, "info": info}))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "ann"),
        ("  Ann\n ", "Ann"),
        ("A\u200bn\u202en\u0000", "Ann"),
        ("\u200b\u2066", "ann"),
        ("小满", "小满"),
        ("x" * 65, "x" * 64),
        ("<b>Ann</b>", "<b>Ann</b>"),
    ],
)
def test_a_name_is_cleaned_and_falls_back_to_the_id(name: str, shown: str) -> None:
    assert identified(name=name).name == shown


@pytest.mark.parametrize(
    "avatar",
    [
        "http://x.example/a",
        "javascript:alert(1)",
        "data:image/png,x",
        "https://",
        "https://x/" + "a" * 600,
        "https://a b",
    ],
)
def test_an_avatar_that_is_no_https_address_is_left_out(avatar: str) -> None:
    assert identified(avatar=avatar).avatar is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "/etc/localtime", "\x00", "x" * 5000])
def test_an_unknown_zone_is_ignored(zone: str) -> None:
    assert identified(zone=zone).zone is None
