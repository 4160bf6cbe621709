"""Send a reply: looked over first, with its promises and its letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.because import Reason
from huiyin.core.outgoing import Choice
from huiyin.core.reply import Look, look_over
from huiyin.core.reply.pledges import Edit, pledges
from huiyin.core.wording import fill_in
from huiyin.flows.reaching import LONG_CHANNELS, way_of
from huiyin.flows.telling import language_of, out, texts_of, values_of
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import letters, replying


class CannotSend(ValueError):
    """The reply wants a reason before it goes out; ``look`` holds what was found."""

    def __init__(self, *, look: Look) -> None:
        self.look = look
        reasons = [r.because for r in look.stops]
        self.zh = "；".join(r.zh for r in reasons) + "。请改好；确实要这样发送，请写明原因"
        self.en = "; ".join(r.en for r in reasons) + ". To send it all the same, give a reason"
        super().__init__(self.en)


class CannotAttach(ValueError):
    """The letter is not of this complaint; ``zh`` says it."""

    def __init__(self) -> None:
        self.zh = "找不到这份答复函，请重新出具"
        self.en = "there is no such letter, write it again"
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a reply goes out: promises changed or dropped, a reason to send it despite what was
    found, and a letter with it."""

    agent: str = ""
    edits: Sequence[Edit] = ()
    despite: str = ""
    letter: UUID | None = None


def look(*, complaint_id: UUID, text: str, agent: str, now: datetime) -> Look:
    """Return what is found in a reply to a complaint, as it would go out now."""
    return look_over(
        text=text, facts=replying.facts(complaint_id=complaint_id, agent=agent, now=now)
    )


def send(*, pen: Pen, case: Case, actor: Actor, words: str, how: Sending) -> dict[str, Any]:
    """Put a reply out and return what its event says: channel, length, message, promises.

    Raises CannotSend for what wants a reason first, CannotPromise for a time that cannot be kept,
    CannotAttach for a letter that is not there.
    """
    found = look(complaint_id=case.id, text=words, agent=how.agent, now=pen.now)
    if found.stops and not how.despite.strip():
        raise CannotSend(look=found)
    promised = pledges(found=found.promises, edits=how.edits, now=pen.now)
    choice = way_of(pen=pen, case=case, automatic=False)
    message_id = _out(pen=pen, case=case, actor=actor, words=words, how=how, choice=choice)
    if found.stops:
        pen.record(
            case=case,
            kind="SentDespite",
            data={"remarks": [r.code for r in found.stops], "message": message_id.hex},
            because=[
                Reason(
                    rule="reply.despite", zh=how.despite.strip()[:500], en=how.despite.strip()[:500]
                )
            ],
        )
    return {
        "channel": choice.channel,
        "length": len(words),
        "message": message_id.hex,
        "promises": [
            {"words": p.words, "kind": p.kind, "due": p.due.isoformat()} for p in promised
        ],
    }


def _out(*, pen: Pen, case: Case, actor: Actor, words: str, how: Sending, choice: Choice) -> UUID:
    subject, text = "", words
    if choice.channel in LONG_CHANNELS:
        frame = texts_of(case=case).messages.answer.long
        language = language_of(case=case)
        values = {**values_of(pen=pen, case=case, agent=how.agent), "answer": words}
        subject = fill_in(text=frame.subject.said(language=language), values=values)
        text = fill_in(text=frame.body.said(language=language), values=values)
    files = []
    if how.letter is not None:
        files = letters.files(complaint_id=case.id, letter_id=how.letter)
        if not files:
            raise CannotAttach()
    message_id = out(
        pen=pen, case=case, subject=subject, text=text, author=actor.id, automatic=False,
        choice=choice, files=files,
    )  # fmt: skip
    for file in files:
        pen.add(
            table="attachment",
            row={"id": new_id(now=pen.now), "message_id": message_id, "is_image": False, **file},
        )
    if how.letter is not None:
        pen.alter(table="letter", key=how.letter, message_id=message_id)
    return message_id
