"""Views of the playbook: read and drawn, changed by drafts, compared, moved to."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.playbook import Playbook, entries, sections
from huiyin.core.playbook.compare import side_by_side
from huiyin.core.playbook.draft import DraftAct
from huiyin.core.playbook.edit import CannotEdit, Edit, apply
from huiyin.core.playbook.rehearse import FIELD_NAMES
from huiyin.core.playbook.source import CannotReadYaml, read_document
from huiyin.doors.desk.frame import desk_page, id_of, need, sheet_of, show, toast
from huiyin.doors.sums import told
from huiyin.flows import amend, journey
from huiyin.flows import rehearse as rehearse_flow
from huiyin.store import files
from huiyin.store.ledger import people
from huiyin.store.ledger.drafts import CannotSaveDraft
from huiyin.store.read import drafts, labels, office, playbook_pages, rehearsing
from huiyin.store.read import staff as staff_read
from huiyin.store.read.checking import checked, data_of
from huiyin.store.read.drafts import CannotFindDraft, DraftPage
from huiyin.store.read.viewer import Viewer

MOVED_AT_ONCE = 200
"""Complaints that one press moves to another version; the page says how many are left."""
ACTS: dict[str, DraftAct] = {
    "submit": "submit", "approve": "approve", "return": "return", "withdraw": "withdraw",
    "rebase": "rebase",
}  # fmt: skip
"""What a person does with a draft, by the name in its address."""


@require_GET
@desk_page
def playbook(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show a version of the procedure in plain words and drawn; the one in force by default."""
    need(viewer=viewer, action="playbook.see")
    current = office.company().playbook.version_id
    version_id = request.GET.get("version", "")[:64] or current
    try:
        drafts.text_of_version(version_id=version_id)
    except CannotFindDraft as error:
        raise Http404 from error
    shown = office.playbook(version_id=version_id)
    return show(
        request,
        "desk/playbook.html",
        viewer=viewer,
        nav="playbook",
        page=staff_read.playbook_page(playbook=shown),
        flows=playbook_pages.flows(version_id=version_id),
        current=version_id == current,
        drafts=drafts.listed(viewer=viewer),
        versions=drafts.versions() if viewer.can["playbook_change"] else (),
        in_force=current,
    )


