"""Views of the portal; each calls one room."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.doors import spare
from huiyin.doors.portal.filing import contact_of, take
from huiyin.doors.portal.help import answers_to
from huiyin.doors.portal.push import public_key
from huiyin.doors.uploads import ALLOWED, CannotAcceptUpload, keep_uploads, most_mb, serve
from huiyin.flows import intake, journey
from huiyin.flows import survey as survey_room
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import articles, cases, labels, office, tracking
from huiyin.store.read.pages import Choice, TrackingPage

_REMEMBERED: Final = 20
"""Complaints that a browser is known to have made."""


def page_context(**more: Any) -> dict[str, Any]:
    """Return what every page of the portal needs."""
    playbook = office.current_playbook()
    return {
        "company": cases.company_name(),
        "greeting": labels.said(playbook.portal.greeting),
        "categories": [Choice(code=c.code, label=labels.said(c.name)) for c in playbook.categories],
        "answers": lambda: articles.for_customer(text=""),
        "most_mb": most_mb(),
        "kinds": " ".join(sorted(ALLOWED)),
        **more,
    }


def track_context(*, page: TrackingPage, **more: Any) -> dict[str, Any]:
    """Return what the customer's page needs."""
    return page_context(
        **{"page": page, "form": {}, "errors": {}, "push_key": public_key(), **more}
    )


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the form."""
    if not office.company_exists():
        return redirect("desk:first_run")
    return render(request, "portal/home.html", page_context(form={}, errors={}))


@require_POST
def file(request: HttpRequest) -> HttpResponse:
    """Take a complaint; the form keeps what was typed when something is missing.

    A form that was kept on a telephone is answered in JSON.
    """
    kept = request.headers.get("Accept") == "application/json"
    form = {k: str(v)[:20000] for k, v in request.POST.items()}
    errors: dict[str, str] = {}
    text = form.get("text", "").strip()
    if len(text) < 2:
        errors["text"] = _("请写下发生了什么")
    contact = contact_of(form.get("contact", ""))
    if not contact:
        errors["contact"] = _("请填写手机号或邮箱，我们才能答复您")
    waybill = re.sub(r"\s", "", form.get("waybill", ""))
    if waybill and not re.match(r"^[A-Za-z0-9-]{6,32}$", waybill):
        errors["waybill"] = _("运单号由 6 到 32 位字母或数字组成，可以不填")
    uploads: list[dict[str, Any]] = []
    status = 422
    if not errors and not spare.may_file(request=request):
        errors["form"], status = spare.too_many(), 429
    if not errors:
        try:
            uploads = keep_uploads(uploads=request.FILES.getlist("photos"))
        except CannotAcceptUpload as error:
            errors["photos"] = str(error)
    if errors and kept:
        return JsonResponse({"errors": errors}, status=status)
    if errors:
        errors |= _chosen_again(request=request, errors=errors)
        context = page_context(form=form, errors=errors, answers=lambda: answers_to(text=text))
        return render(request, "portal/home.html", context, status=status)
    now = timezone.now()
    body = {
        "channel": "portal",
        "sender": contact.get("phone") or contact.get("email", ""),
        "sender_name": form.get("name", "").strip()[:120],
        "text": text,
        "waybill": waybill,
        "category": form.get("category", ""),
        "files": uploads,
        **contact,
    }
    mine = list(request.session.get("mine", []))
    filed = take(body=body, once=form.get("once", ""), now=now, mine=mine)
    if filed and filed.link and filed.complaint_id.hex not in mine:
        request.session["mine"] = [*mine, filed.complaint_id.hex][-_REMEMBERED:]
    if kept:
        told = {"number": filed.number, "link": filed.link} if filed else {"number": "", "link": ""}
        return JsonResponse(told, status=200 if filed else 202)
    if filed is None:
        return render(request, "portal/filed.html", page_context(number="", link=""), status=202)
    request.session["filed"] = {
        "number": filed.number, "link": filed.link, "joined": filed.joined,
    }  # fmt: skip
    return redirect("portal:filed")


def _chosen_again(*, request: HttpRequest, errors: dict[str, str]) -> dict[str, str]:
    """Say that files must be chosen once more: a browser gives none back with a form."""
    sent = len(request.FILES.getlist("photos"))
    wrong = errors.get("photos", "")
    if not sent or (wrong and sent == 1):
        return {}
    if not wrong:
        return {"photos": _("照片和文件要重新选一次")}
    return {"photos": _("%(wrong)s。其余照片和文件也要重新选一次") % {"wrong": wrong}}


@require_GET
def filed(request: HttpRequest) -> HttpResponse:
    """Show number, secret link and what happens next."""
    done = request.session.get("filed")
    if not done:
        return redirect("portal:home")
    if not done["link"]:
        return render(request, "portal/filed.html", page_context(**done))
    token = done["link"].rstrip("/").rsplit("/", 1)[-1]
    page = tracking.tracking(number=done["number"], token=token)
    return render(request, "portal/filed.html", page_context(page=page, **done))


@require_GET
def track(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Show the customer's page."""
    try:
        page = tracking.tracking(number=number, token=token)
    except tracking.CannotTrack:
        return render(request, "portal/not_found.html", page_context(), status=404)
    return render(request, "portal/track.html", track_context(page=page))


