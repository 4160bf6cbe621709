"""Views of contacts that were set aside as no complaint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from openpyxl import Workbook

from huiyin.doors.desk.frame import desk_page, id_of, need, sheet_of, show, toast
from huiyin.doors.sums import day_of
from huiyin.flows import set_aside
from huiyin.store.ledger import people
from huiyin.store.read import labels, office
from huiyin.store.read.aside import Sought
from huiyin.store.read.viewer import Viewer
from huiyin.store.read.workbook import cells, content

_PAGE = 50
_MOST = 5000
"""Rows of one export."""
_YEARS = range(1970, 9999)
"""Years whose days begin and end at moments that can be reckoned with."""


@require_GET
@desk_page
def aside(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List what was taken for no complaint, newest first."""
    need(viewer=viewer, action="aside.work")
    before: UUID | None = None
    if request.GET.get("before"):
        before = id_of(request.GET["before"])
    chosen = _chosen(request)
    sought, wrong = _sought(chosen)
    rows = set_aside.listed(viewer=viewer, sought=sought, before=before, limit=_PAGE + 1)
    return show(
        request,
        "desk/aside.html",
        viewer=viewer,
        nav="aside",
        rows=rows[:_PAGE],
        older=rows[_PAGE - 1].id if len(rows) > _PAGE else "",
        sought=sought,
        wrong=wrong,
        chosen=urlencode(chosen),
        channels=labels.channels(),
    )


def _chosen(request: HttpRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "").strip() for name in ("channel", "since", "until")}
    return {name: value for name, value in given.items() if value}


def _sought(chosen: Mapping[str, str]) -> tuple[Sought, bool]:
    """Return what is asked for, and whether a day in it cannot be read."""
    days: dict[str, date | None] = {}
    wrong = False
    for name in ("since", "until"):
        day = day_of(chosen.get(name, ""))
        days[name] = day if day and day.year in _YEARS else None
        wrong = wrong or (name in chosen and days[name] is None)
    return Sought(channel=chosen.get("channel", "")[:20], **days), wrong


@require_GET
@desk_page
def aside_xlsx(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand the list out as xlsx, filtered and masked as it is shown; the export is recorded."""
    need(viewer=viewer, action="aside.work")
    now = timezone.now()
    sought, _wrong = _sought(_chosen(request))
    rows = set_aside.listed(viewer=viewer, sought=sought, limit=_MOST)
    people.record_export(what="aside", rows=len(rows), user_id=viewer.id, now=now)
    zone = ZoneInfo(office.current_playbook().timezone)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("存档来件"))
    heads = (_("收到"), _("渠道"), _("来件人"), _("内容"), _("为什么"), _("可能关于"))
    sheet.append(cells(values=heads))
    for row in rows:
        at = row.received_at.astimezone(zone).replace(tzinfo=None)
        words = (row.sender, row.text, labels.clauses(row.why))
        sheet.append(cells(values=(at, row.channel_label, *words, row.number)))
    return sheet_of(content=content(book=book), name="aside", now=now)


@require_POST
@desk_page
def take_up(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Handle a contact as a complaint after all."""
    need(viewer=viewer, action="aside.work")
    done = set_aside.take_up(item_id=id_of(id), viewer=viewer, now=timezone.now())
    if done is None:
        toast(request, _("这条来件已不在存档里"), level="error")
    elif done.complaint_id is None:
        toast(request, _("还是读不了，已隔离，请看原因"), level="error")
    else:
        toast(request, _("已作为投诉受理：%(n)s") % {"n": done.number})
        return redirect("desk:complaint", done.complaint_id.hex)
    return redirect("desk:aside")
