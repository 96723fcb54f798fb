from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROTO = "roomserver/centrifuge/client.proto"


@pytest.mark.parametrize("generated", ["client_pb2.py", "client_pb2.pyi"])
def test_what_is_committed_is_what_the_proto_generates(generated: str, tmp_path: Path) -> None:
    outputs = [f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", "-I.", *outputs, PROTO], cwd=ROOT, check=True)
    here = Path(PROTO).with_name(generated)
    assert without_versions(tmp_path / here) == without_versions(ROOT / here)


def without_versions(file: Path) -> list[str]:
    """The lines that another release of the generator leaves as they are."""
    lines = file.read_text().splitlines()
    return [line for line in lines if not line.startswith("# Protobuf Python Version") and not line.strip(" ,").isdigit()]
