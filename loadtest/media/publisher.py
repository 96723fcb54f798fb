"""FFmpeg as the publisher: a moving test picture and a tone, encoded as OBS would, sent by WHIP."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec

from loadtest.faults import LoadtestFault

PICTURE = "640x480, 30 a second, H264 baseline at 1 Mbit/s with a key frame every 2 s, Opus"


def program() -> str:
    """An FFmpeg with a WHIP muxer.

    Raises LoadtestFault.
    """
    if find_spec("imageio_ffmpeg") is None:
        raise LoadtestFault("imageio-ffmpeg is not installed (pip install -e '.[compare]').")
    import imageio_ffmpeg  # type: ignore[import-untyped]  # it says no types

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@asynccontextmanager
async def publishing(url: str, token: str) -> AsyncIterator[None]:
    """Publish for as long as the context.

    Raises LoadtestFault.
    """
    source = "-re -f lavfi -i testsrc2=size=640x480:rate=30 -f lavfi -i sine=sample_rate=48000"
    video = "-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -pix_fmt yuv420p -bf 0 -g 60"
    rate = "-b:v 1M -minrate 1M -maxrate 1M -bufsize 500k -nal-hrd cbr"
    command = [program(), "-loglevel", "error", *f"{source} {video} {rate} -c:a libopus -ac 2 -f whip".split()]
    process = await asyncio.create_subprocess_exec(
        *command, "-authorization", token, url, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
