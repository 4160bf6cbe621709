"""Candidates for the matcher: complaints found by short keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from huiyin.store import bulk, models
from huiyin.store.read.cases import Addressee

NEWEST_PER_KEY = 20
WINDOW = timedelta(days=365)
_SQLITE = (
    "SELECT k.value, (SELECT json_group_array(complaint_id) FROM (SELECT complaint_id"
    " FROM match_key WHERE key = k.value AND at >= %s"
    " ORDER BY at DESC, complaint_id DESC LIMIT %s)) FROM json_each(%s) k"
)
_POSTGRES = (
    "SELECT k, array(SELECT translate(complaint_id::text, '-', '') FROM match_key"
    " WHERE key = k AND at >= %s ORDER BY at DESC, complaint_id DESC LIMIT %s)"
    " FROM unnest(%s::text[]) k"
)


def candidates(*, keys: Iterable[str], now: datetime) -> dict[str, list[str]]:
    """Return for each key the complaints (ids in hex) it leads to, newest first; one query.

    A key shared by many complaints (a shop's telephone) reads and gives only its newest, so the
    cost does not grow with the number of complaints.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    since = (now - WINDOW).astimezone(UTC)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            start = since.replace(tzinfo=None).isoformat(sep=" ")
            cursor.execute(_SQLITE, [start, NEWEST_PER_KEY, bulk.dump_json(wanted)])
            rows = [(key, orjson.loads(ids)) for key, ids in cursor.fetchall() if len(ids) > 2]
        else:
            cursor.execute(_POSTGRES, [since, NEWEST_PER_KEY, wanted])
            rows = [(key, ids) for key, ids in cursor.fetchall() if ids]
    return {key: list(dict.fromkeys(ids)) for key, ids in rows}


def sent_about(*, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the complaint of each of our outgoing messages."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = models.Outbox.objects.filter(id__in=wanted, complaint_id__isnull=False)
    return {id: about for id, about in rows.values_list("id", "complaint_id") if about}


@dataclass(frozen=True, slots=True)
class Known:
    """A complaint that a contact may be about."""

    facts: str
    """Match facts as JSON; empty where there are none."""
    number: str
    status: str
    merged_into: str | None


def known(*, ids: Sequence[str]) -> dict[str, Known]:
    """Return what is known of complaints for matching; ids are in hex."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT id, match_facts, number, status, merged_into FROM complaint"
                " WHERE id IN (SELECT value FROM json_each(%s))",
                [bulk.dump_json(ids)],
            )
        else:
            cursor.execute(
                "SELECT translate(id::text, '-', ''), match_facts::text, number, status,"
                " translate(merged_into::text, '-', '') FROM complaint WHERE id = ANY(%s::uuid[])",
                [list(ids)],
            )
        return {
            id: Known(facts if len(facts) > len("{}") else "", *rest)
            for id, facts, *rest in cursor.fetchall()
        }


Address = tuple[str, str]
"""Kind and value of an address: ("phone", "13800001111"), ("wechat", an openid)."""


class Owner(NamedTuple):
    """That a customer is known by an address, and whether by this one alone."""

    address: Address
    id: int
    customer_id: UUID
    proven: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Owners:
    """Who is known by addresses, whoever it is proven of first; what is known of customers."""

    rows: list[Owner]
    known: dict[UUID, Addressee]


_OWNER = (
    "i.kind, i.value, i.id, i.customer_id, i.proven,"
    " NOT EXISTS (SELECT 1 FROM identity o WHERE o.customer_id = i.customer_id AND o.id <> i.id),"
    " c.name, c.prefers"
)


def owners(*, values: Iterable[Address]) -> Owners:
    """Return the customers known by each (kind, value), in one statement."""
    wanted = list(dict.fromkeys(values))
    out = Owners([], {})
    if not wanted:
        return out
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"SELECT {_OWNER}"
                " FROM json_each(%s) k CROSS JOIN identity i"
                " ON i.kind = json_extract(k.value, '$[0]')"
                " AND i.value = json_extract(k.value, '$[1]')"
                " CROSS JOIN customer c ON c.id = i.customer_id"
                " ORDER BY i.proven DESC, i.id",
                [bulk.dump_json(wanted)],
            )
        else:
            kinds, names = zip(*wanted, strict=True)
            cursor.execute(
                f"SELECT {_OWNER}"
                " FROM unnest(%s::text[], %s::text[]) k(kind, value)"
                " JOIN identity i ON i.kind = k.kind AND i.value = k.value"
                " JOIN customer c ON c.id = i.customer_id"
                " ORDER BY i.proven DESC, i.id",
                [list(kinds), list(names)],
            )
        for kind, value, row, told, proven, alone, name, prefers in cursor.fetchall():
            id = bulk.read_id(value=told)
            out.rows.append(Owner((kind, value), row, id, bool(proven), bool(alone)))
            out.known[id] = Addressee(name, prefers)
    return out
