"""The customer says how he wants to be reached."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from huiyin.doors.portal.views import page_context, track_context
from huiyin.doors.sums import told
from huiyin.flows import journey
from huiyin.flows.prefer import CannotPrefer, prefer
from huiyin.store.read import tracking


@require_POST
def reach(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Take the channel that the customer chose; empty leaves it to us."""
    try:
        complaint_id = tracking.complaint_of(number=number, token=token)
        page = tracking.tracking(number=number, token=token)
    except tracking.CannotTrack:
        return render(request, "portal/not_found.html", page_context(), status=404)
    try:
        if page.customer is None:
            raise CannotPrefer(
                zh="在这个页面上不能选择，请联系客服",
                en="this cannot be chosen on this page, please ask customer service",
            )
        with journey.writing(now=timezone.now(), actor="customer") as pen:
            prefer(
                pen=pen,
                complaint_id=complaint_id,
                channel=str(request.POST.get("channel", ""))[:20],
                actor=None,
            )
    except CannotPrefer as error:
        context = track_context(page=page, reach_error=told(error))
        return render(request, "portal/track.html", context, status=422)
    return redirect("portal:track", number=number, token=token)
