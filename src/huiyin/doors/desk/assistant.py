"""Views of the assistant beside a complaint: ask, wait, take a draft into the composer."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, toast
from huiyin.doors.sums import told
from huiyin.flows import assist, journey
from huiyin.store.read import assistant as assistant_read
from huiyin.store.read import labels
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def card(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show what the assistant can do for a complaint and what it answered."""
    return _card(request=request, id=id, viewer=viewer)


def _card(*, request: HttpRequest, id: str, viewer: Viewer, error: str = "") -> HttpResponse:
    found = assistant_read.card(viewer=viewer, complaint_id=id_of(id), now=timezone.now())
    if found is None:
        raise Http404
    return render(
        request,
        "desk/partials/assistant.html",
        {"viewer": viewer, "assistant": found, "error": error},
    )


@require_POST
@desk_page
def ask(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Ask the assistant one kind of question; the card then looks for the answer by itself."""
    now = timezone.now()
    if assistant_read.card(viewer=viewer, complaint_id=id_of(id), now=now) is None:
        raise Http404
    error = ""
    try:
        with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
            assist.ask(
                pen=pen,
                complaint_id=id_of(id),
                actor=viewer.actor,
                kind=request.POST.get("kind", "")[:20],
                language="en" if labels.english() else "zh",
            )
    except assist.CannotAsk as refusal:
        error = told(refusal)
    if request.headers.get("HX-Request"):
        return _card(request=request, id=id, viewer=viewer, error=error)
    toast(request, error or _("已请助手帮忙"), level="error" if error else "ok")
    return redirect("desk:complaint", id)


@require_GET
@desk_page
def draft(request: HttpRequest, id: str, request_id: str, viewer: Viewer) -> HttpResponse:
    """Hand out a draft for the composer; nothing is sent."""
    text = assistant_read.draft(viewer=viewer, complaint_id=id_of(id), request_id=id_of(request_id))
    if text is None:
        raise Http404
    if not request.headers.get("HX-Request"):
        return redirect("desk:complaint", id)
    return JsonResponse({"text": text, "because": [_("这是助手草拟的，请看过、改好再发送")]})
