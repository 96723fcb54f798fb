"""Asking the platform before words are shown, with its answers in the test's hand."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook

from room.people import Role, User
from room.refusal import NotAllowed, PlatformAway, Refused, TooManyRequests
from roomserver.breaker import FAILURES
from roomserver.metrics import Metrics
from roomserver.prepublish import (
    BATCH,
    PACE,
    PARALLEL,
    ROOM_SHARE,
    UNDER_WAY,
    WAITING,
    Hook,
    Prepublish,
    backoff,
)
from roomserver.question import Question
from roomserver.webhook_post import NoAnswer
from tests.roomserver.hand_time import later, play, settle

Json = dict[str, Any]
SECRET = bytes(range(32))
YES: Json = {"allow": True}
NO: Json = {"allow": False}


class Platform:
    """What it was asked; each question waits until the test answers it, or is answered at once by ``always``."""

    def __init__(self, always: bytes | Json | Exception | None = None) -> None:
        self.always = always
        self.posts: list[Json] = []
        self.headers: list[Mapping[str, str]] = []
        self.bodies: list[bytes] = []
        self.waiting: list[asyncio.Future[bytes]] = []

    async def asked(self, body: bytes, headers: Mapping[str, str], *, most: int) -> bytes:
        self.posts.append(orjson.loads(body))
        self.bodies.append(body)
        self.headers.append(headers)
        if isinstance(self.always, Exception):
            raise self.always
        if isinstance(self.always, bytes):
            return self.always
        if self.always is not None:
            return self.answers(len(self.posts) - 1, self.always)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        return await future

    @property
    def asked_of(self) -> list[Json]:
        return [one for post in self.posts for one in post["messages"]]

    def texts(self) -> list[object]:
        return [one["text"] for one in self.asked_of]

    def answers(self, post: int, answer: Json) -> bytes:
        """The same answer to all questions of a post."""
        return orjson.dumps({"answers": [answer] * len(self.posts[post]["messages"])})

    async def answer(self, *answers: Json, place: int = 0) -> None:
        """Answer the questions of one that waits."""
        self.waiting.pop(place).set_result(orjson.dumps({"answers": answers or [YES]}))
        await later(PACE)


@dataclass
class Asker:
    """Somebody asks, and what was decided is written down in order: who, what, and why not."""

    platform: Platform
    prepublish: Prepublish
    metrics: Metrics
    decided: list[tuple[str, Refused | None]] = field(default_factory=list)

    def say(self, words: str | Refused | None, *, user: str = "ada", room: str = "demo", name: str = "") -> None:
        name = name or (words if isinstance(words, str) else "nothing")
        self.prepublish.ask(
            Question(
                room=room,
                kind="danmaku.send",
                user=User(id=user, name=user.title(), tier=0),
                role=Role.MEMBER,
                rehearse=lambda: words,
                decided=lambda refusal: self.decided.append((name, refusal)),
            )
        )

    def refusals(self) -> list[tuple[str, int | None]]:
        return [(name, None if one is None else one.code) for name, one in self.decided]

    def counted(self) -> dict[str, float]:
        samples = [s for family in self.metrics.prepublish.collect() for s in family.samples]
        return {s.labels["outcome"]: s.value for s in samples if s.name.endswith("_total")}


def asking(
    dialogue: Callable[[Asker], Coroutine[None, None, None]],
    *,
    always: bytes | Json | Exception | None = None,
    fail_open: bool = True,
) -> None:
    async def played() -> None:
        platform, metrics = Platform(always), Metrics()
        hook = Hook(url="https://shop.example/", secrets=(SECRET,), deadline=0.5, fail_open=fail_open)
        prepublish = Prepublish(hook, platform, metrics, pause=lambda n: 10.0 * (n + 1))
        await dialogue(Asker(platform, prepublish, metrics))
        await prepublish.close()
        assert prepublish.under_way == 0

    play(played)


def test_what_is_allowed_is_shown_and_the_question_says_who_says_what_where() -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say("hello")
        await later(PACE)
        assert asker.decided == []
        [asked] = asker.platform.asked_of
        user = {"id": "ada", "name": "Ada", "tier": 0, "role": "member"}
        told = {"room": "demo", "type": "danmaku.send", "user": user, "text": "hello"}
        assert {name: asked[name] for name in told} == told
        [body], [headers] = asker.platform.bodies, asker.platform.headers
        assert headers["webhook-id"] == asker.platform.posts[0]["id"]
        Webhook("whsec_" + base64.b64encode(SECRET).decode()).verify(body, dict(headers))
        await asker.platform.answer()
        assert asker.decided == [("hello", None)]
        assert asker.counted() == {"allowed": 1}

    asking(dialogue)


def test_what_is_not_allowed_is_refused_with_the_platforms_reason_in_one_line() -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say("hello")
        await later(PACE)
        await asker.platform.answer({"allow": False, "reason": "no\n\x1b[31m names\u202e", "more": 1})
        [(_, refusal)] = asker.decided
        assert isinstance(refusal, NotAllowed)
        assert refusal.message == "the platform does not allow this: no [31m names"
        assert not refusal.temporary
        asker.say("again")
        await later(PACE)
        await asker.platform.answer({"allow": False, "reason": "x" * 999})
        assert len(asker.decided[1][1].detail if asker.decided[1][1] else "") == 200
        assert asker.counted() == {"refused": 2}

    asking(dialogue)


def test_what_rules_refuse_never_goes_out_and_what_has_no_words_need_not() -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say(TooManyRequests())
        asker.say(None, name="an emote")
        assert asker.refusals() == [("nothing", 111), ("an emote", None)]
        assert asker.platform.asked_of == []

    asking(dialogue)


def test_what_one_says_keeps_its_order_and_holds_up_nobody_else() -> None:
    async def dialogue(asker: Asker) -> None:
        for words in ("one", "two", None):
            asker.say(words)
        await later(PACE)
        asker.say("from bob", user="bob")
        asker.say("elsewhere", room="other")
        await later(PACE)
        assert asker.platform.texts() == ["one", "from bob", "elsewhere"]
        await asker.platform.answer(YES, YES, place=1)
        assert asker.refusals() == [("from bob", None), ("elsewhere", None)]
        await asker.platform.answer()
        assert asker.platform.texts()[3:] == ["two"]
        await asker.platform.answer(NO)
        assert asker.refusals()[2:] == [("one", None), ("two", 1008), ("nothing", None)]

    asking(dialogue)


def test_more_than_a_few_undecided_messages_of_one_sender_are_refused() -> None:
    async def dialogue(asker: Asker) -> None:
        for n in range(WAITING + 2):
            asker.say(str(n))
        assert asker.refusals() == [(str(WAITING), 111), (str(WAITING + 1), 111)]
        asker.say("hi", user="bob")
        await later(PACE)
        assert asker.platform.texts() == ["0", "hi"]

    asking(dialogue)


@pytest.mark.parametrize(("fail_open", "code"), [(True, None), (False, 1009)])
def test_who_does_not_answer_in_time_is_not_waited_for(*, fail_open: bool, code: int | None) -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say("hello")
        await later(0.49)
        assert asker.decided == []
        await later(0.02)
        assert asker.refusals() == [("hello", code)]
        assert asker.counted() == {"timeout": 1}
        if (refusal := asker.decided[0][1]) is not None:
            assert refusal.temporary
            assert refusal.retry_in == 1000

    asking(dialogue, fail_open=fail_open)


@pytest.mark.parametrize("answer", [NoAnswer("status 500"), b"", b'{"answers": []}'])
def test_what_is_no_answer_is_decided_by_the_configuration(answer: bytes | NoAnswer) -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say("hello")
        await later(PACE)
        assert asker.refusals() == [("hello", 1009)]
        assert asker.counted() == {"failed": 1}

    asking(dialogue, always=answer, fail_open=False)


def test_a_hook_that_fails_is_left_alone_and_tried_with_one_question_at_a_time() -> None:
    async def dialogue(asker: Asker) -> None:
        for n in range(FAILURES + 3):
            asker.say(str(n), user=f"user{n}")
            await later(PACE)
        assert len(asker.platform.asked_of) == FAILURES
        assert asker.counted() == {"failed": FAILURES, "circuit_open": 3}
        last = asker.decided[-1][1]
        assert isinstance(last, PlatformAway)
        assert last.retry_in == 10_000 - 3 * 1000 * PACE
        await later(10)
        asker.platform.always = None
        for user in ("ada", "bob"):
            asker.say(user, user=user)
        await later(PACE)
        assert asker.platform.texts()[FAILURES:] == ["ada"]
        await asker.platform.answer()
        assert not asker.prepublish.breaker.is_open
        assert asker.refusals()[-2:] == [("bob", 1009), ("ada", None)]

    asking(dialogue, always=NoAnswer("status 500"), fail_open=False)


def test_questions_beyond_the_places_wait_within_their_deadline() -> None:
    async def dialogue(asker: Asker) -> None:
        for n in range(PARALLEL):
            asker.say(str(n), user=f"user{n}")
            await later(PACE)
        for n in range(BATCH + 1):
            asker.say("more", user=f"other{n}")
        await later(PACE)
        assert [len(post["messages"]) for post in asker.platform.posts] == [1] * PARALLEL
        await asker.platform.answer()
        await asker.platform.answer()
        assert [len(post["messages"]) for post in asker.platform.posts[PARALLEL:]] == [BATCH, 1]
        await later(0.6)
        assert asker.counted() == {"allowed": 2, "timeout": PARALLEL - 2 + BATCH + 1}

    asking(dialogue)


def test_what_is_said_in_one_turn_of_the_loop_goes_out_in_one_request() -> None:
    async def dialogue(asker: Asker) -> None:
        for user in ("ada", "bob", "cyd"):
            asker.say(user, user=user)
        await later(PACE)
        assert len(asker.platform.posts) == 1
        await asker.platform.answer(YES, NO, YES)
        assert asker.refusals() == [("ada", None), ("bob", 1008), ("cyd", None)]

    asking(dialogue)


def test_requests_keep_a_pace_and_carry_what_has_come_meanwhile() -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say("first", user="first")
        await settle()
        for n in range(5):
            asker.say(str(n), user=f"user{n}")
            await settle()
        assert [len(post["messages"]) for post in asker.platform.posts] == [1]
        await later(PACE)
        assert [len(post["messages"]) for post in asker.platform.posts] == [1, 5]

    asking(dialogue)


def test_what_waits_when_the_circuit_opens_is_not_asked_any_more() -> None:
    async def dialogue(asker: Asker) -> None:
        for n in range(PARALLEL):
            asker.say(str(n), user=f"user{n}")
            await later(PACE)
        asker.say("late", user="late")
        await later(0.2)
        for waiting in asker.platform.waiting[:FAILURES]:
            waiting.set_exception(NoAnswer("status 500"))
        await later(PACE)
        assert asker.counted() == {"failed": FAILURES, "circuit_open": 1}
        assert "late" not in asker.platform.texts()

    asking(dialogue)


def test_a_room_takes_its_share_of_the_places_and_no_more() -> None:
    async def dialogue(asker: Asker) -> None:
        for n in range(ROOM_SHARE + 2):
            asker.say(str(n), user=f"user{n}")
        assert asker.counted() == {"overflow": 2}
        asker.say("elsewhere", room="other")
        assert asker.counted() == {"overflow": 2}
        for n in range(UNDER_WAY):
            asker.say(str(n), room=f"room{n % 10}", user=f"other{n}")
        assert asker.counted() == {"overflow": 2 + ROOM_SHARE + 1}
        assert asker.prepublish.under_way == UNDER_WAY

    asking(dialogue)


def test_a_room_has_its_share_again_when_its_questions_are_answered() -> None:
    async def dialogue(asker: Asker) -> None:
        for round_ in range(2):
            for n in range(ROOM_SHARE):
                asker.say(str(n), user=f"user{round_}-{n}")
            await later(ROOM_SHARE / BATCH * PACE)
        assert asker.counted() == {"allowed": 2 * ROOM_SHARE}

    asking(dialogue, always=YES)


def test_a_fault_of_ours_is_decided_by_the_configuration_too() -> None:
    async def dialogue(asker: Asker) -> None:
        asker.say("hello")
        await later(PACE)
        assert asker.refusals() == [("hello", None)]
        assert asker.counted() == {"fault": 1}
        for n in range(FAILURES):
            asker.say("hello", user=f"user{n}")
            await later(PACE)
        assert asker.counted() == {"fault": FAILURES, "circuit_open": 1}

    asking(dialogue, always=RuntimeError("a fault"))


def test_the_pause_grows_and_has_jitter() -> None:
    for n in range(50):
        longest = min(60.0, 2.0**n)
        assert longest / 2 <= backoff(n) <= longest
    assert len({backoff(3) for _ in range(9)}) > 1
