"""Views of the queue and of one complaint."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.core.clocks import due
from huiyin.doors.desk import pairs, procedure, remedies, replies
from huiyin.doors.desk.beside import prefilled
from huiyin.doors.desk.frame import desk_page, id_of, show, toast
from huiyin.doors.sums import told
from huiyin.doors.uploads import serve
from huiyin.flows import answer, assign, close, investigate, journey, know, reveal, sort
from huiyin.flows.replying import CannotSend
from huiyin.flows.ticking import calendar_of
from huiyin.store.ledger import Pen, people
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import history, labels, merging, office
from huiyin.store.read import queue as queue_read
from huiyin.store.read.viewer import Viewer

SENDS = frozenset({"reply", "ask_customer", "resolve"})
"""Actions whose words go to the customer."""
FILTERS = ("category", "urgency", "department", "channel", "status")


def _queue_page(request: HttpRequest, viewer: Viewer, default: str = "mine") -> Any:
    ask = request.GET
    return queue_read.queue(
        viewer=viewer,
        view=ask.get("view", default),
        filters={k: ask[k][:60] for k in FILTERS if ask.get(k)},
        sort=ask.get("sort", "due"),
        cursor=ask.get("cursor", "")[:300],
    )


@require_GET
@desk_page
def queue(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the queue; htmx gets the pane, or further rows."""
    default = "mine" if viewer.role in {"agent", "handler"} else "all"
    page = _queue_page(request, viewer, default)
    if request.headers.get("HX-Request") and request.GET.get("cursor"):
        return render(request, "desk/partials/queue_rows.html", {"page": page, "viewer": viewer})
    if request.headers.get("HX-Request"):
        return render(request, "desk/partials/queue_pane.html", {"page": page, "viewer": viewer})
    return show(request, "desk/queue.html", viewer=viewer, nav="queue", page=page)


@require_GET
@desk_page
def pulse(request: HttpRequest, viewer: Viewer) -> JsonResponse:
    """Tell the page whether anything changed, for a fraction of a page's cost."""
    out: dict[str, str] = {}
    if "queue" in request.GET:
        out["queue"] = queue_read.stamp(viewer=viewer, view=request.GET.get("view", "mine"))
    if request.GET.get("complaint"):
        seen = complaint_read.stamp(viewer=viewer, complaint_id=id_of(request.GET["complaint"]))
        if seen is not None:
            out["complaint"] = seen
    return JsonResponse(out)


