"""What a viewer has to load before he is in the room."""

import gzip
from pathlib import Path

import pytest

from tests.browser.conftest import Report

pytestmark = pytest.mark.browser


def test_the_weight_of_the_page_is_told(pages: Path, report: Report) -> None:
    files = [file for file in sorted(pages.rglob("*")) if file.is_file()]
    sizes = {str(file.relative_to(pages)): len(gzip.compress(file.read_bytes())) for file in files}
    report("bytes of the page, gzip: " + ", ".join(f"{name} {size:,}" for name, size in sizes.items()))
    assert {"index.html", "host.html", "ops.html"} <= sizes.keys()