@require_POST
@desk_page
def begin(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Begin a draft from the version in force."""
    need(viewer=viewer, action="playbook.change")
    id = amend.begin(now=timezone.now(), actor=viewer.actor, title=request.POST.get("title", ""))
    toast(request, _("已从现行版本开始起草"))
    return redirect("desk:draft", id.hex)


def _page(viewer: Viewer, id: UUID) -> DraftPage:
    if not (viewer.can["playbook_change"] or viewer.can["playbook_approve"]):
        need(viewer=viewer, action="playbook.change")
    try:
        return drafts.page(viewer=viewer, id=id)
    except CannotFindDraft as error:
        raise Http404 from error


def _written(page: DraftPage, tab: str, form: QueryDict) -> str:
    """Return the text that a form stands for: typed, or the draft's with the fields changed.

    Raises CannotEdit, CannotReadYaml.
    """
    if tab == "yaml":
        return form.get("text", "").replace("\r\n", "\n")
    data = data_of(page.text)
    groups = sections.section(data=data, name=tab, english=labels.english())
    given = {
        k: str(v) for k, v in form.items() if k.startswith("p:") and str(v) != form.get(f"o:{k}")
    }
    text = apply(text=page.text, edits=sections.changes(groups=groups, given=given, data=data))
    what, _colon, key = form.get("list", "").partition(":")
    if what == "add" and key in {*entries.ADDABLE.get(tab, ()), *(g.add for g in groups if g.add)}:
        return apply(text=text, edits=entries.added(data=read_document(text=text).data, name=key))
    if what in {"up", "down", "drop"}:
        path: list[str | int] = [int(s) if s.isdecimal() else s for s in key.split("/")]
        if what == "down" and isinstance(path[-1], int):
            path[-1] += 1
        return apply(text=text, edits=[Edit("drop" if what == "drop" else "up", tuple(path))])
    return text


@require_http_methods(["GET", "POST"])
@desk_page
def draft(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Edit a draft as a form or as YAML; what somebody else saved meanwhile is never lost."""
    draft_id = id_of(id)
    page = _page(viewer, draft_id)
    tab = request.POST.get("tab") or request.GET.get("tab") or "clocks"
    if tab != "yaml" and tab not in sections.NAMES:
        raise Http404
    text, error, conflict = page.text, "", None
    status = 200
    if request.method == "POST":
        need(viewer=viewer, action="playbook.change")
        seen = request.POST.get("revision", "")
        try:
            text = _written(page, tab, request.POST)
            amend.save(
                now=timezone.now(), actor=viewer.actor, id=draft_id,
                seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
                text=text, title=request.POST.get("title", ""),
            )  # fmt: skip
            toast(request, _("已保存"))
            anchor = request.POST.get("list", "").partition(":")[2].replace("/", "-")
            goal = f"?tab={tab}" + (f"#g-{anchor}" if anchor else "")
            return redirect(request.path + goal)
        except CannotSaveDraft as problem:
            page = _page(viewer, draft_id)
            conflict, status, tab = problem, 409, "yaml"
        except (CannotEdit, CannotReadYaml) as problem:
            error, status = told(problem), 422
        except ValueError as problem:
            error, status = told(problem), 422
    return show(
        request,
        "desk/draft.html",
        viewer=viewer,
        nav="playbook",
        page=page,
        tab=tab,
        text=text,
        mine=side_by_side(before=page.text, after=text) if conflict else (),
        conflict=told(conflict) if conflict else "",
        error=error,
        groups=playbook_pages.form(text=text, name=tab) if tab != "yaml" else None,
        addable=[
            (p, labels.pick(entries.PLACE_NAMES, p) if p in entries.PLACE_NAMES else _("加一条"))
            for p in entries.ADDABLE.get(tab, ())
        ],
        problems=playbook_pages.problems_of(text=text),
        tabs=[(code, labels.pick(sections.NAMES, code)) for code in sections.NAMES],
        changes=playbook_pages.changes_of(
            before=drafts.text_of_version(version_id=page.current), after=text
        )[:200],
        today=timezone.localdate(),
        status=status,
    )


@require_POST
@desk_page
def check(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Say what is wrong with what is being written; nothing is kept."""
    page = _page(viewer, id_of(id))
    tab = request.POST.get("tab", "yaml")
    error = ""
    text = page.text
    try:
        text = _written(page, tab, request.POST)
    except (CannotEdit, CannotReadYaml, KeyError) as problem:
        error = told(problem)
    return render(
        request,
        "desk/partials/draft_problems.html",
        {"page": page, "problems": playbook_pages.problems_of(text=text), "error": error},
    )


@require_POST
@desk_page
def do(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Submit, approve, send back, withdraw a draft, or put it on the version in force."""
    draft_id = id_of(id)
    _page(viewer, draft_id)
    if act not in ACTS:
        raise Http404
    effective: datetime | None = None
    day = request.POST.get("effective_on", "")
    try:
        if day:
            on = parse_date(day)
            if on is None:
                raise ValueError(_("生效日期请写成 2026-11-05 这样"))
            effective = timezone.make_aware(datetime.combine(on, time(0)))
        state = amend.do(
            now=timezone.now(), actor=viewer.actor, id=draft_id, act=ACTS[act],
            words=request.POST.get("words", "")[:500], effective_at=effective,
        )  # fmt: skip
    except (PermissionError, ValueError) as error:
        toast(request, told(error), level="error")
        return redirect("desk:draft", id)
    said = {
        "submitted": _("已提交，等另一位同事审批"), "approved": _("已批准，到生效日自动生效"),
        "in_force": _("已批准并生效，新投诉按这一版办"), "draft": _("已退回起草"),
        "withdrawn": _("已撤回"),
    }  # fmt: skip
    toast(request, _("已改为以现行版本为底") if act == "rebase" else said.get(state, _("已保存")))
    return redirect("desk:draft", id)


@require_GET
@desk_page
def compare(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show two versions or drafts side by side."""
    need(viewer=viewer, action="playbook.see")
    rows = [(v.version_id, v.version) for v in drafts.versions()]
    rows += [(f"draft:{d.id}", d.title) for d in drafts.listed(viewer=viewer)]
    known = {key for key, _label in rows}
    before = request.GET.get("a", "") or office.company().playbook.version_id
    after = request.GET.get("b", "") or rows[0][0]
    if before not in known or after not in known:
        raise Http404
    page = playbook_pages.compare_page(before=before, after=after, keys=tuple(rows))
    return show(request, "desk/playbook_compare.html", viewer=viewer, nav="playbook", page=page)


@require_http_methods(["GET", "POST"])
@desk_page
def rehearse(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Ask for past complaints to be led through a draft; show how far it is and what comes of it.

    The worker does it: the page may be left and found again.
    """
    draft_id = id_of(id)
    page = _page(viewer, draft_id)
    if request.method == "POST":
        asked = request.POST.get("n", "")
        try:
            rehearse_flow.ask(
                now=timezone.now(), actor=viewer.actor, draft_id=draft_id,
                limit=int(asked) if asked.isdecimal() and len(asked) < 7 else 0,
            )  # fmt: skip
        except rehearse_flow.CannotRehearse as error:
            toast(request, told(error), level="error")
        return redirect("desk:draft_rehearse", id)
    run = rehearsing.progress(draft_id=draft_id)
    written, _problems = checked(page.text)
    current = office.current_playbook()
    rows: list[rehearsing.Rehearsed] = []
    if run is not None and run.rows and written is not None:
        rows = list(rehearsing.read_back(content=files.fetch(sha256=run.rows)))
        if request.GET.get("export"):
            return _rehearsed_file(viewer, rows, current, written)
    result = None
    shown: list[dict[str, object]] = []
    if run is not None and run.phase == "done" and written is not None:
        result = rehearsing.summary(rows=iter(rows), total=run.done)
        shown = [
            {
                "id": r.id,
                "number": r.number,
                "category": labels.category(current, r.category),
                "lines": rehearsing.lines(row=r, playbook=current, draft=written),
            }
            for r in result.rows
        ]
    return show(
        request,
        "desk/draft_rehearse.html",
        viewer=viewer,
        nav="playbook",
        page=page,
        run=run,
        n=run.limit if run else rehearse_flow.LIMITS[0],
        choices=rehearse_flow.LIMITS,
        broken=written is None,
        result=result,
        fields=[(labels.pick(FIELD_NAMES, f), n) for f, n in result.by_field] if result else [],
        rows=shown,
    )


def _rehearsed_file(
    viewer: Viewer, rows: list[rehearsing.Rehearsed], current: Playbook, written: Playbook
) -> HttpResponse:
    now = timezone.now()
    content, many = rehearsing.workbook(rows=iter(rows), playbook=current, draft=written)
    people.record_export(what="rehearsal", rows=many, user_id=viewer.id, now=now)
    return sheet_of(content=content, name="rehearsal", now=now)


@require_POST
@desk_page
def move(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Move open complaints from one version to the one in force, on purpose."""
    need(viewer=viewer, action="playbook.move")
    version = request.POST.get("version", "")[:64]
    to = office.company().playbook.version_id
    ids = drafts.open_under(version_id=version, limit=MOVED_AT_ONCE)
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            moved = amend.carry_over(
                pen=pen, actor=viewer.actor, complaint_ids=ids, to=to,
                reason=request.POST.get("reason", ""),
            )  # fmt: skip
    except (PermissionError, ValueError) as error:
        toast(request, told(error), level="error")
        return redirect("desk:playbook")
    left = len(drafts.open_under(version_id=version, limit=10_000))
    toast(request, _("已改用现行版本 %(n)s 件，还有 %(left)s 件") % {"n": moved, "left": left})
    return redirect("desk:playbook")
