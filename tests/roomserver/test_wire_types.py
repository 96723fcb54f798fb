"""The pages' own words for the wire name every event that a viewer is told, with all of its fields."""

import re
from collections.abc import Iterator
from dataclasses import fields

from room.message import Audience, Event
from roomserver.features import make_house
from tests.conftest import CHECKOUT

WIRE = (CHECKOUT / "web" / "src" / "shared" / "wire.ts").read_text("utf-8")
INTERFACES = {
    name: (above, body)
    for name, above, body in re.findall(
        r"^(?:export )?interface (\w+)([^{]*)\{\n(.*?)^\}", WIRE, re.MULTILINE | re.DOTALL
    )
}
"""By their names: what they extend, and what they say themselves."""


def told() -> Iterator[type[Event]]:
    """The events that a viewer may hear."""
    for feature in make_house().features:
        yield from (kind for kind in feature.events if {Audience.ROOM, Audience.MEMBER} & set(kind.audience))


def said_of(name: str) -> set[str]:
    """The fields of an interface and of all that it extends."""
    above, body = INTERFACES[name]
    own = set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE))
    return own.union(*(said_of(word) for word in re.findall(r"\w+", above) if word in INTERFACES))


def interface_of(kind: str) -> str | None:
    wanted = "`app.${string}`" if kind == "app.*" else f'"{kind}"'
    return next((name for name, (_, body) in INTERFACES.items() if f"type: {wanted};" in body), None)


def test_the_pages_know_every_event_and_its_fields() -> None:
    missing = []
    for event in told():
        name = interface_of(event.kind)
        known = said_of(name) if name else set()
        missing += [f"{event.kind}.{one.name}" for one in fields(event) if one.name.rstrip("_") not in known]
    assert missing == []
