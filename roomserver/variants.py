"""Traditional Chinese characters and the simplified ones that stand for them: OpenCC knows which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import chain

from opencc import OpenCC

HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
"""Extension A and the block of unified ideographs: what people write."""


@cache  # 30 ms, and the same for all
def simplified() -> Mapping[int, str]:
    """The simplified form of each traditional character, by its code point; of those that have one."""
    convert = OpenCC("t2s").convert
    forms = ((point, convert(chr(point))) for point in chain(*HAN))
    return {point: form for point, form in forms if form != chr(point)}
