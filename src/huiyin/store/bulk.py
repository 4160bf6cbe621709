"""Rows by the hundred: one statement per table whatever the number of rows.

The ORM's ``bulk_create`` builds a model instance and prepares every value by itself; intake writes
some twenty-five rows a complaint, so statement and value converters are prepared once per table
and set of columns, and values are converted column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models

from huiyin.store.ids import Id
from huiyin.store.sealed_field import SealedField

Row = Mapping[str, Any]
_Convert = Callable[[Sequence[Any]], Iterable[Any]]
"""Prepares a whole column of values."""
_hex = attrgetter("hex")


def dump_json(value: Any) -> str:
    """Return compact JSON text of a value."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


@lru_cache(maxsize=4096)
def _sqlite_time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def raw_time(value: datetime) -> Any:
    """Return a moment as raw SQL compares it with a column."""
    return _sqlite_time(value) if connection.vendor == "sqlite" else value


def read_id(*, value: UUID | str) -> UUID:
    """Return an id that raw SQL was given by the database: one as such, or as its digits."""
    return value if isinstance(value, UUID) else Id(int(value, 16))


def _sqlite_times(column: Sequence[datetime | None]) -> Iterable[str | None]:
    return map(_sqlite_time, column)


def _sqlite_uuids(column: Sequence[UUID | str | None]) -> Iterable[str | None]:
    try:
        return list(map(_hex, column))
    except AttributeError:
        return [value.hex if isinstance(value, UUID) else value for value in column]


def _jsons(column: Sequence[Any]) -> Iterable[str | None]:
    """Return a column as JSON text; a value that stands in many rows is said once."""
    said: dict[int, str | None] = {id(None): None}
    out = []
    for value in column:
        key = id(value)
        text = said.get(key, "")
        if text == "":
            text = said[key] = (not value and _EMPTY.get(type(value))) or dump_json(value)
        out.append(text)
    return out


_EMPTY: Mapping[type, str] = {list: "[]", dict: "{}"}
"""Half of what a batch writes as JSON."""


def _converter(*, field: models.Field[Any, Any], vendor: str) -> _Convert | None:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return _jsons
    if isinstance(field, SealedField):
        return partial(map, field.get_prep_value)
    if vendor == "sqlite":
        if isinstance(field, models.UUIDField):
            return _sqlite_uuids
        if isinstance(field, models.DateTimeField):
            return _sqlite_times
    return None


class _Table:
    """What is known of a model's table for writing."""

    def __init__(self, *, model: type[models.Model], vendor: str) -> None:
        self.name = connection.ops.quote_name(model._meta.db_table)
        self.columns: dict[str, tuple[str, _Convert | None, Callable[[], Any]]] = {}
        self.auto = ""
        self.key = model._meta.pk.attname
        self._inserts: dict[tuple[str, ...], _Insert] = {}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.AutoField | models.BigAutoField):
                self.auto = field.attname
            self.columns[field.attname] = (
                connection.ops.quote_name(str(field.column)),
                _converter(field=field, vendor=vendor),
                field.get_default,
            )

    def insert(self, given: tuple[str, ...]) -> _Insert:
        """Return the prepared statement for rows that give these fields in this order."""
        if given not in self._inserts:
            self._inserts[given] = _Insert(table=self, given=given)
        return self._inserts[given]


class _Insert:
    """One INSERT: the fields that rows give first, then those that take their default."""

    def __init__(self, *, table: _Table, given: tuple[str, ...]) -> None:
        rest = [n for n in table.columns if n != table.auto and n not in given]
        names = [*given, *rest]
        columns = ", ".join(table.columns[n][0] for n in names)
        marks = ", ".join(["%s"] * len(names))
        self.sql = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"
        self.converts = [table.columns[n][1] for n in given]
        self.defaults = [table.columns[n][1:] for n in rest]

    def values(self, columns: Iterable[Sequence[Any]]) -> Iterable[tuple[Any, ...]]:
        """Return rows ready for the database from columns of values."""
        ready: list[Iterable[Any]] = [
            convert(column) if convert else column
            for convert, column in zip(self.converts, columns, strict=True)
        ]
        for convert, default in self.defaults:
            value = default()
            ready.append(repeat(next(iter(convert([value]))) if convert else value))
        return zip(*ready, strict=False)


_tables: dict[tuple[str, str], _Table] = {}


def _table(model: type[models.Model]) -> _Table:
    known = (connection.vendor, model._meta.db_table)
    if known not in _tables:
        _tables[known] = _Table(model=model, vendor=connection.vendor)
    return _tables[known]


def insert(*, model: type[models.Model], rows: Sequence[Row], ignore_known: bool = False) -> int:
    """Insert rows (attname -> value; what is missing takes the field's default).

    All rows must name the same fields. With ``ignore_known`` rows whose unique key exists already
    are passed over. Returns the number of rows written as the database counts them.
    """
    if not rows:
        return 0
    names = tuple(rows[0])
    if len(names) == 1:
        values: list[tuple[Any, ...]] = [(row[names[0]],) for row in rows]
    else:
        values = list(map(itemgetter(*names), rows))
    return insert_tuples(model=model, names=names, rows=values, ignore_known=ignore_known)


def insert_tuples(
    *,
    model: type[models.Model],
    names: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    ignore_known: bool = False,
) -> int:
    """Insert rows whose values stand in the order of ``names``; otherwise as :func:`insert`.

    An id may be given as its 32 hexadecimal digits.
    """
    if not rows:
        return 0
    prepared = _table(model).insert(names)
    sql = prepared.sql + " ON CONFLICT DO NOTHING" if ignore_known else prepared.sql
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(prepared.values(zip(*rows, strict=True))))
        return int(cursor.rowcount)


def update(*, model: type[models.Model], changes: Mapping[Any, Row]) -> None:
    """Write ``{primary key: {attname: value}}``; one statement per set of changed fields."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for key, row in changes.items():
        groups.setdefault(tuple(row), []).append((*row.values(), key))
    for names, rows in groups.items():
        update_tuples(model=model, names=names, rows=rows)


def update_tuples(
    *, model: type[models.Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Write rows whose values stand in the order of ``names``, the primary key last."""
    if not rows:
        return
    table = _table(model)
    converts = [table.columns[n][1] for n in (*names, table.key)]
    columns = zip(*rows, strict=True)
    ready: list[Iterable[Any]] = [
        convert(column) if convert else column
        for convert, column in zip(converts, columns, strict=True)
    ]
    sets = ", ".join(f"{table.columns[n][0]} = %s" for n in names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table.name} SET {sets} WHERE {table.columns[table.key][0]} = %s",
            list(zip(*ready, strict=True)),
        )
