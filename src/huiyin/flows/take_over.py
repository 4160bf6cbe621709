"""Take over: complaints from files, row by row through the same intake as every contact."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.channels import history
from huiyin.flows import intake
from huiyin.store import files
from huiyin.store.ledger import imports
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import imports as import_read
from huiyin.store.read import labels, office

BATCH = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """The columns of a file, the proposed mapping, and its first rows."""

    columns: list[str]
    mapping: dict[str, str]
    fields: tuple[str, ...]
    rows: list[list[str]]


def prepare(
    *, now: datetime, name: str, content: bytes, user_id: int | None, sort: str = "history"
) -> UUID:
    """Keep a file for import; nothing is taken in yet. Raises history.CannotReadHistory."""
    kind = history.kind_of(name=name, content=content)
    total = sum(1 for _row in history.records(name=name, content=content))
    if total == 0:
        raise history.CannotReadHistory(zh="文件里没有数据行", en="the file has no rows")
    _columns, mapping = history.columns(name=name, content=content, sort=sort)
    return imports.create(
        now=now,
        name=name[-200:],
        kind=kind,
        sort=sort,
        sha256=files.keep(content=content),
        mapping=mapping,
        total=total,
        user_id=user_id,
    )


def preview(*, name: str, content: bytes, sort: str = "history") -> Preview:
    """Return what the mapping page shows."""
    columns, mapping = history.columns(name=name, content=content, sort=sort)
    rows = []
    for _number, record in history.records(name=name, content=content):
        if isinstance(record, dict):
            rows.append([str(record.get(c, ""))[:80] for c in columns])
        if len(rows) >= 5:
            break
    return Preview(columns=columns, mapping=mapping, fields=history.OF_SORT[sort], rows=rows)


def start(*, run_id: UUID, mapping: Mapping[str, str]) -> None:
    """Let the worker begin with an import."""
    imports.begin(id=run_id, mapping=dict(mapping))


def go_on(
    *, run_id: UUID, now: datetime, progress: Callable[[int, int], None] | None = None
) -> None:
    """Take in what is left of an import, in batches; a killed run goes on where it stood.

    Rows carry the file's hash and row number as external id, so none is taken in twice.
    """
    run = import_read.run(id=run_id)
    if run is None:
        return
    content = files.fetch(sha256=run.sha256)
    zone = ZoneInfo(office.current_playbook().timezone)
    arrivals: list[Arrival] = []
    rejected: list[dict[str, object]] = []
    done = accepted = repeated = 0
    tail = run.sha256[:16]

    def flush() -> None:
        nonlocal accepted, repeated
        taken = intake.accept(now=now, arrivals=arrivals)
        fresh = [t.id for t in taken if not t.repeated]
        accepted += len(fresh)
        repeated += len(taken) - len(fresh)
        if fresh:
            intake.decide(now=now, ids=fresh, limit=len(fresh))
        arrivals.clear()
        imports.advance(
            id=run_id, done=done, accepted=accepted, repeated=repeated, rejected=rejected, now=now
        )
        if progress:
            progress(done, run.total)

    for row in history.read_rows(name=run.name, content=content, mapping=run.mapping, zone=zone):
        done += 1
        if isinstance(row, history.RejectedRow):
            rejected.append(
                {"row": row.row, "zh": row.zh, "en": row.en, "values": dict(row.values)}
            )
        else:
            wrong = _wrong(row=row, sort=run.sort)
            if wrong is not None:
                rejected.append({"row": row.row, "zh": wrong[0], "en": wrong[1], "values": {}})
                continue
            channel, named, body = _body(row=row, sort=run.sort)
            arrivals.append(
                Arrival(
                    channel=channel,
                    kind="contact",
                    external_id=named or f"{tail}:{row.id or row.row}",
                    raw=json.dumps(body, ensure_ascii=False).encode(),
                    headers={"import": run_id.hex},
                )
            )
        if len(arrivals) >= BATCH:
            flush()
    flush()
    imports.finish(id=run_id, now=now)


def _wrong(*, row: history.HistoryRow, sort: str) -> tuple[str, str] | None:
    if sort == "appeal" and not row.reference:
        return "没有申诉编号", "no number of the appeal"
    return None


def _body(*, row: history.HistoryRow, sort: str) -> tuple[str, str, dict[str, object]]:
    """Return channel, external id and contact of a row.

    What the other side numbers keeps its number: the same appeal is never taken in twice, from
    whichever file it comes.
    """
    body: dict[str, object] = {
        "sender": row.user or row.phone,
        "sender_name": row.name,
        "phone": row.phone,
        "subject": row.title if row.title != row.text else "",
        "text": row.text,
        "at": row.at.isoformat() if row.at else None,
        "waybill": row.waybill,
        "branch": "complaint",
    }
    if sort == "history":
        body |= {
            "channel": "history",
            "came_by": labels.channel_code(said=row.channel),
            "reply": row.reply,
            "replied_at": row.replied_at.isoformat() if row.replied_at else None,
        }
        return "history", "", body
    if sort == "appeal":
        text = f"{row.text}\n申诉类别：{row.category}" if row.category else row.text
        body |= {
            "channel": "regulator",
            "text": text[:20000],
            "reference": row.reference,
            "until": row.until.isoformat() if row.until else None,
        }
        return "regulator", f"appeal:{row.reference}"[:200], body
    if sort == "marketplace":
        text = f"{row.text}\n申请金额：{row.amount} 元" if row.amount else row.text
        body |= {"channel": "marketplace", "text": text[:20000]}
        return "marketplace", f"market:{row.id}"[:200] if row.id else "", body
    # A review is a complaint only where its words are one.
    words = f"{row.stars} 星：{row.text}" if row.stars else row.text
    body |= {"channel": "social", "branch": "", "text": words[:20000]}
    return "social", f"review:{row.id}"[:200] if row.id else "", body
