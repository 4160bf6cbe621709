"""Invented inboxes of carriers: contacts in time order, with what is true of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from huiyin.core.extract import extract
from huiyin.core.matching import ComplaintBook, ContactFacts, MatchDecision, read_contact
from huiyin.core.matching.doubt import DOUBT, Doubt
from huiyin.core.matching.score import Judged, MatchScore, score

FOLDER = Path(__file__).parent / "core" / "matching"
NAMES = sorted(path.stem for path in FOLDER.glob("conversations*.txt"))
UNLEARNED = frozenset({"conversations_twentysecond", "conversations_twentythird"})
"""Inboxes that neither the tone nor the doubt was learned from: they tell how new ones fare."""
LEARNED = [name for name in NAMES if name not in UNLEARNED]
ZONE = ZoneInfo("Asia/Shanghai")
OPENS = ("new", "repeat")


@dataclass(frozen=True, slots=True)
class Line:
    """A contact with its truth, or the end of a complaint (``ends``)."""

    id: str
    at: datetime
    channel: str = ""
    sender: str = ""
    thread: str | None = None
    text: str = ""
    decision: str = ""
    complaint: str = ""
    ends: Literal["", "resolved", "closed"] = ""


@cache
def lines(*, name: str) -> tuple[Line, ...]:
    """Return the lines of an inbox in time order."""
    out: list[Line] = []
    for number, row in enumerate((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()):
        if not row.strip() or row.startswith("#"):
            continue
        when, channel, *rest = (part.strip() for part in row.split(" | ", 5))
        at = datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        at = at.replace(second=number % 60)
        if channel.startswith("end "):
            _, complaint, state = channel.split()
            assert state in {"resolved", "closed"}, row
            out.append(Line(f"{number}", at, complaint=complaint, ends=state))  # type: ignore[arg-type]
            continue
        sender, thread, truth, text = rest
        decision, *which = truth.split()
        out.append(
            Line(
                id=f"{number}",
                at=at,
                channel=channel,
                sender=sender,
                thread=None if thread == "-" else thread,
                text=text.replace("\\n", "\n"),
                decision="not_complaint" if decision == "no" else decision,
                complaint=which[0] if which else "",
            )
        )
    return tuple(sorted(out, key=lambda line: line.at))


def read(*, line: Line) -> ContactFacts:
    """Return the facts of a line that is a contact."""
    return read_contact(
        id=line.id,
        at=line.at,
        channel=line.channel,
        sender=line.sender,
        text=line.text,
        thread=line.thread,
        entities=extract(text=line.text, at=line.at),
    )


def openers(*, name: str) -> dict[str, str]:
    """Return the contact that opened each complaint of an inbox."""
    return {row.complaint: row.id for row in lines(name=name) if row.decision in OPENS}


def play(*, name: str, doubt: Doubt = DOUBT) -> Iterator[tuple[Line, MatchDecision]]:
    """Match a whole inbox anew, never corrected, and return every decision as it is made."""
    book = ComplaintBook(doubt=doubt)
    opened_by = openers(name=name)
    for line in lines(name=name):
        if line.ends:
            book.end(contact_id=opened_by[line.complaint], state=line.ends, at=line.at)
        else:
            yield line, book.take(contact=read(line=line))


def judge(*, played: list[tuple[Line, MatchDecision]]) -> MatchScore:
    """Return how well decisions agree with the truth."""
    openers = {line.complaint: line.id for line, _ in played if line.decision in OPENS}
    return score(
        judged=[
            Judged(
                decision=made.decision,
                complaint=made.complaint_id,
                true_decision=line.decision,
                true_complaint=openers.get(line.complaint),
            )
            for line, made in played
        ]
    )


@cache
def played(*, name: str) -> list[tuple[Line, MatchDecision]]:
    """Return the decisions on an inbox, matched once."""
    return list(play(name=name))
