"""axe-core looks at a page, from a world of its own: the page's scripts and policies know nothing of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.async_api import CDPSession, Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""Level AA of WCAG 2.2 and all it builds on."""

RUN = """axe.run(document, {runOnly: {type: 'tag', values: %s}, resultTypes: ['violations']}).then(({violations}) =>
  violations.flatMap(({id, impact, nodes}) =>
    nodes.map(({target, html, any, all, none}) => ({
      rule: id, impact, target: String(target), html: html.slice(0, 160),
      why: [...any, ...all, ...none].map(({message}) => message).join('; ').slice(0, 240),
    }))))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One element that breaks one rule; ``impact`` is axe's word: minor, moderate, serious, critical."""

    rule: str
    impact: str
    target: str
    html: str
    why: str


class Inspector:
    """Looks at one document, as often as is wished; a reload needs another one."""

    def __init__(self, session: CDPSession, world: int) -> None:
        self._session = session
        self._world = world

    @classmethod
    async def of(cls, page: Page, package: Path) -> "Inspector":
        """Put axe-core (the npm package in this folder) beside a page."""
        session = await page.context.new_cdp_session(page)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
        inspector = cls(session, world["executionContextId"])
        await inspector._evaluate(_source(package))
        return inspector

    async def violations(self, tags: Iterable[str] = TAGS) -> list[Violation]:
        """All that break a rule with one of these tags."""
        found = await self._evaluate(RUN % json.dumps(list(tags)))
        assert isinstance(found, list)
        return [Violation(**one) for one in found]

    async def _evaluate(self, expression: str) -> object:
        asked = {"expression": expression, "contextId": self._world, "awaitPromise": True, "returnByValue": True}
        answer = await self._session.send("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


@cache
def _source(package: Path) -> str:
    """The library, without a value that could not be passed on."""
    return (package / "axe.min.js").read_text() + ";0"
