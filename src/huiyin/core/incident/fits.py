"""Whether a complaint belongs to an incident, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.incident.listing import waybill_key
from huiyin.core.incident.rule import Rule
from huiyin.core.playbook.rules import Condition, bind, compile_condition, holds


@dataclass(frozen=True, slots=True)
class Subject:
    """A complaint as the rule sees it; ``facts`` are those of playbook conditions."""

    opened_at: datetime
    waybill: str = ""
    category: str = ""
    also: tuple[str, ...] = ()
    region: str = ""
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a complaint fits, and what decided it."""

    ok: bool
    because: tuple[Reason, ...]


@lru_cache(maxsize=64)
def _compiled(text: str) -> Condition[None]:
    because = Reason(rule="incident.condition", zh="符合规则的条件", en="meets the condition")
    return compile_condition(id="incident", when=text, then=None, because=because)


def fits(*, rule: Rule, subject: Subject) -> Fit:
    """Decide whether a complaint belongs to the incident of a sound rule.

    A fact that nobody knows makes a condition fail: what is unknown is not linked.
    """
    if subject.opened_at < rule.takes_from or (
        rule.takes_until is not None and subject.opened_at > rule.takes_until
    ):
        return _no("incident.time", "不在规则的投诉时间内", "outside the rule's time")
    key = waybill_key(text=subject.waybill)
    if key and key in rule.waybills:
        return Fit(
            True,
            (
                Reason(
                    rule="incident.waybill",
                    zh=f"运单 {key} 在清单上",
                    en=f"waybill {key} is on the list",
                    words=(key,),
                ),
            ),
        )
    if not rule.asks:
        return _no("incident.waybill", "运单不在清单上", "the waybill is not on the list")
    reasons: list[Reason] = []
    if rule.categories:
        hit = next((c for c in (subject.category, *subject.also) if c in rule.categories), None)
        if hit is None:
            return _no("incident.category", "类别不符", "another category")
        reasons.append(Reason("incident.category", "类别相符", "the category is one of the rule's",
                              (hit,)))  # fmt: skip
    if rule.regions:
        hit = next((r for r in rule.regions if r in subject.region or r in subject.text), None)
        if hit is None:
            return _no("incident.region", "地区或分拨中心不符", "another region or hub")
        reasons.append(
            Reason("incident.region", f"提到或属于“{hit}”", f"of or about {hit}", (hit,))
        )
    if rule.words:
        low = subject.text.casefold()
        hit = next((w for w in rule.words if w.casefold() in low), None)
        if hit is None:
            return _no("incident.words", "没有规则中的关键词", "none of the rule's words")
        reasons.append(Reason("incident.words", f"出现关键词“{hit}”", f"says {hit!r}", (hit,)))
    if rule.condition:
        condition = _compiled(rule.condition)
        if holds(condition=condition, facts=bind(facts=subject.facts)) is not True:
            return _no("incident.condition", "不符合规则的条件", "does not meet the condition")
        reasons.append(condition.because)
    return Fit(True, tuple(reasons))


def _no(rule: str, zh: str, en: str) -> Fit:
    return Fit(False, (Reason(rule=rule, zh=zh, en=en),))
