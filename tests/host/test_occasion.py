import pytest

from host.occasion import Occasion, greeting, script
from room.people import User

ANN, BO, LIN = User(id="ann", name="Ann"), User(id="bo", name="Bo"), User(id="lin", name="小林")
HUNDREDTH = Occasion(kind="milestone", days=100)
THIRTY = Occasion(kind="milestone", days=30, in_a_row=True)
BACK = Occasion(kind="returning", days=31, away=4)
NEW = Occasion(kind="first_time")
FAN = Occasion(kind="promotion", tier="Fan")


@pytest.mark.parametrize(
    ("occasion", "english", "chinese"),
    [
        (HUNDREDTH, "Thank you, 小林: 100 days with us!", "感谢小林陪伴我们整整100天！"),
        (THIRTY, "小林: 30 days in a row!", "恭喜小林连续打卡30天！"),
        (FAN, "小林 is now Fan. Congratulations!", "恭喜小林升级为Fan！"),
        (BACK, "Welcome back, 小林: 31 days with us, back after 4!", "欢迎小林回来！已陪伴我们31天，时隔4天。"),
        (NEW, "Welcome, 小林, here for the first time!", "欢迎第一次来的小林！"),
    ],
)
def test_a_script_is_said_to_one_person_in_the_rooms_language(occasion: Occasion, english: str, chinese: str) -> None:
    assert script(occasion, [LIN], 1).en == english
    assert script(occasion, [LIN], 1).zh == chinese


@pytest.mark.parametrize(
    ("occasion", "english", "chinese"),
    [
        (Occasion(kind="milestone", days=30), "30 days: Ann, Bo, 小林", "30天：Ann、Bo、小林"),
        (THIRTY, "30 days in a row: Ann, Bo, 小林", "连续打卡30天：Ann、Bo、小林"),
        (FAN, "New Fan: Ann, Bo, 小林", "恭喜Ann、Bo、小林升级为Fan！"),
        (BACK, "Welcome back: Ann, Bo, 小林", "欢迎回来：Ann、Bo、小林"),
        (NEW, "Here for the first time: Ann, Bo, 小林", "欢迎第一次来的Ann、Bo、小林！"),
    ],
)
def test_several_share_one_script(occasion: Occasion, english: str, chinese: str) -> None:
    assert script(occasion, [ANN, BO, LIN], 3).en == english
    assert script(occasion, [ANN, BO, LIN], 3).zh == chinese


def test_of_many_it_says_how_many_they_are() -> None:
    assert script(NEW, [ANN, BO], 40).en == "Here for the first time: Ann, Bo and 38 more"
    assert script(NEW, [ANN, BO], 40).zh == "欢迎第一次来的Ann、Bo等40人！"


def test_a_hundred_days_come_first_and_who_is_new_comes_last() -> None:
    in_a_row = Occasion(kind="milestone", days=100, in_a_row=True)
    ordered = [HUNDREDTH, in_a_row, FAN, THIRTY, BACK, NEW]
    assert sorted(ordered, key=lambda one: -one.priority) == ordered
    assert len({one.priority for one in ordered}) == len(ordered)


@pytest.mark.parametrize(
    ("days", "away", "known", "greeted"),
    [
        (0, None, False, "first_time"),
        (0, None, True, None),
        (6, 9, True, None),
        (7, 1, True, None),
        (7, 2, True, "returning"),
        (400, 30, True, "returning"),
    ],
)
def test_who_is_greeted_and_why(days: int, away: int | None, known: bool, greeted: str | None) -> None:
    occasion = greeting(days=days, away=away, known=known)
    assert (occasion and occasion.kind) == greeted
