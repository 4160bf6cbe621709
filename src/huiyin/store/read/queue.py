"""The queue of the desk: views, filters, rows; a fixed number of queries at any size."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from huiyin.core.access import scope
from huiyin.core.masking import mask_name, mask_text
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.pages import Choice, QueuePage, QueueRow
from huiyin.store.read.viewer import Viewer, apart

PAGE = 50
CAP = 100
VIEWS = ("mine", "department", "unassigned", "due_soon", "breached", "approvals", "all", "done")


_LATE = "NOT (complaint.watch_level = 'ok')"
_CONDITIONS = {
    "due_soon": f"complaint.watch_level = 'soon' AND {_LATE}",
    "breached": f"complaint.watch_level = 'breached' AND {_LATE}",
    "approvals": "complaint.status = 'waiting_approval'",
}
"""Written out: an index over a part of the rows is used where the query repeats its condition."""


_Place = tuple[datetime | None, UUID]
"""Where a page ended: the moment it is ordered by (None: without due time), and the id."""


def _view(*, view: str, viewer: Viewer) -> Q:
    live = Q(live=True)
    if view in _CONDITIONS:
        return live & Q(RawSQL(_CONDITIONS[view], (), BooleanField()))
    return {
        "mine": live & Q(assignee_id=viewer.id),
        "department": live & Q(department_id=viewer.department),
        "unassigned": live & Q(assignee_id=None),
        "done": Q(live=False),
    }.get(view, live)


def _names() -> dict[str, str]:
    return {
        "mine": _("我的"),
        "department": _("本部门"),
        "unassigned": _("未分派"),
        "due_soon": _("即将到期"),
        "breached": _("已超时"),
        "approvals": _("待审批"),
        "all": _("全部在办"),
        "done": _("已办结"),
    }


ROW = (
    "id", "number", "title", "category", "urgency", "status", "channel", "customer__name",
    "waybill", "department_id", "assignee__name", "due_at", "due_rule", "watch_level", "opened_at",
    "last_contact_at", "contacts", "unread", "level", "flags", "urgency_rank",
)  # fmt: skip


def _filtered(*, viewer: Viewer, view: str, filters: Mapping[str, str]) -> QuerySet[Any]:
    rows = models.Complaint.objects.filter(_view(view=view, viewer=viewer), apart(viewer=viewer))
    for name, column in (
        ("category", "category"), ("urgency", "urgency"), ("department", "department_id"),
        ("channel", "channel"), ("status", "status"),
    ):  # fmt: skip
        if filters.get(name):
            rows = rows.filter(**{column: filters[name]})
    return rows


def counts(*, viewer: Viewer) -> dict[str, int]:
    """Return how many live complaints each view holds, counted up to 100; one query."""
    reach = scope(actor=viewer.actor)
    seen, seen_by = "", []
    if not reach.everything:
        seen, seen_by = " AND (assignee_id = %s OR department_id = %s)", [
            reach.person, reach.department,
        ]  # fmt: skip
    kept_apart, given = _kept_apart(viewer)
    seen, seen_by = f"{seen}{kept_apart}", [*seen_by, *given]
    conditions: dict[str, tuple[str, list[Any]]] = {
        "mine": ("assignee_id = %s", [viewer.id]),
        "department": ("department_id = %s", [viewer.department]),
        "unassigned": ("assignee_id IS NULL", []),
        **{view: (condition, []) for view, condition in _CONDITIONS.items()},
    }
    counted = ", ".join(
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM complaint WHERE live AND {condition}{seen}"
        f" LIMIT {CAP}) AS few)"
        for condition, _values in conditions.values()
    )
    parameters = [v for _condition, values in conditions.values() for v in (*values, *seen_by)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counted}", parameters)
        return dict(zip(conditions, cursor.fetchone(), strict=True))


def _kept_apart(viewer: Viewer) -> tuple[str, list[Any]]:
    """Return in SQL what the lists leave out, that a count betrays nothing of it."""
    query = models.Complaint.objects.filter(apart(viewer=viewer)).query
    if not query.where:
        return "", []
    sql, values = query.get_compiler(connection=connection).compile(query.where)
    return f" AND {sql}", list(values)


def _parts(*, viewer: Viewer) -> list[Q]:
    """Return filters that together are what the viewer may see, each served by one index."""
    reach = scope(actor=viewer.actor)
    if reach.everything:
        return [Q()]
    mine = Q(assignee_id=reach.person)
    return [mine, Q(department_id=reach.department) & ~mine] if reach.department else [mine]


def _newest(*, rows: QuerySet[Any], after: _Place | None) -> list[dict[str, Any]]:
    rows = rows.order_by("-opened_at", "-id")
    if after and after[0]:
        at, id = after
        rows = rows.filter(opened_at__lte=at).exclude(opened_at=at, id__gte=id)
    return list(rows.values(*ROW)[: PAGE + 1])


def _soonest(*, rows: QuerySet[Any], after: _Place | None) -> list[dict[str, Any]]:
    """Return rows by due time, those without one last: two queries, each along an index."""
    found: list[dict[str, Any]] = []
    if after is None or after[0] is not None:
        timed = rows.filter(due_at__isnull=False).order_by("due_at", "id")
        if after:
            at, id = after
            timed = timed.filter(due_at__gte=at).exclude(due_at=at, id__lte=id)
        found = list(timed.values(*ROW)[: PAGE + 1])
    if len(found) <= PAGE:
        others = rows.filter(due_at__isnull=True).order_by("id")
        if after and after[0] is None:
            others = others.filter(id__gt=after[1])
        found += others.values(*ROW)[: PAGE + 1 - len(found)]
    return found


def _by_opening(row: Mapping[str, Any]) -> Any:
    return (row["opened_at"], row["id"].int)


def _by_due(row: Mapping[str, Any]) -> Any:
    return (row["due_at"] is None, row["due_at"], row["id"].int)


def _cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _after(cursor: str) -> _Place | None:
    """Return the place that a cursor names; None for one that nobody gave out."""
    try:
        at, id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return (datetime.fromisoformat(at) if at else None), UUID(id)
    except (ValueError, TypeError, AttributeError):
        return None


def queue(
    *,
    viewer: Viewer,
    view: str = "mine",
    filters: Mapping[str, str] | None = None,
    sort: str = "due",
    cursor: str = "",
) -> QueuePage:
    """Return one page of 50 complaints of a view, in order of due time, newest or urgency.

    Costs a fixed number of queries.
    """
    chosen = dict(filters or {})
    view = view if view in VIEWS else "mine"
    rows = _filtered(viewer=viewer, view=view, filters=chosen)
    after = _after(cursor) if cursor else None
    next_cursor = ""
    newest = sort == "newest" or view == "done"
    page = _newest if newest else _soonest
    found_rows = sorted(
        (
            row
            for part in _parts(viewer=viewer)
            for row in page(rows=rows.filter(part), after=after)
        ),
        key=_by_opening if newest else _by_due,
        reverse=newest,
    )
    if len(found_rows) > PAGE:
        last = found_rows[PAGE - 1]
        moment = last["opened_at"] if newest else last["due_at"]
        next_cursor = _cursor([moment.isoformat() if moment else None, last["id"].hex])
        found_rows = found_rows[:PAGE]
    playbook = office.current_playbook()
    count = counts(viewer=viewer)
    names = _names()
    return QueuePage(
        view=view,
        views=tuple(
            Choice(code=v, label=names[v], count=count.get(v), selected=v == view) for v in VIEWS
        ),
        saved_views=tuple(
            Choice(code=query, label=name)
            for name, query in models.SavedView.objects.filter(user_id=viewer.id)
            .order_by("name")
            .values_list("name", "query")
        ),
        filters=chosen,
        categories=tuple(
            Choice(
                code=c.code, label=labels.said(c.name), selected=chosen.get("category") == c.code
            )
            for c in playbook.categories
        ),
        departments=tuple(
            Choice(
                code=d.code, label=labels.said(d.name), selected=chosen.get("department") == d.code
            )
            for d in playbook.departments
        ),
        urgencies=tuple(
            Choice(
                code=u,
                label=labels.pick(labels.URGENCY_NAMES, u),
                selected=chosen.get("urgency") == u,
            )
            for u in labels.URGENCY_NAMES
        ),
        sorts=(
            Choice(code="due", label=_("先到期的在前"), selected=sort != "newest"),
            Choice(code="newest", label=_("最新的在前"), selected=sort == "newest"),
        ),
        rows=tuple(row_of(row=r) for r in _with_told(found_rows)),
        next_cursor=next_cursor,
        stamp=stamp(viewer=viewer, view=view),
    )


def stamp(*, viewer: Viewer, view: str) -> str:
    """Return a text that changes when anything in any complaint changes; one indexed query."""
    last = models.Event.objects.order_by("-id").values_list("id", flat=True).first()
    return last.hex if last else ""


def _with_told(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Add what was told at the desk to contacts that were archived there."""
    kept = [r["id"] for r in rows if r["status"] == "archived"]
    if not kept:
        return list(rows)
    found = models.Complaint.objects.filter(id__in=kept).values_list("id", "triage__told_at_desk")
    told = dict(found)
    return [{**r, "told_at_desk": told.get(r["id"])} for r in rows]


