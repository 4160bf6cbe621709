"""Fines: only by a rule of the playbook that holds, within its limits, and open to one appeal.

Source: 快递市场管理办法 art. 49 (unreasonable measures of headquarters against outlets are an
offence): a stated rule, evidence, proportion and an appeal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.liability.machine import WORDS_LIMIT, CannotRule
from huiyin.core.playbook.liability import FineRule, Liability
from huiyin.core.playbook.rules import bind, holds

FINE_NAMES: dict[str, tuple[str, str]] = {
    "imposed": ("已作出（申诉期内）", "Imposed, may be appealed"),
    "pending": ("申诉待决", "Appeal pending"),
    "overturned": ("申诉成立，撤销", "Overturned on appeal"),
    "partly": ("部分成立，减少", "Partly upheld"),
    "sustained": ("申诉不成立，维持", "Sustained"),
    "final": ("已生效", "Final"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
FINE_MOVES: dict[str, tuple[str, ...]] = {
    "imposed": ("appeal", "expire", "withdraw"),
    "pending": ("decide", "expire", "withdraw"),
    "overturned": (), "partly": (), "sustained": (), "final": (), "withdrawn": (),
}  # fmt: skip
OUTCOMES: tuple[str, ...] = ("overturned", "partly", "sustained")


@dataclass(frozen=True, slots=True)
class Fine:
    """A fine in 分. ``rule`` is the playbook's rule it rests on, ``charged`` what is to be paid."""

    rule: str
    amount: int
    state: str
    charged: int = 0
    late: bool = False


@dataclass(frozen=True, slots=True)
class FineStep:
    """What an act on a fine leads to."""

    fine: Fine
    event: str
    because: tuple[Reason, ...]
    fresh: bool


def _money(amount: int) -> str:
    return f"¥{amount / 100:,.2f}"


def possible(*, liability: Liability, facts: Mapping[str, Any], on: date) -> tuple[FineRule, ...]:
    """Return the rules of fines that hold on these facts."""
    bound = bind(facts=facts)
    return tuple(
        c.then
        for c in liability.fine_rules.conditions
        if (c.from_ is None or c.from_ <= on) and holds(condition=c, facts=bound) is True
    )


def impose(
    *,
    liability: Liability,
    rule: str,
    facts: Mapping[str, Any],
    on: date,
    kind: str,
    amount: int,
    words: str,
    before: frozenset[str] = frozenset(),
) -> FineStep:
    """Impose a fine of ``amount`` 分 on a party of a kind. Raises CannotRule.

    ``before`` are the rules by which the party was fined for the same complaint already.
    """
    found = liability.fine(id=rule)
    if found is None:
        raise CannotRule(
            zh="处罚必须依据处理规程里写明的条款，请选择一条",
            en="a fine needs a stated rule of the playbook: choose one",
        )
    if found not in possible(liability=liability, facts=facts, on=on):
        raise CannotRule(
            zh=f"“{found.name.zh}”的条件未满足：{found.because.zh}",
            en=f"the rule {found.name.en!r} does not hold here: {found.because.en}",
        )
    if kind not in found.on:
        raise CannotRule(zh="这一条款不适用于该对象", en="this rule does not apply to such a party")
    if rule in before:
        raise CannotRule(
            zh="该单位已因本件投诉按同一条款处罚过",
            en="fined by this rule for this complaint already",
        )
    if not found.least <= amount <= found.most:
        raise CannotRule(
            zh=f"金额应在 {_money(found.least)} 到 {_money(found.most)} 之间",
            en=f"the amount must be between {_money(found.least)} and {_money(found.most)}",
        )
    if not words.strip():
        raise CannotRule(zh="请写明事实和证据", en="state the facts and the evidence")
    _fits(words)
    why = Reason(
        rule="fine.imposed", zh=f"{found.name.zh} {_money(amount)}",
        en=f"{found.name.en} {_money(amount)}",
    )  # fmt: skip
    return FineStep(
        Fine(rule=rule, amount=amount, state="imposed"),
        "FineImposed", (found.reason(), why), fresh=True,
    )  # fmt: skip


def _fits(words: str) -> None:
    if len(words) > WORDS_LIMIT:
        raise CannotRule(
            zh=f"内容超过 {WORDS_LIMIT} 字，请精简或作为附件上传",
            en=f"more than {WORDS_LIMIT} characters; shorten it or attach a file",
        )


def fine_step(
    *,
    fine: Fine,
    act: str,
    words: str = "",
    files: int = 0,
    outcome: str = "",
    amount: int = 0,
    silent: str = "overturned",
) -> FineStep:
    """Decide an act on a fine: appeal, decide (with ``outcome``), withdraw, expire.

    ``amount`` is what remains, 分, where the outcome is ``partly``; ``silent`` the outcome of an
    appeal that nobody answered even late. Raises CannotRule.
    """
    if act not in FINE_MOVES.get(fine.state, ()):
        name = FINE_NAMES.get(fine.state, (fine.state,) * 2)
        raise CannotRule(
            zh=f"这笔处罚当前为“{name[0]}”，不能这样操作，请刷新页面",
            en=f"the fine is now: {name[1].lower()}; this is not possible, reload",
        )
    _fits(words)
    said = words.strip()
    if act == "appeal":
        if not said and not files:
            raise CannotRule(
                zh="请写明申诉理由，或附上材料", en="write your reasons or attach files"
            )
        return _step(fine, "pending", 0, "FineAppealed", "申诉，由上级另行决定", "appealed", True)
    if act == "expire":
        if fine.state == "imposed":
            return _step(
                fine, "final", fine.amount, "FineFinal", "申诉期满无人申诉，处罚生效",
                "nobody appealed in time", False,
            )  # fmt: skip
        if fine.late:
            zh, en = FINE_NAMES[silent]
            return _step(
                fine, silent, 0 if silent == "overturned" else fine.amount, "FineDecided",
                f"申诉超期后仍无人答复，按规程：{zh}",
                f"nobody answered the appeal even late, by the playbook: {en.lower()}", False,
            )  # fmt: skip
        return FineStep(
            replace(fine, late=True), "FineLate",
            (Reason(rule="fine.late", zh="申诉答复已超期", en="the appeal is answered late"),),
            fresh=True,
        )  # fmt: skip
    if not said:
        raise CannotRule(zh="请写明理由，当事方会看到", en="give reasons; the party reads them")
    if act == "withdraw":
        return _step(fine, "withdrawn", 0, "FineWithdrawn", said, said, False)
    if outcome not in OUTCOMES:
        raise CannotRule(zh="请选择撤销、减少或维持", en="overturn, reduce or sustain it")
    if outcome == "partly" and not 0 < amount < fine.amount:
        raise CannotRule(
            zh=f"减少后的金额应大于 0、小于 {_money(fine.amount)}",
            en=f"the reduced amount must be above 0 and below {_money(fine.amount)}",
        )
    charged = {"overturned": 0, "partly": amount, "sustained": fine.amount}[outcome]
    zh, en = FINE_NAMES[outcome]
    return _step(
        fine, outcome, charged, "FineDecided", f"{zh}：{_money(charged)}",
        f"{en}: {_money(charged)}", False,
    )  # fmt: skip


def _step(
    fine: Fine, state: str, charged: int, event: str, zh: str, en: str, fresh: bool
) -> FineStep:
    return FineStep(
        replace(fine, state=state, charged=charged, late=False), event,
        (Reason(rule=f"fine.{state}", zh=zh, en=en),), fresh=fresh,
    )  # fmt: skip
