"""Views of call-backs: who is to be called, and what they said."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, need, show, toast
from huiyin.doors.desk.replies import moment
from huiyin.doors.sums import told
from huiyin.flows import call_back, journey, reveal
from huiyin.store.read import call_backs as call_back_read
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read.missed_calls import missed_waiting
from huiyin.store.read.viewer import Viewer


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 1


def _list(
    request: HttpRequest, viewer: Viewer, *, status: int = 200, **context: object
) -> HttpResponse:
    page = call_back_read.page(
        viewer=viewer,
        view=request.GET.get("view", "due"),
        number=_number(request.GET.get("page", "1")),
        now=timezone.now(),
    )
    gone = "problem" in context and all(row.id != context["open_id"] for row in page.rows)
    return show(
        request, "desk/call_backs.html", viewer=viewer, nav="call_backs", page=page, status=status,
        gone=gone, missed_waiting=missed_waiting(viewer=viewer), **context,
    )  # fmt: skip


@require_GET
@desk_page
def call_backs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the customers who are to be called back."""
    need(viewer=viewer, action="call_backs.see")
    return _list(request, viewer)


def _back(request: HttpRequest) -> HttpResponse:
    view = request.GET.get("view", "")
    query = f"?{urlencode({'view': view})}" if view in call_back_read.VIEWS else ""
    return redirect(reverse("desk:call_backs") + query)


def _seen(*, viewer: Viewer, call_back_id: UUID) -> call_back_read.Waiting:
    found = call_back_read.one(call_back_id=call_back_id)
    if found is None or not complaint_read.may_see(viewer=viewer, complaint_id=found.complaint_id):
        raise Http404
    return found


@require_POST
@desk_page
def called(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Write down what came of a call."""
    need(viewer=viewer, action="call_backs.see")
    found = _seen(viewer=viewer, call_back_id=id_of(id))
    form = {k: request.POST.get(k, "").strip() for k in ("outcome", "words", "again_at")}
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            call_back.record(
                pen=pen,
                call_back_id=found.id,
                actor=viewer.actor,
                outcome=form["outcome"],
                words=form["words"],
                again_at=moment(form["again_at"]),
            )
    except PermissionError as error:
        return _list(
            request, viewer, status=403, problem=str(error), open_id=found.id.hex, form=form
        )
    except ValueError as error:
        return _list(
            request, viewer, status=422, problem=told(error), open_id=found.id.hex, form=form
        )
    said = {
        "satisfied": _("已记下：客户满意"),
        "dissatisfied": _("已记下：客户不满意，转上一级处理"),
        "not_reached": _("已记下：没打通，到时再打"),
        "refused": _("已记下"),
    }
    toast(request, said.get(form["outcome"], _("已记下")))
    return _back(request)


@require_POST
@desk_page
def reveal_number(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show the customer's whole number for an hour; that it was asked for is recorded."""
    need(viewer=viewer, action="call_backs.see")
    found = _seen(viewer=viewer, call_back_id=id_of(id))
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            reveal.reveal(
                pen=pen, complaint_id=found.complaint_id, actor=viewer.actor, field="call_back"
            )
    except PermissionError as error:
        toast(request, str(error), level="error")
    return _back(request)
