"""Which sites and names are let in."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomserver.admission import Listed, Local

LISTED = Listed.of(["https://shop.example"], ["live.shop.example", "other.example:8443"])

FOREIGN = [
    "null",
    "",
    "*",
    "https://shop.example.evil.example",
    "https://evilshop.example",
    "https://evil.example/https://shop.example",
    "https://shop.example:8443",
    "https://shop.example:443",
    "https://shop.example/",
    "https://shop.example.",
    "https://SHOP.example",
    "HTTPS://shop.example",
    "http://shop.example",
    "https://a.shop.example",
    "https://shop.example@evil.example",
    "https://shop.example, https://evil.example",
    "https://shop.example https://evil.example",
    " https://shop.example",
    "https://shop.example\t",
    "shop.example",
    "file://",
    "chrome-extension://shop.example",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_only_a_listed_origin_comes_in(origin: str) -> None:
    assert not LISTED(origin, "live.shop.example")


@pytest.mark.parametrize("host", ["live.shop.example", "live.shop.example:8000"])
def test_the_servers_own_pages_come_in_unless_its_name_is_foreign(host: str) -> None:
    assert LISTED(f"https://{host}", host)
    assert LISTED(f"http://{host}", host)
    assert not LISTED(f"https://{host}:1", host)
    assert not LISTED("https://evil.example", "evil.example")
    assert Listed.of([], [])(f"http://{host}", host)
    assert not Listed.of([], [])("https://evil.example", host)


@pytest.mark.parametrize("host", ["", "live.shop.example, evil.example", "evil.example,live.shop.example"])
def test_whoever_names_no_host_or_two_is_let_in_under_neither(host: str) -> None:
    for judge in (LISTED, Listed.of([], []), Local()):
        assert not judge.knows_host(host)
        assert not judge(None, host)


def test_a_listed_origin_and_native_clients_come_in() -> None:
    assert LISTED("https://shop.example", "live.shop.example")
    assert LISTED(None, "live.shop.example")


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("live.shop.example", True),
        ("LIVE.shop.example", True),
        ("live.shop.example:8000", True),
        ("other.example:8443", True),
        ("other.example", False),
        ("other.example:8000", False),
        ("evil.example", False),
        ("live.shop.example.evil.example", False),
        ("live.shop.example:8000, evil.example", False),
        ("", False),
    ],
)
def test_a_listed_host_is_known_on_any_port_unless_one_is_named(host: str, known: bool) -> None:
    assert LISTED.knows_host(host) is known


def test_without_a_list_every_name_is_this_server() -> None:
    assert Listed.of([], []).knows_host("10.0.0.7:8000")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LocalHost", "[::1]:8000"])
def test_development_knows_names_of_this_machine(host: str) -> None:
    assert Local()(None, host)
    assert Local()(f"http://{host}", host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "evil.example"),
        (None, ""),
        (None, "127.0.0.1.evil.example"),
        (None, "127.0.0.1:8000@evil.example"),
        (None, "localhost:"),
        (None, "localhost:8000\n"),
        ("http://evil.example", "127.0.0.1:8000"),
        ("http://127.0.0.1:9000", "127.0.0.1:8000"),
        ("http://localhost:8000", "127.0.0.1:8000"),
        ("null", "127.0.0.1:8000"),
        ("", "127.0.0.1:8000"),
    ],
)
def test_development_is_closed_to_other_names_and_sites(origin: str | None, host: str) -> None:
    assert not Local()(origin, host)


@given(st.text(), st.text())
@example("http://127.0.0.1\n", "127.0.0.1")
@example("http://127.0.0.1:1@evil.example", "127.0.0.1:1@evil.example")
def test_development_lets_in_no_name_but_this_machines_whatever_is_said(origin: str, host: str) -> None:
    if Local()(origin, host):
        assert re.sub(r":[0-9]{1,5}$", "", host.lower()) in ("127.0.0.1", "localhost", "[::1]")
        assert origin in (f"http://{host}", f"https://{host}")


@given(st.text(alphabet="htps:/.shope-xaml@#?\\ 0189\n"), st.sampled_from(["live.shop.example", "live.shop.example:1"]))
def test_no_other_spelling_of_a_listed_origin_passes(origin: str, host: str) -> None:
    listed = Listed.of(["https://shop.example"], ["live.shop.example"])
    assert listed(origin, host) is (origin in ("https://shop.example", f"http://{host}", f"https://{host}"))
