"""The rule of an incident: what it asks of a complaint, and whether it is one at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huiyin.core.because import Reason
from huiyin.core.playbook.conditions import check_condition
from huiyin.core.playbook.names import CATEGORIES

MOST_WORDS = 50
LONGEST_WORD = 40


class CannotRule(ValueError):
    """The rule says nothing or something wrong; ``zh`` and ``en`` say what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which complaints belong to an incident.

    Complaints opened from ``takes_from`` to ``takes_until`` (None: without end) fit when their
    waybill is on the list, or else when everything that is given holds: one of ``categories``,
    one of ``regions``, one of ``words``, and ``condition`` (CEL over the facts of a complaint).
    """

    takes_from: datetime
    takes_until: datetime | None = None
    waybills: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    condition: str = ""

    @property
    def asks(self) -> bool:
        """Whether anything beside the list of waybills is asked."""
        return bool(self.categories or self.regions or self.words or self.condition)


def sound(*, rule: Rule) -> None:
    """Refuse a rule that asks nothing, or something that cannot be. Raises CannotRule."""
    if rule.takes_until is not None and rule.takes_until <= rule.takes_from:
        raise CannotRule(
            zh="投诉时间的结束要晚于开始", en="the complaints' time must end after it begins"
        )
    if not rule.waybills and not rule.asks:
        raise CannotRule(
            zh="规则是空的：请给出运单清单、类别、地区、关键词或条件中的至少一项",
            en="the rule is empty: give a list of waybills, a category, a region, words or a"
            " condition",
        )
    for code in rule.categories:
        if code not in CATEGORIES:
            raise CannotRule(zh=f"没有“{code}”这个类别", en=f"there is no category {code!r}")
    for words in (rule.words, rule.regions):
        if len(words) > MOST_WORDS or any(len(w) > LONGEST_WORD for w in words):
            raise CannotRule(
                zh=f"关键词和地区最多各 {MOST_WORDS} 个，每个不超过 {LONGEST_WORD} 字",
                en=f"at most {MOST_WORDS} words and regions of {LONGEST_WORD} characters each",
            )
    if any(len(w) < 2 for w in rule.words):
        raise CannotRule(
            zh="关键词至少两个字，一个字会连上太多投诉", en="a word needs two characters at least"
        )
    if rule.condition:
        _condition(text=rule.condition)


def _condition(*, text: str) -> None:
    if len(text) > 1000:
        raise CannotRule(
            zh="条件不能超过 1000 个字符", en="a condition has 1000 characters at most"
        )
    for finding in check_condition(text=text, path=("condition",), language_signals=None):
        raise CannotRule(
            zh=f"{finding.zh}。{finding.remedy_zh}", en=f"{finding.en}. {finding.remedy_en}"
        )


def breadth(*, linked: int, looked_at: int, wide_percent: int) -> Reason | None:
    """Warn of a rule that takes more than ``wide_percent`` of all open complaints.

    A handful of complaints warns of nothing.
    """
    if linked < 10 or looked_at == 0 or linked * 100 <= looked_at * wide_percent:
        return None
    share = linked * 100 // looked_at
    return Reason(
        rule="incident.wide",
        zh=f"这条规则会连上 {linked} 件，占未结投诉的 {share}%，可能太宽",
        en=f"this rule takes {linked} complaints, {share}% of those open: it may be too wide",
        words=(str(linked), f"{share}%"),
    )
