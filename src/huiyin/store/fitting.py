"""What fits a filter of the search: by the index over what filters ask for, where few fit.

``search_case`` is indexed by department, category, channel, status and time together. Whichever
of these a filter names, the combinations that exist are few: they are run through, and of each
that fits the complaints are counted until they are too many to be looked at one by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

from huiyin.store.bulk import raw_time

FEW: Final = 2000
"""Complaints whose messages can be looked at one by one."""
KINDS: Final = 1000
"""Combinations of department, category, channel and status that are run through."""
_BACK: Final = 5000
"""Complaints of a span of time that the rest of a filter is held against."""
_KIND: Final = ("department", "category", "channel", "status")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a hit must satisfy beside its words; times are seconds since 1970.

    With ``person`` only complaints of that person, or of ``home``, are found.
    """

    category: str = ""
    department: str = ""
    channel: str = ""
    statuses: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    person: int | None = None
    home: str | None = None


def conditions(*, wanted: Wanted) -> tuple[list[str], list[Any]]:
    """Return what a row of ``search_case`` named c must satisfy, in SQL, and the values."""
    clauses: list[str] = []
    values: list[Any] = []
    for column, value in (
        ("category", wanted.category), ("department", wanted.department),
        ("channel", wanted.channel),
    ):  # fmt: skip
        if value:
            clauses.append(f"c.{column} = %s")
            values.append(value)
    if wanted.statuses:
        marks = ", ".join(["%s"] * len(wanted.statuses))
        clauses.append(f"c.status IN ({marks})")
        values.extend(wanted.statuses)
    spans, moments = _spans(wanted)
    clauses += spans
    values += moments
    if wanted.person is not None:
        clauses.append("(c.assignee = %s OR c.department = %s)")
        values.extend((wanted.person, wanted.home or None))
    return clauses, values


def _spans(wanted: Wanted) -> tuple[list[str], list[Any]]:
    given = (("c.opened >= %s", wanted.since), ("c.opened < %s", wanted.until))
    told = [(clause, moment) for clause, moment in given if moment is not None]
    return [clause for clause, _moment in told], [moment for _clause, moment in told]


def fitting(*, wanted: Wanted) -> list[int] | None:
    """Return the numbers of all complaints that fit, or None where they are more than FEW.

    None also where the combinations are too many to be run through.
    """
    limited = wanted.person is not None
    department = wanted.department or (wanted.home or "" if limited else "")
    # of other departments a limited viewer sees only what is his own
    foreign = limited and (not department or department != wanted.home)
    kinds = [] if foreign else _kinds(department)
    if kinds is None:
        return None
    asked = [kind for kind in kinds if _fits(kind, wanted)]
    found = _of_kinds(asked, wanted) if asked else []
    if limited and len(found) <= FEW:
        clauses, values = conditions(wanted=wanted)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.no FROM search_case c"
                f" WHERE c.assignee = %s AND {_all(clauses)} LIMIT %s",
                [wanted.person, *values, FEW + 1],
            )
            found = list({*found, *(int(row[0]) for row in cursor.fetchall())})
    return found if len(found) <= FEW else None


def _kinds(department: str) -> list[tuple[str, ...]] | None:
    """Return the combinations that exist (of a department), None where they are very many.

    The index is leapt through from one combination to the next.
    """
    sql, given = (_by_column if connection.vendor == "sqlite" else _by_row)(department)
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        kinds = [tuple(row) for row in cursor.fetchall()]
    if len(kinds) > KINDS:
        return None
    return [kind for kind in kinds if department in ("", kind[0])]


def _by_row(department: str) -> tuple[str, list[Any]]:
    """Return the leaps as PostgreSQL makes them: to the next row of the four columns together.

    To ask for the department beside the leap would make it walk.
    """
    order = ", ".join(f"n.{column}" for column in _KIND)
    here = ", ".join(f"s.{column}" for column in _KIND)
    own = " AND s.department = %s" if department else ""
    sql = (
        "WITH RECURSIVE kind (no, many) AS (SELECT (SELECT n.no FROM search_case n"
        f" WHERE ({order}) >= (%s, '', '', '') ORDER BY {order} LIMIT 1), 1 UNION ALL"
        f" SELECT (SELECT n.no FROM search_case n WHERE ({order}) > ({here})"
        f" ORDER BY {order} LIMIT 1), many + 1"
        f" FROM kind JOIN search_case s ON s.no = kind.no WHERE many <= %s{own})"
        f" SELECT {here} FROM kind JOIN search_case s ON s.no = kind.no"
    )
    return sql, [department, KINDS, *([department] if department else [])]


