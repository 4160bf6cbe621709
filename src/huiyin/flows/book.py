"""Book: every act that moves money is entered twice, in the transaction of its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from huiyin.core.remedy import journal
from huiyin.core.remedy.journal import Line
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import books


def enter(pen: Pen, events: Sequence[Happening]) -> None:
    """Enter what events of remedies and payouts mean for the accounts."""
    for event in events:
        amount = int(event.data.get("amount") or 0)
        if not amount:
            continue
        remedy_id = UUID(str(event.data["remedy"]))
        given = event.data.get("payout")
        _post(
            pen=pen,
            case=event.case,
            kind=event.kind,
            lines=_lines(event=event, amount=amount, remedy_id=remedy_id),
            remedy_id=remedy_id,
            payout_id=UUID(str(given)) if given else None,
        )


def _lines(*, event: Happening, amount: int, remedy_id: UUID) -> tuple[Line, ...]:
    if event.kind == "RemedyApproved":
        return journal.granted(amount=amount, department=event.case.liable_department)
    if event.kind in {"RemedyDeclined", "RemedyWithdrawn"}:
        if not event.data.get("granted"):
            return ()
        return journal.released(costs=books.costs_of(remedy_id=remedy_id))
    move = {
        "PayoutRequested": journal.requested,
        "PayoutPaid": journal.settled,
        "PayoutFailed": journal.failed,
        "PayoutReturned": journal.returned,
    }[event.kind]
    return move(amount=amount)


def recost(pen: Pen, events: Sequence[Happening]) -> None:
    """Let the department bear the cost that a verdict finds liable."""
    for event in events:
        department = str(event.data.get("department") or "")
        carry(pen=pen, case=event.case, shares={department: 100}, kind="Recosted")


def carry(*, pen: Pen, case: Case, shares: Mapping[str, int], kind: str = "CostCarried") -> None:
    """Move what a complaint's remedies cost to departments or outlets, in percent.

    ``shares`` {code: percent} add up to 100; "" is nobody. Raises ValueError otherwise.
    """
    for remedy_id, costs in books.costs_of_complaint(complaint_id=case.id).items():
        _post(
            pen=pen,
            case=case,
            kind=kind,
            lines=journal.carried(costs=costs, shares=shares),
            remedy_id=remedy_id,
            payout_id=None,
        )


def _post(
    *,
    pen: Pen,
    case: Case,
    kind: str,
    lines: Sequence[Line],
    remedy_id: UUID,
    payout_id: UUID | None,
) -> None:
    transfer = new_id(now=pen.now)
    for line in lines:
        pen.add(
            table="entry",
            row={
                "id": new_id(now=pen.now),
                "transfer": transfer,
                "at": pen.now,
                "kind": kind[:20],
                "account": line.account,
                "amount": line.amount,
                "complaint_id": case.id,
                "remedy_id": remedy_id,
                "payout_id": payout_id,
            },
        )
        pen.count(name=f"book:{line.account}", by=line.amount)
