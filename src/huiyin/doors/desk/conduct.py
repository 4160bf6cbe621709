"""Views of files on service attitude: for those concerned, and not there for anybody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.access import may
from huiyin.core.conduct import CannotHear
from huiyin.doors.desk.conduct_paper import printed
from huiyin.doors.desk.frame import desk_page, id_of, need, show, toast
from huiyin.doors.desk.replies import moment
from huiyin.doors.sums import number_of, told
from huiyin.doors.uploads import serve
from huiyin.flows import answer, hear, journey
from huiyin.flows.replying import CannotSend
from huiyin.store.files import CannotFindFile
from huiyin.store.ledger import people
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import conduct as conduct_read
from huiyin.store.read.viewer import Viewer


def _form(request: HttpRequest) -> dict[str, str]:
    return {k: str(v).replace("\r\n", "\n")[:20_000] for k, v in request.POST.items()}


def _page(viewer: Viewer, id: str) -> conduct_read.FilePage:
    try:
        return conduct_read.page(viewer=viewer, file_id=id_of(id), now=timezone.now())
    except conduct_read.CannotSeeFile as error:
        raise Http404 from error


@require_GET
@desk_page
def conduct_files(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the files that the viewer has a part in."""
    need(viewer=viewer, action="conduct.see")
    return show(
        request,
        "desk/conduct_files.html",
        viewer=viewer,
        nav="conduct_files",
        rows=conduct_read.files(viewer=viewer, now=timezone.now()),
        can_record=bool(may(actor=viewer.actor, action="conduct.record")),
    )


@require_http_methods(["GET", "POST"])
@desk_page
def conduct_new(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Record the form: from a customer's complaint, or about a colleague."""
    need(viewer=viewer, action="conduct.record")
    given = request.POST.get("complaint") or request.GET.get("complaint", "")
    found = None
    if given:
        if not complaint_read.may_see(viewer=viewer, complaint_id=id_of(given)):
            raise Http404
        found = conduct_read.prefill(complaint_id=id_of(given))
    form: dict[str, str] = {
        "complainant": found.complainant if found else viewer.name,
        "contact": found.contact if found else "",
        "words": found.words if found else "",
    }
    problem = ""
    if request.method == "POST":
        form = _form(request)
        employee = number_of(form.get("employee", ""))
        try:
            if employee is None:
                raise CannotHear(zh="请选择当事人", en="choose the employee")
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                id = hear.record(
                    pen=pen, actor=viewer.actor, kind="external" if found else "internal",
                    employee=employee, superior=number_of(form.get("superior", "")),
                    complainant=form.get("complainant", "") if found else viewer.name,
                    contact=form.get("contact", ""), words=form.get("words", ""),
                    charge=form.get("charge", ""), place=form.get("place", ""),
                    happened_at=moment(form.get("happened", "")),
                    complaint_id=id_of(found.complaint) if found else None,
                )  # fmt: skip
        except PermissionError as error:
            problem = str(error)
        except ValueError as error:
            problem = told(error)
        else:
            toast(request, _("管理表已登记，已交给当事人的上级"))
            return redirect("desk:conduct_file", id.hex)
    chosen = number_of(form.get("employee", ""))
    return show(
        request,
        "desk/conduct_new.html",
        viewer=viewer,
        nav="conduct_files",
        found=found,
        people=conduct_read.people(besides=viewer.id),
        superiors=conduct_read.candidates(employee=chosen, complainant=None if found else viewer.id)
        if chosen is not None
        else (),
        form=form,
        problem=problem,
        status=422 if problem else 200,
    )


def _shown(
    request: HttpRequest, viewer: Viewer, id: str, status: int = 200, **context: Any
) -> HttpResponse:
    page = _page(viewer, id)
    return show(
        request, "desk/conduct_file.html", viewer=viewer, nav="conduct_files", page=page,
        status=status, **context,
    )  # fmt: skip


@require_GET
@desk_page
def conduct_file(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show a file with no more than the viewer may know."""
    return _shown(request, viewer, id)


@require_POST
@desk_page
def conduct_act(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Do one act on a file; what was written stays in the form when it is refused."""
    page, file_id = _page(viewer, id), id_of(id)
    done = {
        "state": _("说明已提交"),
        "answer": _("答复已登记"),
        "sanction": _("处理已记录，当事人可申辩一次"),
        "notice": _("已告知当事人"),
        "object": _("申辩已提交"),
        "accept": _("已记下没有申辩"),
        "decide": _("裁定已记录"),
        "report": _("已报行政经理"),
        "file": _("已归档"),
    }
    if act not in done:
        raise Http404
    form = _form(request)
    now = timezone.now()
    try:
        with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
            if act == "file":
                hear.file_away(
                    pen=pen, file_id=file_id, actor=viewer.actor, opinion=form.get("words", ""),
                    paper=lambda filed: printed(
                        page=conduct_read.page(viewer=viewer, file_id=filed, now=now), now=now
                    ),
                )  # fmt: skip
            else:
                hear.do(
                    pen=pen, file_id=file_id, actor=viewer.actor, act=act,
                    words=form.get("words", ""), verdict=form.get("verdict", ""),
                    finding=form.get("finding", ""), measure=form.get("measure", ""),
                    decision=form.get("decision", ""),
                )  # fmt: skip
            if act == "answer" and form.get("send") and page.complaint:
                answer.reply(
                    pen=pen, complaint_id=id_of(page.complaint), actor=viewer.actor,
                    text=form.get("words", ""),
                )  # fmt: skip
    except CannotSend:
        said = _("这段答复里有需要核对的地方，请先在投诉页面发送，再在这里登记（不勾选同时发送）")
        return _shown(request, viewer, id, status=422, problem=said, form=form, act=act)
    except PermissionError as error:
        return _shown(request, viewer, id, status=403, problem=str(error), form=form, act=act)
    except ValueError as error:
        return _shown(request, viewer, id, status=422, problem=told(error), form=form, act=act)
    toast(request, done[act])
    return redirect("desk:conduct_file", id)


@require_GET
@desk_page
def conduct_pdf(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Hand out the form as PDF: the kept one once it is filed; taking it out is recorded."""
    page, now = _page(viewer, id), timezone.now()
    if not page.can_print:
        raise Http404
    people.record_export(what="conduct", rows=1, user_id=viewer.id, now=now)
    kept = conduct_read.kept_paper(viewer=viewer, file_id=id_of(id))
    if kept is not None:
        number, sha256 = kept
        try:
            return serve(name=f"{number}.pdf", content_type="application/pdf", sha256=sha256)
        except CannotFindFile as error:
            raise Http404 from error
    response = HttpResponse(printed(page=page, now=now), content_type="application/pdf")
    name = quote(f"{page.number}-{_('服务态度投诉管理表')}.pdf")
    response["Content-Disposition"] = (
        f"attachment; filename=\"{page.number}.pdf\"; filename*=UTF-8''{name}"
    )
    response["Cache-Control"] = "private, no-store"
    return response
