"""Answer: what is said to the customer, on his channel and on the tracking page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import CannotMove, Progress, move
from huiyin.core.wording import fill_in
from huiyin.flows.facts import thing_of
from huiyin.flows.reaching import way_of
from huiyin.flows.replying import Sending, send
from huiyin.flows.telling import language_of, out, tell, texts_of, values_of
from huiyin.store.case import Case, Happening
from huiyin.store.ledger import Pen
from huiyin.store.read import cases


class CannotSay(ValueError):
    """There is nothing to say; ``zh`` says what to write."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def acknowledge(pen: Pen, events: Sequence[Happening]) -> None:
    """Decide that the customer is told his complaint was received."""
    for event in events:
        case = event.case
        archived = texts_of(case=case).branch(code=case.branch).archive
        if case.triage.get("silent") or archived:
            continue
        pen.record(
            case=case,
            kind="Acknowledged",
            data={"channel": way_of(pen=pen, case=case, automatic=True).channel},
            actor="system",
        )


def say_received(pen: Pen, events: Sequence[Happening]) -> None:
    """Tell the customer the number, the link and until when he hears from a person."""
    for event in events:
        tell(pen=pen, case=event.case, message=texts_of(case=event.case).messages.acknowledge)


def confirm_joined(pen: Pen, events: Sequence[Happening]) -> None:
    """Tell the customer that his further words reached the same complaint."""
    for event in events:
        case = event.case
        # Who chats sees his words arrive; a receipt for each of them would only be in the way.
        if event.data.get("silent") or event.data.get("channel") == "chat":
            continue
        tell(pen=pen, case=case, message=texts_of(case=case).messages.joined)


def say_by_step(pen: Pen, events: Sequence[Happening]) -> None:
    """Say the script that a step of the procedure sends by itself."""
    for event in events:
        if event.data.get("do") != "send":
            continue
        case = event.case
        script = texts_of(case=case).script(id=str(event.data["script"]))
        language, values = language_of(case=case), values_of(pen=pen, case=case)
        subject = f"{script.name.said(language=language)} [{case.number}]"
        text = fill_in(text=script.body.said(language=language), values=values)
        out(
            pen=pen,
            case=case,
            subject=subject,
            text=text,
            author=None,
            automatic=True,
            choice=way_of(pen=pen, case=case, automatic=True),
        )


def announce_rehandling(pen: Pen, events: Sequence[Happening]) -> None:
    """Tell the customer that someone else, higher up, takes his case again."""
    for event in events:
        tell(pen=pen, case=event.case, message=texts_of(case=event.case).messages.rehandling)


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise CannotSay(zh="请填写要发送的内容", en="write something to send")
    if len(words) > 20000:
        raise CannotSay(zh="内容超过 20000 字，请分开发送", en="more than 20,000 characters")
    return words.replace("\x00", "")


def _guard(*, case: Case, actor: Actor, action: str) -> None:
    allowed = may(actor=actor, action=action, thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)


def reply(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    text: str,
    agent: str = "",
    how: Sending | None = None,
) -> None:
    """Answer the customer.

    Raises CannotSay, CannotSend, CannotPromise, CannotAttach, CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="reply")
    words = _words(text)
    status = move(status=case.status, action="reply")
    data = send(pen=pen, case=case, actor=actor, words=words, how=how or Sending(agent=agent))
    changes: dict[str, Any] = {}
    if case.assignee_id is None:
        changes = {"assignee_id": actor.id, "handled_by": [*case.handled_by, actor.id]}
    pen.change(
        case=case,
        kind="ReplySent",
        data=data,
        status=status,
        unread=False,
        first_replied_at=case.first_replied_at or pen.now,
        **changes,
    )


def ask_customer(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    text: str,
    agent: str = "",
    how: Sending | None = None,
) -> None:
    """Ask the customer for what is missing; pausable clocks wait for his answer.

    Raises as :func:`reply` does.
    """
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="ask_customer")
    words = _words(text)
    if case.status in {"resolved", "closed", "merged", "archived"}:
        raise CannotMove(zh="投诉已答复，请先重新打开", en="reopen the complaint first")
    status = move(status=case.status, action="ask_customer") if case.status in {
        "working", "waiting_customer"
    } else "waiting_customer"  # fmt: skip
    data = send(pen=pen, case=case, actor=actor, words=words, how=how or Sending(agent=agent))
    pen.change(
        case=case,
        kind="CustomerAsked",
        data=data,
        status=status,
        unread=False,
        first_replied_at=case.first_replied_at or pen.now,
    )


def call(*, pen: Pen, complaint_id: UUID, actor: Actor, reached: bool, text: str) -> None:
    """Write down a call to the customer: whether he was reached, and what was said.

    Raises CannotSay, CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="call")
    words = _words(text) if reached or text.strip() else ""
    status = move(status=case.status, action="call")
    if words:
        pen.message(case=case, direction="note", channel="phone", text=words, author_id=actor.id)
    changes: dict[str, Any] = {}
    if reached:
        changes = {"unread": False, "first_replied_at": case.first_replied_at or pen.now}
    pen.change(
        case=case,
        kind="CustomerCalled" if reached else "CallMissed",
        data={"reached": reached, "length": len(words)},
        status=status,
        **changes,
    )


def note(*, pen: Pen, complaint_id: UUID, actor: Actor, text: str) -> None:
    """Write an internal note. Raises CannotSay, PermissionError."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="note")
    words = _words(text)
    pen.message(case=case, direction="note", channel="desk", text=words, author_id=actor.id)
    pen.record(case=case, kind="NoteAdded", data={"length": len(words)})


def resolve(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    text: str,
    agent: str = "",
    how: Sending | None = None,
) -> None:
    """Send the final answer and resolve: verdict given, remedies decided.

    Raises as :func:`reply` does.
    """
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="resolve")
    words = text.strip()
    answered = case.first_replied_at is not None
    if not words and not answered:
        raise CannotSay(zh="请写明给客户的最终答复", en="write the final answer to the customer")
    status = move(
        status=case.status,
        action="resolve",
        progress=Progress(
            verdict=case.verdict,
            answered=bool(words) or answered,
            remedies_waiting=cases.remedies_waiting(complaint_id=case.id),
        ),
    )
    if words:
        said = send(
            pen=pen, case=case, actor=actor, words=_words(words), how=how or Sending(agent=agent)
        )
        pen.change(
            case=case,
            kind="ReplySent",
            data={**said, "final": True},
            first_replied_at=case.first_replied_at or pen.now,
        )
    pen.change(
        case=case,
        kind="ComplaintResolved",
        data={"by": actor.id},
        because=[
            Reason(
                rule="answer.resolved",
                zh="已核查、已答复，等待客户评价",
                en="investigated and answered; the customer is asked",
            )
        ],
        status=status,
        resolved_at=pen.now,
        unread=False,
    )
