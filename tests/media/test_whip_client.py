"""Debian's simple-whip-client (GStreamer, libnice) as the publisher: ICE servers by Link, candidates by PATCH.

`make external` runs it. Debian's package ends at its start with "Using libsoup2 and libsoup3 in the same process is
not supported": it is made with the one, and libnice loads the other for UPnP, through libgupnp-igd. Beside a library
of that name which knows of no UPnP, it runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aioice import stun

from media.stun import Address
from tests.media.janus import ADDRESS
from tests.media.test_interop import on_air, watching
from tests.patience import PATIENCE, until
from tests.server import RealServer, running

pytestmark = [pytest.mark.external, pytest.mark.timeout(180)]

PROGRAM, COMPILER = shutil.which("whip-client"), shutil.which("cc")

PACKAGES = "simple-whip-client gstreamer1.0-plugins-ugly gcc libc6-dev"

NO_UPNP = """
void *gupnp_simple_igd_thread_new(void) { return 0; }
unsigned long gupnp_simple_igd_get_type(void) { return 0; }
void gupnp_simple_igd_add_port(void) {}
void gupnp_simple_igd_remove_port_local(void) {}
"""

STUN_PORT = 3478
GATHERED = "Sending candidates: end-of-candidates"

HERE = f"""[media]
backend = "embedded"
host = "{ADDRESS}"
port = 0
addresses = ["{ADDRESS}"]
[[media.ice_servers]]
url = "stun:{ADDRESS}:{STUN_PORT}"
"""

PICTURE = {
    "VP8": "vp8enc deadline=1 ! rtpvp8pay pt=96",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast ! h264parse config-interval=-1 ! rtph264pay pt=96",
}
SOUND = "audiotestsrc is-live=true ! audioconvert ! audioresample ! queue ! opusenc ! rtpopuspay pt=100"


@pytest.fixture
def environment(tmp_path: Path, own_network: None) -> dict[str, str]:
    """In which the client runs."""
    if PROGRAM is None or COMPILER is None:
        pytest.fail(f"missing: apt-get install --no-install-recommends {PACKAGES}")
    source = tmp_path / "no_upnp.c"
    source.write_text(NO_UPNP)
    made = tmp_path / "libgupnp-igd-1.0.so.4"
    subprocess.run([COMPILER, "-shared", "-fPIC", f"-Wl,-soname,{made.name}", "-o", made, source], check=True)
    more = {"LD_LIBRARY_PATH": str(tmp_path), "GST_REGISTRY": str(tmp_path / "registry")}
    return {**os.environ, **more}


class Stun(asyncio.DatagramProtocol):
    """A STUN server, without whose answer the client does not gather to the end."""

    transport: asyncio.DatagramTransport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        asked = stun.parse_message(data)
        answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=asked.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = addr
        self.transport.sendto(bytes(answer), addr)


@pytest.fixture
async def stun_server(own_network: None) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(Stun, local_addr=(ADDRESS, STUN_PORT))
    server.transport = transport
    yield
    transport.close()


@contextlib.asynccontextmanager
async def publishing(
    server: RealServer, token: str, codec: str, environment: dict[str, str]
) -> AsyncIterator[list[str]]:
    """The client at work, and what it says."""
    assert PROGRAM is not None
    caps = "! queue ! application/x-rtp,media={},encoding-name={},payload={}"
    picture = "videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! videoconvert ! queue ! " + PICTURE[codec]
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "--disable-colors", "--follow-link", "-u", f"{server.http}/whip/demo", "-t", token),
        *("-A", f"{SOUND} {caps.format('audio', 'OPUS', 100)}"),
        *("-V", f"{picture} {caps.format('video', codec, 96)}"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said: list[str] = []
    reading = asyncio.create_task(read(process, said))
    try:
        yield said
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            await reading
    finally:
        if process.returncode is None:
            process.kill()
        await reading


async def read(process: asyncio.subprocess.Process, said: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        said.append(line.decode(errors="replace").rstrip())  # noqa: PERF401  # it is read meanwhile
    await process.wait()


@pytest.mark.parametrize("codec", PICTURE)
async def test_it_publishes_and_is_seen_and_says_good_bye(
    tmp_path: Path, environment: dict[str, str], stun_server: None, codec: str
) -> None:
    settings = tmp_path / "media.toml"
    settings.write_text(HERE)
    async with running(tmp_path, ("--dev", "--config", str(settings))) as server:
        host, viewer = await server.token("lin", room="demo", role="host"), await server.token("vera")
        async with publishing(server, host, codec, environment) as said:
            await until(lambda: on_air(server))
            async with watching(server, viewer) as watcher:
                await until(lambda: watcher.sees)
    heard = "\n".join(said)
    assert f"stun://{ADDRESS}:{STUN_PORT}" in heard, "the Link header was followed"
    assert "DTLS connection closed" in heard
    assert "[ERR]" not in heard, heard
    assert "[WARN]" not in heard, heard
