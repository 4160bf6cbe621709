"""How right extraction and matching are on texts made up from known facts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.core.extract import extract
from huiyin.core.extract.score import Named
from huiyin.core.extract.score import score as extraction_score
from huiyin.core.matching import ComplaintBook, ContactFacts, read_contact
from huiyin.core.matching.score import Judged
from huiyin.core.matching.score import score as matching_score

_AT = datetime(2026, 6, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_TEXTS = 600
_COMPLAINTS = 250
_DIGITS = "零一二三四五六七八九"
_SURNAMES = "谭周邓龙段欧肖阮褚庄熊焦温尚祝莫伍岳彭蒋康廖钟舒卜秋贾丁覃毕石佘邬文仇晏庹冷荀竺桂"
_PLACES = [
    "石门",
    "安乡",
    "津市",
    "汉寿",
    "湘阴",
    "平江",
    "汨罗",
    "桃江",
    "沅江",
    "安化",
    "隆回",
    "洞口",
    "武冈",
    "绥宁",
    "新宁",
    "芷江",
    "麻阳",
    "沅陵",
    "会同",
    "靖州",
    "双峰",
    "涟源",
    "三台",
    "盐亭",
    "平武",
    "梓潼",
    "江油",
    "南康",
    "信丰",
    "兴国",
    "于都",
]
_GOODS = [
    "腊肉",
    "黄桃",
    "大闸蟹",
    "羽绒服",
    "电热毯",
    "平衡车",
    "净化器",
    "合同",
    "助听器",
    "奶粉",
    "猫粮",
    "沙发",
    "花瓶",
    "茶具",
    "二胡",
    "手链",
    "键盘",
    "显示器",
    "打印机",
    "鱼竿",
    "婚纱",
    "校服",
]
_TROUBLES = ("三天没动", "显示签收，人没收到", "摔碎了", "少了一件", "放驿站没通知", "找不到了")
_MORE = ("怎么还没消息", "到底赔不赔", "什么时候有结果", "没人联系我")


def reading(*, seed: int = 7) -> dict[str, Any]:
    """Return the scores of extraction and of matching; the same seed gives the same texts.

    The texts are made by rule, so that the figures compare versions; they say little about how
    people really write.
    """
    rng = random.Random(seed)
    return {
        "extraction": extraction_score(judged=_extracted(rng)).as_json(),
        "matching": matching_score(judged=_matched(rng)).as_json(),
    }


def _number(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _waybill(rng: random.Random) -> str:
    head, rest = rng.choice((("SF", 13), ("YT", 13), ("JT", 13), ("77", 13), ("43", 13)))
    return head + _number(rng, rest)


def _extracted(rng: random.Random) -> Iterator[tuple[list[Named], list[Named]]]:
    """Yield the entities that were written into a text, and those found in it."""
    for _ in range(_TEXTS):
        waybill, phone = _waybill(rng), f"1{rng.choice('3578')}{_number(rng, 9)}"
        tail, yuan = _number(rng, 4), rng.randrange(10, 2000)
        sum_ = rng.choice((f"{yuan}元", f"￥{yuan}", f"{yuan}块", f"{rng.choice(_DIGITS[2:])}百元"))
        text, labels = rng.choice(
            (
                (f"单号{waybill}坏了，要赔{sum_}，电话{phone}", ("waybill", "money", "phone")),
                (f"{waybill} 还没到，联系{phone}", ("waybill", "phone")),
                (f"运单尾号{tail}的件丢了，价值{sum_}", ("waybill_tail", "money")),
                (f"我的快递{waybill}被收了{sum_}", ("waybill", "money")),
            )
        )
        words = {"waybill": waybill, "phone": phone, "waybill_tail": tail, "money": sum_}
        found = extract(text=text, at=_AT)
        yield [(t, words[t]) for t in labels], [(str(e.type), e.text) for e in found]


def _matched(rng: random.Random) -> Iterator[Judged]:
    """Yield decisions on an inbox where every complaint is followed up as people do."""
    lines: list[tuple[datetime, str, str, str, str, str]] = []
    for number in range(_COMPLAINTS):
        who, at = f"k{number}", _AT + timedelta(minutes=97 * number)
        phone, waybill = f"139{_number(rng, 8)}", _waybill(rng)
        name, place = rng.choice(_SURNAMES), rng.choice(_PLACES)
        goods, trouble = rng.choice(_GOODS), rng.choice(_TROUBLES)
        lines.append((
            at, who, "new", "phone", phone, f"{place}{name}女士，{waybill}，{goods}，{trouble}",
        ))  # fmt: skip
        later = [at + timedelta(hours=rng.randrange(2, 40)) for _ in range(3)]
        said = rng.choice(_MORE)
        lines.append((later[0], who, "join", "phone", phone, f"{name}女士，{said}"))
        other = f"wx{number}"
        lines.append(rng.choice((
            (later[1], who, "join", "wechat", other, f"{waybill} {said}"),
            (later[1], who, "join", "wechat", other, f"打过电话的，尾号{waybill[-4:]}，{said}"),
            (later[1], who, "join", "phone", f"138{_number(rng, 8)}",
             f"替{place}{name}女士问，{goods}那个，{said}"),
        )))  # fmt: skip
    lines.sort()
    book = ComplaintBook()
    opened: dict[str, str] = {}
    for place_in, (at, who, decision, channel, sender, text) in enumerate(lines):
        made = book.take(contact=_contact(f"{place_in}", at, channel, sender, text))
        if decision == "new":
            opened[who] = f"{place_in}"
        yield Judged(
            decision=made.decision,
            complaint=made.complaint_id,
            true_decision=decision,
            true_complaint=opened.get(who),
        )


def _contact(id: str, at: datetime, channel: str, sender: str, text: str) -> ContactFacts:
    return read_contact(
        id=id, at=at, channel=channel, sender=sender, text=text, entities=extract(text=text, at=at)
    )
