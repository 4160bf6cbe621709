"""Views of collaboration: a complaint's requests, the department's desk, the printable list."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk import cases
from huiyin.doors.desk.frame import desk_page, id_of, need, show, toast
from huiyin.doors.desk.responsibility import paper_of
from huiyin.doors.uploads import keep_uploads, serve
from huiyin.flows import collaborate, journey
from huiyin.paper import pdf
from huiyin.store.files import CannotFindFile
from huiyin.store.ledger import people
from huiyin.store.read import collaborations, labels
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import responsibility as responsibility_read
from huiyin.store.read import tasks as tasks_read
from huiyin.store.read.viewer import Viewer


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:50]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _told(error: ValueError) -> str:
    zh, en = getattr(error, "zh", str(error)), getattr(error, "en", str(error))
    return str(en if labels.english() else zh)


def _done() -> dict[str, str]:
    return {
        "accept": _("已接收，由您处理"),
        "answer": _("已答复"),
        "ask_back": _("已反问，等对方补充"),
        "return": _("已退回"),
        "transfer": _("已转给其他部门"),
        "supply": _("已补充"),
        "ask_again": _("已重新发起"),
        "withdraw": _("已撤回"),
    }


def _files(request: HttpRequest, complaint_id: UUID | None) -> list[dict[str, Any]]:
    """Return the files chosen from the complaint and those uploaded. Raises CannotAcceptUpload."""
    chosen: list[dict[str, Any]] = []
    if complaint_id is not None:
        chosen = collaborations.files_of(
            complaint_id=complaint_id, ids=_ids(request.POST.getlist("chosen"))
        )
    return [*chosen, *keep_uploads(uploads=request.FILES.getlist("files"))]


@require_POST
@desk_page
def ask(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Ask departments about a complaint and show it again."""
    complaint_id, live = id_of(id), bool(request.headers.get("HX-Request"))
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404
    try:
        files = _files(request, complaint_id)
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            asked = collaborate.ask(
                pen=pen,
                complaint_id=complaint_id,
                actor=viewer.actor,
                departments=[d[:64] for d in request.POST.getlist("department")[:50]],
                question=request.POST.get("question", ""),
                files=files,
            )
    except PermissionError as error:
        return cases.refused(request, str(error), 403, live, id)
    except ValueError as error:
        return cases.refused(request, _told(error), 422, live, id)
    toast(request, _("已请 %(n)s 个部门协办") % {"n": len(asked)})
    return _complaint_again(request, id, live)


def _complaint_again(request: HttpRequest, id: str, live: bool) -> HttpResponse:
    if live:
        request.method = "GET"
        return cases.complaint(request, id)
    return redirect("desk:complaint", id)


def _do(
    request: HttpRequest, viewer: Viewer, request_id: UUID, act: str, complaint_id: UUID | None
) -> None:
    files = _files(request, complaint_id)
    with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
        collaborate.do(
            pen=pen,
            collaboration_id=request_id,
            actor=viewer.actor,
            act=act,
            words=request.POST.get("words", ""),
            files=files,
            department=request.POST.get("department", "")[:64],
        )


@require_POST
@desk_page
def do(request: HttpRequest, id: str, request_id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Do one thing to a request from the complaint's page and show the complaint again."""
    complaint_id, live = id_of(id), bool(request.headers.get("HX-Request"))
    said = _done().get(act)
    if said is None or not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404
    found = collaborations.asked(collaboration_id=id_of(request_id))
    if found is None or found.complaint_id != complaint_id:
        raise Http404
    try:
        _do(request, viewer, found.id, act, complaint_id)
    except PermissionError as error:
        return cases.refused(request, str(error), 403, live, id)
    except ValueError as error:
        return cases.refused(request, _told(error), 422, live, id)
    toast(request, said)
    return _complaint_again(request, id, live)


@require_GET
@desk_page
def tasks(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what the department is asked."""
    need(viewer=viewer, action="tasks.see")
    number = request.GET.get("page", "1")
    page = tasks_read.tasks(
        viewer=viewer,
        view=request.GET.get("view", "open"),
        page=int(number) if number.isdecimal() and len(number) < 6 else 1,
    )
    return show(request, "desk/tasks.html", viewer=viewer, nav="tasks", page=page)


def _task(request: HttpRequest, viewer: Viewer, id: UUID, **context: Any) -> HttpResponse:
    try:
        page = tasks_read.task(viewer=viewer, collaboration_id=id)
    except tasks_read.CannotSeeTask as error:
        raise Http404 from error
    return show(request, "desk/task.html", viewer=viewer, nav="tasks", page=page, **context)


@require_GET
@desk_page
def task(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show one task, with no more of the complaint than the department needs."""
    return _task(request, viewer, id_of(id))


@require_POST
@desk_page
def task_do(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Do one thing to a task; what was written stays in the form when it is refused."""
    request_id, said = id_of(id), _done().get(act)
    if said is None:
        raise Http404
    try:
        tasks_read.complaint_of(viewer=viewer, collaboration_id=request_id)
    except tasks_read.CannotSeeTask as error:
        raise Http404 from error
    try:
        _do(request, viewer, request_id, act, None)
    except (PermissionError, ValueError) as error:
        refused = isinstance(error, PermissionError)
        return _task(
            request,
            viewer,
            request_id,
            status=403 if refused else 422,
            errors={"form": str(error) if isinstance(error, PermissionError) else _told(error)},
            form={"act": act, "words": request.POST.get("words", "")[:20000]},
        )
    toast(request, said)
    goal = "desk:tasks" if act in {"answer", "return", "transfer"} else "desk:task"
    return redirect(goal) if goal == "desk:tasks" else redirect(goal, id)


@require_GET
@desk_page
def task_file(request: HttpRequest, message: str, number: int, viewer: Viewer) -> HttpResponse:
    """Serve a file of a request that the viewer may see."""
    try:
        found = tasks_read.file(viewer=viewer, message_id=id_of(message), number=number)
        return serve(
            name=str(found["name"]),
            content_type=str(found["content_type"]),
            sha256=str(found["sha256"]),
        )
    except (tasks_read.CannotSeeTask, CannotFindFile) as error:
        raise Http404 from error


def _responsibility(viewer: Viewer, id: str) -> responsibility_read.ResponsibilityPage:
    try:
        return responsibility_read.page(viewer=viewer, complaint_id=id_of(id), now=timezone.now())
    except complaint_read.CannotSee as error:
        raise Http404 from error


@require_GET
@desk_page
def responsibility(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show the timeline and the list of responsibilities, ready to print."""
    page = _responsibility(viewer, id)
    return show(request, "desk/responsibility.html", viewer=viewer, nav="queue", page=page)


@require_GET
@desk_page
def responsibility_pdf(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Hand the same page out as PDF; the export is recorded."""
    page = _responsibility(viewer, id)
    content = pdf(paper=paper_of(page=page))
    people.record_export(what="responsibility", rows=1, user_id=viewer.id, now=page.made_at)
    response = HttpResponse(content, content_type="application/pdf")
    name = quote(f"{page.case.number}-{_('时间线与责任清单')}.pdf")
    response["Content-Disposition"] = (
        f"attachment; filename=\"{page.case.number}.pdf\"; filename*=UTF-8''{name}"
    )
    response["Cache-Control"] = "private, no-store"
    return response
