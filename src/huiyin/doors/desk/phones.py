"""Views of the telephone: the card of who calls, calls by hand, callers whom nobody took."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, need, show, toast
from huiyin.doors.sums import told
from huiyin.flows import journey, phone
from huiyin.store.ledger import people
from huiyin.store.read import missed_calls, office
from huiyin.store.read import phone as phone_read
from huiyin.store.read.pages import Series
from huiyin.store.read.viewer import Viewer

PAGE = 30
DAYS = 30
"""What the drawing of missed calls shows."""


@require_GET
@desk_page
def card(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Return the card of the viewer's call; 204 while it is as the page has it.

    Who has no call is told of the last caller whom nobody took and his department is to call.
    """
    now = timezone.now()
    here = request.GET.get("stamp", "")
    stamp = phone_read.stamp(viewer=viewer, now=now)
    if stamp and stamp == here:
        return HttpResponse(status=204)
    missed = None
    if not stamp and viewer.can["call_backs_see"]:
        missed = missed_calls.notice(viewer=viewer)
    if not stamp and (missed.stamp if missed else "") == here:
        return HttpResponse(status=204)
    return render(
        request,
        "desk/partials/call_card.html",
        {
            "call": phone_read.card(viewer=viewer, now=now),
            "missed": missed,
            "viewer": viewer,
        },
    )


@require_POST
@desk_page
def begin(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Begin a call by hand and go where it is written down."""
    need(viewer=viewer, action="contact.new")
    number = request.POST.get("number", "")[:60]
    missed = request.POST.get("missed", "")
    if missed:
        number = missed_calls.missed_number(viewer=viewer, missed_id=id_of(missed))
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            id = phone.begin(
                pen=pen,
                actor=viewer.actor,
                number=number,
                direction="out" if missed else request.POST.get("direction", "in"),
            )
    except ValueError as error:
        toast(request, told(error), level="error")
        return redirect("desk:contact_new")
    return redirect(f"{reverse('desk:contact_new')}?{urlencode({'call': id.hex})}")


@require_POST
@desk_page
def act(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Hang up a call begun by hand, or take a call off the screen."""
    rooms = {"hang-up": phone.hang_up, "aside": phone.put_aside}
    if act not in rooms:
        raise Http404
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            rooms[act](pen=pen, actor=viewer.actor, call_id=id_of(id))
    except phone.CannotTakeCall as error:
        raise Http404 from error
    if request.headers.get("HX-Request"):
        request.method = "GET"
        return card(request)
    return redirect(request.headers.get("Referer") or "desk:queue")


def _missed(
    request: HttpRequest, viewer: Viewer, *, status: int = 200, shown: str = "", **more: object
) -> HttpResponse:
    done = request.GET.get("view") == "done"
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and len(number) < 4 else 1
    rows = missed_calls.missed(
        viewer=viewer, done=done, first=max(0, page - 1) * PAGE, most=PAGE + 1,
        shown=frozenset({shown}),
    )  # fmt: skip
    return show(
        request, "desk/missed_calls.html", viewer=viewer, nav="call_backs", status=status,
        rows=rows[:PAGE], done=done, page=max(1, page), more=len(rows) > PAGE,
        missed_waiting=missed_calls.missed_waiting(viewer=viewer), series=_series(), **more,
    )  # fmt: skip


def _series() -> Series:
    zone = ZoneInfo(office.current_playbook().timezone)
    return missed_calls.series(days=DAYS, now=timezone.now(), zone=zone)


@require_GET
@desk_page
def missed(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the callers whom nobody took, the first due first."""
    need(viewer=viewer, action="call_backs.see")
    return _missed(request, viewer)


@require_POST
@desk_page
def missed_number(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show a caller's whole number; that it was asked for is recorded."""
    need(viewer=viewer, action="call_backs.see")
    if not missed_calls.missed_number(viewer=viewer, missed_id=id_of(id)):
        raise Http404
    people.record_export(
        what=f"missed_call:{id_of(id).hex[-20:]}", rows=1, user_id=viewer.id, now=timezone.now()
    )
    return _missed(request, viewer, shown=id_of(id).hex)


@require_POST
@desk_page
def missed_called(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Write down what came of calling back."""
    need(viewer=viewer, action="call_backs.see")
    if not missed_calls.missed_number(viewer=viewer, missed_id=id_of(id)):
        raise Http404
    form = {k: request.POST.get(k, "").strip() for k in ("outcome", "words")}
    problem, status = "", 200
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            phone.called_back(
                pen=pen, missed_id=id_of(id), actor=viewer.actor, outcome=form["outcome"],
                words=form["words"],
            )  # fmt: skip
    except PermissionError as error:
        problem, status = str(error), 403
    except ValueError as error:
        problem, status = told(error), 422
    if problem:
        return _missed(
            request, viewer, status=status, problem=problem, open_id=id_of(id).hex, form=form
        )
    toast(request, _("已记下"))
    return redirect("desk:missed_calls")
