"""Views of the search and of the index behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, need, show, toast
from huiyin.store import reindex
from huiyin.store.read import articles, finding
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def search(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Find complaints by words, numbers and parts of numbers."""
    asked = request.GET
    number = asked.get("page", "")
    page = finding.found(
        viewer=viewer,
        text=asked.get("q", ""),
        filters={k: asked[k][:60] for k in finding.FILTERS if asked.get(k)},
        page=int(number) if number.isdecimal() and len(number) < 4 else 1,
    )
    return show(
        request,
        "desk/search.html",
        viewer=viewer,
        nav="search",
        page=page,
        articles=articles.for_text(viewer=viewer, text=page.text) if page.text else (),
        index=reindex.progress(),
    )


@require_POST
@desk_page
def rebuild(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask the worker to write the search index anew."""
    need(viewer=viewer, action="index.rebuild")
    reindex.ask(now=timezone.now())
    toast(request, _("已开始重建索引，期间照常查找"))
    return redirect("desk:operations")