@require_GET
@desk_page
def complaint(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show one complaint; htmx gets the panes."""
    try:
        page = complaint_read.page(viewer=viewer, complaint_id=id_of(id), now=timezone.now())
    except complaint_read.CannotSee as error:
        raise Http404 from error
    form = prefilled(request=request, complaint_id=id_of(id), viewer=viewer)
    if request.headers.get("HX-Request"):
        toasts = request.session.pop("toasts", [])
        return render(
            request,
            "desk/partials/complaint_panes.html",
            {"page": page, "viewer": viewer, "toasts": toasts, "form": form},
        )
    return show(request, "desk/complaint.html", viewer=viewer, nav="queue", page=page, form=form)


def _person(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text) else None


def _act(pen: Pen, viewer: Viewer, id: UUID, action: str, form: QueryDict) -> str:
    """Call the room of an action; returns what to tell the person."""
    actor = viewer.actor

    def word(name: str) -> str:
        return str(form.get(name, "")).strip()

    def _take() -> str:
        assign.take(pen=pen, complaint_id=id, actor=actor)
        return _("已受理，由您负责")

    def _hand_over() -> str:
        assign.hand_over(
            pen=pen, complaint_id=id, actor=actor, department=word("department"),
            person=_person(word("person")), reason=word("reason"),
        )  # fmt: skip
        return _("已转交")

    def _return() -> str:
        assign.give_back(pen=pen, complaint_id=id, actor=actor, reason=word("reason"))
        return _("已退回部门队列")

    def _note() -> str:
        answer.note(pen=pen, complaint_id=id, actor=actor, text=word("text"))
        return _("备注已保存")

    def _verdict() -> str:
        investigate.give_verdict(
            pen=pen, complaint_id=id, actor=actor, verdict=word("verdict"), cause=word("cause"),
            department=word("department"), reason=word("reason"),
        )  # fmt: skip
        return _("结论已记录")

    def _reopen() -> str:
        close.reopen(pen=pen, complaint_id=id, actor=actor, reason=word("reason"))
        return _("已重新打开")

    def _close() -> str:
        close.close_by_hand(pen=pen, complaint_id=id, actor=actor, reason=word("reason"))
        return _("已办结")

    def _correct() -> str:
        sort.correct(
            pen=pen, complaint_id=id, actor=actor, category=word("category"),
            urgency=word("urgency"),
        )  # fmt: skip
        case = pen.case(id=id)
        wanted = assign.department_for(pen=pen, case=case)
        if wanted and case.department_id and wanted != case.department_id:
            playbook = office.playbook(version_id=case.playbook_version)
            name = labels.department(playbook, wanted)
            return _("已更正；这一类归%s，需要时请转交") % name
        return _("已更正，谢谢，系统会从中学习")

    def _reveal() -> str:
        reveal.reveal(pen=pen, complaint_id=id, actor=actor, field=word("field") or "customer")
        return _("已显示完整信息，本次查看已记录")

    rooms: dict[str, Callable[[], str]] = {
        "take": _take, "hand_over": _hand_over, "return": _return, "note": _note,
        "verdict": _verdict, "reopen": _reopen, "close": _close, "correct": _correct,
        "reveal": _reveal,
        **pairs.rooms(pen=pen, viewer=viewer, complaint_id=id, form=form),
        **remedies.rooms(pen=pen, viewer=viewer, complaint_id=id, form=form),
        **replies.rooms(pen=pen, viewer=viewer, complaint_id=id, form=form),
        **procedure.rooms(pen=pen, viewer=viewer, complaint_id=id, form=form),
    }  # fmt: skip
    if action not in rooms:
        raise Http404
    return rooms[action]()


@require_POST
@desk_page
def act(request: HttpRequest, id: str, action: str, viewer: Viewer) -> HttpResponse:
    """Do one thing to a complaint and show it again."""
    complaint_id = id_of(id)
    live = bool(request.headers.get("HX-Request"))
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            said = _act(pen, viewer, complaint_id, action, request.POST)
            if action in SENDS:
                know.use(
                    pen=pen, complaint_id=complaint_id, actor=viewer.actor,
                    slugs=request.POST.getlist("article"), answer=request.POST.get("text", ""),
                )  # fmt: skip
    except PermissionError as error:
        return refused(request, str(error), 403, live, id)
    except CannotSend as error:
        return replies.refused_check(
            request=request, viewer=viewer, complaint_id=complaint_id, look=error.look,
            action=action,
        )  # fmt: skip
    except ValueError as error:
        return refused(request, told(error), 422, live, id)
    undo_event = ""
    if action in pairs.UNDOABLE:
        kind = pairs.UNDOABLE[action]
        undo_event = history.latest_event(complaint_id=complaint_id, kind=kind)
    undo_url = reverse("desk:act", args=[id, "undo"]) if undo_event else ""
    toast(request, said, undo_url=undo_url, undo_event=undo_event)
    if live:
        request.method = "GET"
        return complaint(request, id)
    return redirect("desk:complaint", id)


def refused(request: HttpRequest, text: str, status: int, live: bool, id: str) -> HttpResponse:
    """Say why a complaint was not changed: in place for htmx, else on the complaint's page."""
    if live:
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    toast(request, text, level="error")
    return redirect("desk:complaint", id)


@require_GET
@desk_page
def clock(request: HttpRequest, id: str, clock: str, viewer: Viewer) -> HttpResponse:
    """Explain a deadline: the sum from start to due time."""
    found = complaint_read.clock(viewer=viewer, complaint_id=id_of(id), clock_id=id_of(clock))
    if found is None:
        raise Http404
    ticking, number, version, zone = found
    explained = due(
        start=ticking.started_at.astimezone(ZoneInfo(zone)),
        duration=ticking.duration,
        calendar=calendar_of(playbook_version=version, name=ticking.calendar),
        pauses=[
            (datetime.fromisoformat(str(a)), datetime.fromisoformat(b) if b else None)
            for a, b in ticking.pauses
        ],
    )
    return show(
        request,
        "desk/explain_clock.html",
        viewer=viewer,
        nav="queue",
        clock=ticking,
        label=ticking.name.get("en" if labels.english() else "zh", ticking.rule),
        because=explained.because,
        number=number,
        complaint_id=id,
    )


@require_GET
@desk_page
def merge(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Choose the complaint to merge into."""
    try:
        page = complaint_read.page(viewer=viewer, complaint_id=id_of(id), now=timezone.now())
    except complaint_read.CannotSee as error:
        raise Http404 from error
    return show(
        request, "desk/merge.html", viewer=viewer, nav="queue", page=page,
        choices=merging.choices(page=page),
    )  # fmt: skip


@require_POST
@desk_page
def saved_view(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Keep the current filter under a name."""
    name, query = request.POST.get("name", "").strip()[:60], request.POST.get("query", "")[:400]
    if name and query:
        people.save_view(user_id=viewer.id, name=name, query=query)
        toast(request, _("视图已保存"))
    return redirect(f"{reverse('desk:queue')}?{query}")


@require_GET
@desk_page
def attachment(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Serve a file of a complaint that the viewer may see."""
    row = complaint_read.attachment(viewer=viewer, attachment_id=id_of(id))
    if row is None:
        raise Http404
    return serve(name=row.name, content_type=row.content_type, sha256=row.sha256)