@require_POST
def add(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Take further words or photos, or open the complaint again.

    What was kept on a telephone is answered in JSON.
    """
    kept = request.headers.get("Accept") == "application/json"
    try:
        page = tracking.tracking(number=number, token=token)
    except tracking.CannotTrack:
        return render(request, "portal/not_found.html", page_context(), status=404)
    text = str(request.POST.get("text", "")).strip()[:20000]
    errors: dict[str, str] = {}
    uploads: list[dict[str, Any]] = []
    try:
        uploads = keep_uploads(uploads=request.FILES.getlist("photos"))
    except CannotAcceptUpload as error:
        errors["photos"] = str(error)
    if not text and not uploads and not errors:
        errors["text"] = _("请写下要补充的内容，或上传照片")
    if errors and kept:
        return JsonResponse({"errors": errors}, status=422)
    if errors:
        errors |= _chosen_again(request=request, errors=errors)
        context = track_context(page=page, form={"text": text}, errors=errors)
        return render(request, "portal/track.html", context, status=422)
    now = timezone.now()
    body = {
        "channel": "portal",
        "sender": "",
        "text": text or _("（补充照片）"),
        "number": page.number,
        "files": uploads,
    }
    accepted = intake.accept(
        now=now,
        arrivals=[
            Arrival(
                channel="portal",
                kind="contact",
                external_id=str(request.POST.get("once", ""))[:64],
                raw=json.dumps(body, ensure_ascii=False).encode(),
                headers={},
            )
        ],
    )
    intake.decide(now=now, ids=[accepted[0].id])
    link = reverse("portal:track", args=[number, token])
    return JsonResponse({"number": number, "link": link}) if kept else redirect(link)


@require_http_methods(["GET", "POST"])
def survey(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Ask for stars and words; take the answer once."""
    try:
        page = tracking.survey(number=number, token=token)
    except tracking.CannotTrack:
        return render(request, "portal/not_found.html", page_context(), status=404)
    if request.method == "GET":
        return render(request, "portal/survey.html", page_context(page=page, form={}, errors={}))
    stars = str(request.POST.get("stars", ""))
    words = str(request.POST.get("words", ""))[:2000]
    try:
        with journey.writing(now=timezone.now(), actor="customer") as pen:
            survey_room.answer(
                pen=pen,
                complaint_id=tracking.complaint_of(number=number, token=token),
                stars=int(stars) if stars.isdecimal() and len(stars) < 3 else 0,
                words=words,
            )
    except survey_room.CannotAnswerSurvey as error:
        message = error.en if labels.english() else error.zh
        context = page_context(
            page=page, form={"stars": stars, "words": words}, errors={"stars": message}
        )
        return render(request, "portal/survey.html", context, status=422)
    return redirect("portal:survey", number=number, token=token)


@require_GET
def attachment(request: HttpRequest, number: str, token: str, id: str) -> HttpResponse:
    """Serve a file of the customer's own complaint."""
    try:
        row = tracking.file_of(number=number, token=token, attachment_id=UUID(id))
    except (tracking.CannotTrack, ValueError) as error:
        raise Http404 from error
    return serve(name=row.name, content_type=row.content_type, sha256=row.sha256)
