"""Assist: somebody asks the assistant; what it answers is kept beside the complaint, no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from huiyin.core.access import Actor, may
from huiyin.core.assistant import (
    KINDS,
    CannotTrust,
    Question,
    compose,
    examine,
    read_opinion,
    restore,
)
from huiyin.core.because import Reason
from huiyin.core.playbook.names import CATEGORIES, URGENCIES
from huiyin.flows.facts import thing_of
from huiyin.partners.language_model import Answer, Call, write_call
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.ledger import assistant as requests
from huiyin.store.ledger.assistant import Asked
from huiyin.store.read import assistant


class CannotAsk(ValueError):
    """The assistant cannot be asked just now; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def ask(*, pen: Pen, complaint_id: UUID, actor: Actor, kind: str, language: str) -> UUID:
    """Ask one kind of question about a complaint; returns the id under which the answer comes.

    ``language`` is zh or en, in which the asker wants to read. Raises CannotAsk, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="assistant.use", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if not assistant.switched_on():
        raise CannotAsk(zh="没有启用助手", en="there is no assistant")
    if kind not in KINDS:
        raise CannotAsk(zh="助手不会做这件事", en="the assistant does not do that")
    if assistant.running(complaint_id=complaint_id, kind=kind):
        raise CannotAsk(zh="已经在问了，请稍等", en="it is being asked already, please wait")
    if assistant.exhausted(now=pen.now):
        raise CannotAsk(
            zh="今天的助手用量已用完，明天再用", en="today's use of the assistant is used up"
        )
    request_id = new_id(now=pen.now)
    pen.add(
        table="assistant_request",
        row={
            "id": request_id,
            "complaint_id": complaint_id,
            "kind": kind,
            "language": language,
            "state": "pending",
            "asked_by_id": actor.id,
            "asked_at": pen.now,
            "input_hash": "",
            "result": {},
            "because": {},
            "model": "",
            "tokens_in": 0,
            "tokens_out": 0,
            "ms": 0,
            "cost": 0,
            "attempts": 0,
            "next_try_at": pen.now,
            "lease_until": None,
            "finished_at": None,
        },
    )
    pen.record(case=case, kind="AssistantAsked", data={"request": request_id.hex, "kind": kind})
    return request_id


def question(*, asked: Asked) -> Question:
    """Return what leaves the house for a request: no personal data in it."""
    return compose(
        kind=asked.kind,
        facts=assistant.facts(
            complaint_id=asked.complaint_id, kind=asked.kind, asked_by=asked.asked_by
        ),
        language=asked.language,
    )


def call(*, asked_for: Question) -> Call:
    """Return the call that asks it of the service which is set up."""
    given = settings.HUIYIN
    return write_call(
        url=given.assistant_url,
        key=given.assistant_key,
        model=given.assistant_model,
        system=asked_for.system,
        user=asked_for.user,
        most_tokens=asked_for.most_tokens,
    )


def keep(*, pen: Pen, asked: Asked, asked_for: Question, answer: Answer, ms: int) -> str:
    """Keep an answer beside the complaint when it can be trusted; returns done or refused.

    Nothing else of the complaint changes. An answer whose request is another worker's by now is
    dropped ("late").
    """
    if not requests.held(asked=asked):
        return "late"
    read = answer.tokens_in or len(asked_for.system) + len(asked_for.user)
    written = answer.tokens_out or len(answer.text)
    reason: Reason | None = None
    result: dict[str, Any] = {}
    try:
        result = _result(asked=asked, asked_for=asked_for, answer=answer)
    except CannotTrust as error:
        reason = error.because
    state = "refused" if reason else "done"
    _end(
        pen=pen,
        asked=asked,
        state=state,
        because=reason,
        result=result,
        input_hash=asked_for.digest,
        model=answer.model or settings.HUIYIN.assistant_model[:80],
        tokens_in=read,
        tokens_out=written,
        ms=ms,
        cost=-(-(read + written) * settings.HUIYIN.assistant_price // 1000),
    )
    return state


def give_up(*, pen: Pen, asked: Asked, because: Reason, digest: str, ms: int) -> None:
    """Keep that a request failed for good."""
    if requests.held(asked=asked):
        _end(
            pen=pen,
            asked=asked,
            state="failed",
            because=because,
            input_hash=digest,
            ms=ms,
        )


def _result(*, asked: Asked, asked_for: Question, answer: Answer) -> dict[str, Any]:
    if asked.kind != "opinion":
        text = examine(answer=answer.text, question=asked_for)
        return {"text": restore(text=text, held=asked_for.held)}
    found = read_opinion(text=answer.text.strip(), categories=CATEGORIES, urgencies=URGENCIES)
    why = examine(answer=found.why, question=asked_for)
    return {
        "category": found.category,
        "urgency": found.urgency,
        "text": restore(text=why, held=asked_for.held),
    }


def _end(*, pen: Pen, asked: Asked, state: str, because: Reason | None, **changes: Any) -> None:
    case = pen.case(id=asked.complaint_id)
    pen.alter(
        table="assistant_request",
        key=asked.id,
        state=state,
        because=because.as_json() if because else {},
        lease_until=None,
        finished_at=pen.now,
        **changes,
    )
    counted = {k: v for k, v in changes.items() if k not in {"result"}}
    pen.record(
        case=case,
        kind="AssistantAnswered",
        data={"request": asked.id.hex, "kind": asked.kind, "state": state, **counted},
        because=[because] if because else [],
    )
