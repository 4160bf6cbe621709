"""Prefer: the channel on which a customer wants to hear from us."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.flows.facts import thing_of
from huiyin.flows.reaching import offered
from huiyin.store.ledger import Pen
from huiyin.store.read import who

MOST: Final = 50
"""Live complaints on which a change is written; the newest."""


class CannotPrefer(ValueError):
    """The customer cannot be reached like that; ``zh`` says why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def prefer(*, pen: Pen, complaint_id: UUID, channel: str, actor: Actor | None) -> bool:
    """Let a complaint's customer be answered by one of his channels; "" leaves it to us.

    ``actor`` is the person who writes it down, None the customer himself. Each of his live
    complaints says so, since all of them are answered by it. False where nothing changes.
    Raises CannotPrefer, PermissionError.
    """
    case = pen.case(id=complaint_id)
    if actor is not None and not (
        allowed := may(actor=actor, action="reply", thing=thing_of(case=case))
    ):
        raise PermissionError(allowed.zh)
    if case.customer_id is None:
        raise CannotPrefer(zh="没有留下联系方式", en="no address was left")
    if channel and channel not in {
        w.channel for w in offered(customer_id=case.customer_id, now=pen.now)
    }:
        raise CannotPrefer(
            zh="现在不能经这个渠道联系到客户，请另选一个",
            en="this channel does not reach the customer now, choose another",
        )
    before = pen.addressee(case=case).prefers
    if channel == before:
        return False
    pen.alter(table="customer", key=case.customer_id, prefers=channel)
    because = (
        Reason("prefer.customer", "客户自己选择", "chosen by the customer")
        if actor is None
        else Reason("prefer.person", "客服登记客户的选择", "written down for the customer")
    )
    live = who.live_complaints(customer_id=case.customer_id, most=MOST)
    for one in pen.cases(ids=[case.id, *live]):
        pen.record(
            case=one,
            kind="ChannelPreferred",
            data={"from": before, "to": channel},
            because=[because],
        )
    return True
