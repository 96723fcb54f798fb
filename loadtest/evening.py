"""A test picture and its sound, made once and encoded once: an evening with lanterns, and a few notes. Sent in a loop.

Nothing is drawn or encoded while it is shown, so it costs no more than its packets.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import exp, pi, sin

import av
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

SECONDS = 8
FRAMES_PER_SECOND = 15
WIDTH, HEIGHT = 640, 360
SMALL = (80, 46)
"""It is drawn so small, and made larger by interpolation: lanterns are soft anyway."""

KEY_EVERY = 15
"""Frames: who comes in between sees something within a second."""

VIDEO_BITS, AUDIO_BITS = 350_000, 32_000
SAMPLES_PER_SECOND = 48_000
SAMPLES_PER_PACKET = 960
VIDEO_TIME, AUDIO_TIME = Fraction(1, 90_000), Fraction(1, SAMPLES_PER_SECOND)

NOTES = (0, 4, 2, 7, 4, 9, 7, 2)
"""Semitones above A3, of a pentatonic scale: no order of them jars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lantern:
    """A soft round light: where it hangs, how far and how often it swings in a loop, in shares of the picture."""

    x: float
    y: float
    radius: float
    sway: float
    times: int
    warmth: int


LANTERNS = (
    Lantern(x=0.16, y=0.42, radius=0.13, sway=0.05, times=1, warmth=150),
    Lantern(x=0.37, y=0.26, radius=0.09, sway=0.07, times=2, warmth=170),
    Lantern(x=0.60, y=0.36, radius=0.16, sway=0.04, times=1, warmth=158),
    Lantern(x=0.84, y=0.24, radius=0.10, sway=0.06, times=2, warmth=165),
    Lantern(x=0.50, y=0.68, radius=0.07, sway=0.22, times=1, warmth=175),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Encoded packets, one a frame and one every 20 ms, that may follow one another again and again."""

    video: tuple[bytes, ...]
    audio: tuple[bytes, ...]


def evening() -> Loop:
    """Draw, play and encode; takes about a second."""
    return Loop(video=tuple(_encoded_video()), audio=tuple(_encoded_audio()))


def _encoded_video() -> Iterator[bytes]:
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, FRAMES_PER_SECOND), Fraction(FRAMES_PER_SECOND)
    codec.bit_rate, codec.gop_size = VIDEO_BITS, KEY_EVERY
    codec.thread_count = 1  # more of them wait for one another in so small a picture
    codec.options = {"deadline": "realtime", "cpu-used": "16", "lag-in-frames": "0"}
    for number in range(SECONDS * FRAMES_PER_SECOND):
        frame = drawn(number / (SECONDS * FRAMES_PER_SECOND))
        frame = frame.reformat(width=WIDTH, height=HEIGHT, interpolation="BICUBIC")
        frame.pts, frame.time_base = number, codec.time_base
        yield from (bytes(packet) for packet in codec.encode(frame))
    yield from (bytes(packet) for packet in codec.encode(None))


def drawn(moment: float) -> av.VideoFrame:
    """The small picture at a moment of the loop, from 0 to 1."""
    width, height = SMALL
    light = bytearray().join(bytes([34 + 46 * row // height]) * width for row in range(height))
    blue, red = (bytearray([level]) * (width * height // 4) for level in (140, 138))
    for lantern in LANTERNS:
        across = (lantern.x + lantern.sway * sin(2 * pi * lantern.times * moment)) * width
        down = (lantern.y + 0.03 * sin(2 * pi * (moment + lantern.x))) * height
        _glow(light, width, (across, down), lantern.radius * width, lantern.warmth)
        _glow(red, width // 2, (across / 2, down / 2), lantern.radius * width / 2, 34)
        _glow(blue, width // 2, (across / 2, down / 2), lantern.radius * width / 2, -46)
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, (content, line) in zip(
        frame.planes, ((light, width), (blue, width // 2), (red, width // 2)), strict=True
    ):
        rows = (bytes(content[at : at + line]) for at in range(0, len(content), line))
        plane.update(b"".join(row.ljust(plane.line_size, b"\0") for row in rows))
    return frame


def _glow(plane: bytearray, width: int, at: tuple[float, float], radius: float, strength: int) -> None:
    """Add a round light, strongest in its middle."""
    across, down = at
    for row in range(max(0, int(down - radius)), min(len(plane) // width, int(down + radius) + 2)):
        for column in range(max(0, int(across - radius)), min(width, int(across + radius) + 2)):
            near = 1 - ((column - across) ** 2 + (row - down) ** 2) / radius**2
            if near > 0:
                place = row * width + column
                plane[place] = min(235, max(16, plane[place] + int(strength * near * near)))


def _encoded_audio() -> Iterator[bytes]:
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate, codec.format, codec.layout = SAMPLES_PER_SECOND, "s16", "stereo"
    codec.time_base, codec.bit_rate = AUDIO_TIME, AUDIO_BITS
    codec.options = {"application": "audio", "frame_duration": "20"}
    samples = played()
    for start in range(0, len(samples), SAMPLES_PER_PACKET):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=SAMPLES_PER_PACKET)
        both = array("h", (one for sample in samples[start : start + SAMPLES_PER_PACKET] for one in (sample, sample)))
        frame.planes[0].update(both.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES_PER_SECOND, start, AUDIO_TIME
        yield from (bytes(packet) for packet in codec.encode(frame))


def played() -> array[int]:
    """The notes, one a second, each softly dying away."""
    samples: array[int] = array("h")
    for note in NOTES:
        step = 2 * pi * 220 * 2 ** (note / 12) / SAMPLES_PER_SECOND
        for index in range(SAMPLES_PER_SECOND):
            fading = min(1.0, index / 400) * exp(-4.5 * index / SAMPLES_PER_SECOND) * 2600
            samples.append(int(fading * (sin(step * index) + 0.3 * sin(2 * step * index))))
    return samples
