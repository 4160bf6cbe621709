"""The money of the demo: offers by the formula, customers' answers, what finance pays."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.lifecycle import CannotMove
from huiyin.core.remedy.parcel import CannotClaimTwice
from huiyin.core.remedy.payee import Payee
from huiyin.core.remedy.proposal import CannotPropose
from huiyin.core.remedy.reconcile import Result
from huiyin.flows import agree, journey, pay, settle
from huiyin.store.read import payouts, playing

_NAMES = ("王女士", "李先生", "张女士", "陈先生", "赵女士")
_FAILURES = ("账号与姓名不符", "账户已注销", "超过收款限额")


def facts_of(*, rng: random.Random, kind: str, now: datetime) -> dict[str, Any]:
    """Return believable facts of the compensation formula for a category, money in 分."""
    value = rng.choice((5900, 9900, 12800, 19900, 29900, 39900, 68000, 129900))
    facts: dict[str, Any] = {
        "fee": rng.choice((800, 1000, 1200, 1500, 1800, 2300)),
        "real_value": value,
        "value_proven": rng.random() < 0.75,
        "account": rng.choices(("retail", "monthly"), (8, 2))[0],
    }
    if rng.random() < 0.3:
        facts["insured_amount"] = rng.choice((value, value, value // 200 * 100))
    if kind == "delay":
        late = timedelta(days=rng.choice((1, 1, 2, 2, 3, 4, 5, 8)), hours=rng.randrange(20))
        return {**facts, "kind": "delay", "promised_at": (now - late).isoformat()}
    if kind == "damaged":
        return {**facts, "kind": "damage_partial", "loss_ratio": rng.choice((0.2, 0.3, 0.5, 1))}
    if kind == "fee":
        return {"kind": "overcharge", "overcharged": rng.choice((300, 500, 800, 1500))}
    return {**facts, "kind": "loss"}


def offer(
    *, rng: random.Random, now: datetime, case: UUID, proposer: Actor, kind: str
) -> UUID | None:
    """Offer what the formula yields; None where the playbook or an earlier claim forbids it."""
    try:
        with journey.writing(now=now, actor=f"user:{proposer.id}") as pen:
            return settle.propose(
                pen=pen, complaint_id=case, actor=proposer, kind="amount",
                facts=facts_of(rng=rng, kind=kind, now=now), reason="按规则核算",
            )  # fmt: skip
    except (CannotClaimTwice, CannotMove, CannotPropose):
        return None


def answer(*, rng: random.Random, now: datetime, remedy: UUID) -> None:
    """Let the customer accept, mostly; or name another sum, decline, or stay silent."""
    amount = playing.open_offer(remedy_id=remedy)
    if amount is None:
        return
    mood = rng.random()
    with journey.writing(now=now, actor="customer") as pen:
        if mood < 0.8:
            method = rng.choice(("original", "wechat", "alipay", "bank"))
            number = "6217" + "".join(rng.choices("0123456789", k=15))
            phone = f"13{rng.randrange(10**8, 10**9)}"
            payee = Payee(
                method=method,
                name="" if method == "original" else rng.choice(_NAMES),
                account={"original": "", "bank": number}.get(method, phone),
            )
            agree.accept(pen=pen, remedy_id=remedy, payee=payee)
        elif mood < 0.88:
            more = (amount * rng.choice((15, 20, 30)) // 10 // 100 + 1) * 100
            agree.counter(pen=pen, remedy_id=remedy, amount=more, words="这点钱连东西的零头都不够")
        elif mood < 0.92:
            agree.decline(pen=pen, remedy_id=remedy, words="我要的是东西，不是钱")


def pay_out(*, now: datetime, payer: Actor) -> UUID | None:
    """Let claims hand what waits to finance; None when nothing waits."""
    try:
        with journey.writing(now=now, actor=f"user:{payer.id}") as pen:
            return pay.batch(pen=pen, actor=payer)
    except pay.CannotPay:
        return None


def reconcile(*, rng: random.Random, now: datetime, payer: Actor, batch: UUID) -> None:
    """Let finance report: nearly everything is paid, a little fails."""
    results = []
    for row, payout in enumerate(payouts.of_batch(batch_id=batch), start=2):
        good = rng.random() < 0.94
        results.append(
            Result(
                row=row,
                number=payout.number,
                outcome="成功" if good else "失败",
                amount=payout.amount,
                reference=f"T{rng.randrange(10**9, 10**10)}" if good else "",
                note="" if good else rng.choice(_FAILURES),
            )
        )
    with journey.writing(now=now, actor=f"user:{payer.id}") as pen:
        pay.settle(pen=pen, actor=payer, batch_id=batch, results=results)
