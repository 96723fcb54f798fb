"""The configuration's own rules."""

from datetime import date
from pathlib import Path

import pytest

from membership.keep_rule import KeepRule
from membership.limits import PointsRule
from roomserver.config import Config, RoomsSection, forbidden, load, read
from roomserver.store import Durability
from roomserver.tables import WrongConfig

FULL = """
[server]
host = "0.0.0.0"
port = 443
redis = "rediss://store.example:6379/0"
durability = "memory"
origins = ["https://shop.example", "http://localhost:5173"]
hosts = ["live.shop.example"]

[tokens]
algorithms = ["RS256", "EdDSA"]
jwks = "https://shop.example/keys.json"
audience = "room"
issuer = "https://shop.example"
life = 900
guests = false

[rooms]
zone = "Asia/Shanghai"
boundary = "05:30"

[[tiers]]
level = 0
name = "Guest"
badge = "guest"
at = 0

[[tiers]]
level = 1
name = "Friend"
badge = "friend"
at = 50
styles = ["white", "gold"]

[keep_level]
window = "quarter"
grace = 14
downgrade = "one_down"

[[points]]
rule = "checkin"
daily = 30
cooldown = 60

[[streaks]]
name = "daily"
points = 5

[[streaks.ladder]]
day = 2
reward = { id = "two", kind = "coupon", title = "Two days" }

[[streaks.total_ladder]]
day = 20
reward = { id = "twenty", kind = "gift", title = "Twenty check-ins" }
"""


def keys_of(text: str) -> list[str]:
    with pytest.raises(WrongConfig) as caught:
        read(text)
    return [one.key for one in caught.value.problems]


def test_a_full_configuration_is_read() -> None:
    config = read(FULL)
    assert config.server.durability is Durability.MEMORY
    assert config.server.origins == ("https://shop.example", "http://localhost:5173")
    assert config.tokens.algorithms == ("RS256", "EdDSA")
    assert config.rooms.minutes == 5 * 60 + 30
    assert [tier.name for tier in config.tiers] == ["Guest", "Friend"]
    assert config.keep_level == KeepRule(window="quarter", grace=14, downgrade="one_down")
    assert config.points == (PointsRule(rule="checkin", daily=30, cooldown=60),)
    assert config.streaks[0].ladder[0].reward.title == "Two days"
    assert config.streaks[0].total_ladder[0].reward.title == "Twenty check-ins"


def test_a_boundary_that_the_clock_shows_twice_or_never_is_found() -> None:
    nightly = read('[rooms]\nzone = "Europe/Berlin"\nboundary = "02:30"').rooms
    assert nightly.unsteady(2026) == [date(2026, 3, 29), date(2026, 10, 25)]
    assert Config().rooms.unsteady(2026) == []


def test_what_is_acknowledged_may_have_to_be_on_replicas() -> None:
    assert read('[server]\ndurability = "replicated"\nreplicas = 2').server.replicas == 2
    assert keys_of('[server]\ndurability = "replicated"\nreplicas = 0') == ["server.replicas"]


