"""``huiyin triage``: sort texts by category and urgency and name what they mention."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from huiyin.core.extract import Entity, extract
from huiyin.core.triage import CannotLoadLanguage, Triage, triage_batch
from huiyin.doors.cli.jsonl import UnreadableLine, read_lines, write_line
from huiyin.store.triage_model import Ready, open_triage

_BATCH = 300


@dataclass(frozen=True, slots=True)
class _Line:
    """One input line: a text to sort, or the error that takes its place in the output."""

    id: Any
    text: str = ""
    at: datetime | None = None
    error: str = ""


@click.command(name="triage")
@click.argument("file", default="-")
def command(file: str) -> None:
    """Sort texts: JSON lines {"id","text","at"?} from FILE or standard input, one line out each.

    Needs no database. "at" (ISO 8601 with offset) is the moment from which relative dates count.
    """
    try:
        opened = open_triage()
    except CannotLoadLanguage as error:
        raise click.ClickException(str(error)) from error
    waiting: list[_Line] = []
    for _number, data in read_lines(source=file):
        waiting.append(_read(data))
        if len(waiting) == _BATCH:
            _write(waiting, opened)
            waiting = []
    _write(waiting, opened)
    sys.stdout.flush()


def _read(data: dict[str, Any] | UnreadableLine) -> _Line:
    if isinstance(data, UnreadableLine):
        return _Line(id=None, error=str(data))
    text, at = data.get("text"), data.get("at")
    if not isinstance(text, str):
        return _Line(id=data.get("id"), error='missing field "text", or it is not a string')
    moment = None
    if at is not None:
        try:
            moment = datetime.fromisoformat(at)
        except (TypeError, ValueError):
            return _Line(id=data.get("id"), error=f'"at" is not an ISO 8601 time: {at!r}')
        if moment.tzinfo is None:
            return _Line(id=data.get("id"), error=f'"at" has no offset from UTC: {at!r}')
    return _Line(id=data.get("id"), text=text, at=moment)


def _write(lines: Sequence[_Line], opened: Ready) -> None:
    texts = [line.text for line in lines if not line.error]
    sorted_ = iter(triage_batch(texts=texts, model=opened.model, language=opened.language))
    for line in lines:
        if line.error:
            write_line(data={"id": line.id, "error": line.error})
            continue
        write_line(
            data=as_line(
                id=line.id, triage=next(sorted_), entities=extract(text=line.text, at=line.at)
            )
        )


def as_line(*, id: Any, triage: Triage, entities: Sequence[Entity]) -> dict[str, Any]:
    """Return the output line for one text."""
    return {
        "id": id,
        "category": triage.category,
        "secondary": list(triage.secondary),
        "urgency": triage.urgency,
        "entities": [entity.as_json() for entity in entities],
        "emotion": triage.emotion,
        "is_complaint": triage.is_complaint,
        "signals": list(triage.signals),
        "confidence": triage.confidence,
        "unsure": triage.unsure,
        "because": [reason.as_json() for reason in triage.because],
    }
