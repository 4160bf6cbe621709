"""Reconciling finance's result file with the batch that was handed to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from huiyin.core.remedy.offer import PAYOUT_STATE_NAMES, UNPAID_PAYOUTS
from huiyin.core.remedy.steps import yuan

OUTCOMES: dict[str, str] = {
    "paid": "pay", "成功": "pay", "已支付": "pay", "已付": "pay", "支付成功": "pay",
    "success": "pay", "ok": "pay",
    "failed": "fail", "失败": "fail", "支付失败": "fail", "fail": "fail", "error": "fail",
    "returned": "return", "退回": "return", "已退回": "return", "退票": "return",
}  # fmt: skip
"""What a result file may say, in small letters, and the act it means."""


@dataclass(frozen=True, slots=True)
class Order:
    """One payment as finance needs it; ``amount`` in 分."""

    number: str
    amount: int
    method: str
    payee: str
    account: str
    complaint: str
    waybill: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One payout of the batch: its number, sum in 分 and present state."""

    number: str
    amount: int
    state: str


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the result file; ``amount`` in 分, None when the row names none."""

    row: int
    number: str
    outcome: str
    amount: int | None = None
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A row that changes nothing, with what is wrong in both languages; row 0 is a missing one."""

    row: int
    number: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What follows from a result file: acts to carry out, rows known already, and mismatches."""

    acts: tuple[tuple[str, Result], ...] = ()
    """(pay | fail | return, row)."""
    known: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = field(default=())


_AFTER = {"pay": "paid", "fail": "failed", "return": "returned"}
_FROM = {"pay": UNPAID_PAYOUTS, "fail": UNPAID_PAYOUTS, "return": frozenset({"paid"})}


def reconcile(*, batch: Sequence[Asked], results: Sequence[Result]) -> Reconciled:
    """Match a result file with its batch.

    A row acts only when number, amount and state fit. A row that says again what is known changes
    nothing and is no mismatch, so a file may be read twice. Payouts still asked for that no row
    names are mismatches of their own.
    """
    asked: Mapping[str, Asked] = {a.number: a for a in batch}
    acts: list[tuple[str, Result]] = []
    known: list[str] = []
    wrong: list[Mismatch] = []
    seen: set[str] = set()
    for result in results:
        fault = _fault(result=result, asked=asked.get(result.number), seen=seen)
        named = result.number in asked
        if named and result.number not in seen:
            seen.add(result.number)
        if fault is not None:
            wrong.append(Mismatch(result.row, result.number, *fault))
            continue
        act = OUTCOMES[result.outcome.strip().lower()]
        if asked[result.number].state == _AFTER[act]:
            known.append(result.number)
        else:
            acts.append((act, result))
    for one in batch:
        if one.state == "requested" and one.number not in seen:
            wrong.append(
                Mismatch(0, one.number, "结果文件里没有这一笔", "the result file leaves it out")
            )
    return Reconciled(acts=tuple(acts), known=tuple(known), mismatches=tuple(wrong))


def _fault(*, result: Result, asked: Asked | None, seen: set[str]) -> tuple[str, str] | None:
    if not result.number:
        return "没有付款单号", "no payout number"
    if asked is None:
        return "这个批次里没有这个付款单号", "the batch has no such payout"
    if result.number in seen:
        return "付款单号重复出现", "the payout number occurs twice"
    act = OUTCOMES.get(result.outcome.strip().lower())
    if act is None:
        return (
            f"看不懂的结果“{result.outcome}”，应为 成功、失败 或 退回",
            f"unknown outcome {result.outcome!r}; use paid, failed or returned",
        )
    if result.amount is not None and result.amount != asked.amount:
        return (
            f"金额不符：应为 {yuan(asked.amount)}，结果为 {yuan(result.amount)}",
            f"the amount differs: {yuan(asked.amount)} asked, {yuan(result.amount)} reported",
        )
    if asked.state not in _FROM[act] | {_AFTER[act]}:
        now, then = PAYOUT_STATE_NAMES[asked.state], PAYOUT_STATE_NAMES[_AFTER[act]]
        return (
            f"这笔现在是“{now[0]}”，不能改为“{then[0]}”",
            f"it is {now[1].lower()} now and cannot become {then[1].lower()}",
        )
    return None
