"""Views of evidence: the checklist of a complaint, its pieces, and the pack of all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, show, toast
from huiyin.doors.desk.replies import moment
from huiyin.doors.packing import summary
from huiyin.doors.sums import told
from huiyin.doors.uploads import keep_uploads, serve
from huiyin.flows import gather, journey, pack
from huiyin.store.files import CannotFindFile
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import evidence as evidence_read
from huiyin.store.read import tasks as tasks_read
from huiyin.store.read.viewer import Viewer


def _ids(texts: list[str]) -> list[UUID]:
    return [id_of(text) for text in texts[:50]]


def _page(request: HttpRequest, viewer: Viewer, id: str, **context: Any) -> HttpResponse:
    try:
        page = complaint_read.page(viewer=viewer, complaint_id=id_of(id), now=timezone.now())
    except complaint_read.CannotSee as error:
        raise Http404 from error
    return show(request, "desk/evidence.html", viewer=viewer, nav="queue", page=page, **context)


@require_GET
@desk_page
def evidence(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show the checklist of a complaint with every piece."""
    return _page(request, viewer, id)


@require_POST
@desk_page
def act(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Ask for items, take in pieces, or waive an item; what was written stays when refused."""
    complaint_id, form = id_of(id), request.POST
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404

    def _request() -> str:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            gather.request(
                pen=pen, complaint_id=complaint_id, actor=viewer.actor,
                items=[i[:64] for i in form.getlist("item")[:50]], of=form.get("of", "")[:64],
                words=form.get("words", "")[:2000], until=moment(form.get("until", "")),
            )  # fmt: skip
        return _("已要材料")

    def _add() -> str:
        older = form.get("supersedes", "")
        files = [
            *evidence_read.uploads_of(complaint_id=complaint_id, ids=_ids(form.getlist("upload"))),
            *keep_uploads(uploads=request.FILES.getlist("files")),
        ]
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            gather.add(
                pen=pen, complaint_id=complaint_id, actor=viewer.actor,
                item=form.get("item", "")[:64], files=files,
                words=form.get("words", "").replace("\r\n", "\n"), note=form.get("note", ""),
                source=form.get("source", "handler")[:64], of_time=moment(form.get("time", "")),
                supersedes=id_of(older) if older else None,
            )  # fmt: skip
        return _("材料已登记")

    def _waive() -> str:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            gather.waive(
                pen=pen, complaint_id=complaint_id, actor=viewer.actor,
                item=form.get("item", "")[:64], reason=form.get("reason", ""),
            )  # fmt: skip
        return _("已记为不需要")

    rooms: dict[str, Callable[[], str]] = {"request": _request, "add": _add, "waive": _waive}
    if act not in rooms:
        raise Http404
    try:
        said = rooms[act]()
    except (PermissionError, ValueError) as error:
        refused = isinstance(error, PermissionError)
        return _page(
            request, viewer, id, status=403 if refused else 422,
            problem=str(error) if isinstance(error, PermissionError) else told(error),
            form={k: v[:20_000] for k, v in form.items()}, act=act,
        )  # fmt: skip
    toast(request, said)
    return redirect("desk:evidence", id)


@require_POST
@desk_page
def make_pack(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Make the evidence pack and hand it out; who made it and why is recorded."""
    complaint_id, now = id_of(id), timezone.now()
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404
    try:
        with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
            packed = pack.make(
                pen=pen,
                complaint_id=complaint_id,
                viewer=viewer,
                reason=request.POST.get("reason", ""),
                summary=lambda whole: summary(whole=whole, now=now, made_by=viewer.name),
            )
    except (PermissionError, ValueError) as error:
        refused = isinstance(error, PermissionError)
        return _page(
            request, viewer, id, status=403 if refused else 422,
            problem=str(error) if isinstance(error, PermissionError) else told(error),
        )  # fmt: skip
    response = HttpResponse(packed.content, content_type="application/zip")
    name = quote(f"{packed.number}-{_('证据包')}.zip")
    response["Content-Disposition"] = (
        f"attachment; filename=\"{packed.number}-evidence.zip\"; filename*=UTF-8''{name}"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@desk_page
def evidence_file(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Serve a piece that the viewer may see."""
    row = evidence_read.file(viewer=viewer, evidence_id=id_of(id))
    if row is None:
        raise Http404
    try:
        return serve(name=row.name, content_type=row.content_type, sha256=row.sha256)
    except CannotFindFile as error:
        raise Http404 from error


@require_POST
@desk_page
def task_evidence(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Take in what a department asked brings for an item."""
    request_id = id_of(id)
    try:
        tasks_read.complaint_of(viewer=viewer, collaboration_id=request_id)
    except tasks_read.CannotSeeTask as error:
        raise Http404 from error
    try:
        files = keep_uploads(uploads=request.FILES.getlist("files"))
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            gather.answer(
                pen=pen, collaboration_id=request_id, actor=viewer.actor,
                item=request.POST.get("item", "")[:64], files=files,
                words=request.POST.get("words", "").replace("\r\n", "\n"),
            )  # fmt: skip
    except (PermissionError, ValueError) as error:
        said = str(error) if isinstance(error, PermissionError) else told(error)
        toast(request, said, level="error")
    else:
        toast(request, _("材料已登记"))
    return redirect("desk:task", id)
