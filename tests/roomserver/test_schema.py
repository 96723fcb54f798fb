"""What comes from the wire is a command, a query, or refused by name."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, get_type_hints

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from room.message import Bounds, Command, Event, Lane, Query, Stamped
from room.people import User
from room.refusal import BadRequest, UnknownMethod
from roomserver.centrifuge.codes import Error
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.centrifuge.protobuf_codec import ProtobufCodec
from roomserver.features import make_house
from roomserver.schema import Schema, batch, encode, encode_event, encode_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Try(Command):
    kind: ClassVar[str] = "try.all"

    text: Annotated[str, Bounds(1, 5)]
    count: Annotated[int, Bounds(1, 20)] = 1
    color: Annotated[str, Bounds(pattern=r"^#[0-9a-f]{6}$(?!\n)")] | None = None
    share: float = 0.5
    loud: bool | None = None
    key: Annotated[str, Bounds(1, 64)] | None = None
    names: Annotated[tuple[Annotated[str, Bounds(1, 3)], ...], Bounds(1, 2)] = ("x",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Query):
    kind: ClassVar[str] = "try.ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried(Event):
    kind: ClassVar[str] = "try.tried"

    user: User
    note: str | None = None
    count: int | None = None
    kind_: str | None = None


SCHEMA = Schema([Try, Ask])


def test_a_call_becomes_its_command() -> None:
    data = b'{"room":"demo","text":"hi","count":20,"color":"#00ff00","share":1,"loud":false,"key":"k"}'
    assert SCHEMA.decode("try.all", data) == Try(
        room="demo", text="hi", count=20, color="#00ff00", share=1.0, loud=False, key="k"
    )


def test_what_is_absent_or_null_has_its_default() -> None:
    assert SCHEMA.decode("try.all", b'{"room":"demo","text":"hi","loud":null}') == Try(room="demo", text="hi")


def test_a_list_has_bounds_and_so_has_all_that_is_in_it() -> None:
    assert SCHEMA.decode("try.all", b'{"room":"demo","text":"hi","names":["a","b"]}').names == ("a", "b")  # type: ignore[union-attr]  # Try
    for names in (b"[]", b'["a","b","c"]', b'["abcd"]', b"[1]", b'"a"'):
        with pytest.raises(BadRequest):
            SCHEMA.decode("try.all", b'{"room":"demo","text":"hi","names":' + names + b"}")


def test_a_publish_belongs_to_its_channel_whatever_its_data_say() -> None:
    assert SCHEMA.decode("try.ask", b"{}", room="demo") == Ask(room="demo")
    assert SCHEMA.decode("try.ask", b"", room="demo") == Ask(room="demo")
    assert SCHEMA.decode("try.ask", b'{"room":"other"}', room="demo") == Ask(room="demo")


def test_an_unknown_method_is_named_shortly() -> None:
    with pytest.raises(UnknownMethod) as caught:
        SCHEMA.decode("x" * 10_000, b"{}")
    assert caught.value.detail == "x" * 64


BAD = [
    (b'{"text":"hi"}', "room"),
    (b'{"room":"","text":"hi"}', "room"),
    (b'{"room":7,"text":"hi"}', "$.room"),
    (b'{"room":"demo"}', "text"),
    (b'{"room":"demo","text":null}', "$.text"),
    (b'{"room":"demo","text":""}', "$.text"),
    (b'{"room":"demo","text":"123456"}', "$.text"),
    (b'{"room":"demo","text":["hi"]}', "$.text"),
    (b'{"room":"demo","text":"hi","txt":1}', "txt"),
    (b'{"room":"demo","text":"hi","count":0}', "$.count"),
    (b'{"room":"demo","text":"hi","count":21}', "$.count"),
    (b'{"room":"demo","text":"hi","count":-1}', "$.count"),
    (b'{"room":"demo","text":"hi","count":1.5}', "$.count"),
    (b'{"room":"demo","text":"hi","count":1e3}', "$.count"),
    (b'{"room":"demo","text":"hi","count":"1"}', "$.count"),
    (b'{"room":"demo","text":"hi","count":true}', "$.count"),
    (b'{"room":"demo","text":"hi","count":' + b"9" * 30 + b"}", "$.count"),
    (b'{"room":"demo","text":"hi","count":' + b"9" * 5000 + b"}", "$.count"),
    (b'{"room":"demo","text":"hi","color":"#00ff0"}', "$.color"),
    (b'{"room":"demo","text":"hi","color":"#00ff00\\n"}', "$.color"),
    (b'{"room":"demo","text":"hi","share":1e999}', "$.share"),
    (b'{"room":"demo","text":"hi","loud":1}', "$.loud"),
    (b'{"room":"demo","text":"hi","key":"' + b"k" * 65 + b'"}', "$.key"),
]


@pytest.mark.parametrize(("data", "named"), BAD)
def test_a_bad_field_is_refused_by_name(data: bytes, named: str) -> None:
    with pytest.raises(BadRequest) as caught:
        SCHEMA.decode("try.all", data)
    assert named in caught.value.detail


@pytest.mark.parametrize(
    "data",
    [
        b'{"room":"demo","text":"hi","text":"ho"}',
        b'{"room":"demo","room":"other","text":"hi"}',
        b'{"room":"demo","text" : "hi", "text"\n:"hi"}',
        b'{"room":"demo","text":"hi","te\\u0078t":"ho"}',
    ],
)
def test_s20_a_field_that_is_given_twice_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest, match="twice"):
        SCHEMA.decode("try.all", data)


@pytest.mark.parametrize("text", ['"a":', "text", "\\", "\n"])
def test_a_text_that_looks_like_fields_is_a_text(text: str) -> None:
    data = json.dumps({"room": "demo", "text": text}).encode()
    assert SCHEMA.decode("try.all", data) == Try(room="demo", text=text)


UNREADABLE = [
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"[" * 100_000,
    b'{"text":' * 10_000,
    b'{"room":"demo","text":' + b"[" * 100_000,
    b'{"room":"demo","more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"room":"demo","text":"hi","share":NaN}',
    b'{"room":"demo","text":"hi","share":Infinity}',
    b'{"room":"demo","text":"\xff\xfe"}',
    b'{"\xff":1}',
    b'{"room":"demo","text":"\\ud800"}',
    b'{"room":"demo","text":"\\udc00\\ud800"}',
    b'{"room":"demo","text":"hi"}x',
    b'\xef\xbb\xbf{"room":"demo","text":"hi"}',
    b"{",
]


@pytest.mark.parametrize("data", UNREADABLE)
def test_what_is_no_object_of_plain_text_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        SCHEMA.decode("try.all", data)


def anything() -> st.SearchStrategy[bytes]:
    simple = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    keys = st.sampled_from(["room", "text", "count", "color", "share", "loud", "key"]) | st.text()
    nested = st.recursive(simple, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=5)
    return st.binary() | st.dictionaries(keys, nested).map(lambda one: json.dumps(one).encode())


@given(method=st.sampled_from(["try.all", "try.ask"]) | st.text(), data=anything(), room=st.none() | st.just("demo"))
@example(method="try.all", data=b'{"\\ud83d\\ude00":1}', room=None)
def test_nothing_but_a_refusal_comes_of_any_bytes_and_it_can_be_written(
    method: str, data: bytes, room: str | None
) -> None:
    try:
        decoded = SCHEMA.decode(method, data, room=room)
    except (BadRequest, UnknownMethod) as refused:
        error = Error(code=refused.code, message=refused.message)
        JsonCodec().encode_reply(1, error)
        ProtobufCodec().encode_reply(1, error)
    else:
        assert isinstance(decoded, Try | Ask)
        encode({"text": decoded})


def test_fields_that_are_none_are_absent_from_an_event() -> None:
    event = Tried(user=User(id="ada", name="Ada"), count=0)
    assert orjson.loads(encode_event(Stamped(id="t.0", at=5, event=event))) == {
        "type": "try.tried",
        "id": "t.0",
        "at": 5,
        "user": {"id": "ada", "name": "Ada", "tier": 0},
        "count": 0,
    }


def test_a_field_whose_name_is_taken_is_said_without_its_mark() -> None:
    said = orjson.loads(encode_event(Stamped(id="t.0", at=5, event=Tried(user=User(id="a", name="A"), kind_="x"))))
    assert (said["type"], said["kind"]) == ("try.tried", "x")
    assert "kind_" not in said


@pytest.mark.parametrize(
    ("online", "shed", "expected"),
    [
        (None, None, {"events": [1, 2]}),
        (0, {}, {"events": [1, 2], "online": 0}),
        (7, {Lane.DANMAKU: 3}, {"events": [1, 2], "online": 7, "shed": {"danmaku": 3}}),
    ],
)
def test_a_batch_says_who_is_online_and_what_was_shed(
    online: int | None, shed: dict[str, int] | None, expected: dict[str, object]
) -> None:
    assert orjson.loads(batch([b"1", b"2"], online=online, shed=shed)) == expected


def test_a_batch_of_a_channel_that_all_rooms_share_says_its_room() -> None:
    assert orjson.loads(batch([b"1"], room="demo")) == {"events": [1], "room": "demo"}


def test_an_event_is_encoded_once_and_another_one_of_its_id_anew() -> None:
    one = Stamped(id="t.0", at=5, event=Tried(user=User(id="a", name="A"), kind_="x"))
    assert encode_event(one) is encode_event(one)
    other = replace(one, event=Tried(user=User(id="a", name="A"), kind_="y"))
    assert orjson.loads(encode_event(other))["kind"] == "y"
    assert one == Stamped(id="t.0", at=5, event=one.event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    slot: str
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanked(Event):
    kind: ClassVar[str] = "try.thanked"
    durable: ClassVar[bool] = True
    unkept: ClassVar[frozenset[str]] = frozenset({"text"})

    by: User
    seats: tuple[Chair, ...]
    to: User | None = None
    text: str = "for you, Ada"


def test_the_outbox_keeps_nobodys_name_and_nobodys_words() -> None:
    ada, bob = User(id="a", name="Ada", tier=2), User(id="b", name="Bob")
    stamped = Stamped(id="t.0", at=5, event=Thanked(by=ada, seats=(Chair(slot="s", user=bob),)))
    kept: dict[str, object] = {"type": "try.thanked", "id": "t.0", "at": 5, "by": {"id": "a", "tier": 2}}
    kept["seats"] = [{"slot": "s", "user": {"id": "b", "tier": 0}}]
    assert orjson.loads(encode_kept(stamped)) == kept
    assert orjson.loads(encode_event(stamped)).keys() == {*kept, "text"}


def test_an_event_about_nobody_is_kept_as_it_is_told() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Closed(Event):
        kind: ClassVar[str] = "try.closed"

        why: str

    stamped = Stamped(id="t.0", at=5, event=Closed(why="late"))
    assert encode_kept(stamped) is encode_event(stamped)


def test_no_durable_event_of_the_house_keeps_what_people_write() -> None:
    """What is kept of free text is the platform's own."""
    kinds = {kind for feature in make_house(pictures=True).features for kind in feature.events if kind.durable}
    kept = {(kind.kind, one) for kind in kinds for one in set(get_type_hints(kind)) - kind.unkept}
    assert sorted(one for one in kept if one[1] in ("text", "reason", "words")) == [
        ("checkin.excused", "reason"),
        ("membership.points_earned", "reason"),
        ("membership.tier_assigned", "reason"),
        ("room.words_set", "words"),
    ]
