"""Views of the kiosk and the calling screen; the secret in the address names the counter."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import filetype
import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.doors.sums import told
from huiyin.doors.uploads import CannotAcceptUpload, keep_uploads
from huiyin.flows import counter as room
from huiyin.flows import intake, telling
from huiyin.store.read import cases, counters, labels, office
from huiyin.store.read.counters import CounterView

_PHONE = re.compile(r"^\+?\d[\d-]{6,19}$")
_WAYBILL = re.compile(r"^[A-Za-z0-9-]{6,32}$")
_ONCE = re.compile(r"^[0-9a-f]{32}$")
_PAPER = 60
"""Seconds that a receipt stays on the screen."""

View = Callable[..., HttpResponse]


def at_counter(view: View) -> View:
    """Give the view its ``counter``; nothing of its page is kept by the browser."""

    @wraps(view)
    def inner(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        counter = counters.by_token(token=token)
        if counter is None:
            answer = render(request, "kiosk/off.html", status=404)
        else:
            answer = view(request, token=token, counter=counter, **kwargs)
        add_never_cache_headers(answer)
        answer["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        return answer

    return inner


def _page(
    request: HttpRequest, *, token: str, counter: CounterView, form: dict[str, str],
    errors: dict[str, str], status: int = 200,
) -> HttpResponse:  # fmt: skip
    playbook = office.current_playbook()
    return render(
        request,
        "kiosk/home.html",
        {
            "company": cases.company_name(),
            "token": token,
            "counter": counter,
            "form": form,
            "errors": errors,
            "branches": [
                {
                    "code": b.code,
                    "label": labels.said(b.name),
                    "requires": " ".join(b.requires),
                    "selected": form.get("branch", "complaint") == b.code,
                }
                for b in playbook.branches
            ],
            "categories": [
                {"code": c.code, "label": labels.said(c.name)} for c in playbook.categories
            ],
        },
        status=status,
    )


@require_http_methods(["GET", "POST"])
@at_counter
def home(request: HttpRequest, token: str, counter: CounterView) -> HttpResponse:
    """Show an empty form, or take what was written into it."""
    if request.method == "GET":
        request.session.pop("kiosk", None)
        return _page(request, token=token, counter=counter, form={}, errors={})
    form = {k: str(v).replace("\x00", "").strip()[:20000] for k, v in request.POST.items()}
    once = form.get("once", "")
    once = once if _ONCE.match(once) else secrets.token_hex(16)
    errors = _wrong(form=form)
    status = 422
    if not errors:
        try:
            room.may_draw(
                counter=counter, once=once, most=settings.HUIYIN.kiosk_per_minute,
                now=timezone.now(),
            )  # fmt: skip
        except room.CannotDraw as error:
            errors["form"], status = told(error), 429
    files: list[dict[str, Any]] = []
    signature: list[dict[str, Any]] = []
    if not errors:
        try:
            signature = _signed(request=request)
            files = [*keep_uploads(uploads=request.FILES.getlist("photos")), *signature]
        except CannotAcceptUpload as error:
            errors["photos"] = str(error)
    scripted = request.headers.get("Accept") == "application/json"
    if errors:
        if scripted:
            return JsonResponse({"errors": errors}, status=status)
        return _page(request, token=token, counter=counter, form=form, errors=errors, status=status)
    phone = re.sub(r"\s", "", form.get("phone", ""))
    body = {
        "channel": "desk",
        "sender": phone,
        "phone": phone,
        "sender_name": form.get("name", "")[:120],
        "text": form["text"],
        "waybill": re.sub(r"\s", "", form.get("waybill", "")),
        "branch": form["branch"],
        "category": form.get("category", "")[:20],
        "files": files,
    }
    now = timezone.now()
    accepted = intake.accept(
        now=now, arrivals=[room.arrival(body=body, once=once, counter=counter)]
    )[0]
    intake.decide(now=now, ids=[accepted.id])
    ticket = room.draw(
        counter=counter, accepted=accepted, once=once, branch=form["branch"],
        signature=signature[0]["sha256"] if signature else "", now=now,
    )  # fmt: skip
    request.session["kiosk"] = {"ticket": ticket.hex, "until": int(now.timestamp()) + 2 * _PAPER}
    where = reverse("kiosk:receipt", args=[token])
    return JsonResponse({"go": where}) if scripted else redirect(where)


def _wrong(*, form: dict[str, str]) -> dict[str, str]:
    """Return what is missing or cannot be, by field."""
    errors: dict[str, str] = {}
    branches = office.current_playbook().branches
    branch = next((b for b in branches if b.code == form.get("branch")), None)
    if branch is None:
        return {"branch": _("请选择咨询、业务办理或投诉")}
    if len(form.get("text", "")) < 2:
        errors["text"] = _("请写下发生了什么")
    phone = re.sub(r"\s", "", form.get("phone", ""))
    if phone and not _PHONE.match(phone):
        errors["phone"] = _("电话号码不对")
    waybill = re.sub(r"\s", "", form.get("waybill", ""))
    if waybill and not _WAYBILL.match(waybill):
        errors["waybill"] = _("运单号由 6 到 32 位字母或数字组成，可以不填")
    for what, field, words in (
        ("customer", "name", _("请填写姓名")),
        ("phone", "phone", _("请填写电话")),
        ("waybill", "waybill", _("请填写运单号")),
    ):
        if what in branch.requires and not form.get(field):
            errors[field] = words
    return errors


def _signed(*, request: HttpRequest) -> list[dict[str, Any]]:
    """Keep the drawn signature under its hash. Raises CannotAcceptUpload."""
    drawn = request.FILES.getlist("signature")[:1]
    for upload in drawn:
        if filetype.guess_mime(upload.read(262)) != "image/png":
            raise CannotAcceptUpload(_("签名没有画好，请清除后重签"))
        upload.seek(0)
        upload.name = "签名.png"
    return keep_uploads(uploads=drawn)


@require_GET
@at_counter
def receipt(request: HttpRequest, token: str, counter: CounterView) -> HttpResponse:
    """Show the number drawn just now, once and for a short time."""
    held = request.session.get("kiosk") or {}
    found = None
    if int(held.get("until", 0)) > timezone.now().timestamp():
        found = counters.receipt(counter=counter, ticket_id=UUID(held["ticket"]))
    if found is None:
        return redirect("kiosk:home", token=token)
    link = code = ""
    if found.complaint_id is not None and found.own:
        link = telling.tracking_url(case_id=found.complaint_id, number=found.complaint)
        drawn = segno.make(link, error="m", micro=False)
        code = mark_safe(  # drawn here, of squares alone
            drawn.svg_inline(border=4, light="#fff", dark="#000", svgclass="qr", omitsize=True)
        )
    return render(
        request,
        "kiosk/receipt.html",
        {
            "company": cases.company_name(),
            "token": token,
            "counter": counter,
            "receipt": found,
            "link": link,
            "code": code,
            "seconds": _PAPER,
        },
    )


@require_POST
@at_counter
def over(request: HttpRequest, token: str, counter: CounterView) -> HttpResponse:
    """Forget the customer, his language too, and begin anew."""
    del counter
    request.session.pop("kiosk", None)
    answer = redirect("kiosk:home", token=token)
    answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return answer


@require_GET
@at_counter
def screen(request: HttpRequest, token: str, counter: CounterView) -> HttpResponse:
    """Show who is called and who waits; the page asks again by itself."""
    now = counters.screen(counter=counter, day=room.day_of(now=timezone.now()))
    part = request.headers.get("HX-Request") == "true"
    return render(
        request,
        "kiosk/screen_now.html" if part else "kiosk/screen.html",
        {"company": cases.company_name(), "token": token, "counter": counter, "screen": now},
    )
