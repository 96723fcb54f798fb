"""Where public keys come from."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from roomserver.key_set import LARGEST, read_key_set


class Keys(http.server.BaseHTTPRequestHandler):
    """Serves keys, sends elsewhere, or serves too much."""

    def do_GET(self) -> None:
        match self.path:
            case "/keys":
                self._answer(200, b"{}")
            case "/large":
                self._answer(200, b" " * (LARGEST + 1))
            case "/moved":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.end_headers()
            case "/junk":
                self.wfile.write(b"SSH-2.0-else\r\n")
            case _:
                self._answer(404, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_keys_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(b'{"keys":[]}')
    assert read_key_set(str(tmp_path / "keys.json")) == b'{"keys":[]}'


def test_keys_come_from_an_address_of_this_machine(address: str) -> None:
    assert read_key_set(f"{address}/keys") == b"{}"


@pytest.mark.parametrize("path", ["/moved", "/none"])
def test_nobody_sends_us_elsewhere(address: str, path: str) -> None:
    with pytest.raises(OSError, match="HTTP Error"):
        read_key_set(f"{address}{path}")


def test_what_is_no_answer_in_http_is_refused_as_silence_is(address: str) -> None:
    with pytest.raises(OSError, match="no answer in HTTP"):
        read_key_set(f"{address}/junk")


def test_a_document_is_of_bounded_size(address: str, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(b" " * (LARGEST + 1))
    for place in (f"{address}/large", str(tmp_path / "keys.json")):
        with pytest.raises(ValueError, match="more than"):
            read_key_set(place)


@pytest.mark.parametrize(
    "url", ["http://shop.example/keys", "file:///etc/passwd", "ftp://127.0.0.1/keys", "http://127.0.0.1.x/"]
)
def test_other_addresses_are_not_asked(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        read_key_set(url)
