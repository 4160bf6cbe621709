"""The page of learning: model versions, how right they are, corrections; train, take, take back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, need, sheet_of, show, toast
from huiyin.doors.sums import told
from huiyin.flows import learn
from huiyin.store.ledger import jobs, people
from huiyin.store.ledger.versions import CannotChangeVersion
from huiyin.store.read import learning as learning_read
from huiyin.store.read import learning_page as read
from huiyin.store.read import pairing
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def learning_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what was learned."""
    need(viewer=viewer, action="learning.see")
    page = read.page(viewer=viewer, now=timezone.now())
    answer = show(
        request, "desk/learning.html", viewer=viewer, nav="learning", page=page,
        pairs=pairing.pairs_page(),
    )  # fmt: skip
    if request.headers.get("HX-Request") and not page.asked:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@desk_page
def change(request: HttpRequest, step: str, viewer: Viewer) -> HttpResponse:
    """Ask the worker for a training, take the candidate, or take the running version back."""
    need(viewer=viewer, action="learning.change")
    now = timezone.now()
    try:
        if step == "train":
            jobs.hasten(name=learning_read.JOB, now=now)
            toast(request, _("已请后台训练，完成后结果在本页"))
        elif step == "take":
            waiting = learning_read.candidate()
            if waiting is None or waiting.id.hex != request.POST.get("version", ""):
                raise CannotChangeVersion(
                    zh="候选已变，请看本页现在的候选", en="the candidate has changed, look again"
                )
            learn.take(id=waiting.id, now=now, by=viewer.id)
            toast(request, _("第 %(n)s 版已启用") % {"n": waiting.number})
        elif step == "undo":
            learn.undo(now=now, by=viewer.id)
            toast(request, _("已撤回，恢复之前的模型"))
        else:
            raise Http404
    except CannotChangeVersion as error:
        toast(request, told(error), level="error")
    return redirect("desk:learning")


@require_GET
@desk_page
def export(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand out the figures of the weeks as xlsx; the export is recorded."""
    need(viewer=viewer, action="learning.see")
    now = timezone.now()
    content, rows = read.workbook(viewer=viewer, now=now)
    people.record_export(what="learning", rows=rows, user_id=viewer.id, now=now)
    return sheet_of(content=content, name="learning", now=now)
