"""The SDKs that the stories are told with."""

from pathlib import Path

import pytest

from tests.sdk.sdks import Build
from tests.server import RealServer


@pytest.fixture(params=["js-json", "js-protobuf", "python-json", "python-protobuf"])
def build(request: pytest.FixtureRequest) -> Build:
    """One SDK after the other, in each of its encodings."""
    language, encoding = str(request.param).split("-")
    if language == "js":
        request.getfixturevalue("node_packages")
    node = request.getfixturevalue("node") if language == "js" else None
    return Build(node, protobuf=encoding == "protobuf")


@pytest.fixture
def builds(node: Path, node_packages: Path) -> list[Build]:
    """All of them, for stories that take their time."""
    return [Build(program, protobuf=protobuf) for program in (node, None) for protobuf in (False, True)]


@pytest.fixture
def server(shared_server: RealServer) -> RealServer:
    """A server that every test leaves running."""
    return shared_server
