"""Frames are cut where they end, however their bytes arrive."""

from hypothesis import given
from hypothesis import strategies as st

from tests.browser.feed import Frames, frame


@given(
    payloads=st.lists(st.sampled_from([0, 1, 125, 126, 127, 65_535, 65_536]).map(bytes), max_size=6),
    steps=st.lists(st.integers(1, 70_000), max_size=12),
)
def test_frames_come_out_whole_and_in_order(payloads: list[bytes], steps: list[int]) -> None:
    sent, got = [frame(one) for one in payloads], list[bytes]()
    stream, frames = b"".join(sent), Frames()
    for step in [*steps, len(stream)]:
        part, stream = stream[:step], stream[step:]
        got += frames.take(part)
    assert got == sent
