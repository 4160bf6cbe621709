"""The search index over messages: FTS5 on SQLite, a tsvector on PostgreSQL, kept by the pen.

``search_case`` holds what filters ask for, one row a complaint; ``search_entry`` ties a message to
its complaint. All of it is derived from complaints and messages (see ``reindex``). Answers come
newest first and from a bounded number of matches, so that a very common word costs as much as a
rare one. Where few of the newest matches fit a filter, it is asked from the filter's side: few
complaints fit, and their messages are looked at for the words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from huiyin.core.search import Asked, keys_of
from huiyin.store.bulk import read_id
from huiyin.store.case import Case
from huiyin.store.fitting import Wanted, conditions, fitting, opened_within
from huiyin.store.windows import blocks_sql, named, windows

NEWEST = 1000
"""Matching messages that are looked at; a filter is held against as many first."""
SCANNED = 20_000
"""Matching messages that a filter is held against where very many complaints fit it."""
RUN_THROUGH = 200_000
"""Matches that SQLite runs through for those of a few complaints."""
FEW = 4000
"""PostgreSQL looks for so many older matches in one go, where it expects no more."""
FILTERED = frozenset({"category", "department_id", "assignee_id", "channel", "status"})
"""Fields of a complaint that the index repeats."""

Row = tuple[UUID, UUID, str]
"""A complaint, its message, and the keys of its text with a blank between."""


@dataclass(frozen=True, slots=True)
class Hit:
    """The newest message of a complaint that matches."""

    complaint_id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, newest first; ``whole`` where nothing else matches."""

    hits: list[Hit]
    whole: bool


_Rows = Sequence[tuple[Any, Any]]
"""Complaint and message, as the database holds their ids."""


def keys_said(*, text: str) -> str:
    """Return the keys under which a text is found, with a blank between."""
    return " ".join(keys_of(text=text))


def worth(*, direction: str, author_id: int | None, channel: str) -> bool:
    """Tell whether a message is indexed: everything but what the house says by itself."""
    return direction != "out" or author_id is not None or channel == "history"


def key(value: UUID) -> Any:
    """Return an id as the raw tables hold it."""
    return value.hex if connection.vendor == "sqlite" else value


def add_cases(*, cases: Iterable[Case]) -> None:
    """Take new complaints into the index, inside the caller's transaction."""
    rows = [
        (
            key(c.id), c.category, c.department_id or "", c.assignee_id, c.channel, c.status,
            int(c.opened_at.timestamp()),
        )
        for c in cases
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_case"
                " (complaint_id, category, department, assignee, channel, status, opened)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (complaint_id) DO NOTHING",
                rows,
            )


def restate(*, cases: Iterable[Case]) -> None:
    """Repeat what filters ask for of changed complaints."""
    rows = [
        (c.category, c.department_id or "", c.assignee_id, c.channel, c.status, key(c.id))
        for c in cases
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE search_case SET category = %s, department = %s, assignee = %s,"
                " channel = %s, status = %s WHERE complaint_id = %s",
                rows,
            )


def add(*, rows: Sequence[Row]) -> None:
    """Index messages by their keys inside the caller's transaction."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT COALESCE(MAX(id), 0) FROM search_entry")
            first = int(cursor.fetchone()[0]) + 1
            cursor.executemany(
                "INSERT INTO search_entry (id, case_no, message_id)"
                " SELECT %s, no, %s FROM search_case WHERE complaint_id = %s",
                [(first + i, m.hex, c.hex) for i, (c, m, _) in enumerate(rows)],
            )
            cursor.executemany(
                "INSERT INTO search_words (rowid, words) VALUES (%s, %s)",
                [(first + i, keys) for i, (_, _, keys) in enumerate(rows)],
            )
        else:
            cursor.executemany(
                "INSERT INTO search_entry (id, case_no, message_id, words)"
                f" SELECT n, no, %s, array_to_tsvector(%s::text[] || {blocks_sql(number='n')})"
                " FROM search_case, nextval('search_entry_id_seq') n WHERE complaint_id = %s",
                [(m, list(dict.fromkeys(keys.split())), c) for c, m, keys in rows],
            )


def move(*, messages: Sequence[UUID], complaint_id: UUID) -> None:
    """Let the messages' entries point to another complaint (join undone, merge)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE search_entry SET case_no = (SELECT no FROM search_case WHERE complaint_id = %s)"
            " WHERE message_id = %s",
            [(key(complaint_id), key(m)) for m in messages],
        )


