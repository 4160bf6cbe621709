"""Vouch: a person says that who wrote may hear of a complaint, and answers go to him from now on.

Others can know the number of a parcel, so a mail that only names one moves no answers by itself.
"""

from __future__ import annotations

import json
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.flows.facts import thing_of
from huiyin.flows.reaching import answers_back
from huiyin.store.case import ANSWERED_BEFORE, Case
from huiyin.store.ledger import Pen
from huiyin.store.read import accounts, history

VOUCHED, TAKEN_BACK = "WriterVouched", "WriterVouchedUndone"


class CannotVouch(ValueError):
    """Answers cannot go there, or go there already; ``zh`` says why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def vouch(*, pen: Pen, complaint_id: UUID, message_id: UUID, actor: Actor) -> None:
    """Let the answers of a complaint go to the writer of one of its messages.

    Raises CannotVouch, PermissionError.
    """
    case = _case(pen, complaint_id, actor)
    message = history.message(message_id=message_id)
    if message is None or message.complaint_id != case.id or message.direction != "in":
        raise CannotVouch(zh="找不到这条来件", en="no such message")
    prefers = pen.addressee(case=case).prefers
    there, now = (message.channel, message.sender), (case.reply_channel, case.reply_to)
    if not accounts.elsewhere(there=there, now=now, prefers=prefers):
        raise CannotVouch(
            zh="答复不能改发到这里：已经发到这里、客户另选了方式，或此渠道不能发送",
            en="answers go there already, the customer chose another way, or nothing sends there",
        )
    pen.change(
        case=case,
        kind=VOUCHED,
        data={"message": message.id.hex, "channel": message.channel},
        because=[Reason("vouch.writer", "人工核实：来信人可以知道处理情况", "vouched for")],
        reply_channel=message.channel,
        reply_to=message.sender,
        # With the complaint and not in the event: an event holds no address. Of several who were
        # vouched for one after the other, the first knows where answers went by themselves.
        triage={ANSWERED_BEFORE: [*now], **case.triage},
    )


def take_back(*, pen: Pen, complaint_id: UUID, event_id: UUID, actor: Actor) -> None:
    """Let the answers go where they went before. Raises CannotVouch, PermissionError."""
    case = _case(pen, complaint_id, actor)
    event = history.event(event_id=event_id)
    if event is None or event.complaint_id != case.id or event.kind != VOUCHED:
        raise CannotVouch(zh="找不到这条记录", en="no such event")
    data = json.loads(event.data)
    message = history.message(message_id=UUID(data["message"]))
    back = answers_back(case=case, from_there=(message.channel, message.sender)) if message else {}
    if not back:
        raise CannotVouch(zh="答复已经不发到那里了", en="answers do not go there any more")
    pen.change(
        case=case,
        kind=TAKEN_BACK,
        data={"event": event.id.hex},
        because=[Reason("vouch.taken_back", "撤销：答复发回原处", "taken back")],
        **back,
    )


def _case(pen: Pen, complaint_id: UUID, actor: Actor) -> Case:
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="reply", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    return case
