"""Frames, checked against the WebSocket library's own."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from roomserver.frames import framed


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70000])
@pytest.mark.parametrize("text", [True, False])
def test_a_frame_is_what_the_websocket_library_makes(size: int, text: bool) -> None:
    payload = b"x" * size
    opcode = Opcode.TEXT if text else Opcode.BINARY
    assert framed(payload, text=text) == Frame(opcode, payload).serialize(mask=False)