def find(
    *,
    words: Sequence[Asked],
    wanted: Wanted,
    limit: int = 200,
    enough: int | None = None,
    any_word: bool = False,
) -> Found:
    """Return complaints with a message that holds all of the words (or any), newest first.

    Where a filter lets few through, the search may end at ``enough`` of them. No words find
    nothing.
    """
    if not words:
        return Found([], True)
    if connection.vendor == "sqlite":
        asked, newest_first = _fts(words, " OR " if any_word else " AND "), _in_rows
    else:
        asked, newest_first = _tsquery(words, " | " if any_word else " & "), _in_windows
    clauses, values = conditions(wanted=wanted)
    enough = limit if enough is None else min(limit, enough)
    steps = newest_first(asked=asked, clauses=clauses, values=values, limit=limit)
    nothing = _Looked([], 0, 0, whole=True)
    looked = _looked(steps, limit, NEWEST, so_far=nothing)
    rows, whole = looked.rows, looked.whole
    if clauses and not whole and looked.many < enough:
        few = fitting(wanted=wanted)
        if few is not None:
            rows, whole = _among(asked, few)
        else:
            older: _Rows = []
            if wanted.until is not None:
                # what is asked for lies back: the newest matches may all be younger
                older = _among(asked, opened_within(wanted=wanted))[0]
            if _many([*rows, *older]) < enough:
                looked = _looked(steps, enough, SCANNED, so_far=looked)
            rows, whole = [*looked.rows, *older], looked.whole
    found: dict[Any, Any] = {}
    for complaint, message in rows:
        found.setdefault(complaint, message)
    hits = [Hit(read_id(value=c), read_id(value=m)) for c, m in list(found.items())[:limit]]
    return Found(hits, whole and len(found) <= limit)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the newest matches gave: those that fit, their complaints, how many matched at all."""

    rows: _Rows
    many: int
    matched: int
    whole: bool
    """There are no more."""


def _looked(steps: Iterator[_Looked], limit: int, most: int, *, so_far: _Looked) -> _Looked:
    """Look on until more than ``limit`` complaints fit, or ``most`` matches were looked at."""
    for step in steps:
        so_far = step
        if step.whole or step.many > limit or step.matched >= most:
            break
    return so_far


def _many(rows: _Rows) -> int:
    return len({complaint for complaint, _message in rows})


def _where(clauses: Sequence[str]) -> str:
    return " WHERE " + " AND ".join(clauses) if clauses else ""


def _in_rows(
    *, asked: str, clauses: Sequence[str], values: Sequence[Any], limit: int
) -> Iterator[_Looked]:
    """Yield SQLite's matches: of the newest few, then of many.

    No order is asked of the whole: they come one after another till enough fit.
    """
    matches = "SELECT rowid AS r FROM search_words WHERE search_words MATCH %s"
    sql = (
        f"SELECT c.complaint_id, e.message_id FROM ({matches} ORDER BY rowid DESC LIMIT %s) m"
        " CROSS JOIN search_entry e ON e.id = m.r CROSS JOIN search_case c ON c.no = e.case_no"
        f"{_where(clauses)} UNION ALL SELECT NULL, COUNT(*) FROM ({matches} LIMIT %s)"
    )
    for most in (NEWEST, SCANNED):
        rows: list[tuple[Any, Any]] = []
        seen: set[Any] = set()
        matched = most
        with connection.cursor() as cursor:
            cursor.execute(sql, [asked, most, *values, asked, most])
            for complaint, message in cursor:
                if complaint is None:
                    matched = message
                    break
                rows.append((complaint, message))
                seen.add(complaint)
                if len(seen) > limit:
                    break
        yield _Looked(rows, len(seen), matched, matched < most and len(seen) <= limit)


def _in_windows(
    *, asked: str, clauses: Sequence[str], values: Sequence[Any], limit: int
) -> Iterator[_Looked]:
    """Yield PostgreSQL's matches: of the newest window, then of the next with it, and so on.

    What is rare in what was looked at is looked for in all the rest at once.
    """
    most = SCANNED if clauses else NEWEST
    matched, cut = 0, False
    rows: list[Any] = []
    seen: set[Any] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM search_entry")
        newest = int(cursor.fetchone()[0])
        below = newest + 1
        for start, names in (*windows(newest=newest), (0, ())):
            if not names or (matched + 1) * below < FEW * (newest + 1 - below):
                # "+ 0": by the order of its numbers all of the table would be looked at
                where, given, below = "words @@ %s::tsquery AND id + 0 < %s", [asked, below], 0
            else:
                where, given = "words @@ %s::tsquery", [f"({asked}) & ({named(names=names)})"]
                below = start
            for room in (2 * limit, NEWEST):
                many, found = _window(
                    cursor, where, [*given, most - matched], clauses, [*values, room]
                )
                fitted = seen | {complaint for complaint, _message in found}
                if len(found) < room or len(fitted) > limit:
                    break
            rows += found
            seen = fitted
            matched += many
            cut = cut or len(found) == room or matched >= most
            yield _Looked(list(rows), len(seen), matched, not (below or cut))
            if not below or cut:
                return


def _among(asked: str, cases: Sequence[int]) -> tuple[_Rows, bool]:
    """Return the newest matches among the messages of some complaints, numbered as in the index.

    The second value tells whether there are no more.
    """
    if not cases:
        return [], True
    rows, whole = (_run_through if connection.vendor == "sqlite" else _looked_at)(asked, cases)
    return rows, whole and len(rows) < NEWEST


def _looked_at(asked: str, cases: Sequence[int]) -> tuple[_Rows, bool]:
    """Let PostgreSQL look at every message of the complaints for the words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH e AS MATERIALIZED (SELECT id, case_no, message_id FROM search_entry"
            # the operator by its function's name: its index would look for all that match
            " WHERE case_no = ANY(%s) AND ts_match_vq(words, %s::tsquery)"
            " ORDER BY id + 0 DESC LIMIT %s)"
            " SELECT c.complaint_id, e.message_id FROM e CROSS JOIN LATERAL"
            " (SELECT complaint_id FROM search_case WHERE no = e.case_no LIMIT 1) c"
            " ORDER BY e.id DESC",
            [list(cases), asked, NEWEST],
        )
        return list(cursor.fetchall()), True


