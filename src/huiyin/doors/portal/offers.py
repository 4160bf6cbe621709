"""The customer's answer to an offer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huiyin.core.remedy.payee import CannotPayThere
from huiyin.doors.portal.views import page_context, track_context
from huiyin.doors.sums import fen_of, payee_from, told
from huiyin.flows import agree, journey
from huiyin.store.read import offers, tracking


@require_POST
def offer(request: HttpRequest, number: str, token: str, id: str) -> HttpResponse:
    """Take a yes, a no or another sum; the form keeps what was typed when something is missing."""
    try:
        complaint_id = tracking.complaint_of(number=number, token=token)
        remedy_id = UUID(id)
    except (tracking.CannotTrack, ValueError):
        return render(request, "portal/not_found.html", page_context(), status=404)
    if not offers.answerable(remedy_id=remedy_id, complaint_id=complaint_id):
        return render(request, "portal/not_found.html", page_context(), status=404)
    form = {k: str(v)[:2000] for k, v in request.POST.items()}
    try:
        with journey.writing(now=timezone.now(), actor="customer") as pen:
            words = form.get("words", "")
            match form.get("answer"):
                case "accept":
                    payee = payee_from(form=form)
                    agree.accept(pen=pen, remedy_id=remedy_id, payee=payee, words=words)
                case "again":
                    payee = payee_from(form=form)
                    agree.pay_again(pen=pen, remedy_id=remedy_id, payee=payee, words=words)
                case "counter":
                    amount = fen_of(form.get("counter", "")) or 0
                    agree.counter(pen=pen, remedy_id=remedy_id, amount=amount, words=words)
                case "decline":
                    agree.decline(pen=pen, remedy_id=remedy_id, words=words)
                case _unknown:
                    raise agree.CannotAgree(zh=_("请选择接受、不接受或提出金额"), en="choose")
    except ValueError as error:
        field = error.field if isinstance(error, CannotPayThere) else "offer"
        context = track_context(
            page=tracking.tracking(number=number, token=token),
            offer_form={**form, "id": id},
            offer_error=told(error),
            offer_field=field,
        )
        return render(request, "portal/track.html", context, status=422)
    return redirect("portal:track", number=number, token=token)
