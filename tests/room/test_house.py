from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import pytest

from room.feature import Feature
from room.house import House
from room.message import Command
from room.row import Row, member, part
from room.settings import Settings
from tests.dialogue import ADA, BOB, GUEST, OPERATOR, given
from tests.room.toys import HOUSE, Daily, Drop, Jar, Jars, Praises, Shout, standing

ADAS = Row(subject=member("ada")).having(Jar(coins=4))


class Keeper(Feature):
    name = "settings"
    part = Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed(Command):
    kind: ClassVar[str] = "jar.count"


class Borrower(Feature):
    name = "borrower"
    commands = (Borrowed,)


class Namesake(Feature):
    name = "jar"


class Squatter(Feature):
    name = "squatter"
    part = Jar


@pytest.mark.parametrize("other", [Borrower(), Namesake(), Squatter()])
def test_two_features_cannot_claim_the_same_name_or_kind(other: Feature) -> None:
    with pytest.raises(ValueError, match=r"claimed by two features: (jar|jar\.count|Jar)$"):
        House([Jars(), other], standing=standing)


def test_a_members_row_has_a_section_per_feature_and_a_part_belongs_to_one() -> None:
    house = House([Jars(), Praises(), Keeper()], standing=standing)
    assert [kind.__name__ for kind in house.sections(member("ada")).values()] == ["Jar", "Fame"]
    assert [kind.__name__ for kind in house.sections(part("settings")).values()] == ["Settings"]
    assert house.sections(part("jar")) == {}


class Waking(Feature):
    name = "borrower"

    def due(self, what: str, subject: str, room: str) -> Iterable[Command]:
        return [Daily(room=room, day=len(what))] if subject == member("ada") else []


def test_who_asked_for_a_due_is_asked_what_is_to_be_done_and_nobody_else() -> None:
    house = House([Jars(), Waking()], standing=standing)
    assert list(house.due("borrower.rent", member("ada"), "demo")) == [Daily(room="demo", day=13)]
    for what, subject in (("jar.rent", "m:ada"), ("borrower.rent", "m:bob"), ("borrowers.rent", "m:ada"), ("", "")):
        assert list(house.due(what, subject, "demo")) == []


class Deaf(Jars):
    def guards(self, kind: type[Command]) -> bool:
        return kind.speaks


def test_only_features_that_guard_a_class_of_commands_are_asked() -> None:
    assert [feature.name for feature in HOUSE.guards(Drop)] == ["jar"]
    deaf = House([Deaf()], standing=standing)
    assert [list(deaf.guards(kind)) != [] for kind in (Shout, Drop)] == [True, False]


def test_a_card_shows_all_to_its_owner_and_to_the_operator_and_less_to_others() -> None:
    room = given(HOUSE, ADAS, ADA)
    for who, coins in ((ADA, True), (OPERATOR, True), (BOB, False)):
        card = HOUSE.card(room.context(who), "ada")
        assert card["user"] == room.context(ADA).user
        assert ("coins" in card) is coins


def test_the_snapshot_holds_every_features_part_and_the_callers_own_card() -> None:
    room = given(HOUSE, ADAS)
    me = HOUSE.card(room.context(ADA), "ada")
    assert room.snapshot(ADA) == {"at": room.now, "wire": 1, "me": me, "stage": None, "media": None, "jar": True}
    assert room.snapshot(GUEST)["me"] is None
