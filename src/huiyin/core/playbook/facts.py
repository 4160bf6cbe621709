"""The facts that conditions may ask for: name, type, and how to ask a person for it.

Money is in 分, times in whole hours or days. A fact that is absent or None is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

FactType = Literal["bool", "int", "float", "str", "list"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its type, its meaning, and the values it may take where they are few."""

    name: str
    type: FactType
    zh: str
    en: str
    values: tuple[str, ...] = ()


_TABLE: tuple[Fact, ...] = (
    # what the words say
    Fact("category", "str", "投诉类别", "category of the complaint"),
    Fact("also", "list", "次要类别", "further categories"),
    Fact("confidence", "float", "类别判断的把握（0–1）", "confidence of the category, 0 to 1"),
    Fact("signals", "list", "文字中的信号", "signals found in the words"),
    Fact("emotion", "int", "情绪强度（0 平静 – 3 激动）", "strength of emotion, 0 calm to 3"),
    Fact("urgency", "str", "紧急程度", "urgency", ("low", "normal", "high", "critical")),
    # how it came
    Fact("channel", "str", "来源渠道", "channel of the first contact"),
    Fact(
        "branch",
        "str",
        "受理分支",
        "branch at reception",
        ("consultation", "business_request", "complaint"),
    ),
    Fact("has_waybill", "bool", "是否提供运单号", "a waybill number is known"),
    Fact("has_photos", "bool", "是否附有照片", "photos are attached"),
    Fact("has_phone", "bool", "是否留有电话", "a phone number is known"),
    Fact("region", "str", "所属区域", "region of the parcel or customer"),
    Fact("account", "str", "客户类型", "kind of account", ("retail", "monthly")),
    Fact("complainant", "str", "投诉人身份", "who complains", ("sender", "recipient", "other")),
    # its history
    Fact("contacts", "int", "本投诉的联系次数", "contacts on this complaint"),
    Fact("earlier_complaints", "int", "近期同类投诉次数", "recent complaints of the same kind"),
    Fact("reopened", "int", "被重新打开的次数", "how often the complaint was reopened"),
    Fact("rehandling", "int", "重新处理的轮次（0 为首次）", "round of re-handling, 0 at first"),
    Fact("appealed", "bool", "是否已向邮政管理部门申诉", "appealed to the postal regulator"),
    Fact("grounds", "list", "重新处理的缘由", "why it is handled again"),
    # the parcel (names of the remedy formula)
    Fact(
        "kind",
        "str",
        "损失类型",
        "kind of loss",
        (
            "delay",
            "loss",
            "damage_total",
            "damage_partial",
            "shortage",
            "wrong_item",
            "fake_sign",
            "attitude",
            "overcharge",
        ),
    ),
    Fact("fee", "int", "本次运费（分）", "freight in fen"),
    Fact("premium", "int", "保价费（分）", "insurance premium in fen"),
    Fact("insured", "bool", "是否保价", "the parcel is insured"),
    Fact("insured_amount", "int", "保价金额（分）", "insured amount in fen"),
    Fact("real_value", "int", "实际价值（分）", "real value in fen"),
    Fact("value_proven", "bool", "是否有价值证明", "the value is proven"),
    Fact("loss_ratio", "float", "损失比例（0–1）", "share of the value lost, 0 to 1"),
    Fact(
        "route", "str", "线路", "route", ("city", "domestic", "hkmt", "international")
    ),
    Fact("days_late", "int", "超过承诺时限的天数", "days after the promised time"),
    Fact("no_scan_hours", "int", "轨迹未更新的小时数", "hours since the last scan"),
    Fact("track_state", "str", "轨迹状态", "state of the track",
         ("waiting", "picked_up", "moving", "forwarded", "delivering", "problem", "customs",
          "signed", "refused", "returning", "returned", "unknown")),
    Fact("cod_amount", "int", "代收货款金额（分）", "cash on delivery in fen"),
    Fact("overcharged", "int", "多收金额（分）", "amount overcharged in fen"),
    Fact("claimed", "int", "客户要求的金额（分）", "amount the customer asks for in fen"),
    Fact("signed_by", "str", "签收方式", "how it was signed for",
         ("person", "proxy", "locker", "station", "unknown")),
    Fact("outer_pack", "str", "外包装状态", "state of the outer pack",
         ("intact", "broken", "wet", "reopened")),
    Fact("inner_goods", "str", "内件状态", "state of the goods inside",
         ("intact", "broken", "short")),
    Fact("last_scan", "str", "最后一次扫描在哪一段", "where the last scan was made",
         ("origin", "origin_hub", "destination_hub", "delivering")),
    Fact("handed_over", "bool", "是否有下一段的交接签收", "the next part signed for the hand-over"),
    Fact("gross_negligence", "bool", "是否故意或重大过失", "intent or gross negligence"),
    Fact("terms_shown", "bool", "是否已提示赔偿条款", "the terms were shown to the customer"),
    # what was found
    Fact(
        "verdict", "str", "核查结论", "verdict", ("upheld", "partly_upheld", "not_upheld")
    ),
    Fact("cause", "str", "原因代码", "cause code"),
    Fact(
        "liable", "str", "责任归属", "who is liable",
        ("carrier", "force_majeure", "nature", "user"),
    ),
    Fact("compensation", "int", "按规则计算的赔偿（分）", "compensation by the formula in fen"),
    Fact("stars", "int", "满意度星级（1–5）", "survey stars, 1 to 5"),
)  # fmt: skip

