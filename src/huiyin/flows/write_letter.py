"""Write a formal letter of reply (答复函): as PDF and as a Word file, kept with the complaint."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may
from huiyin.core.reply.letter import CannotWriteLetter, Letter, write_letter
from huiyin.flows.facts import thing_of
from huiyin.flows.telling import language_of, texts_of, values_of
from huiyin.paper import Block, Heading, Paper, Text, docx, pdf
from huiyin.store import files
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import letters


def write(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    facts: str,
    remedies: str = "",
    bases: str = "",
    agent: str = "",
) -> UUID:
    """Write a letter in the customer's language; returns its id. It is not sent yet.

    Raises CannotWriteLetter, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="letter", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    playbook = texts_of(case=case)
    if playbook.letter is None:
        raise CannotWriteLetter(
            zh="处理规程里没有答复函的样式（letter）", en="the playbook has no letter"
        )
    language = language_of(case=case)
    zone = ZoneInfo(playbook.timezone)
    number = f"{case.number}-{letters.count(complaint_id=case.id) + 1}"
    values = {
        **values_of(pen=pen, case=case, agent=agent),
        "letter": number,
        "opened": _day(case.opened_at, zone, language),
        "date": _day(pen.now, zone, language),
        "facts": facts.replace("\x00", "").strip(),
        "remedies": remedies.replace("\x00", "").strip(),
        "bases": bases.replace("\x00", "").strip(),
    }
    letter = write_letter(template=playbook.letter, values=values, language=language)
    paper = _paper(letter=letter, at=pen.now.astimezone(zone), company=values["company"])
    printed, word = pdf(paper=paper), docx(paper=paper)
    letter_id = new_id(now=pen.now)
    pen.add(
        table="letter",
        row={
            "id": letter_id,
            "complaint_id": case.id,
            "reference": letter.reference[:60],
            "language": language,
            "facts": values["facts"],
            "remedies": values["remedies"],
            "bases": values["bases"],
            "docx": files.keep(content=word),
            "docx_size": len(word),
            "pdf": files.keep(content=printed),
            "pdf_size": len(printed),
            "written_by_id": actor.id,
            "written_at": pen.now,
            "message_id": None,
        },
    )
    pen.record(
        case=case,
        kind="LetterWritten",
        data={"letter": letter_id.hex, "reference": letter.reference},
    )
    return letter_id


def _day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    local = moment.astimezone(zone)
    return f"{local:%d %B %Y}".lstrip("0") if language == "en" else f"{local:%Y年%m月%d日}"


def _paper(*, letter: Letter, at: datetime, company: str) -> Paper:
    blocks: list[Block] = [Text(letter.opening)]
    for heading, body in letter.parts:
        if heading:
            blocks.append(Heading(heading))
        blocks.append(Text(body))
    blocks += [Text(letter.closing), Text(""), Text(letter.signature, align="right")]
    return Paper(
        title=letter.title,
        subtitle=letter.reference,
        at=at,
        blocks=tuple(blocks),
        issuer=company,
        foot=letter.reference,
        language="en" if letter.language == "en" else "zh-CN",
    )