def row_of(*, row: Mapping[str, Any]) -> QueueRow:
    """Return one line of the queue, masked."""
    playbook = office.current_playbook()
    clock = labels.clock(playbook, row["due_rule"]) if row["due_rule"] else ""
    return QueueRow(
        id=row["id"].hex,
        number=row["number"],
        title=mask_text(text=row["title"]),
        category=row["category"],
        category_label=labels.category(playbook, row["category"]),
        urgency=row["urgency"],
        urgency_label=labels.pick(labels.URGENCY_NAMES, row["urgency"]),
        status=row["status"],
        status_label=labels.status(row["status"]),
        channel=row["channel"],
        channel_label=labels.pick(labels.CHANNEL_NAMES, row["channel"]),
        customer=mask_name(name=row["customer__name"] or ""),
        waybill=row["waybill"],
        department_label=labels.department(playbook, row["department_id"]),
        assignee_label=row["assignee__name"] or "",
        due_at=row["due_at"],
        due_label=clock,
        level=row["watch_level"],
        opened_at=row["opened_at"],
        last_contact_at=row["last_contact_at"],
        contacts=row["contacts"],
        unread=row["unread"],
        handling_level=row["level"],
        flags=tuple(f for f in row["flags"] if f != "unsure" or row["status"] != "archived"),
        told_at_desk=mask_text(text=row.get("told_at_desk") or ""),
    )