def test_nothing_need_be_configured() -> None:
    assert read("") == Config()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[server]\nport = 65536", "server.port"),
        ("[server]\nhost = ''", "server.host"),
        ("[[items]]\nid = 'i'\nkind = 'k'\ntitle = 'T'\nprice = 1_000_000_001", "items[0].price"),
        ("[[items]]\nid = 'i'\nkind = 'k'\ntitle = 'T'\nprice = 1\nstock = 99999999999999999999", "items[0].stock"),
        ("[[items]]\nid = 'i'\nkind = 'k'\ntitle = 'T'\nprice = 1\ntier = -1", "items[0].tier"),
        ("[[items]]\nid = 'i'\nkind = 'k'\ntitle = 'T'\nprice = 1\ntier = 7", "items[0].tier"),
        ("[[streaks]]\nname = 'daily'\ntotals = [7, 9_999_999_999]", "streaks[0].totals"),
        ("[server]\nredis = 'http://h'", "server.redis"),
        ("[server]\norigins = ['https://shop.example/']", "server.origins"),
        ("[server]\norigins = ['*']", "server.origins"),
        ("[server]\norigins = ['null']", "server.origins"),
        ("[server]\norigins = ['https://Shop.example']", "server.origins"),
        ("[server]\norigins = ['https://a@shop.example']", "server.origins"),
        ("[server]\nhosts = ['http://shop.example']", "server.hosts"),
        ("[server]\ndurability = 'everysec'", "server.durability"),
        ("[server]\nproxies = ['10.0.0.1/8']", "server.proxies"),
        ("[server]\nproxies = ['lan']", "server.proxies"),
        ("[server]\nproxies = ['']", "server.proxies"),
        ("[limits]\nper_user = 0", "limits.per_user"),
        ("[limits]\ncalls = 2.5", "limits.calls"),
        ("[limits]\nper_room = 5", "limits.per_room"),
        ("[server]\ndata = ''", "server.data"),
        ("[server]\nredis = ''", "server.redis"),
        ("[tokens]\nalgorithms = ['RS256']\njwks = ''", "tokens.jwks"),
        ("[tokens]\nalgorithms = ['none']", "tokens.algorithms"),
        ("[tokens]\nalgorithms = []", "tokens.algorithms"),
        ("[tokens]\nalgorithms = ['HS256', 'RS256']\njwks = 'keys.json'", "tokens.algorithms"),
        ("[tokens]\njwks = 'keys.json'", "tokens.algorithms"),
        ("[tokens]\nalgorithms = ['RS256']", "tokens.jwks"),
        ("[tokens]\nalgorithms = ['RS256']\njwks = 'http://shop.example/keys'", "tokens.jwks"),
        ("[tokens]\nalgorithms = ['RS256']\njwks = 'http://localhost.evil.example/keys'", "tokens.jwks"),
        ("[tokens]\nalgorithms = ['RS256']\njwks = 'file:///etc/keys'", "tokens.jwks"),
        ("[tokens]\nlife = 0", "tokens.life"),
        ("[tokens]\naudience = ''", "tokens.audience"),
        ("[tokens]\nsecret = 'x'", "tokens.secret"),
        ("[rooms]\nzone = 'Mars/Olympus'", "rooms.zone"),
        ("[rooms]\nboundary = '24:00'", "rooms.boundary"),
        ("[rooms]\nboundary = 4", "rooms.boundary"),
        ("[[tiers]]\nlevel = 0\nname = 'a'\nbadge = 'a'\nat = 5", "tiers"),
        ("[[tiers]]\nlevel = 0\nname = 'a'\nbadge = 'a'\nat = 0\nstyles = ['plaid']", "tiers[0].styles"),
        ("[[tiers]]\nlevel = 0\nname = 'a'\nbadge = 'a'\nat = 0\neffect = 'boom'", "tiers[0].effect"),
        ("[keep_level]\nwindow = 'weekly'", "keep_level.window"),
        ("[keep_level]\ndowngrade = 'always'", "keep_level.downgrade"),
        ("[keep_level]\ngrace = '9'", "keep_level.grace"),
        ("[keep_level]\nwindow = 'rolling'\ndays = 401", "keep_level"),
        ("[keep_level]\ngrace = -1", "keep_level"),
        ("[[points]]\nrule = 'sleeping'", "points[0].rule"),
        ("[[points]]\nrule = 'watching'", "points[0]"),
        ("[[points]]\nrule = 'checkin'\npoints = 5", "points[0]"),
        ("[[points]]\nrule = 'checkin'\n[[points]]\nrule = 'checkin'", "points"),
        ("[[streaks]]\nname = 'a'\n[[streaks]]\nname = 'a'", "streaks"),
        ("[[streaks]]\nname = 'A!'", "streaks[0]"),
        ("streaks = []", "streaks"),
        ("colour = 1", "colour"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(text: str, key: str) -> None:
    assert keys_of(text) == [key]


def test_keys_on_this_machine_may_come_without_tls() -> None:
    text = "[tokens]\nalgorithms = ['ES256']\njwks = 'http://127.0.0.1:9/keys'"
    assert read(text).tokens.jwks == "http://127.0.0.1:9/keys"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    for name, found in (
        ("none.toml", "no such file or directory"),
        ("latin.toml", "other bytes"),
        (".", "is a directory"),
    ):
        with pytest.raises(WrongConfig) as caught:
            load(tmp_path / name)
        assert caught.value.lines()[0].startswith(f"{tmp_path / name}: file: found {found}, expected ")


# --- webhooks

SECRET = "whsec_" + "QUFB" * 8
HOOK = """
[[webhooks]]
url = "https://shop.example/hook"
secret = "SHOP_SECRET"
events = ["checkin.*", "room.made"]
rooms = ["demo"]
networks = ["10.1.0.0/16"]
"""


def test_webhooks_are_read() -> None:
    [hook] = read(HOOK).webhooks
    assert (hook.url, hook.secret, hook.events) == (
        "https://shop.example/hook",
        "SHOP_SECRET",
        ("checkin.*", "room.made"),
    )
    assert (hook.rooms, hook.networks) == (("demo",), ("10.1.0.0/16",))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("https://shop.example/hook", "http://shop.example/hook", "url"),
        ("https://shop.example/hook", "https://user:pass@shop.example/hook", "url"),
        ("https://shop.example/hook", "ftp://shop.example", "url"),
        ("https://shop.example/hook", "https://shop.example/a b", "url"),
        ("https://shop.example/hook", "http://127.0.0.1.shop.example/", "url"),
        ("https://shop.example/hook", "https://", "url"),
        ("https://shop.example/hook", "https://shop.example:0/", "url"),
        ("https://shop.example/hook", "https://shop.example:65536/", "url"),
        ("https://shop.example/hook", "https://shop..example/", "url"),
        ("https://shop.example/hook", "https://-/", "url"),
        ("https://shop.example/hook", f"https://{'a' * 64}.example/", "url"),
        ("https://shop.example/hook", "https://[:::]/", "url"),
        ("SHOP_SECRET", SECRET, "secret"),
        ("checkin.*", "check*", "events"),
        ("checkin.*", "", "events"),
        ("demo", "a b", "rooms"),
        ("10.1.0.0/16", "10.1.2.3/16", "networks"),
        ("10.1.0.0/16", "shop.example", "networks"),
    ],
)
def test_a_webhook_that_could_not_work_is_told(old: str, new: str, key: str) -> None:
    with pytest.raises(WrongConfig) as caught:
        read(HOOK.replace(f'"{old}"', f'"{new}"'))
    assert [one.key for one in caught.value.problems] == [f"webhooks[0].{key}"]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:1/", "https://[2606::1]:8443/x"]
)
def test_addresses_for_development_and_for_real(url: str) -> None:
    [hook] = read(HOOK.replace("https://shop.example/hook", url)).webhooks
    assert hook.is_here is url.startswith("http:")


