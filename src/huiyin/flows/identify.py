"""Identify: bring two customers together, part an identity from one, and undo either.

Identities and complaints go along; the matcher's memory of whose a complaint is follows. Every
move is an event on the complaints that it touches and stays as a row, so that moves can be undone
in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.customer import account, disown, origin_of, own, owner_of
from huiyin.core.customer.moves import Move
from huiyin.core.matching import ComplaintFacts
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import who

MOST: Final = 500
"""Complaints that one move may touch; a shop with more is no slip of one link."""


class CannotIdentify(ValueError):
    """The two cannot be brought together or parted; ``zh`` says why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _guard(actor: Actor) -> None:
    allowed = may(actor=actor, action="customer.link")
    if not allowed:
        raise PermissionError(allowed.zh)


def _complaints(customer_id: UUID) -> list[UUID]:
    found = who.complaints(customer_id=customer_id, most=MOST)
    if len(found) > MOST:
        raise CannotIdentify(
            zh=f"这位客户的投诉超过 {MOST} 件，不能整体归并或分开",
            en=f"more than {MOST} complaints: cannot be moved as a whole",
        )
    return found


def link(*, pen: Pen, customer_id: UUID, other_id: UUID, actor: Actor, reason: str = "") -> UUID:
    """Bring another customer's identities and complaints to this one; returns the move's id.

    Raises CannotIdentify, PermissionError.
    """
    _guard(actor)
    if customer_id == other_id:
        raise CannotIdentify(zh="已经是同一位客户", en="this is the same customer already")
    if not (who.exists(customer_id=customer_id) and who.exists(customer_id=other_id)):
        raise CannotIdentify(zh="找不到这位客户", en="no such customer")
    because = Reason(
        rule="identify.linked",
        zh=reason.strip() or "人工确认是同一位客户",
        en=reason.strip() or "confirmed by a person: one customer",
    )
    identities = [i.id for i in who.identities(customer_id=other_id)]
    complaints = _complaints(other_id)
    if not identities and not complaints:
        raise CannotIdentify(zh="那位客户没有可归并的内容", en="there is nothing to bring over")
    for id in (customer_id, other_id):
        _prove_alone(pen, id)
    return _move(
        pen, kind="link", source=other_id, target=customer_id, identities=identities,
        complaints=complaints, because=because, by=actor.id,
    )  # fmt: skip


def confirm(*, pen: Pen, customer_id: UUID, identity_id: int, actor: Actor) -> bool:
    """Say that an address which the customer only claimed is his: answers may go there.

    False where it was known. Raises CannotIdentify, PermissionError.
    """
    _guard(actor)
    one = next((i for i in who.identities(customer_id=customer_id) if i.id == identity_id), None)
    if one is None:
        raise CannotIdentify(
            zh="这个联系方式已不在此客户名下", en="the identity is not here any more"
        )
    if one.proven:
        return False
    if who.proven_elsewhere(identity=one):
        raise CannotIdentify(
            zh="这个联系方式已证实属于另一位客户，请先把两位客户归到一起",
            en="proven to be another customer's: bring the two together first",
        )
    pen.alter(table="identity", key=one.id, proven=True)
    because = Reason(
        "identify.confirmed", "人工核实是客户本人的联系方式", "a person says: it is the customer's"
    )
    for id in _newest(customer_id):
        pen.record(
            case=pen.case(id=id), kind="IdentityConfirmed",
            data={"identity": one.id, "by": actor.id}, because=[because],
        )  # fmt: skip
    return True


def _prove_alone(pen: Pen, customer_id: UUID) -> None:
    """Take the one address that a customer gave as proven, now that a person knows him."""
    rows = who.identities(customer_id=customer_id)
    if len(rows) == 1 and not rows[0].proven and not who.proven_elsewhere(identity=rows[0]):
        pen.alter(table="identity", key=rows[0].id, proven=True)


def unlink(
    *, pen: Pen, customer_id: UUID, identity_id: int, actor: Actor, reason: str = ""
) -> UUID:
    """Part an identity, with the complaints that came by it, to a customer of its own.

    Returns the move's id. Raises CannotIdentify, PermissionError.
    """
    _guard(actor)
    mine = who.identities(customer_id=customer_id)
    parted = [i for i in mine if i.id == identity_id]
    if not parted:
        raise CannotIdentify(
            zh="这个联系方式已不在此客户名下", en="the identity is not here any more"
        )
    if len(mine) == 1:
        raise CannotIdentify(zh="只剩这一个联系方式，不能再分开", en="it is the only identity")
    fresh = new_id(now=pen.now)
    one = parted[0]
    pen.add(
        table="customer",
        row={
            "id": fresh,
            "name": "",
            "phone": one.value if one.kind == "phone" else "",
            "email": one.value if one.kind == "email" else "",
            "address": "",
            "created_at": pen.now,
        },
    )
    because = Reason(
        rule="identify.unlinked",
        zh=reason.strip() or "人工判断不是同一位客户",
        en=reason.strip() or "a person says: another customer",
    )
    complaints = who.came_by(customer_id=customer_id, identities=parted)
    if len(complaints) > MOST:
        raise CannotIdentify(zh=f"相关投诉超过 {MOST} 件", en=f"more than {MOST} complaints")
    return _move(
        pen, kind="unlink", source=customer_id, target=fresh, identities=[one.id],
        complaints=complaints, because=because, by=actor.id,
    )  # fmt: skip


