"""What the platform publishes is shown under its own name, and nothing is stored."""

import json

import pytest

from app.feature import App, AppPublished, Publish
from room.feature import Fate
from room.house import House
from room.message import Audience, Lane, Stamped
from room.people import Standing
from room.refusal import BadRequest, PermissionDenied
from roomserver.schema import encode_event
from tests.dialogue import HOST, OPERATOR, given

HOUSE = House([App()], standing=lambda row: Standing())
CARD = {"sku": "t-1", "title": "茶", "price": {"amount": 990, "currency": "CNY"}}


def publish(kind: str = "app.product", **data: object) -> Publish:
    return Publish(room="demo", type=kind, data=data or CARD)


def test_what_is_published_is_shown_and_not_stored() -> None:
    evening = given(HOUSE).when(publish(), actor=OPERATOR)
    evening.then(AppPublished(type="app.product", data=CARD))
    evening.replies({"id": evening.events[0].id, "online": None, "reached": None})
    assert evening.change is None


def test_the_platform_hears_whom_it_has_reached() -> None:
    told = App().told(publish(), {"id": "x", "online": None, "reached": None}, Fate(shown=True, online=7, reached=5))
    assert told == {"id": "x", "online": 7, "reached": 5}


def test_it_is_said_under_the_platforms_own_name() -> None:
    told = encode_event(Stamped(id="x.0", at=5, event=AppPublished(type="app.order.paid", data=CARD)))
    assert json.loads(told) == {"type": "app.order.paid", "id": "x.0", "at": 5, "data": CARD}


def test_it_is_never_shed_and_everybody_sees_it() -> None:
    assert (AppPublished.lane, AppPublished.audience) == (Lane.GIFT, Audience.ROOM)


def test_only_the_platform_publishes() -> None:
    given(HOUSE).when(publish(), actor=HOST).refuses(PermissionDenied)


@pytest.mark.parametrize("kind", ["app.a", "app.order_paid", "app.a.b.c", "app.0", "app." + "x" * 60])
def test_types_that_are_the_platforms(kind: str) -> None:
    given(HOUSE).when(publish(kind), actor=OPERATOR).then(AppPublished)


@pytest.mark.parametrize(
    "kind", ["", "app", "app.", "App.x", "app.X", "app.a b", "app.a\n", "app." + "x" * 61, "danmaku.said", "xapp.a"]
)
def test_types_that_are_not(kind: str) -> None:
    given(HOUSE).when(publish(kind), actor=OPERATOR).refuses(BadRequest)
