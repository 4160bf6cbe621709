"""Agree: the customer accepts, declines or asks for something else."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import ENDED
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.core.remedy import yuan
from huiyin.core.remedy.offer import (
    ANSWERED_KINDS,
    GRANTED,
    ISSUED_KINDS,
    move_offer,
)
from huiyin.core.remedy.payee import Payee
from huiyin.core.remedy.proposal import MOST
from huiyin.flows import payout
from huiyin.flows.again import open_again
from huiyin.flows.facts import thing_of
from huiyin.flows.telling import tell
from huiyin.store.case import Case, Happening
from huiyin.store.ledger import Pen
from huiyin.store.read import office, remedies
from huiyin.store.read.remedies import KIND_NAMES, Offer


class CannotAgree(ValueError):
    """The answer is not possible; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def announce(pen: Pen, events: Sequence[Happening]) -> None:
    """Tell the customer of a money offer that waits for his answer."""
    for event in events:
        case, kind = event.case, str(event.data["kind"])
        message = office.playbook(version_id=case.playbook_version).messages.offer
        if message is None or kind not in ANSWERED_KINDS or case.status in ENDED:
            continue
        if event.data.get("told_with_answer"):
            continue
        tell(
            pen=pen,
            case=case,
            message=message,
            extra={
                "amount": f"¥{yuan(int(event.data['amount']))}",
                "remedy": KIND_NAMES[kind][0],
            },
        )


def issue(pen: Pen, events: Sequence[Happening]) -> None:
    """Hand out coupons and points as soon as they are granted: nobody has to accept them."""
    for event in events:
        kind, remedy_id = str(event.data["kind"]), UUID(str(event.data["remedy"]))
        if kind not in ISSUED_KINDS:
            continue
        pen.alter(table="remedy", key=remedy_id, state=move_offer(state="approved", act="issue"))
        payout.request(
            pen=pen,
            case=event.case,
            remedy_id=remedy_id,
            amount=int(event.data["amount"]),
            payee=Payee(method=kind),
            by="system",
            because=Reason(
                rule="agree.issued",
                zh="已获批，直接发放，不需要客户确认",
                en="granted and handed out; needs no consent",
            ),
        )


def _open_offer(*, pen: Pen, remedy_id: UUID) -> tuple[Case, Offer]:
    found = remedies.offer(remedy_id=remedy_id)
    if found is None or found.kind not in MONEY_KINDS:
        raise CannotAgree(zh="找不到这个方案", en="there is no such offer")
    case = pen.case(id=found.complaint_id)
    return case, remedies.offer(remedy_id=remedy_id) or found


