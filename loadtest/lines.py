"""What viewers of a live shop say, in Chinese and English, and how a host thanks them."""

from __future__ import annotations

from random import Random
from typing import Final, Literal

from loadtest.cast import Language

Mood = Literal["watching", "arrived", "checked_in", "thanked"]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.strip().split("\n"))


_ARRIVED_ZH = _lines("""
来啦来啦
主播晚上好
刚下班就赶来了
大家好呀
错过什么了吗
前排报到
终于赶上直播了
打卡第一件事就是来这里
""")
_ARRIVED_EN = _lines("""
hi everyone!
just got here, what did I miss?
good evening from Penang
made it in time!
hello hello
back again, missed you all
""")
_CHECKED_IN_ZH = _lines("""
今日已签到
签到成功，离优惠券又近一天
连续签到不能断
签到领积分啦
大家记得签到哦
第七天的券我来了
签到打卡，今天也要开心
""")
_CHECKED_IN_EN = _lines("""
checked in!
streak still alive
two more days to my coupon
don't forget to check in, folks
daily check-in done
points collected
""")
_THANKED_ZH = _lines("""
谢谢主播！
被念到名字了，好开心
啊啊啊主播看到我了
主播人真好
爱你们
""")
_THANKED_EN = _lines("""
thank you!!
omg she said my name
that made my day
aww, thanks a lot
""")
_WATCHING_ZH = _lines("""
这件多少钱呀
有没有小码
主播身高多少
这个颜色好好看
求链接
已下单
上次买的质量很好，回购
敏感肌可以用吗
包邮吗
什么时候发货
再讲一下优惠吧
三号链接还有货吗
想看背面
这个适合送妈妈吗
太划算了
手慢无啊
抢到了抢到了
没抢到，求补货
主播今天气色真好
面料起球吗
可以机洗吗
保质期到什么时候
孩子能吃吗
家里刚好缺一个
比商场便宜好多
主播试穿一下嘛
灰色和黑色哪个显瘦
一米六穿什么码
口红色号报一下
这个音乐好好听
优惠券怎么领
会员还能再减吗
黄色弹幕好酷
冲冲冲
买它买它
求主播讲讲成分
油皮亲妈
上周买的已经收到了，包装很用心
七天无理由吗
有赠品吗
这个锅电磁炉能用吗
容量多大
续航多久
等了一晚上就等这个
给老公也买一件
评论区卧虎藏龙
支持主播
点赞走一波
慢一点慢一点，没看清
下一个讲什么
尺码偏大还是偏小
颜色会不会有色差
""")
_WATCHING_EN = _lines("""
how much is this one?
is it true to size?
love that color
link please
just ordered mine
bought it last week, really happy with it
does it ship to Singapore?
free shipping?
can we see the back?
which size for 160 cm?
is it machine washable?
any gift with it?
that's a good price
got one!
sold out already? please restock
the blue one is gorgeous
okay for sensitive skin?
how long does the battery last?
can you try it on?
grey or black?
where do I find the coupon?
member price please
this host is so funny
adding to cart
my mum would love this
the packaging was lovely last time
what's next?
go go go
one more time, too fast for me
does it work on induction?
great music tonight
10/10 would buy again
need this in my kitchen
what's it made of?
returns within 7 days?
waited all night for this one
""")

LINES: Final[dict[Language, dict[Mood, tuple[str, ...]]]] = {
    "zh": {"watching": _WATCHING_ZH, "arrived": _ARRIVED_ZH, "checked_in": _CHECKED_IN_ZH, "thanked": _THANKED_ZH},
    "en": {"watching": _WATCHING_EN, "arrived": _ARRIVED_EN, "checked_in": _CHECKED_IN_EN, "thanked": _THANKED_EN},
}
SHOUT_OUTS: Final[dict[Language, tuple[str, ...]]] = {
    "zh": (
        "欢迎{name}来到直播间！", "感谢{name}一直以来的支持", "恭喜{name}抢到今天的好价", "{name}说得对，这款真的好用",
        "谢谢{name}今天也来签到", "给{name}点个赞",
    ),
    "en": (
        "A warm welcome to {name}!", "Thank you for being here, {name}", "Congratulations {name}, great catch!",
        "{name} asked a very good question", "Nice streak, {name}!", "Big thanks to {name}",
    ),
}  # fmt: skip


def pick_line(rng: Random, language: Language, mood: Mood) -> str:
    """What a viewer in that mood says next."""
    return rng.choice(LINES[language][mood])


def pick_shout_out(rng: Random, language: Language, name: str) -> str:
    """How the host thanks `name`."""
    return rng.choice(SHOUT_OUTS[language]).format(name=name)
