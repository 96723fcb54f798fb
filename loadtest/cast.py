"""Who plays the viewers: names, ids and tiers, all from a seed and a number."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

Language = Literal["zh", "en"]

# A newcomer every 2.5 s uses this many ids in 45 hours. By then the first have slept through a change of day and may
# check in again, so the cast can go round for ever and a long demo leaves a bounded number of members behind.
CAST_SIZE = 65_536


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NAMES_ZH = _names("""
爱吃草莓的小熊 momo 阿杰在广州 南风知我意 橙子汽水 团团妈妈 小鹿乱撞 夏天的风 圆圆爱购物 林深见鹿
一只柠檬 晚安月亮 北京老王 米粒儿 奶茶三分糖 星河滚烫 七七今天买啥 豆包没睡醒 云朵棉花糖 西西里的猫
芒果不芒 江南小雨 钱包君已阵亡 麻辣小龙虾 早睡早起张同学 可可西里 番茄炒蛋 青柠味的夏 成都糖糖
半糖去冰 快乐小狗 花花的妈 阿福 木子李 陈小满 温柔的晚风 土豆丝盖饭 拾光 深圳打工人 栗子酱 丸子头
省钱小能手 沐沐 小白不白 海盐芝士 糯米团子 东北大碴子 桃桃乌龙 武汉热干面 今天不剁手 苏苏 下雨天的伞
安安静静 杭州小笼包 布丁奶盖 追光者 咕噜咕噜 阿紫 十里桃花 喵星来客
""")
_NAMES_EN = _names("""
Grace_W Liam88 mia.k OliverT Zoe_Shops NoahB ava_lu EthanInSG Chloe.c JackyChan_ luna.moon Ben_H
RubyRose Kelly_Y SunnyDay Tom_in_KL Emma.J Alex_P nina_b CocoLee DannyBoy Ivy_Green Leo.M Hannah_
Peachy Max_W Lily.F SamTheSaver Wendy_T Jay.C Bella_R HappyPanda KevinZ Amy_Q Oscar_D rosie.m Tina_L
Nick_V MangoSticky Yuki_N EllaB CarterJ DaisyD Henry_S Jojo_K PixelCat Vera.L Milo_T Fiona_X SkyBlue
""")
# Of so many newcomers one is a regular who has come back, and one checks in for the hundredth time: the host has
# somebody to greet and to thank.
_REGULAR_EVERY = 9
_HUNDREDTH_EVERY = 24

# One in three has no tier yet, and the higher the rarer. No two without one follow each other: entrances never stop.
_TIERS = (0, 1, 2, 0, 3, 1, 0, 2, 4, 1, 0, 3, 1, 0, 5, 2, 0, 1, 6, 0, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A simulated viewer; `tier` is what the platform gives him before he comes.

    A regular has checked in on `days` in a row, the last time `away` days ago.
    """

    user: str
    name: str
    tier: int
    language: Language
    role: Literal["host"] | None = None
    days: int = 0
    away: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All members of one run; another run has other ids, so nobody in it has checked in today."""

    seed: int
    run: str

    def member(self, number: int) -> Member:
        """The member with that number, always the same one; numbers wrap at `CAST_SIZE`."""
        number %= CAST_SIZE
        rng = Random(f"{self.seed}:member:{number}")
        language: Language = "zh" if rng.random() < 0.65 else "en"
        names = _NAMES_ZH if language == "zh" else _NAMES_EN
        name = names[(number + rng.randrange(3)) % len(names)]
        if rng.random() < 0.3:
            name += str(rng.randrange(10, 999))
        tier, (days, away) = _TIERS[number % len(_TIERS)], _past(number, rng)
        return Member(user=f"sim.{self.run}.{number}", name=name, tier=tier, language=language, days=days, away=away)

    def climber(self) -> Member:
        """Who climbs all tiers once, to learn what each costs; never enters the room."""
        return Member(user=f"sim.{self.run}.climber", name="Climber", tier=0, language="en")

    def host(self, room: str) -> Member:
        """Who runs the show in `room`; the same in every run."""
        return Member(user=f"host-{room}", name="主播小满 Mandy", tier=0, language="zh", role="host")


def _past(number: int, rng: Random) -> tuple[int, int]:
    """On how many days in a row a member has checked in, and how many ago the last of them was."""
    if number % _HUNDREDTH_EVERY == _HUNDREDTH_EVERY // 2:
        return 99, 1
    return (rng.randrange(8, 90), rng.randrange(2, 7)) if number % _REGULAR_EVERY == 1 else (0, 0)
