"""Queries for the rows of one id, compiled once.

The framework takes ten times as long to put such a query into words as the database to answer it,
and every action on a complaint asks the same two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db import connection, models

_Converters = list[tuple[int, list[Callable[[Any, Any, Any], Any]], Any]]
_ID: Final[models.UUIDField[UUID, UUID]] = models.UUIDField()
_ANY: Final = UUID(int=0)


class Prepared:
    """A query whose only parameter is an id."""

    def __init__(self, *, make: Callable[[UUID], models.QuerySet[Any, Any]]) -> None:
        """Take what returns the query, as a ``values_list``, for an id; asked once a database."""
        self._make = make
        self._known: dict[str, tuple[str, _Converters]] = {}

    def rows(self, *, id: UUID) -> list[tuple[Any, ...]]:
        """Return the rows that the query finds for an id."""
        if connection.vendor not in self._known:
            self._known[connection.vendor] = self._put_into_words()
        sql, converters = self._known[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(sql, [_ID.get_db_prep_value(id, connection)])
            found = [list(row) for row in cursor.fetchall()]
        for row in found:
            for place, steps, expression in converters:
                value = row[place]
                for step in steps:
                    value = step(value, expression, connection)
                row[place] = value
        return [tuple(row) for row in found]

    def _put_into_words(self) -> tuple[str, _Converters]:
        compiler = self._make(_ANY).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if tuple(parameters) != (_ID.get_db_prep_value(_ANY, connection),):
            raise ValueError(f"the id is not the only parameter of {sql}")
        columns = [selected[0] for selected in compiler.select]
        return sql, [
            (place, steps, expression)
            for place, (steps, expression) in compiler.get_converters(columns).items()
        ]
