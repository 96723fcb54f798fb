"""The official SDKs, unmodified, in both encodings."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.sdk.face import Sdk
from tests.sdk.node_sdk import node_sdk
from tests.sdk.python_sdk import python_sdk


@dataclass(frozen=True, slots=True)
class Build:
    """An SDK in one of its encodings; ``node`` where it is the JavaScript one."""

    node: Path | None
    protobuf: bool

    def at(self, url: str) -> AbstractAsyncContextManager[Sdk]:
        """A client of the server at this address, not connected yet; gone at the end."""
        if self.node is None:
            return python_sdk(url, protobuf=self.protobuf)
        return node_sdk(self.node, url, protobuf=self.protobuf)
