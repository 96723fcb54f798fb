"""``[danmaku.hook]`` of the configuration, and the hook that it makes.

[danmaku.hook]  url, secret (the name of an environment variable), deadline_ms, fail, networks
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from roomserver.prepublish import Hook
from roomserver.tables import Problem
from roomserver.webhook_address import LOOPBACK, read_network
from roomserver.webhook_config import Url, Variable, astray, is_here

Deadline = Annotated[int, Meta(ge=20, le=3000, description="a number of milliseconds from 20 to 3000")]
"""SDKs give up after 5 s, and who has said more waits for each answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSection:
    """Whom to ask before words are shown; when he does not answer, ``open`` shows them and ``closed`` refuses them."""

    url: Url
    secret: Variable
    deadline_ms: Deadline = 500
    fail: Literal["open", "closed"] = "open"
    networks: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether it is plain http on this machine."""
        return is_here(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class DanmakuSection:
    """What goes before a danmaku."""

    hook: HookSection | None = None


def contradictions(section: DanmakuSection) -> Iterable[Problem]:
    """What no single value shows."""
    if section.hook is not None:
        yield from astray(section.hook, "danmaku.hook")


def made(section: HookSection, secrets: tuple[bytes, ...], *, dev: bool) -> Hook:
    """The hook that a section describes; in development it may be on this machine."""
    listed = tuple(read_network(one) for one in section.networks)
    return Hook(
        url=section.url,
        secrets=secrets,
        deadline=section.deadline_ms / 1000,
        fail_open=section.fail == "open",
        listed=listed + (LOOPBACK if dev else ()),
    )
