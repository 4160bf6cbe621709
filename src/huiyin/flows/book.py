"""Book: every act that moves money is entered twice, in the transaction of its event."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from huiyin.core.liability import ruling_of
from huiyin.core.remedy import journal
from huiyin.core.remedy.journal import Line
from huiyin.core.shares import WHOLE
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import books, rulings


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
            lines=_lines(pen=pen, event=event, amount=amount, remedy_id=remedy_id),
            remedy_id=remedy_id,
            payout_id=UUID(str(given)) if given else None,
        )


def _lines(*, pen: Pen, event: Happening, amount: int, remedy_id: UUID) -> tuple[Line, ...]:
    if event.kind == "RemedyApproved":
        return journal.granted(
            amount=amount,
            shares=_shares(
                pen=pen,
                case=event.case,
                matter=rulings.matter(complaint_id=event.case.id),
            ),
        )
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


def _shares(*, pen: Pen, case: Case, matter: Collection[UUID]) -> dict[str, int]:
    """Return who bears a complaint's remedies: as finally ruled, else whom the verdict names.

    ``matter`` are the complaints that it is, or was, merged with.
    """
    merged = {c.id: c.merged_into for c in pen.cases(ids=matter)}
    found = ruling_of(
        complaint=case.id, merged_into=merged, rulings=rulings.rulings(complaints=list(merged))
    )
    return dict(found.shares) if found else {case.liable_department: WHOLE}


def recost(pen: Pen, events: Sequence[Happening]) -> None:
    """Let those bear the cost whom a verdict names, unless a final ruling says who does."""
    for case in {e.case.id: e.case for e in events}.values():
        shares = _shares(pen=pen, case=case, matter=rulings.matter(complaint_id=case.id))
        carry(pen=pen, case=case, shares=shares, kind="Recosted")


def share(pen: Pen, events: Sequence[Happening]) -> None:
    """Carry the cost to those whom a ruling that is final now finds liable, of the whole matter."""
    for event in events:
        shares = {str(party): int(points) for party, points in event.data["shares"].items()}
        for case in pen.cases(ids=list(rulings.matter(complaint_id=event.case.id))):
            carry(pen=pen, case=case, shares=shares)


def realign(pen: Pen, events: Sequence[Happening]) -> None:
    """Let each complaint's costs follow the ruling that holds for it after a merge or its undoing.

    A complaint without a ruling follows its verdict.
    """
    matter: set[UUID] = set()
    for event in events:
        matter.update(rulings.matter(complaint_id=event.case.id))
        if event.case.merged_into is not None:
            matter.update(rulings.matter(complaint_id=event.case.merged_into))
    for case in pen.cases(ids=sorted(matter)):
        shares = _shares(pen=pen, case=case, matter=matter)
        carry(pen=pen, case=case, shares=shares, kind="Recosted")


def fine(pen: Pen, events: Sequence[Happening]) -> None:
    """Enter what a fine that takes effect comes to."""
    for event in events:
        amount = int(event.data.get("charged") or 0)
        if amount:
            _post(
                pen=pen,
                case=event.case,
                kind=event.kind,
                lines=journal.fined(party=str(event.data["party"]), amount=amount),
                fine_id=UUID(str(event.data["fine"])),
            )


def carry(*, pen: Pen, case: Case, shares: Mapping[str, int], kind: str = "CostCarried") -> None:
    """Move what a complaint's remedies cost to departments or parties, in basis points.

    ``shares`` {code: points} make 10,000; "" is nobody. Raises CannotSplit otherwise.
    """
    for remedy_id, costs in books.costs_of_complaint(complaint_id=case.id).items():
        lines = journal.carried(costs=costs, shares=shares)
        if lines:
            _post(pen=pen, case=case, kind=kind, lines=lines, remedy_id=remedy_id)


def _post(
    *,
    pen: Pen,
    case: Case,
    kind: str,
    lines: Sequence[Line],
    remedy_id: UUID | None = None,
    payout_id: UUID | None = None,
    fine_id: UUID | None = None,
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
                "fine_id": fine_id,
            },
        )
        pen.count(name=f"book:{line.account}", by=line.amount)
