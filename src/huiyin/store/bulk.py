"""Rows by the hundred: one statement per table whatever the number of rows.

The ORM's ``bulk_create`` builds a model instance and prepares every value by itself; intake writes
some twenty rows a complaint, so the statement and the value converters are prepared once here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models

Row = Mapping[str, Any]
_Convert = Callable[[Any], Any]


def dump_json(value: Any) -> str:
    """Return compact JSON text of a value."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


@lru_cache(maxsize=4096)
def _sqlite_time(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _sqlite_uuid(value: UUID | None) -> str | None:
    return None if value is None else value.hex


def _optional_time(value: datetime | None) -> str | None:
    return None if value is None else _sqlite_time(value)


def _optional_json(value: Any) -> str | None:
    return None if value is None else dump_json(value)


def _converter(*, field: models.Field[Any, Any], vendor: str) -> _Convert | None:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return _optional_json
    if vendor == "sqlite":
        if isinstance(field, models.UUIDField):
            return _sqlite_uuid
        if isinstance(field, models.DateTimeField):
            return _optional_time
    return None


class _Table:
    """What is known of a model's table for writing."""

    def __init__(self, *, model: type[models.Model], vendor: str) -> None:
        self.name = connection.ops.quote_name(model._meta.db_table)
        self.columns: dict[str, tuple[str, _Convert | None, Callable[[], Any]]] = {}
        self.auto = ""
        self.key = model._meta.pk.attname
        for field in model._meta.concrete_fields:
            if isinstance(field, models.AutoField | models.BigAutoField):
                self.auto = field.attname
            self.columns[field.attname] = (
                connection.ops.quote_name(str(field.column)),
                _converter(field=field, vendor=vendor),
                field.get_default,
            )


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
    table = _table(model)
    given = rows[0].keys()
    names = [n for n in table.columns if n != table.auto or n in given]
    columns = ", ".join(table.columns[n][0] for n in names)
    marks = ", ".join(["%s"] * len(names))
    tail = " ON CONFLICT DO NOTHING" if ignore_known else ""
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({marks}){tail}"
    converted: list[list[Any]] = []
    for name in names:
        _, convert, default = table.columns[name]
        values = [row[name] for row in rows] if name in given else [default()] * len(rows)
        converted.append([convert(v) for v in values] if convert else values)
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(zip(*converted, strict=True)))
        return int(cursor.rowcount)


def update(*, model: type[models.Model], changes: Mapping[Any, Row]) -> None:
    """Write ``{primary key: {attname: value}}``; one statement per set of changed fields."""
    if not changes:
        return
    table = _table(model)
    groups: dict[tuple[str, ...], list[list[Any]]] = {}
    key_column, key_convert, _ = table.columns[table.key]
    for key, row in changes.items():
        names = tuple(row)
        values = []
        for name in names:
            convert = table.columns[name][1]
            values.append(convert(row[name]) if convert else row[name])
        values.append(key_convert(key) if key_convert else key)
        groups.setdefault(names, []).append(values)
    with connection.cursor() as cursor:
        for names, parameters in groups.items():
            sets = ", ".join(f"{table.columns[n][0]} = %s" for n in names)
            cursor.executemany(
                f"UPDATE {table.name} SET {sets} WHERE {key_column} = %s", parameters
            )