def test_two_webhooks_have_two_urls() -> None:
    assert keys_of(HOOK + HOOK) == ["webhooks[1].url"]


def test_paths_in_a_file_are_beside_the_file_wherever_the_server_is_started(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("damn\n", encoding="utf-8")
    file = tmp_path / "room.toml"
    keys = '[tokens]\nalgorithms = ["ES256"]\njwks = '
    file.write_text(
        f"{keys}'keys.json'\n[server]\ndata = 'data'\naudit = 'audit.jsonl'\n[rooms]\nwords_file = 'words.txt'"
    )
    config = load(file)
    assert (config.server.data, config.tokens.jwks) == (str(tmp_path / "data"), str(tmp_path / "keys.json"))
    assert config.server.audit == str(tmp_path / "audit.jsonl")
    assert forbidden(config.rooms) == ("damn",)
    file.write_text(f"{keys}'https://shop.example/keys'\n[server]\ndata = '/srv/data'")
    config = load(file)
    assert (config.server.data, config.tokens.jwks) == ("/srv/data", "https://shop.example/keys")


def test_words_are_read_from_a_file_and_a_bad_one_is_told(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# not here\ndamn\n\n  赌博 \ndamn\n", encoding="utf-8")
    assert forbidden(read(f"[rooms]\nwords_file = '{file}'").rooms) == ("damn", "赌博")
    assert forbidden(RoomsSection()) == ()
    for content in (b"\xff\xfe", b"x" * 65, b"\n".join(b"w%d" % n for n in range(501))):
        file.write_bytes(content)
        assert keys_of(f"[rooms]\nwords_file = '{file}'") == ["rooms.words_file"]
    assert keys_of("[rooms]\nwords_file = '/nowhere/words'") == ["rooms.words_file"]
