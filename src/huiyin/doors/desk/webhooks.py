"""What other systems were told: the log of deliveries, and telling them again."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, need, show, toast
from huiyin.store.ledger import webhooks as ledger
from huiyin.store.read import webhooks
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def webhook_log(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show every subscription with its newest deliveries."""
    need(viewer=viewer, action="channels.see")
    return show(
        request,
        "desk/webhooks.html",
        viewer=viewer,
        nav="channels",
        rows=webhooks.subscriptions(),
    )


@require_POST
@desk_page
def webhook_replay(request: HttpRequest, id: int, viewer: Viewer) -> HttpResponse:
    """Tell a subscription again: what happened since a moment, or to one complaint."""
    need(viewer=viewer, action="channels.change")
    number = request.POST.get("number", "").strip()
    since = _moment(request.POST.get("since", ""))
    complaint = webhooks.complaint_named(number=number) if number else None
    if number and complaint is None:
        toast(request, _("没有这个编号的投诉"))
    elif complaint is None and since is None:
        toast(request, _("请填写投诉编号，或从什么时候起"))
    else:
        many = ledger.replay(
            account_id=id,
            now=timezone.now(),
            complaint_id=complaint,
            since=None if complaint else since,
        )
        toast(request, _("已排队重新推送 %d 条") % many)
    return redirect("desk:webhooks")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else timezone.make_aware(found)
