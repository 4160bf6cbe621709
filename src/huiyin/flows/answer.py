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
from huiyin.flows.telling import LONG_CHANNELS, language_of, out, tell, texts_of, values_of
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
            data={"channel": case.reply_channel or "portal"},
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
        if event.data.get("silent"):
            continue
        tell(pen=pen, case=case, message=texts_of(case=case).messages.joined)


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


def reply(*, pen: Pen, complaint_id: UUID, actor: Actor, text: str, agent: str = "") -> None:
    """Answer the customer. Raises CannotSay, CannotMove, PermissionError."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="reply")
    words = _words(text)
    status = move(status=case.status, action="reply")
    _say(pen=pen, case=case, actor=actor, words=words, agent=agent)
    changes: dict[str, Any] = {}
    if case.assignee_id is None:
        changes = {"assignee_id": actor.id, "handled_by": [*case.handled_by, actor.id]}
    pen.change(
        case=case,
        kind="ReplySent",
        data={"channel": case.reply_channel or "portal", "length": len(words)},
        status=status,
        unread=False,
        first_replied_at=case.first_replied_at or pen.now,
        **changes,
    )


def _say(*, pen: Pen, case: Case, actor: Actor, words: str, agent: str) -> None:
    if case.reply_channel in LONG_CHANNELS:
        frame = texts_of(case=case).messages.answer.long
        language = language_of(case=case)
        values = {
            **values_of(pen=pen, case=case, agent=agent),
            "answer": words,
        }
        out(
            pen=pen,
            case=case,
            subject=fill_in(text=frame.subject.said(language=language), values=values),
            text=fill_in(text=frame.body.said(language=language), values=values),
            author=actor.id,
            automatic=False,
        )
    else:
        out(pen=pen, case=case, subject="", text=words, author=actor.id, automatic=False)


def ask_customer(*, pen: Pen, complaint_id: UUID, actor: Actor, text: str, agent: str = "") -> None:
    """Ask the customer for what is missing; pausable clocks wait for his answer."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="ask_customer")
    words = _words(text)
    status = move(status=case.status, action="ask_customer") if case.status in {
        "working", "waiting_customer"
    } else "waiting_customer"  # fmt: skip
    if case.status in {"resolved", "closed", "merged", "archived"}:
        raise CannotMove(zh="投诉已答复，请先重新打开", en="reopen the complaint first")
    _say(pen=pen, case=case, actor=actor, words=words, agent=agent)
    pen.change(
        case=case,
        kind="CustomerAsked",
        data={"length": len(words)},
        status=status,
        unread=False,
        first_replied_at=case.first_replied_at or pen.now,
    )


def note(*, pen: Pen, complaint_id: UUID, actor: Actor, text: str) -> None:
    """Write an internal note. Raises CannotSay, PermissionError."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="note")
    words = _words(text)
    pen.message(case=case, direction="note", channel="desk", text=words, author_id=actor.id)
    pen.record(case=case, kind="NoteAdded", data={"length": len(words)})


def resolve(*, pen: Pen, complaint_id: UUID, actor: Actor, text: str, agent: str = "") -> None:
    """Send the final answer and resolve: verdict given, remedies decided.

    Raises CannotSay, CannotMove, PermissionError.
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
        _say(pen=pen, case=case, actor=actor, words=_words(words), agent=agent)
        pen.change(
            case=case,
            kind="ReplySent",
            data={"channel": case.reply_channel or "portal", "length": len(words), "final": True},
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
