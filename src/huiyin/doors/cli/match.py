"""``huiyin match``: which complaint each contact belongs to."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import click

from huiyin.core.extract import extract
from huiyin.core.matching import ComplaintBook, MatchDecision, read_contact
from huiyin.core.matching.score import Judged, MatchScore, score
from huiyin.doors.cli.jsonl import UnreadableLine, read_lines, write_line

_OPENS = frozenset({"new", "repeat"})


class Say(Protocol):
    """Writes one line of output."""

    def __call__(self, *, data: Any) -> None:
        """Write a JSON object."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One input line: a contact, a system line, or the error that takes its place."""

    data: dict[str, Any]
    at: datetime | None = None
    error: str = ""


@click.command(name="match")
@click.argument("file", default="-")
@click.option(
    "--evaluate", is_flag=True, help="Compare with the field truth and end with the score."
)
def command(file: str, evaluate: bool) -> None:
    """Match contacts to complaints: JSON lines in time order from FILE or standard input.

    A contact is {"id","at","channel","sender","text","thread"?}; a line {"channel":"system",
    "event":"resolved" or "closed","opened_by"} ends the complaint that a contact opened. One line
    out for each contact: {"id","decision","complaint","because",…}, "complaint" being the id of
    the contact that opened it, or null. Needs no database.
    """
    desk = _Desk(say=write_line)
    for _number, data in read_lines(source=file):
        desk.take(_read(data))
    if evaluate:
        found = desk.score()
        print_score(found=found)
        write_line(data=found.as_json())
    sys.stdout.flush()


def judged(*, rows: Iterable[dict[str, Any]]) -> MatchScore:
    """Return how well the contacts among lines with their truth are matched, saying nothing."""
    desk = _Desk(say=lambda *, data: None)
    for row in rows:
        desk.take(_read(row))
    return desk.score()


def _read(data: dict[str, Any] | UnreadableLine) -> _Line:
    if isinstance(data, UnreadableLine):
        return _Line(data={"id": None}, error=str(data))
    try:
        return _Line(data=data, at=_checked(data))
    except ValueError as error:
        return _Line(data=data, error=str(error))


def _checked(data: dict[str, Any]) -> datetime:
    """Return the time of a line whose fields are as they must be.

    Raises ValueError saying which is not.
    """
    at = _moment(data.get("at"))
    if data.get("channel") == "system":
        if data.get("event") not in ("resolved", "closed"):
            raise ValueError(f'"event" is neither "resolved" nor "closed": {data.get("event")!r}')
        if data.get("opened_by") is None:
            raise ValueError('missing field "opened_by"')
        return at
    if data.get("id") is None:
        raise ValueError('missing field "id"')
    for name in ("channel", "text"):
        if not isinstance(data.get(name), str):
            raise ValueError(f'missing field "{name}", or it is not a string')
    return at


def _moment(said: Any) -> datetime:
    try:
        at = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        raise ValueError(f'"at" is not an ISO 8601 time: {said!r}') from None
    if at.tzinfo is None:
        raise ValueError(f'"at" has no offset from UTC: {said!r}')
    return at


class _Desk:
    """The book of complaints, fed line by line, and what is kept for the score."""

    def __init__(self, *, say: Say) -> None:
        self._say = say
        self._book = ComplaintBook()
        self._ids: dict[str, Any] = {}
        self._decided: list[tuple[str, MatchDecision, dict[str, Any]]] = []

    def take(self, line: _Line) -> None:
        data, at = line.data, line.at
        if line.error or at is None:
            self._say(data={"id": data.get("id"), "error": line.error})
        elif data.get("channel") == "system":
            self._book.end(contact_id=_key(data["opened_by"]), state=data["event"], at=at)
        else:
            self._contact(data, at)

    def _contact(self, data: dict[str, Any], at: datetime) -> None:
        key = _key(data["id"])
        text, thread = data["text"], data.get("thread")
        contact = read_contact(
            id=key,
            at=at,
            channel=data["channel"],
            sender=str(data.get("sender") or ""),
            text=text,
            thread=str(thread) if thread else None,
            entities=extract(text=text, at=at),
        )
        decision = self._book.take(contact=contact)
        self._ids[key] = data["id"]
        if isinstance(data.get("truth"), dict):
            self._decided.append((key, decision, data["truth"]))
        self._say(data=self._line_out(key=key, decision=decision))

    def _line_out(self, *, key: str, decision: MatchDecision) -> dict[str, Any]:
        out = {"id": self._ids[key], **decision.as_json()}
        if decision.decision in _OPENS:
            out["complaint"] = self._ids[key]
        elif decision.complaint_id is not None:
            out["complaint"] = self._ids[decision.complaint_id]
        for name in ("repeat_of", "about"):
            if name in out:
                out[name] = self._ids[out[name]]
        for one in out.get("maybe", ()):
            one["complaint"] = self._ids[one["complaint"]]
        return out

    def score(self) -> MatchScore:
        """Return the score; the truth is read here, after every decision was made."""
        openers = {
            truth.get("complaint"): key
            for key, _decision, truth in reversed(self._decided)
            if truth.get("decision") in _OPENS
        }
        return score(
            judged=[
                Judged(
                    decision=decision.decision,
                    complaint=decision.complaint_id,
                    true_decision=str(truth.get("decision")),
                    true_complaint=openers.get(truth.get("complaint")),
                )
                for _key, decision, truth in self._decided
            ]
        )


def _key(id: Any) -> str:
    return id if isinstance(id, str) else json.dumps(id, ensure_ascii=False)


def print_score(*, found: MatchScore) -> None:
    """Print the score as a table on standard error."""
    click.echo(
        f"{found.contacts} contacts: link precision {found.link_precision:.3f}, "
        f"link recall {found.link_recall:.3f}, decision accuracy {found.decision_accuracy:.3f}",
        err=True,
    )
    for name, shares in found.per_decision.items():
        click.echo(
            f"  {name:<14} precision {shares['precision']:.3f}  recall {shares['recall']:.3f}"
            f"  of {shares['true']:.0f}",
            err=True,
        )
