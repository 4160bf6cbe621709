"""Views of the import of complaints: past ones, appeals, marketplaces' cases, reviews."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.doors.desk.frame import desk_page, need, show, toast
from huiyin.flows import take_over
from huiyin.store import files
from huiyin.store.read import imports as import_read
from huiyin.store.read import labels
from huiyin.store.read.viewer import Viewer

SORTS = {
    "history": ("历史投诉（已办结的不再处理）", "Past complaints (ended ones stay ended)"),
    "appeal": ("12305 申诉", "Appeals of 12305"),
    "marketplace": ("电商平台售后", "After-sales cases of a marketplace"),
    "review": ("应用商店评论", "Reviews of an app store"),
}
"""What the rows of a file may be."""


@require_http_methods(["GET", "POST"])
@desk_page
def imports(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List imports and take a new file."""
    need(viewer=viewer, action="import.run")
    errors: dict[str, str] = {}
    if request.method == "POST":
        upload = request.FILES.get("file")
        sort = request.POST.get("sort", "history")
        if sort not in SORTS:
            errors["sort"] = _("请从列表中选择")
        elif upload is None:
            errors["file"] = _("请选择 xlsx、csv 或 jsonl 文件")
        else:
            try:
                run = take_over.prepare(
                    now=timezone.now(),
                    name=str(upload.name),
                    content=upload.read(),
                    user_id=viewer.id,
                    sort=sort,
                )
                return redirect("desk:import", run.hex)
            except ValueError as error:
                errors["file"] = str(getattr(error, "zh", error))
    return show(
        request,
        "desk/imports.html",
        viewer=viewer,
        nav="imports",
        runs=import_read.runs(),
        sorts=[(code, labels.pick(SORTS, code)) for code in SORTS],
        errors=errors,
        status=422 if errors else 200,
    )


@require_http_methods(["GET", "POST"])
@desk_page
def import_run(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Map the columns, start, follow the progress, see what was rejected."""
    need(viewer=viewer, action="import.run")
    try:
        run = import_read.run(id=UUID(id))
    except ValueError as error:
        raise Http404 from error
    if run is None:
        raise Http404
    said = request.POST if request.method == "POST" else request.GET
    chosen = {k[4:]: str(v) for k, v in said.items() if k[:4] == "map_"}
    mapping = {field: column for field, column in chosen.items() if column} if chosen else None
    errors: dict[str, str] = {}
    if request.method == "POST" and run.state == "ready":
        try:
            take_over.start(run_id=run.id, mapping=mapping or {})
        except take_over.CannotStartImport as error:
            errors["form"] = error.en if labels.english() else error.zh
        else:
            toast(request, _("导入已开始，可以离开本页"))
            return redirect("desk:import", id)
    preview = seen = None
    content = files.fetch(sha256=run.sha256) if run.state in {"ready", "done"} else b""
    if run.state == "ready":
        preview = take_over.preview(
            now=timezone.now(), name=run.name, content=content, sort=run.sort, mapping=mapping
        )
    elif run.state == "done" and run.mapping.get("category"):
        seen = take_over.outlook(
            now=run.created_at, name=run.name, content=content, sort=run.sort, mapping=run.mapping
        )
    return show(
        request,
        "desk/import.html",
        viewer=viewer,
        nav="imports",
        run=run,
        sort=labels.pick(SORTS, run.sort),
        preview=preview,
        why_not=labels.said(preview.why_not) if preview and preview.why_not else "",
        unknown=sorted(seen.unknown.items()) if seen else [],
        errors=errors,
        status=422 if errors else 200,
    )