def undo(*, pen: Pen, move_id: UUID, actor: Actor) -> None:
    """Undo a move: what it gave goes back, and what came since by those identities goes along.

    Raises CannotIdentify, PermissionError.
    """
    _guard(actor)
    row = who.move(move_id=move_id)
    if row is None:
        raise CannotIdentify(zh="找不到这条记录", en="no such move")
    if row.undone_at is not None:
        raise CannotIdentify(zh="这一步已经撤销过了", en="this was undone already")
    source, target = row.from_id, row.to_id
    given = who.identities_by(ids=row.identities)
    since = who.came_by(
        customer_id=target,
        identities=[i for i in given if i.customer_id == target],
        since=row.at,
    )
    complaints = list(dict.fromkeys([*map(UUID, row.complaints), *since]))
    pen.alter(
        table="customer_move",
        key=row.id,
        undone_at=pen.now,
        undone_by_id=actor.id,
        complaints=[c.hex for c in complaints],
    )
    moves = [
        Move(m.id, m.from_id, m.to_id, m.items | frozenset(f"c:{c.hex}" for c in since), False)
        if m.id == row.id.hex
        else m
        for m in who.moves_around(customers=[source, target])
    ]
    owned = who.owners_of(complaints=complaints)
    goes = {
        item: UUID(
            owner_of(
                item=item, origin=origin_of(item=item, now_of=now_of.hex, moves=moves), moves=moves
            )
        )
        for item, now_of in (
            *((f"i:{i.id}", i.customer_id) for i in given),
            *((f"c:{c.hex}", owned[c]) for c in complaints if c in owned),
        )
    }
    because = Reason("identify.undone", "撤销，联系方式和投诉回到原来的客户", "undone: put back")
    for one in given:
        if goes[f"i:{one.id}"] != one.customer_id:
            pen.alter(table="identity", key=one.id, customer_id=goes[f"i:{one.id}"])
    back = {
        c: goes[f"c:{c.hex}"] for c in complaints if c in owned and goes[f"c:{c.hex}"] != owned[c]
    }
    pen.cases(ids=[*back, *_newest(source), *_newest(target)])
    for id, to in back.items():
        pen.change(
            case=pen.case(id=id), kind="CustomerMoveUndone",
            data={"move": row.id.hex, "from": target.hex, "to": to.hex}, because=[because],
            customer_id=to,
        )  # fmt: skip
    for id in dict.fromkeys([*_newest(source), *_newest(target)]):
        if id not in back:
            pen.record(
                case=pen.case(id=id), kind="CustomerMoveUndone",
                data={"move": row.id.hex}, because=[because],
            )  # fmt: skip
    accounts = {i.id: account(kind=i.kind, value=i.value) for i in given}
    if row.kind == "link":
        theirs = set(accounts.values())
        _remember(pen, [c for c in _all(target) if c not in back], without=theirs)
        rest = {account(kind=i.kind, value=i.value) for i in who.identities(customer_id=target)}
        _remember(pen, back, without=rest - theirs)
    else:
        both = {account(kind=i.kind, value=i.value) for i in who.identities(customer_id=source)}
        both |= set(accounts.values())
        _remember(pen, [*_all(source), *back], more=both)


def _all(customer_id: UUID) -> list[UUID]:
    return who.complaints(customer_id=customer_id, most=MOST)[:MOST]


def _newest(customer_id: UUID) -> list[UUID]:
    return who.complaints(customer_id=customer_id, most=1)[:1]


def _move(
    pen: Pen, *, kind: str, source: UUID, target: UUID, identities: Sequence[int],
    complaints: Sequence[UUID], because: Reason, by: int,
) -> UUID:  # fmt: skip
    """Give identities and complaints to another customer, with events and the row to undo by."""
    move_id = new_id(now=pen.now)
    staying = [c for c in _all(source) if c not in set(complaints)]
    there = _all(target)
    given = {account(kind=i.kind, value=i.value) for i in who.identities_by(ids=identities)}
    event = "CustomerLinked" if kind == "link" else "CustomerUnlinked"
    data = {"move": move_id.hex, "from": source.hex, "to": target.hex}
    pen.add(
        table="customer_move",
        row={
            "id": move_id, "kind": kind, "from_id": source, "to_id": target,
            "identities": list(identities), "complaints": [c.hex for c in complaints],
            "because": because.zh, "by_id": by, "at": pen.now,
        },
    )  # fmt: skip
    for row in identities:
        pen.alter(table="identity", key=row, customer_id=target)
    touched = dict.fromkeys([*complaints, *staying[:1], *there[:1]])
    pen.cases(ids=[*touched, *staying, *there])
    given_over = set(complaints)
    for id in touched:
        case = pen.case(id=id)
        if id in given_over:
            pen.set(case=case, customer_id=target)
        pen.record(case=case, kind=event, data=data, because=[because])
    if kind == "link":
        both = given | {
            account(kind=i.kind, value=i.value) for i in who.identities(customer_id=target)
        }
        _remember(pen, [*complaints, *there], more=both)
    else:
        rest = {account(kind=i.kind, value=i.value) for i in who.identities(customer_id=source)}
        _remember(pen, staying, without=given)
        _remember(pen, complaints, without=rest - given)
    return move_id


def _remember(
    pen: Pen, complaints: Iterable[UUID], *, more: Iterable[str] = (), without: Iterable[str] = ()
) -> None:
    """Tell the matcher whose complaints are."""
    more, without = set(more), set(without)
    for case in pen.cases(ids=complaints):
        facts = _facts(case)
        if facts is None:
            continue
        known = own(complaint=disown(complaint=facts, accounts=without), accounts=more)
        if known != facts:
            pen.set(case=case, match_facts=known.as_json())


def _facts(case: Case) -> ComplaintFacts | None:
    return ComplaintFacts.from_json(data=case.match_facts) if case.match_facts else None
