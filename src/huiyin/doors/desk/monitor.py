"""Views of the monitor of volume: what comes now, what waits, what stands out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, need, sheet_of, show, toast
from huiyin.store.ledger import people
from huiyin.store.ledger import volume as ledger
from huiyin.store.read import volume
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def monitor(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the monitor; a page that has it gets the part that changes, 204 while nothing did."""
    need(viewer=viewer, action="monitor.see")
    if request.headers.get("HX-Request"):
        if volume.stamp() == request.GET.get("stamp"):
            return HttpResponse(status=204)
        page = volume.page(viewer=viewer, now=timezone.now())
        return render(request, "desk/partials/monitor_now.html", {"page": page, "viewer": viewer})
    page = volume.page(viewer=viewer, now=timezone.now())
    return show(request, "desk/monitor.html", viewer=viewer, nav="monitor", page=page)


@require_POST
@desk_page
def acknowledge(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Note that somebody looks after an alert."""
    need(viewer=viewer, action="monitor.acknowledge")
    if ledger.acknowledge(id=id_of(id), person=viewer.id, now=timezone.now()):
        toast(request, _("已确认，由您跟进"))
    return redirect("desk:monitor")


@require_GET
@desk_page
def export(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand out the monitor as xlsx; the export is recorded."""
    need(viewer=viewer, action="board.export")
    now = timezone.now()
    content, rows = volume.workbook(page=volume.page(viewer=viewer, now=now))
    people.record_export(what="monitor", rows=rows, user_id=viewer.id, now=now)
    return sheet_of(content=content, name="monitor", now=now, to_minute=True)
