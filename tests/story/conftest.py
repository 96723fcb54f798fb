"""The server that stories play on, and the two ways of speaking to it."""

import pytest

from tests.server import RealServer


@pytest.fixture
def server(shared_server: RealServer) -> RealServer:
    """A server that every test leaves running."""
    return shared_server


@pytest.fixture(params=[False, True], ids=["json", "protobuf"])
def protobuf(request: pytest.FixtureRequest) -> bool:
    """Whether the Protobuf encoding is spoken."""
    return bool(request.param)