def _staff(*, case: Case, actor: Actor | None, words: str) -> str:
    """Return who answers; staff write down what the customer said. Raises PermissionError."""
    if actor is None:
        return "customer"
    allowed = may(actor=actor, action="propose", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if not words.strip():
        raise CannotAgree(
            zh="请写明客户是怎么答复的（时间、方式、原话）",
            en="write down how the customer answered: when, by which way, in his words",
        )
    return f"user:{actor.id}"


def accept(
    *, pen: Pen, remedy_id: UUID, payee: Payee, words: str = "", actor: Actor | None = None
) -> UUID:
    """Accept an offer and ask finance to pay it; returns the complaint's id.

    ``actor`` None is the customer himself; staff must write down his words. Raises CannotAgree,
    CannotMoveOffer, PermissionError.
    """
    case, row = _open_offer(pen=pen, remedy_id=remedy_id)
    by = _staff(case=case, actor=actor, words=words)
    state = move_offer(state=row.state, act="accept")
    pen.alter(
        table="remedy",
        key=remedy_id,
        state=state,
        answered_at=pen.now,
        answered_by=by,
        answer_words=words.replace("\x00", "").strip()[:2000],
    )
    pen.change(
        case=case,
        kind="RemedyAccepted",
        data={"remedy": str(remedy_id), "kind": row.kind, "amount": row.amount, "by": by},
        actor=None if actor else "customer",
        unread=True,
    )
    _request(pen=pen, case=case, row=row, payee=payee, by=by)
    return case.id


def pay_again(
    *, pen: Pen, remedy_id: UUID, payee: Payee, words: str = "", actor: Actor | None = None
) -> UUID:
    """Ask finance once more after a payment failed or came back; returns the complaint's id.

    Raises CannotAgree, PermissionError.
    """
    case, row = _open_offer(pen=pen, remedy_id=remedy_id)
    by = _staff(case=case, actor=actor, words=words)
    if row.state != "accepted" or remedies.under_way(remedy_id=remedy_id):
        raise CannotAgree(
            zh="这笔补偿没有等待重新付款", en="this remedy does not wait for another payment"
        )
    _request(pen=pen, case=case, row=row, payee=payee, by=by)
    return case.id


def _request(*, pen: Pen, case: Case, row: Offer, payee: Payee, by: str) -> None:
    payout.request(
        pen=pen,
        case=case,
        remedy_id=row.id,
        amount=row.amount,
        payee=payee,
        by=by,
        because=Reason(
            rule="agree.accepted",
            zh="客户已接受，请财务付款",
            en="the customer accepted; finance is asked to pay",
        ),
    )


def decline(*, pen: Pen, remedy_id: UUID, words: str = "", actor: Actor | None = None) -> UUID:
    """Decline an offer; returns the complaint's id.

    Raises CannotAgree, CannotMoveOffer, PermissionError.
    """
    case, row = _open_offer(pen=pen, remedy_id=remedy_id)
    by = _staff(case=case, actor=actor, words=words)
    said = words.replace("\x00", "").strip()[:2000]
    pen.alter(
        table="remedy",
        key=remedy_id,
        state=move_offer(state=row.state, act="decline"),
        answered_at=pen.now,
        answered_by=by,
        answer_words=said,
    )
    for claim_id in remedies.claims_of(remedy_id=remedy_id):
        pen.alter(table="parcel_claim", key=claim_id, live=False)
    pen.record(
        case=case,
        kind="RemedyDeclined",
        data={
            "remedy": str(remedy_id), "kind": row.kind, "amount": row.amount, "by": by,
            "granted": row.state in GRANTED,
        },
        actor=None if actor else "customer",
    )  # fmt: skip
    _back_to_work(pen=pen, case=case, said=said, actor=actor)
    return case.id


def counter(
    *,
    pen: Pen,
    remedy_id: UUID,
    amount: int,
    words: str = "",
    actor: Actor | None = None,
) -> UUID:
    """Answer an offer with another sum, 分; it goes to the handler. Returns the complaint's id.

    Raises CannotAgree, CannotMoveOffer, PermissionError.
    """
    case, row = _open_offer(pen=pen, remedy_id=remedy_id)
    by = _staff(case=case, actor=actor, words=words)
    most = office.playbook(version_id=case.playbook_version).settlement.counters
    if not 0 < amount <= MOST:
        raise CannotAgree(zh="请填写您希望的金额", en="give the sum you ask for")
    if amount == row.amount:
        raise CannotAgree(
            zh="这正是现在的方案，可以直接接受", en="that is the offer as it stands; accept it"
        )
    if row.counters >= most:
        raise CannotAgree(
            zh="已经提过几次金额了，请选择接受或不接受；还有话请写在补充说明里",
            en="you have named other sums before; accept or decline, and write the rest below",
        )
    said = words.replace("\x00", "").strip()[:2000]
    pen.alter(
        table="remedy",
        key=remedy_id,
        state=move_offer(state=row.state, act="counter"),
        answered_at=pen.now,
        answered_by=by,
        answer_words=said,
        counter=amount,
        counters=row.counters + 1,
    )
    pen.record(
        case=case,
        kind="RemedyCountered",
        data={
            "remedy": str(remedy_id), "kind": row.kind, "amount": row.amount,
            "asked": amount, "by": by,
        },
        because=[
            Reason(
                rule="agree.countered",
                zh=f"客户希望 ¥{yuan(amount)}，原方案 ¥{yuan(row.amount)}",
                en=f"the customer asks for ¥{yuan(amount)} instead of ¥{yuan(row.amount)}",
            )
        ],
        actor=None if actor else "customer",
    )  # fmt: skip
    _back_to_work(
        pen=pen, case=case, said=f"希望 ¥{yuan(amount)}" + (f"：{said}" if said else ""),
        actor=actor,
    )  # fmt: skip
    return case.id


def _back_to_work(*, pen: Pen, case: Case, said: str, actor: Actor | None) -> None:
    """Bring a refused offer to the handler: his words, and the complaint open again if it ended."""
    if case.merged_into is not None:
        case = pen.case(id=case.merged_into)
    if said and actor is None:
        pen.message(case=case, direction="in", channel="portal", text=said)
    if case.status in {"resolved", "closed"}:
        open_again(
            pen=pen,
            case=case,
            because=Reason(
                rule="agree.not_accepted",
                zh="客户没有接受补偿方案，重新处理",
                en="the customer did not accept the remedy; handled again",
            ),
            silent=True,
        )
    else:
        pen.set(case=case, unread=True)
