"""Views of doubts: both sides, the files beside each other, and the review."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huiyin.doors.desk.frame import CannotEnter, desk_page, id_of, show, toast
from huiyin.doors.sums import told
from huiyin.doors.uploads import serve
from huiyin.flows import journey, look_again
from huiyin.store.read import doubt_pages
from huiyin.store.read.viewer import Viewer


@require_http_methods(["GET", "POST"])
@desk_page
def doubts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List what a person should look at, and take down what he found."""
    if not doubt_pages.may_see(viewer=viewer):
        raise CannotEnter(_("您的角色没有此权限"))
    if request.method == "POST":
        try:
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                look_again.judge(
                    pen=pen, doubt_id=id_of(request.POST.get("doubt", "")), actor=viewer.actor,
                    outcome=request.POST.get("outcome", ""), words=request.POST.get("words", ""),
                )  # fmt: skip
            toast(request, _("已记录，谢谢"))
        except PermissionError as error:
            raise CannotEnter(str(error)) from error
        except ValueError as error:
            toast(request, told(error), level="error")
        return redirect("desk:doubts")
    return show(
        request,
        "desk/doubts.html",
        viewer=viewer,
        nav="doubts",
        page=doubt_pages.page(viewer=viewer, reviewed=request.GET.get("show") == "reviewed"),
    )


@require_GET
@desk_page
def doubt_file(request: HttpRequest, id: str, attachment: str, viewer: Viewer) -> HttpResponse:
    """Serve a file that a doubt is about."""
    row = doubt_pages.file(viewer=viewer, doubt_id=id_of(id), attachment_id=id_of(attachment))
    if row is None:
        raise Http404
    return serve(name=row.name, content_type=row.content_type, sha256=row.sha256)
