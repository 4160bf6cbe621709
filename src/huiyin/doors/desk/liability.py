"""Views of liability: the list, one claim with what may be done to it, a new claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.access import OUTLET
from huiyin.core.playbook.facts import FACTS, told
from huiyin.core.shares import parse_percent
from huiyin.doors.desk.frame import desk_page, id_of, need, shared_page, show, toast
from huiyin.doors.sums import told as said
from huiyin.doors.uploads import keep_uploads, serve
from huiyin.flows import journey
from huiyin.flows import liability as room
from huiyin.store.files import CannotFindFile
from huiyin.store.read import liability_list, liability_page, parties
from huiyin.store.read.liability_page import CannotSeeDispute
from huiyin.store.read.viewer import Viewer


def _done() -> dict[str, str]:
    return {
        "state": _("陈述已提交"),
        "answer": _("意见已提交"),
        "appeal": _("申诉已提交，由上级另行裁定"),
        "rule": _("裁定已公布给各方"),
        "rule_appeal": _("申诉裁定已公布，费用已入账"),
        "withdraw": _("定责已撤销"),
    }


@require_GET
@shared_page
def disputes(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List claims and fines: all of the house's, or an outlet's own."""
    need(viewer=viewer, action="outlet.see" if viewer.role == OUTLET else "liability.see")
    number = request.GET.get("page", "1")
    page = liability_list.disputes(
        viewer=viewer,
        view=request.GET.get("view", "todo"),
        page=int(number) if number.isdecimal() and len(number) < 6 else 1,
    )
    return show(request, "desk/disputes.html", viewer=viewer, nav="liability", page=page)


def _claim(request: HttpRequest, viewer: Viewer, id: UUID, **context: Any) -> HttpResponse:
    try:
        page = liability_page.claim(viewer=viewer, claim_id=id)
    except CannotSeeDispute as error:
        raise Http404 from error
    return show(request, "desk/claim.html", viewer=viewer, nav="liability", page=page, **context)


@require_GET
@shared_page
def claim(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show one claim."""
    return _claim(request, viewer, id_of(id))


@require_POST
@shared_page
def claim_do(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Do one thing to a claim; what was written stays in the form when it is refused."""
    claim_id, word = id_of(id), _done().get(act)
    try:
        liability_page.complaint_of(viewer=viewer, claim_id=claim_id)
    except CannotSeeDispute as error:
        raise Http404 from error
    if word is None:
        raise Http404
    post = request.POST
    try:
        shares = {
            name.removeprefix("share-"): parse_percent(text=post[name][:20])
            for name in list(post)[:60]
            if name.startswith("share-")
        }
        files = keep_uploads(uploads=request.FILES.getlist("files"))
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            room.act(
                pen=pen,
                claim_id=claim_id,
                actor=viewer.actor,
                act=act,
                party=post.get("party", "")[:40],
                stance=post.get("stance", "")[:10],
                words=post.get("words", ""),
                files=files,
                shares=shares,
            )
    except (PermissionError, ValueError) as error:
        refused = isinstance(error, PermissionError)
        return _claim(
            request,
            viewer,
            claim_id,
            status=403 if refused else 422,
            errors={"form": str(error) if isinstance(error, PermissionError) else said(error)},
            form={
                "act": act,
                "words": post.get("words", "")[:20000],
                "stance": post.get("stance", ""),
                "shares": {n: v[:20] for n, v in list(post.items())[:60]},
            },
        )
    toast(request, word)
    return redirect("desk:claim", id)


@require_GET
@shared_page
def claim_file(request: HttpRequest, id: str, number: int, viewer: Viewer) -> HttpResponse:
    """Serve a file of a claim that the viewer may see."""
    try:
        return hand_out(liability_page.file(viewer=viewer, word_id=id_of(id), number=number))
    except (CannotSeeDispute, CannotFindFile) as error:
        raise Http404 from error


def hand_out(file: Mapping[str, Any]) -> HttpResponse:
    """Serve a kept file. Raises CannotFindFile."""
    return serve(
        name=str(file["name"]), content_type=str(file["content_type"]), sha256=str(file["sha256"])
    )


@require_GET
@desk_page
def card(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show a complaint's claims and fines in short, for its page."""
    try:
        page = liability_page.card(viewer=viewer, complaint_id=id_of(id))
    except CannotSeeDispute as error:
        raise Http404 from error
    return render(request, "desk/partials/liability_card.html", {"page": page, "viewer": viewer})


@require_http_methods(["GET", "POST"])
@desk_page
def new_claim(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Name who the parts of the way are, tell how it went, see the proposal, open the claim."""
    complaint_id, post = id_of(id), request.POST
    named = {p: post.get(f"part-{p}", "")[:40] for p in parties.KINDS_OF_PART}
    errors: dict[str, str] = {}
    facts: dict[str, Any] = {}
    if request.method == "POST":
        for name in FACTS:
            text = post.get(f"fact-{name}", "")[:200]
            try:
                value = told(name=name, text=text) if text else None
            except ValueError as error:
                errors["form"] = said(error)
                continue
            if value is not None:
                facts[name] = value
    if request.method == "POST" and not errors and post.get("do") == "open":
        try:
            files = keep_uploads(uploads=request.FILES.getlist("files"))
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                claim_id = room.claim(
                    pen=pen,
                    complaint_id=complaint_id,
                    actor=viewer.actor,
                    named={p: code for p, code in named.items() if code},
                    facts=facts,
                    words=post.get("words", ""),
                    files=files,
                )
            toast(request, _("定责已发起，各方已可举证"))
            return redirect("desk:claim", claim_id.hex)
        except (PermissionError, ValueError, LookupError) as error:
            errors["form"] = str(error) if isinstance(error, PermissionError) else said(error)
    try:
        page = liability_page.new_claim(
            viewer=viewer,
            complaint_id=complaint_id,
            named=named if request.method == "POST" else {},
            told=facts,
            preview=request.method == "POST",
        )
    except CannotSeeDispute as error:
        raise Http404 from error
    return show(
        request,
        "desk/claim_new.html",
        viewer=viewer,
        nav="queue",
        page=page,
        errors=errors,
        form={"words": post.get("words", "")[:20000]},
        status=422 if errors else 200,
    )
