"""The queue of the desk: views, filters, rows; a fixed number of queries at any size."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core.masking import mask_name, mask_text
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.pages import Choice, QueuePage, QueueRow
from huiyin.store.read.viewer import Viewer, visible

PAGE = 50
CAP = 100
VIEWS = ("mine", "department", "unassigned", "due_soon", "breached", "approvals", "all", "done")


def _view(*, view: str, viewer: Viewer) -> Q:
    live = Q(live=True)
    return {
        "mine": live & Q(assignee_id=viewer.id),
        "department": live & Q(department_id=viewer.department),
        "unassigned": live & Q(assignee_id=None),
        "due_soon": live & Q(watch_level="soon"),
        "breached": live & Q(watch_level="breached"),
        "approvals": live & Q(status="waiting_approval"),
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
    rows = models.Complaint.objects.filter(visible(viewer=viewer)).filter(
        _view(view=view, viewer=viewer)
    )
    for name, column in (
        ("category", "category"), ("urgency", "urgency"), ("department", "department_id"),
        ("channel", "channel"), ("status", "status"),
    ):  # fmt: skip
        if filters.get(name):
            rows = rows.filter(**{column: filters[name]})
    return rows


def counts(*, viewer: Viewer) -> dict[str, int]:
    """Return how many live complaints each view holds, counted up to 100 over live indexes."""
    out = {}
    seen = visible(viewer=viewer)
    for view in VIEWS[:6]:
        rows = models.Complaint.objects.filter(seen).filter(_view(view=view, viewer=viewer))
        out[view] = len(rows.order_by().values_list("live", flat=True)[:CAP])
    return out


def _cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _after(cursor: str) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return values if isinstance(values, list) and len(values) == 2 else None
    except ValueError:
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
    rows = rows.select_related(None)
    next_cursor = ""
    done = view == "done"
    if sort == "newest" or done:
        after = _after(cursor) if cursor else None
        rows = rows.order_by("-opened_at", "-id")
        if after:
            at = datetime.fromisoformat(after[0])
            rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, id__lt=UUID(after[1])))
    else:
        after = _after(cursor) if cursor else None
        rows = rows.order_by(F("due_at").asc(nulls_last=True), "id")
        if after:
            if after[0] is None:
                rows = rows.filter(due_at=None, id__gt=UUID(after[1]))
            else:
                at = datetime.fromisoformat(after[0])
                rows = rows.filter(
                    Q(due_at__gt=at) | Q(due_at=at, id__gt=UUID(after[1])) | Q(due_at=None)
                )
    found_rows = list(rows.values(*ROW)[: PAGE + 1])
    if len(found_rows) > PAGE:
        last = found_rows[PAGE - 1]
        moment = last["opened_at"] if sort == "newest" or done else last["due_at"]
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
        rows=tuple(row_of(row=r) for r in found_rows),
        next_cursor=next_cursor,
        stamp=stamp(viewer=viewer, view=view),
    )


def stamp(*, viewer: Viewer, view: str) -> str:
    """Return a text that changes when anything in any complaint changes; one indexed query."""
    last = models.Event.objects.order_by("-id").values_list("id", flat=True).first()
    return last.hex if last else ""


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
        flags=tuple(row["flags"]),
    )