FACTS: dict[str, Fact] = {fact.name: fact for fact in _TABLE}

KNOWN_OTHERWISE: dict[str, str] = {
    **dict.fromkeys(
        (
            "category", "also", "confidence", "signals", "emotion", "urgency", "channel", "branch",
            "has_waybill", "has_photos", "has_phone", "contacts", "earlier_complaints",
            "reopened", "rehandling", "appealed", "grounds", "stars", "compensation",
            "track_state",
        ),
        "",
    ),
    "verdict": "verdict",
    "cause": "verdict",
}  # fmt: skip
"""Facts that nobody types in: they follow from the complaint, or from the action named here."""


class CannotTell(ValueError):
    """What was typed cannot be this fact; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def told(*, name: str, text: str) -> bool | int | float | str | None:
    """Read what a person typed for a fact; money is typed in yuan.

    Returns None for empty text. Raises CannotTell when it cannot be such a fact.
    """
    fact, text = FACTS[name], text.strip()
    if not text:
        return None
    if fact.type == "bool":
        if text not in {"yes", "no"}:
            raise CannotTell(zh="请选择是或否", en="choose yes or no")
        return text == "yes"
    if fact.type in {"int", "float"}:
        money = "（分）" in fact.zh
        try:
            number = Decimal(text.replace(",", "").replace("，", ""))
        except ArithmeticError:
            raise CannotTell(zh="请填写数字", en="write a number") from None
        if not number.is_finite() or not 0 <= number <= 10**9:
            raise CannotTell(zh="请填写 0 到 10 亿之间的数", en="from 0 to a thousand million")
        if fact.type == "float":
            if number > 1:
                raise CannotTell(zh="请填写 0 到 1 之间的数", en="write a number from 0 to 1")
            return float(number)
        whole = number * 100 if money else number
        if whole != whole.to_integral_value():
            raise CannotTell(
                zh="金额最多两位小数" if money else "请填写整数",
                en="at most two decimals" if money else "write a whole number",
            )
        return int(whole)
    if fact.values and text not in fact.values:
        raise CannotTell(zh="请选择列表中的一项", en="choose one of the list")
    return text[:200]


def mistaken(*, name: str, value: Any) -> str | None:
    """Say in English what is wrong with a fact of an example, or None when it is sound."""
    fact = FACTS.get(name)
    if fact is None:
        return "unknown fact"
    right = {
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, float),
        "str": isinstance(value, str),
        "list": isinstance(value, list | tuple) and all(isinstance(v, str) for v in value),
    }[fact.type]
    if not right:
        return f"must be of type {fact.type}"
    if fact.values and value not in fact.values:
        return "must be one of " + ", ".join(fact.values)
    return None
