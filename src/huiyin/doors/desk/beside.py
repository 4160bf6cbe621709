"""What stands beside a complaint and is fetched after it: articles, similar cases, answers."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from huiyin.doors.desk.frame import desk_page, id_of
from huiyin.store.read import articles, doubt_pages, incident_pages, labels, similar, tracks
from huiyin.store.read import assistant as assistant_read
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def beside(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show articles that help, and the ended complaints most like this one."""
    complaint_id = id_of(id)
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404
    return render(
        request,
        "desk/partials/beside.html",
        {
            "viewer": viewer,
            "id": id,
            "marks": incident_pages.marks(complaint_id=complaint_id),
            "doubts": doubt_pages.of_complaint(viewer=viewer, complaint_id=complaint_id),
            "articles": articles.for_complaint(viewer=viewer, complaint_id=complaint_id),
            "track": tracks.card(viewer=viewer, complaint_id=complaint_id, now=timezone.now()),
            "similar": similar.similar(viewer=viewer, complaint_id=complaint_id),
            "assistant": assistant_read.card(
                viewer=viewer, complaint_id=complaint_id, now=timezone.now()
            ),
        },
    )


@require_GET
@desk_page
def answer_like(request: HttpRequest, id: str, like: str, viewer: Viewer) -> HttpResponse:
    """Hand out another complaint's answer made to fit this one, for the composer."""
    try:
        found = similar.adapted(viewer=viewer, complaint_id=id_of(id), like=id_of(like))
    except similar.CannotAdapt as error:
        raise Http404 from error
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('desk:complaint', args=[id])}?like={like}")
    english = labels.english()
    return JsonResponse(
        {
            "text": found.text,
            "blanks": found.blanks,
            "because": [r.en if english else r.zh for r in found.because],
        }
    )


def prefilled(*, request: HttpRequest, complaint_id: UUID, viewer: Viewer) -> dict[str, str]:
    """Return what the composer holds where the address asks for another complaint's answer."""
    like = request.GET.get("like", "")
    if not like:
        return {}
    try:
        found = similar.adapted(viewer=viewer, complaint_id=complaint_id, like=UUID(like))
    except (ValueError, similar.CannotAdapt):
        return {}
    return {"text": found.text}
