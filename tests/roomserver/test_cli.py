"""The command line as somebody at a terminal meets it: sentences, and exit codes."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx
import jwt
import pytest

from roomserver.audit_trail import Trail
from roomserver.cli import PASSWORD
from roomserver.environment import TOKEN_SECRET
from tests.warm import Warm

pytestmark = pytest.mark.slow  # each test starts a program

SECRETS = {"ROOMSERVER_TOKEN_SECRET": "t" * 40, "ROOMSERVER_OPERATOR_TOKEN": "o" * 40}


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Ours, without secrets and with a data folder of the test's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMSERVER_")}
    return {**kept, "XDG_DATA_HOME": str(folder), "PYTHONUNBUFFERED": "1", **more}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def roomserver(home: Path, *words: str, **secrets: str) -> subprocess.CompletedProcess[str]:
    """What a command ends with and says."""
    with NamedTemporaryFile() as out, NamedTemporaryFile() as errors:
        process = Warm(words, environment(home, **secrets), Path(errors.name), Path(out.name))
        code = process.wait(60)
        return subprocess.CompletedProcess(words, code, out.read().decode(), errors.read().decode())


def said(home: Path, *words: str, **secrets: str) -> str:
    """The sentence with which a command fails."""
    done = roomserver(home, *words, **secrets)
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    [sentence] = done.stderr.splitlines()
    return sentence


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_it_tells_its_version(home: Path) -> None:
    done = roomserver(home, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("roomserver ")


@pytest.mark.parametrize("command", [["demo"], ["serve", "--dev"]])
def test_a_taken_port_is_named(home: Path, taken: int, command: list[str]) -> None:
    sentence = said(home, *command, "--port", str(taken))
    assert sentence == (
        f"roomserver: cannot listen on 127.0.0.1 port {taken}: another program uses it; choose another one with --port"
    )
    assert not home.exists()


def test_an_address_of_no_machine_here_is_named(home: Path) -> None:
    secrets = {"ROOMSERVER_TOKEN_SECRET": "t" * 32, "ROOMSERVER_OPERATOR_TOKEN": "o" * 32}
    sentence = said(home, "serve", "--host", "203.0.113.9", "--port", "0", "--data", str(home), **secrets)
    assert sentence == (
        "roomserver: cannot listen on 203.0.113.9 port 0: cannot assign requested address; "
        "name an address of this machine with --host"
    )


def test_production_needs_secrets(home: Path) -> None:
    sentence = said(home, "serve", "--data", str(home))
    assert sentence.startswith("roomserver: set ROOMSERVER_TOKEN_SECRET and ROOMSERVER_OPERATOR_TOKEN to secrets of at")


def test_production_needs_the_missing_one(home: Path) -> None:
    assert "ROOMSERVER_TOKEN_SECRET" not in said(home, "serve", ROOMSERVER_TOKEN_SECRET="t" * 32)


@pytest.mark.parametrize("dev", [[], ["--dev"]])
def test_a_short_secret_is_refused_and_not_repeated(home: Path, dev: list[str]) -> None:
    sentence = said(home, "serve", *dev, "--data", str(home), ROOMSERVER_TOKEN_SECRET="hushhush")
    assert sentence == "environment: ROOMSERVER_TOKEN_SECRET: found 8 bytes, expected at least 32 bytes"


def test_a_secret_that_is_no_text_is_refused(home: Path) -> None:
    command = [sys.executable, "-m", "roomserver", "serve"]
    found = {**os.environb, b"ROOMSERVER_OPERATOR_TOKEN": b"\xff" * 40, b"XDG_DATA_HOME": bytes(home)}
    done = subprocess.run(command, env=found, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("environment: ROOMSERVER_OPERATOR_TOKEN: found bytes that are no UTF-8")


@pytest.mark.parametrize("words", [["serve", "--data", ""], ["serve", "--redis", ""], ["demo", "--data", ""]])
def test_an_empty_place_is_no_place(home: Path, words: list[str]) -> None:
    done = roomserver(home, *words, **SECRETS)
    assert done.returncode != 0
    assert "it is empty" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_needs_a_place_for_its_data(home: Path) -> None:
    sentence = said(home, "serve", "--port", "0", **SECRETS)
    assert sentence == (
        "roomserver: say where to keep what must last: --data DIR for a store of its own, or --redis URL"
    )


def test_several_workers_are_not_built_yet(home: Path) -> None:
    assert said(home, "serve", "--workers", "2") == (
        "roomserver: --workers above 1 is not built yet: start one server with 1 worker"
    )


def test_development_stays_on_this_machine(home: Path) -> None:
    assert said(home, "serve", "--dev", "--host", "0.0.0.0").startswith("roomserver: --dev is open to everybody")


def test_an_audit_log_is_verified_and_the_first_broken_line_named(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    said_last = [trail.append({"who": who}) for who in ("ann", "bob", "cyd")][-1]
    trail.close()
    done = roomserver(home, "audit", str(path))
    assert (done.returncode, done.stdout) == (0, f"{path}: 3 lines, after nothing, up to {said_last}\n")
    path.write_text(path.read_text().replace("bob", "eve"))
    assert said(home, "audit", str(path)) == f"roomserver: {path}, line 2: it is not as it was written"
    assert said(home, "audit", str(tmp_path / "none")).endswith("No such file or directory")


def test_an_audit_file_that_cannot_be_gone_on_with_is_named(home: Path, tmp_path: Path) -> None:
    path, config = tmp_path / "audit.jsonl", tmp_path / "room.toml"
    path.write_text("torn")
    config.write_text('[server]\nport = 0\naudit = "audit.jsonl"\n')
    sentence = said(home, "serve", "--dev", "--config", str(config), "--data", str(tmp_path / "data"))
    assert sentence.startswith("roomserver: the end of the audit file is broken, so put it aside:")


def test_the_platforms_listener_is_checked_and_named_as_the_other(home: Path, tmp_path: Path, taken: int) -> None:
    config = tmp_path / "apart.toml"
    config.write_text('[server]\noperator_port = 1\noperator_host = "0.0.0.0"\n')
    everybody = said(home, "serve", "--dev", "--config", str(config))
    assert everybody.startswith("roomserver: --dev is open to everybody")
    config.write_text(f"[server]\nport = 0\noperator_port = {taken}\n")
    sentence = said(home, "serve", "--dev", "--config", str(config))
    assert sentence.endswith(f"port {taken}: another program uses it; choose another one with operator_port")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--now", "2026-01-01T00:00:00Z"], "needs --dev"),
        (["--dev", "--now", "tomorrow"], "'tomorrow' is no instant"),
        (["--dev", "--now", "2026-01-01T00:00:00"], "needs its distance from UTC"),
        (["--dev", "--now", "0001-01-01T00:00:00+14:00"], "from 1970 to 2200"),
        (["--dev", "--now", "9999-12-31T23:59:59Z"], "from 1970 to 2200"),
    ],
)
def test_an_instant_that_is_none_is_refused(home: Path, words: list[str], part: str) -> None:
    assert part in said(home, "serve", *words)


HOOK = """
[[webhooks]]
url = "http://127.0.0.1:1/hook"
secret = "SHOP_SECRET"
"""


def test_a_webhook_without_its_secret_or_without_tls_is_no_start(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "room.toml"
    config.write_text(HOOK)
    words = ["serve", "--port", "0", "--config", str(config)]
    assert said(home, *words, "--dev").startswith("environment: SHOP_SECRET: found 0 secrets, expected whsec_ and")
    sentence = said(home, *words, "--data", str(tmp_path / "data"), **SECRETS, SHOP_SECRET="whsec_" + "QUFB" * 8)
    assert sentence.startswith("roomserver: a webhook goes to http on this machine, which is for development")


def test_a_store_that_nobody_answers_for_is_named_without_its_password(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    url, command = f"redis://:hush@127.0.0.1:{port}/0", ("serve", "--dev", "--port", "0")
    sentences = [said(home, *command, "--redis", url), said(home, *command, ROOMSERVER_REDIS=url)]
    for sentence in sentences:
        assert sentence.startswith("roomserver: the store cannot be reached: ")
        assert sentence.endswith("; is it running, and is its URL right?")
        assert f"127.0.0.1:{port}" in sentence
        assert "hush" not in sentence


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("redis://:hush@store:6379/0", True),
        ("redis+sentinel://room:hush@[::1]:1,host:2/name", True),
        ("redis+sentinel://host:2/name?password=hush", True),
        ("unix:///run/store.sock?password=hush", True),
        ("redis://store:6379/0", False),
        ("redis://room@store:6379/a:b@c", False),
        ("unix:///run/store.sock", False),
    ],
)
def test_a_password_in_an_argument_is_noticed(url: str, exposed: bool) -> None:
    assert (PASSWORD.search(url) is not None) is exposed


def test_an_address_that_is_none_is_refused(home: Path) -> None:
    assert said(home, "serve", "--dev", "--port", "0", "--redis", "http://x").startswith(
        "roomserver: no URL of a store"
    )


def test_a_data_folder_that_cannot_be_is_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    assert said(home, "serve", "--dev", "--port", "0", "--data", str(folder)) == (
        f"roomserver: the data folder {folder} cannot be used: Not a directory"
    )


def test_a_configuration_is_checked_with_places(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    file.write_text("[server]\nport = 'x'\n\n[rooms]\nzone = 'Mars/Olympus'\ncolour = 1\n")
    keys = "zone, boundary, thank_again_seconds, words_file"
    for words in (["check", str(file)], ["serve", "--dev", "--config", str(file)]):
        done = roomserver(home, *words)
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"{file}:2: server.port: found 'x', expected a port from 0 to 65535",
            f"{file}:6: rooms.colour: found an unknown key, expected one of {keys}",
        ]


def test_a_good_configuration_is_good(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    file.write_text("[rooms]\nzone = 'Asia/Shanghai'\n")
    done = roomserver(home, "check", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file}: nothing is wrong\n")


def test_a_key_set_that_cannot_be_read_is_named(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    file.write_text("[tokens]\nalgorithms = ['RS256']\njwks = '/none/keys.json'\n")
    sentence = said(home, "serve", "--dev", "--port", "0", "--config", str(file))
    assert sentence.startswith("roomserver: the key set /none/keys.json cannot be read: ")


def test_a_token_is_printed(home: Path) -> None:
    done = roomserver(home, "token", "--user", "ann", "--name", "Ann", "--room", "demo", "--role", "host", **SECRETS)
    claims = jwt.decode(done.stdout.strip(), SECRETS[TOKEN_SECRET], algorithms=["HS256"])
    assert claims["sub"] == "ann"
    assert claims["info"] == {"name": "Ann"}
    assert claims["roles"] == {"demo": "host"}


def test_no_token_is_printed_that_the_server_would_not_take(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    file.write_text("[tokens]\nlife = 900")
    command = ["token", "--user", "ann", "--config", str(file), "--expires"]
    assert said(home, *command, "901", **SECRETS).endswith("at most 900 s")
    assert roomserver(home, *command, "900", **SECRETS).returncode == 0
    assert "longer than tokens may live" in said(home, "token", "--user", "ann", "--expires", "9" * 30, **SECRETS)


def test_no_token_without_a_secret_or_for_nobody(home: Path) -> None:
    assert "ROOMSERVER_TOKEN_SECRET" in said(home, "token", "--user", "ann")
    assert "no good token" in said(home, "token", "--user", "a b", **SECRETS)
    assert "no good token" in said(home, "token", "--user", "ann", "--role", "king", **SECRETS)


@pytest.mark.store
def test_a_demo_opens_says_where_locks_its_folder_and_stops(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "roomserver", "demo", "--port", "0", "--viewers", "0", "--data", str(tmp_path)]
    limited = ["bash", "-c", 'ulimit -Sn 256; exec "$@"', "bash", *command]
    with subprocess.Popen(
        limited, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        page = next(line.split()[-1] for line in demo.stdout if line.startswith("Watch"))
        assert resource.prlimit(demo.pid, resource.RLIMIT_NOFILE)[0] > 256  # else the 257th viewer is turned away
        address = page.split("?")[0]
        assert httpx.get(f"{address}readyz", trust_env=False).json()["durability"] == "local"
        given = httpx.post(f"{address}dev/token", json={"user": "ann", "name": "Ann"}, trust_env=False)
        assert given.status_code == 200
        other = roomserver(home, "serve", "--dev", "--port", "0", "--data", str(tmp_path))
        demo.send_signal(signal.SIGTERM)
        rest, errors = demo.communicate(timeout=60)
    waits, sentence = other.stderr.splitlines()
    assert "the data folder is in use: waiting for its store to end" in waits
    assert (
        sentence
        == f"roomserver: the data folder {tmp_path} is in use by another room server: name another one with --data"
    )
    assert demo.returncode == 0
    assert rest.endswith(f"are kept in {tmp_path}.\n")
    assert errors == ""  # when all goes well nothing pushes the links away