def _by_column(department: str) -> tuple[str, list[Any]]:
    """Return the leaps as SQLite makes them: one column after another.

    Of four columns compared together it uses its index for the first alone, and walks.
    """
    first = "SELECT %s" if department else "SELECT (SELECT MIN(department) FROM search_case)"
    parts = [_leaps(0, first, onwards=not department)]
    for place in range(1, len(_KIND)):
        known = ", ".join(_KIND[:place])
        least = _least(place)
        parts.append(
            _leaps(
                place,
                f"SELECT {known}, ({least}) FROM k{place - 1} t WHERE {_KIND[place - 1]} NOT NULL",
                onwards=True,
            )
        )
    sql = (
        f"WITH RECURSIVE {', '.join(parts)} SELECT {', '.join(_KIND)} FROM k{len(_KIND) - 1}"
        f" WHERE {_KIND[-1]} NOT NULL LIMIT %s"
    )
    return sql, [*([department] if department else []), KINDS + 1]


def _least(place: int) -> str:
    """Return the least value of a column among the rows whose columns before it are t's."""
    same = " AND ".join(f"n.{column} = t.{column}" for column in _KIND[:place])
    return f"SELECT MIN(n.{_KIND[place]}) FROM search_case n WHERE {same or 'TRUE'}"


def _leaps(place: int, first: str, *, onwards: bool) -> str:
    """Return the values of a column that stand behind those of the columns before it."""
    columns = ", ".join(_KIND[: place + 1])
    known = "".join(f"{column}, " for column in _KIND[:place])
    column = _KIND[place]
    rest = (
        f" UNION ALL SELECT {known}({_least(place)} AND n.{column} > t.{column})"
        f" FROM k{place} t WHERE {column} NOT NULL"
    )
    return f"k{place} ({columns}) AS ({first}{rest if onwards else ''})"


def _fits(kind: Sequence[str], wanted: Wanted) -> bool:
    department, category, channel, status = kind
    return (
        wanted.department in ("", department)
        and wanted.category in ("", category)
        and wanted.channel in ("", channel)
        and (not wanted.statuses or status in wanted.statuses)
    )


def _of_kinds(kinds: Sequence[Sequence[str]], wanted: Wanted) -> list[int]:
    """Return the numbers of complaints of some combinations, one more than FEW at most."""
    spans, moments = _spans(wanted)
    if connection.vendor == "sqlite":
        given: list[Any] = [json.dumps(kinds)]
        same = [f"c.{c} = json_extract(k.value, '$[{place}]')" for place, c in enumerate(_KIND)]
        sql = f"SELECT c.no FROM json_each(%s) k CROSS JOIN search_case c WHERE {_all(same, spans)}"
        values = [*given, *moments, FEW + 1]
    else:
        given = [list(column) for column in zip(*kinds, strict=True)]
        same = [f"c.{column} = k.{column}" for column in _KIND]
        sql = (
            "SELECT c.no FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
            f" k ({', '.join(_KIND)}) CROSS JOIN LATERAL"
            # one combination at a time, by the index
            f" (SELECT c.no FROM search_case c WHERE {_all(same, spans)} LIMIT %s) c"
        )
        values = [*given, *moments, FEW + 1, FEW + 1]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT %s", values)
        return [int(row[0]) for row in cursor.fetchall()]


def _all(*clauses: Sequence[str]) -> str:
    return " AND ".join(clause for some in clauses for clause in some)


def opened_within(*, wanted: Wanted) -> list[int]:
    """Return the newest complaints of the filter's span of time that fit the rest of it too.

    The rest is held against a bounded number of them.
    """
    moments = [
        (sign, raw_time(datetime.fromtimestamp(moment, tz=UTC)))
        for sign, moment in ((">=", wanted.since), ("<", wanted.until))
        if moment is not None
    ]
    span = _all([f"opened_at {sign} %s" for sign, _moment in moments])
    clauses, values = conditions(wanted=wanted)
    # one complaint at a time: joined as a whole, PostgreSQL would read the whole table
    beside = "LATERAL (SELECT * FROM search_case WHERE complaint_id = x.id LIMIT 1) c"
    if connection.vendor == "sqlite":
        beside = "search_case c ON c.complaint_id = x.id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.no FROM (SELECT id FROM complaint WHERE {span}"
            f" ORDER BY opened_at DESC LIMIT %s) x CROSS JOIN {beside}"
            f" WHERE {_all(clauses)} LIMIT %s",
            [*(moment for _sign, moment in moments), _BACK, *values, FEW],
        )
        return [int(row[0]) for row in cursor.fetchall()]
