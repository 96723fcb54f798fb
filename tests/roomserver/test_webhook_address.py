"""No webhook goes where only this machine and its neighbours may."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from roomserver.webhook_address import (
    LOOPBACK,
    ForbiddenAddress,
    Network,
    Remembered,
    may_go_to,
    read_network,
    resolved,
)
from tests.roomserver.hand_time import later, play

SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]

PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1"]
PUBLIC += ["198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2400:cb00::1"]


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_refused(address: str) -> None:
    assert not may_go_to(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert may_go_to(ip_address(address))


def test_what_is_listed_is_allowed_and_nothing_beside_it() -> None:
    listed = [read_network("10.1.0.0/16"), read_network("fd00::1")]
    allowed = {one for one in ("10.1.2.3", "10.2.0.1", "fd00::1", "fd00::2") if may_go_to(ip_address(one), listed)}
    assert allowed == {"10.1.2.3", "fd00::1"}


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"]
)
async def test_however_this_machine_is_written_it_is_found_out(host: str) -> None:
    with pytest.raises((ForbiddenAddress, OSError)):
        await resolved(host, 443)


def test_a_name_is_looked_up_once_in_a_while() -> None:
    async def dialogue() -> None:
        asked: list[str] = []

        async def look_up(host: str, port: int, listed: Sequence[Network]) -> str:
            asked.append(host)
            return f"1.1.1.{len(asked)}"

        remembered = Remembered(30.0, look_up)
        assert [await remembered("shop.example", 443) for _ in range(2)] == ["1.1.1.1"] * 2
        assert await remembered("shop.example", 8443) == "1.1.1.2"
        await later(29.0)
        assert await remembered("shop.example", 443) == "1.1.1.1"
        await later(1.1)
        assert await remembered("shop.example", 443) == "1.1.1.3"

    play(dialogue)


async def test_a_name_that_leads_nowhere_is_looked_up_again() -> None:
    remembered = Remembered(30.0)
    for _ in range(2):
        with pytest.raises(ForbiddenAddress):
            await remembered("127.0.0.1", 443)
    assert await remembered("127.0.0.1", 443, LOOPBACK) == "127.0.0.1"


async def test_the_address_that_was_checked_is_what_comes_back() -> None:
    assert await resolved("127.0.0.1", 443, LOOPBACK) == "127.0.0.1"
    assert await resolved("127.1", 443, LOOPBACK) == "127.0.0.1"