def _run_through(asked: str, cases: Sequence[int]) -> tuple[_Rows, bool]:
    """Let SQLite run through all matches for those of the complaints.

    Asking its index for one message after another costs a thousand times as much.
    """
    matches = "search_words MATCH %s AND rowid >= (SELECT MIN(id) FROM of_them)"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH of_them AS MATERIALIZED (SELECT e.id FROM json_each(%s) f"
            " CROSS JOIN search_entry e ON e.case_no = f.value)"
            " SELECT c.complaint_id, e.message_id FROM (SELECT rowid AS r FROM search_words"
            f" WHERE {matches} ORDER BY rowid DESC LIMIT %s) m"
            " CROSS JOIN search_entry e ON e.id = m.r CROSS JOIN search_case c ON c.no = e.case_no"
            # as a list: joined, each match would be held against every message of them
            " WHERE m.r IN (SELECT id FROM of_them)"
            " UNION ALL SELECT NULL, COUNT(*) FROM"
            f" (SELECT rowid FROM search_words WHERE {matches} LIMIT %s)",
            [json.dumps(cases), asked, RUN_THROUGH, asked, RUN_THROUGH],
        )
        *rows, (_none, many) = cursor.fetchall()
    return rows[:NEWEST], many < RUN_THROUGH


def _window(
    cursor: Any, where: str, matching: list[Any], clauses: Sequence[str], fitting: list[Any]
) -> tuple[int, list[Any]]:
    """Return how many of the window's newest match, and those whose complaint fits."""
    cursor.execute(
        "WITH m AS MATERIALIZED (SELECT case_no, message_id FROM search_entry"
        f" WHERE {where} ORDER BY id + 0 DESC LIMIT %s)"
        " SELECT NULL, NULL, COUNT(*) FROM m UNION ALL"
        # one complaint at a time, in the order of the matches, until there are enough
        " (SELECT c.complaint_id, m.message_id, 0 FROM m CROSS JOIN LATERAL"
        " (SELECT * FROM search_case WHERE no = m.case_no LIMIT 1) c"
        f"{_where(clauses)} LIMIT %s)",
        [*matching, *fitting],
    )
    (_c, _m, many), *found = cursor.fetchall()
    return many, [row[:2] for row in found]


def _fts(words: Sequence[Asked], between: str) -> str:
    """Return the words in FTS5's language; keys hold letters and digits only."""
    groups = []
    for word in words:
        group = " AND ".join(f'"{k}"' for k in word.keys)
        groups.append(f'("{word.start}"* OR ({group}))' if word.start else f"({group})")
    return between.join(groups)


def _tsquery(words: Sequence[Asked], between: str) -> str:
    """Return the words in PostgreSQL's language; keys hold letters and digits only."""
    groups = []
    for word in words:
        group = " & ".join(f"'{k}'" for k in word.keys)
        groups.append(f"('{word.start}':* | ({group}))" if word.start else f"({group})")
    return between.join(groups)
