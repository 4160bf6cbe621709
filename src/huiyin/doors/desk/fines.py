"""Views of fines: one fine, what may be done to it, a new one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, shared_page, show, toast
from huiyin.doors.desk.liability import hand_out
from huiyin.doors.sums import fen_of
from huiyin.doors.sums import told as said
from huiyin.doors.uploads import keep_uploads
from huiyin.flows import fine as room
from huiyin.flows import journey
from huiyin.store.files import CannotFindFile
from huiyin.store.read import fine_page
from huiyin.store.read.liability_page import CannotSeeDispute
from huiyin.store.read.viewer import Viewer


def _done() -> dict[str, str]:
    return {
        "appeal": _("申诉已提交，由上级另行决定"),
        "decide": _("申诉已答复，当事方可以看到"),
        "withdraw": _("处罚已撤回"),
    }


def _fine(request: HttpRequest, viewer: Viewer, id: UUID, **context: Any) -> HttpResponse:
    try:
        page = fine_page.fine(viewer=viewer, fine_id=id)
    except CannotSeeDispute as error:
        raise Http404 from error
    return show(request, "desk/fine.html", viewer=viewer, nav="liability", page=page, **context)


@require_GET
@shared_page
def fine(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show one fine."""
    return _fine(request, viewer, id_of(id))


@require_POST
@shared_page
def fine_do(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Appeal against, decide on or withdraw a fine; a refused form keeps what was written."""
    fine_id, word, post = id_of(id), _done().get(act), request.POST
    try:
        fine_page.fine(viewer=viewer, fine_id=fine_id)
    except CannotSeeDispute as error:
        raise Http404 from error
    if word is None:
        raise Http404
    try:
        files = keep_uploads(uploads=request.FILES.getlist("files"))
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            room.act(
                pen=pen,
                fine_id=fine_id,
                actor=viewer.actor,
                act=act,
                words=post.get("words", ""),
                files=files,
                outcome=post.get("outcome", "")[:20],
                amount=fen_of(post.get("amount", "")[:40]) or 0,
            )
    except (PermissionError, ValueError) as error:
        refused = isinstance(error, PermissionError)
        return _fine(
            request,
            viewer,
            fine_id,
            status=403 if refused else 422,
            errors={"form": str(error) if isinstance(error, PermissionError) else said(error)},
            form={
                "act": act,
                "words": post.get("words", "")[:20000],
                "outcome": post.get("outcome", ""),
                "amount": post.get("amount", "")[:40],
            },
        )
    toast(request, word)
    return redirect("desk:fine", id)


def _file(viewer: Viewer, id: str, number: int, appeal: bool) -> HttpResponse:
    try:
        return hand_out(
            fine_page.file(viewer=viewer, fine_id=id_of(id), number=number, appeal=appeal)
        )
    except (CannotSeeDispute, CannotFindFile) as error:
        raise Http404 from error


@require_GET
@shared_page
def fine_file(request: HttpRequest, id: str, number: int, viewer: Viewer) -> HttpResponse:
    """Serve a file that a fine rests on."""
    return _file(viewer, id, number, appeal=False)


@require_GET
@shared_page
def appeal_file(request: HttpRequest, id: str, number: int, viewer: Viewer) -> HttpResponse:
    """Serve a file of the appeal against a fine."""
    return _file(viewer, id, number, appeal=True)


@require_http_methods(["GET", "POST"])
@desk_page
def new_fine(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Impose a fine by one of the playbook's rules that hold for this complaint."""
    complaint_id, post = id_of(id), request.POST
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            files = keep_uploads(uploads=request.FILES.getlist("files"))
            amount = fen_of(post.get("amount", "")[:40]) or 0
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                fine_id = room.impose(
                    pen=pen,
                    complaint_id=complaint_id,
                    actor=viewer.actor,
                    party=post.get("party", "")[:40],
                    rule=post.get("rule", "")[:64],
                    amount=amount,
                    words=post.get("words", ""),
                    files=files,
                )
            toast(request, _("处罚已作出，当事方可以申诉"))
            return redirect("desk:fine", fine_id.hex)
        except (PermissionError, ValueError, LookupError) as error:
            errors["form"] = str(error) if isinstance(error, PermissionError) else said(error)
    form = {k: post.get(k, "")[:20000] for k in ("party", "rule", "amount", "words")}
    try:
        page = fine_page.new_fine(viewer=viewer, complaint_id=complaint_id, chosen=form)
    except CannotSeeDispute as error:
        raise Http404 from error
    return show(
        request, "desk/fine_new.html", viewer=viewer, nav="queue", page=page, errors=errors,
        form=form, status=422 if errors else 200,
    )  # fmt: skip
