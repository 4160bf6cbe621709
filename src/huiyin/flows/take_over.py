"""Take over: complaints from files, row by row through the same intake as every contact."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.channels import history
from huiyin.core.clocks.count import due
from huiyin.core.playbook import Playbook, Text
from huiyin.flows import intake
from huiyin.flows.ticking import calendar_of
from huiyin.store import files
from huiyin.store.ledger import imports
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import imports as import_read
from huiyin.store.read import labels, office

BATCH = 200


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import would bring: how many rows would be open complaints, and so on.

    ``late`` of the ``live`` ones are past their limit by law already; ``unusable`` rows would be
    rejected; ``unknown`` are the categories that the playbook has none for, with their rows.
    """

    live: int
    late: int
    ended: int
    unusable: int
    unknown: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """The columns of a file, the mapping, its first rows and what would become of all.

    ``left`` are the columns that are not taken; ``why_not`` says why it cannot be started.
    """

    columns: list[str]
    mapping: dict[str, str]
    fields: tuple[str, ...]
    rows: list[list[str]]
    left: list[str]
    outlook: Outlook
    why_not: Text | None


class CannotStartImport(ValueError):
    """No row of the file can be taken with these columns; ``zh`` and ``en`` say why."""

    def __init__(self, *, why: Text) -> None:
        self.zh = why.zh
        self.en = why.en
        super().__init__(why.en)


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


def preview(
    *,
    now: datetime,
    name: str,
    content: bytes,
    sort: str = "history",
    mapping: Mapping[str, str] | None = None,
) -> Preview:
    """Return what the mapping page shows; without a mapping, with the one that the names tell."""
    columns, guessed = history.columns(name=name, content=content, sort=sort)
    chosen = dict(guessed if mapping is None else mapping)
    rows = []
    for _number, record in history.records(name=name, content=content):
        if isinstance(record, dict):
            rows.append([str(record.get(c, ""))[:80] for c in columns])
        if len(rows) >= 5:
            break
    seen = outlook(now=now, name=name, content=content, sort=sort, mapping=chosen)
    why_not = _why_not(columns=columns, mapping=chosen, sort=sort)
    if why_not is None and not seen.live + seen.ended:
        why_not = Text(zh="没有一行能导入", en="no row can be taken in")
    return Preview(
        columns=columns,
        mapping=chosen,
        fields=history.OF_SORT[sort],
        rows=rows,
        left=[c for c in columns if c not in chosen.values()],
        outlook=seen,
        why_not=why_not,
    )


def outlook(
    *, now: datetime, name: str, content: bytes, sort: str, mapping: Mapping[str, str]
) -> Outlook:
    """Count what would become of the rows of a file; nothing is taken in."""
    playbook = office.current_playbook()
    live = late = ended = unusable = 0
    unknown: Counter[str] = Counter()
    for row in _rows(now=now, name=name, content=content, sort=sort, mapping=mapping):
        if isinstance(row, history.RejectedRow):
            unusable += 1
            continue
        if sort == "history" and row.category:
            unknown[row.category] += not labels.category_code(playbook, said=row.category)
        if sort == "history" and (row.reply or row.replied_at):
            ended += 1
            continue
        live += 1
        limit = row.until if sort == "appeal" else _limit(playbook=playbook, row=row, sort=sort)
        late += limit is not None and limit <= now
    return Outlook(live=live, late=late, ended=ended, unusable=unusable, unknown=+unknown)


def start(*, run_id: UUID, mapping: Mapping[str, str]) -> None:
    """Let the worker begin with an import. Raises CannotStartImport."""
    run = import_read.run(id=run_id)
    if run is not None:
        content = files.fetch(sha256=run.sha256)
        columns, _mapping = history.columns(name=run.name, content=content, sort=run.sort)
        why_not = _why_not(columns=columns, mapping=mapping, sort=run.sort)
        if why_not is not None:
            raise CannotStartImport(why=why_not)
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
    playbook = office.current_playbook()
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

    for row in _rows(now=now, name=run.name, content=content, sort=run.sort, mapping=run.mapping):
        done += 1
        if isinstance(row, history.RejectedRow):
            rejected.append(
                {"row": row.row, "zh": row.zh, "en": row.en, "values": dict(row.values)}
            )
        else:
            channel, named, body = _body(row=row, sort=run.sort, playbook=playbook)
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


def _rows(
    *, now: datetime, name: str, content: bytes, sort: str, mapping: Mapping[str, str]
) -> Iterator[history.HistoryRow | history.RejectedRow]:
    zone = ZoneInfo(office.current_playbook().timezone)
    for row in history.read_rows(name=name, content=content, mapping=mapping, zone=zone):
        if isinstance(row, history.RejectedRow):
            yield row
            continue
        wrong = _wrong(row=row, sort=sort, now=now)
        if wrong is None:
            yield row
        else:
            values = {mapping.get("text", ""): row.text[:200]} if row.text else {}
            yield history.RejectedRow(row.row, wrong.zh, wrong.en, values)


def _wrong(*, row: history.HistoryRow, sort: str, now: datetime) -> Text | None:
    if sort == "appeal" and not row.reference:
        return Text(zh="没有申诉编号", en="no number of the appeal")
    for at, zh, en in (
        (row.at, "投诉时间在将来", "the complaint's time is in the future"),
        (row.replied_at, "答复时间在将来", "the answer's time is in the future"),
    ):
        if at is not None and at > now:
            return Text(zh=f"{zh}：{at:%Y-%m-%d}", en=f"{en}: {at:%Y-%m-%d}")
    return None


def _why_not(*, columns: list[str], mapping: Mapping[str, str], sort: str) -> Text | None:
    taken = {field for field, column in mapping.items() if column in columns}
    if not taken & {"text", "title"}:
        return Text(
            zh="没有一列是投诉内容：请选出“内容”或“标题”是哪一列",
            en="no column has the complaint's words: choose which one is the text or the title",
        )
    if sort == "appeal" and "reference" not in taken:
        return Text(
            zh="没有一列是申诉编号：请选出是哪一列",
            en="no column has the number of the appeal: choose which one it is",
        )
    return None


def _limit(*, playbook: Playbook, row: history.HistoryRow, sort: str) -> datetime | None:
    """Return when a past complaint had to be answered by law; what others send counts from now."""
    if sort != "history" or row.at is None:
        return None
    ends = [
        due(
            start=row.at,
            duration=clock.length(urgency="normal"),
            calendar=calendar_of(playbook_version=playbook.version_id, name=clock.calendar),
            explain=False,
        ).due
        for clock in playbook.clocks
        if clock.legal and "ComplaintOpened" in clock.starts_on
    ]
    return min((end for end in ends if end is not None), default=None)


def _body(
    *, row: history.HistoryRow, sort: str, playbook: Playbook
) -> tuple[str, str, dict[str, object]]:
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
            "category": labels.category_code(playbook, said=row.category),
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
