"""The Autobahn cases of RFC 6455 and RFC 7692 against the server's own listener, which says back what it hears.

`kosoku` runs the cases of the Autobahn Testsuite: in every run the groups 1 to 10, and of compression (12 and 13) those
of a thousand messages of 16 bytes, and of as many of 8 KiB in 32 pieces; all of them with `make soak`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kosoku
import pytest
from kosoku.cases import CASES
from websockets.speedups import apply_mask

from tests.conformance.echo import EchoFrames
from tests.fault.figures import SOAKING

CLOSED_IN_A_FRAGMENT = {"7.1.5"}
"""The library answers a close in the middle of a fragmented message with 1002 instead of dropping what came before.

websockets' own `compliance/README.rst` says why that is allowed.
"""

WINDOWS_OF_THEIR_OWN = ("13.3.", "13.5.")
"""They take nothing but a window of 512 bytes, and end where that is not to be had.

A batch is deflated once for all, with the full window; who asks for a smaller one gets it as it is.
"""

COMPRESSION = (*(f"12.{kind}" for kind in range(1, 6)), *(f"13.{kind}" for kind in range(1, 8)))
SIZES = range(1, 19) if SOAKING else (1, 11)

PATIENCE = 6.0
"""How many seconds a case waits at least for what is to come: some wait so long for what is not to come."""

pytestmark = [pytest.mark.conformance, pytest.mark.slow]


class Patient:
    """What a case speaks to the server by: many take a second's silence for no answer, which a busy machine may need.

    Who has his answer is done at once. Those that ask for none wait to the end for it.
    """

    def __init__(self, protocol: Any) -> None:
        object.__setattr__(self, "_protocol", protocol)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._protocol, name, value)

    def killAfter(self, seconds: float) -> None:  # noqa: N802 - the cases call it so
        self._protocol.killAfter(max(seconds, PATIENCE))

    def closeAfter(self, seconds: float) -> None:  # noqa: N802 - the cases call it so
        self._protocol.closeAfter(max(seconds, PATIENCE))

    def continueLater(self, seconds: float, then: Callable[[], None], tag: str | None = None) -> None:  # noqa: N802
        """Part B is not to be reached: what comes before must have been refused."""
        self._protocol.continueLater(PATIENCE if tag == "B" else seconds, then, tag)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    every: Any = CASES["1.1.1"].__base__
    begin = every.__init__
    monkeypatch.setattr(every, "__init__", lambda case, protocol: begin(case, Patient(protocol)))


@contextmanager
def echoing(folder: Path, *, message_bytes: int = 2**17, fragments: int = 2**12) -> Iterator[str]:
    """An echo server's address."""
    port = folder / "port"
    asked = [sys.executable, "-m", "tests.conformance.echo", str(port), str(message_bytes), str(fragments)]
    process = subprocess.Popen(asked)
    try:
        waited, ends = threading.Event(), time.monotonic() + 60
        while not port.exists():
            assert process.poll() is None
            assert time.monotonic() < ends
            waited.wait(0.05)
        yield f"ws://127.0.0.1:{port.read_text()}/connection/websocket"
    finally:
        process.terminate()
        assert process.wait(30) == 0


def failed(url: str, *cases: str, excluded: Sequence[str] = ()) -> tuple[set[str], int]:
    """The ids of the cases that fail, and how many there were."""
    results = asyncio.run(_run(url, list(cases), list(excluded)))
    return {one.case_id for one in results if not one.passed}, len(results)


async def _run(url: str, cases: list[str], excluded: list[str]) -> Sequence[Any]:
    try:
        return await kosoku.run_fuzzingclient(url, cases=cases, exclude_cases=excluded, concurrency=4)
    except kosoku.FailureError as error:
        found: Sequence[Any] = error.results
        return found


def test_a_message_that_comes_in_slices_keeps_its_kind_whatever_its_masked_bytes_look_like() -> None:
    """One of 30,000 random masks makes a slice's rest look like a whole frame of the other kind."""
    text, mask = b"*" * 1024, bytes((0x82 ^ ord("*"), 0x82 ^ ord("*"), 1, 2))
    frame = b"\x81" + bytes((0x80 | 126,)) + len(text).to_bytes(2, "big") + mask + apply_mask(text, mask)
    echo = EchoFrames(deflates=False, opened=True)

    heard = [*echo.receive(frame[:1024]), *echo.receive(frame[1024:])]

    assert frame[1024:1026] == b"\x82\x82"
    assert (heard, list(echo.kinds)) == ([text], [0x81])


def test_framing_pings_fragments_text_and_closes(tmp_path: Path) -> None:
    with echoing(tmp_path) as url:
        assert failed(url, "1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*") == (CLOSED_IN_A_FRAGMENT, 247)


def test_large_messages_and_many_fragments(tmp_path: Path) -> None:
    with echoing(tmp_path, message_bytes=2**24, fragments=2**20) as url:
        assert failed(url, "9.*") == (set(), 54)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the cases read files that they never close
@pytest.mark.timeout(1800 if SOAKING else 120)
def test_compressed_messages(tmp_path: Path) -> None:
    cases = [f"{kind}.{size}" for kind in COMPRESSION for size in SIZES]
    with echoing(tmp_path, message_bytes=2**24, fragments=2**20) as url:
        found = {one.case_id: str(one.behavior) for one in asyncio.run(_run(url, cases, []))}
    declined = {one: "Behavior.UNIMPLEMENTED" for one in cases if one.startswith(WINDOWS_OF_THEIR_OWN)}
    assert found == dict.fromkeys(cases, "Behavior.OK") | declined
