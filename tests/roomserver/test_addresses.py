"""Whom a connection is counted for, behind proxies and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomserver.addresses import Proxies

INSIDE = Proxies(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # he is no proxy of ours: what he says is his own
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the left one is the client's own invention
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fd00::1", "[2001:db8:1:2:ffff::4]:443", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        ("fe80::1%eth0", None, "fe80::/64"),
        ("", None, ""),
    ],
)
def test_the_last_address_that_no_proxy_of_ours_vouches_for(peer: str, forwarded: str | None, counted: str) -> None:
    assert INSIDE.origin(peer, forwarded) == counted


@given(st.text(max_size=80))
def test_whatever_a_client_writes_he_is_counted_for_his_own_address(written: str) -> None:
    assert Proxies([]).origin("203.0.113.7", written) == "203.0.113.7"
    assert INSIDE.origin("10.0.0.1", f"{written}, 198.51.100.1") == "198.51.100.1"


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="10"):
        Proxies(["10.0.0.1/8"])
