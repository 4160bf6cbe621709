"""The memory of ended complaints by which similar ones are found; derived, and kept by the pen.

One row an ended complaint with its words and how it ended; its keys are indexed like those of the
search. ``candidates`` reads a bounded number of entries of a bounded number of lists.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection

from huiyin.core.remedy.likeness import band_of
from huiyin.core.similar import Commonness, Lists, PastCase, past_terms, places_of, terms_of
from huiyin.store import models
from huiyin.store.case import Held
from huiyin.store.windows import blocks_sql, named, newest_blocks

ENDED: Final = ("resolved", "closed")
GRANTED: Final = ("approved", "accepted", "paid")
_PER_LIST: Final = 250
_SURE: Final = 2
"""PostgreSQL looks at so many times as many entries as are expected to hold that many matches."""
_MOST_OF: Final = 0.5
"""From this part of all on they are not told apart by their age."""
_READ: Final = 120
"""Candidates that are weighed."""
_FILTERED: Final = 8
"""So many times as many are held against what a viewer may see."""
_SAMPLE: Final = 3000
_KEPT: Final = 300
_SAMPLE_SECONDS: Final = 600.0
_COLUMNS: Final = (
    "complaint_id", "terms", "category", "places", "goods", "band", "department", "assignee",
    "verdict", "remedy", "amount", "minutes", "stars", "level", "reopened",
)  # fmt: skip
_CASE: Final = (
    "id", "category", "triage", "amount", "department_id", "assignee_id", "verdict", "stars",
    "level", "reopened", "opened_at", "resolved_at",
)  # fmt: skip

Row = tuple[Any, ...]


def _key(value: UUID) -> Any:
    return value.hex if connection.vendor == "sqlite" else value


def concerns(*, held: Held) -> bool:
    """Tell whether a case in hand is to be remembered anew, or forgotten since it is open again."""
    case = held.case
    if case.status in ENDED:
        return held.fresh or bool(held.changed)
    return "status" in held.changed and bool(case.level or case.reopened)


def keep(*, ids: Sequence[UUID]) -> int:
    """Remember complaints as they are now, and forget those that are open again.

    Only answered complaints are remembered. Returns how many are. Costs a fixed number of
    statements.
    """
    if not ids:
        return 0
    ended = list(models.Complaint.objects.filter(id__in=ids, status__in=ENDED).values(*_CASE))
    rows = _rows(cases=ended)
    forget(ids=ids)
    _insert(rows)
    return len(rows)


def forget(*, ids: Sequence[UUID]) -> None:
    """Forget complaints."""
    keys = [_key(i) for i in ids]
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"SELECT id, terms FROM past_case WHERE complaint_id IN ({marks})", keys)
            cursor.executemany(
                "INSERT INTO past_words (past_words, rowid, terms) VALUES ('delete', %s, %s)",
                cursor.fetchall(),
            )
        cursor.execute(f"DELETE FROM past_case WHERE complaint_id IN ({marks})", keys)


def _rows(*, cases: Sequence[Mapping[str, Any]]) -> list[Row]:
    ids = [c["id"] for c in cases]
    said: dict[UUID, list[str]] = defaultdict(list)
    answered: set[UUID] = set()
    for complaint, direction, subject, text, author, channel in (
        models.Message.objects.filter(complaint_id__in=ids, direction__in=("in", "out"))
        .exclude(channel="survey")
        .order_by("at", "id")
        .values_list("complaint_id", "direction", "subject", "text", "author_id", "channel")
    ):
        if direction == "in":
            said[complaint].append(f"{subject}\n{text}")
        elif author is not None or channel == "history":
            answered.add(complaint)
    granted = {
        complaint: (kind, amount)
        for complaint, kind, amount in models.Remedy.objects.filter(
            complaint_id__in=ids, state__in=GRANTED
        )
        .order_by("amount", "id")
        .values_list("complaint_id", "kind", "amount")
    }
    out = []
    for case in cases:
        if case["id"] not in answered:
            continue
        entities = case["triage"].get("entities", ())
        places = places_of(entities=entities)
        goods = goods_of(entities=entities)
        terms = past_terms(
            terms=terms_of(text="\n".join(said[case["id"]])),
            category=case["category"],
            places=places,
            goods=goods,
        )
        kind, amount = granted.get(case["id"], ("", 0))
        took = (case["resolved_at"] or case["opened_at"]) - case["opened_at"]
        out.append(
            (
                _key(case["id"]), " ".join(terms), case["category"], " ".join(places)[:120], goods,
                band(amount=case["amount"]), case["department_id"], case["assignee_id"],
                case["verdict"], kind, amount, max(0, int(took.total_seconds() // 60)),
                case["stars"], case["level"], case["reopened"],
            )
        )  # fmt: skip
    return out


def goods_of(*, entities: Iterable[Mapping[str, Any]]) -> str:
    """Return the first article that a complaint names, empty without one."""
    said = next((str(e["value"]) for e in entities if e.get("type") == "goods"), "")
    return "".join(c for c in said.lower() if c.isalnum())[:60]


def band(*, amount: int | None) -> int | None:
    """Return the place of the band of value of an amount, 分; None where none was named."""
    return None if amount is None else band_of(value=amount) // 5000


def _insert(rows: Sequence[Row]) -> None:
    if not rows:
        return
    columns = ", ".join(_COLUMNS)
    marks = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT COALESCE(MAX(id), 0) FROM past_case")
            first = int(cursor.fetchone()[0]) + 1
            cursor.executemany(
                f"INSERT INTO past_case (id, {columns}) VALUES (%s, {marks})",
                [(first + i, *row) for i, row in enumerate(rows)],
            )
            cursor.executemany(
                "INSERT INTO past_words (rowid, terms) VALUES (%s, %s)",
                [(first + i, row[1]) for i, row in enumerate(rows)],
            )
        else:
            cursor.executemany(
                f"INSERT INTO past_case (id, {columns}, words) SELECT n, {marks},"
                f" array_to_tsvector(%s::text[] || {blocks_sql(number='n')})"
                " FROM nextval('past_case_id_seq') n",
                [(*row, row[1].split(" ")) for row in rows],
            )


_sampled: dict[str, tuple[float, Commonness]] = {}


def commonness() -> Commonness:
    """Return how common words are among the newest ended complaints.

    A sample of some size is kept for ten minutes.
    """
    place = str(connection.settings_dict["NAME"])
    known = _sampled.get(place)
    if known and time.monotonic() - known[0] < _SAMPLE_SECONDS:
        return known[1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, terms FROM past_case ORDER BY id DESC LIMIT %s", [_SAMPLE])
        rows = cursor.fetchall()
    common = Commonness.of(
        cases=[terms.split(" ") for _id, terms in rows], total=rows[0][0] if rows else 0
    )
    if common.n >= _KEPT:
        _sampled[place] = (time.monotonic(), common)
    return common


def candidates(
    *,
    wanted: Lists,
    among: int,
    without: UUID,
    person: int | None = None,
    home: str | None = None,
) -> list[PastCase]:
    """Return the ended complaints that share most with the lists; at most 120, best guess first.

    ``among`` is how many there were when the lists were chosen. With ``person`` only those of that
    person, or of ``home``.
    """
    if not wanted.keys:
        return []
    votes: dict[int, float] = defaultdict(float)
    with connection.cursor() as cursor:
        cursor.execute(*_lists(wanted, among))
        for number, row_id in cursor.fetchall():
            votes[row_id] += wanted.weights[number]
        best = sorted(votes, key=lambda i: (-votes[i], -i))
        best = best[: _READ if person is None else _FILTERED * _READ]
        if not best:
            return []
        rows = _read(cursor=cursor, best=best, without=without, person=person, home=home)
    return [_case(row) for row in rows]


def _read(
    *, cursor: Any, best: Sequence[int], without: UUID, person: int | None, home: str | None
) -> list[Row]:
    """Return the first of the best that a viewer may see, in their order."""
    where, values = "p.complaint_id <> %s", [_key(without)]
    if person is not None:
        where += " AND (p.assignee = %s OR p.department = %s)"
        values += [person, home]
    given: Any = best
    wanted = "SELECT id, place FROM unnest(%s::bigint[]) WITH ORDINALITY w (id, place)"
    if connection.vendor == "sqlite":
        given, wanted = json.dumps(best), "SELECT value AS id, key AS place FROM json_each(%s)"
    cursor.execute(
        f"SELECT {', '.join(f'p.{c}' for c in _COLUMNS)} FROM ({wanted}) w"
        f" JOIN past_case p ON p.id = w.id WHERE {where} ORDER BY w.place LIMIT %s",
        [given, *values, _READ],
    )
    return list(cursor.fetchall())


def _lists(wanted: Lists, among: int) -> tuple[str, list[Any]]:
    parts, values = [], []
    for number, keys in enumerate(wanted.keys):
        if connection.vendor == "sqlite":
            parts.append(
                f"SELECT {number}, rowid FROM (SELECT rowid FROM past_words"
                f" WHERE past_words MATCH %s ORDER BY rowid DESC LIMIT {_PER_LIST})"
            )
            values.append(" AND ".join(f'"{k}"' for k in keys))
        else:
            parts.append(
                f"SELECT {number}, id FROM (SELECT id FROM past_case WHERE words @@ %s::tsquery"
                f" ORDER BY id + 0 DESC LIMIT {_PER_LIST}) l{number}"
            )
            asked = " & ".join(f"'{k}'" for k in keys)
            part = _SURE * _PER_LIST / max(wanted.expected[number], 1.0)
            if part < _MOST_OF:
                names = newest_blocks(newest=among, many=int(among * part))
                asked += f" & ({named(names=names)})"
            values.append(asked)
    return " UNION ALL ".join(parts), values


def _case(row: Row) -> PastCase:
    (
        complaint, terms, category, places, goods, band, _department, _assignee,
        verdict, remedy, amount, minutes, stars, level, reopened,
    ) = row  # fmt: skip
    return PastCase(
        id=complaint if isinstance(complaint, str) else complaint.hex,
        terms=tuple([t for t in terms.split(" ") if t[:1] != "z"]),
        category=category,
        places=tuple(places.split()),
        goods=goods,
        band=band,
        verdict=verdict,
        remedy=remedy,
        amount=amount,
        minutes=minutes,
        stars=stars,
        level=level,
        reopened=reopened,
    )
