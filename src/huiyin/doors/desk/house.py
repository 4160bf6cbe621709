"""Views for those who run the house: operations, quarantine, people, playbook, board."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.access import OUTLET, ROLES
from huiyin.core.because import Reason
from huiyin.doors.desk.frame import desk_page, need, sheet_of, show, toast
from huiyin.doors.sums import number_of
from huiyin.flows import intake
from huiyin.store import reindex
from huiyin.store.ledger import inbox, outbox, people
from huiyin.store.read import assistant as assistant_read
from huiyin.store.read import board as board_read
from huiyin.store.read import labels, office, operations, parties, phone
from huiyin.store.read import staff as staff_read
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def operations_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the balance of the inbox, the outbox and the workers."""
    need(viewer=viewer, action="operations.see")
    return show(
        request,
        "desk/operations.html",
        viewer=viewer,
        nav="operations",
        page=operations.page(),
        index=reindex.progress(),
        usage=assistant_read.usage(now=timezone.now()),
    )


@require_POST
@desk_page
def send_again(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Let messages that were not sent be tried again."""
    need(viewer=viewer, action="quarantine.work")
    ids = [found for value in request.POST.getlist("id")[:200] if (found := _id(value))]
    many = outbox.retry(ids=ids, now=timezone.now())
    toast(request, _("%(n)s 条已重新排队") % {"n": many})
    return redirect("desk:operations")


def _id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


@require_GET
@desk_page
def quarantine_raw(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Hand out a quarantined contact as it came; the export is recorded."""
    need(viewer=viewer, action="quarantine.work")
    item_id = _id(id)
    raw = operations.raw_of(item_id=item_id) if item_id else None
    if raw is None:
        raise Http404
    people.record_export(what="quarantine", rows=1, user_id=viewer.id, now=timezone.now())
    response = HttpResponse(raw, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{id}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@desk_page
def quarantine(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List what could not be read."""
    need(viewer=viewer, action="operations.see")
    return show(
        request,
        "desk/quarantine.html",
        viewer=viewer,
        nav="operations",
        rows=operations.quarantine(),
    )


_MOST_AT_ONCE = 500
"""Complaints that a person may have at the same time."""


@require_http_methods(["GET", "POST"])
@desk_page
def quarantine_item(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """See one contact whole with its reason; fix, retry or discard it with a reason."""
    need(viewer=viewer, action="quarantine.work")
    item_id = _id(id)
    if item_id is None:
        raise Http404
    item = operations.quarantined(item_id=item_id)
    if item is None:
        toast(request, _("这条来件已不在隔离区"))
        return redirect("desk:quarantine")
    errors: dict[str, str] = {}
    if request.method == "POST":
        now = timezone.now()
        if request.POST.get("do") == "discard":
            why = request.POST.get("reason", "").strip()[:300]
            if why:
                reason = Reason(rule="quarantine.discarded", zh=why, en=why)
                inbox.discard(now=now, id=item_id, reason=reason)
                toast(request, _("已丢弃，原文仍保留"))
                return redirect("desk:quarantine")
            errors["reason"] = _("请写明丢弃的原因")
        else:
            fixed = request.POST.get("raw", "").replace("\r\n", "\n")
            changed = item.whole and fixed and fixed != item.preview
            inbox.retry(id=item_id, raw=fixed.encode() if changed else None)
            done = intake.decide(now=now, ids=[item_id])
            if done and done[0].outcome != "quarantined":
                toast(request, _("已读取并处理 %(n)s") % {"n": done[0].number})
                return redirect("desk:quarantine")
            toast(request, _("还是读不了，请看原因"), level="error")
            return redirect("desk:quarantine_item", id)
    return show(
        request,
        "desk/quarantine_item.html",
        viewer=viewer,
        nav="operations",
        item=item,
        errors=errors,
        status=422 if errors else 200,
    )


@require_GET
@desk_page
def people_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the staff with their load."""
    need(viewer=viewer, action="people.see")
    return show(request, "desk/people.html", viewer=viewer, nav="people", people=staff_read.staff())


@require_http_methods(["GET", "POST"])
@desk_page
def person(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show, change or create (id "new") a member of staff."""
    need(viewer=viewer, action="people.see" if request.method == "GET" else "people.change")
    playbook = office.current_playbook()
    known = number_of(id)
    row = None if known is None else staff_read.person(id=known)
    if row is None and id != "new":
        raise Http404
    errors: dict[str, str] = {}
    form: dict[str, object] = dict(row.as_form()) if row else {"role": "agent", "capacity": 40}
    if request.method == "POST":
        form.update({k: str(v)[:200] for k, v in request.POST.items() if k != "password"})
        password = request.POST.get("password", "")
        if not str(form.get("name", "")).strip():
            errors["name"] = _("请填写")
        if form.get("role") not in ROLES:
            errors["role"] = _("请选择角色")
        party = str(form.get("party") or "") if form.get("role") == OUTLET else ""
        if form.get("role") == OUTLET and parties.one(code=party) is None:
            errors["party"] = _("请选择网点、分拨或收派员")
        if row is None and (not form.get("username") or staff_read.taken(str(form["username"]))):
            errors["username"] = _("请填写未被使用的用户名")
        if (row is None or password) and len(password) < 10:
            errors["password"] = _("密码至少 10 位")
        capacity = number_of(str(form.get("capacity") or 40)) or 0
        if not 1 <= capacity <= _MOST_AT_ONCE:
            errors["capacity"] = _("请填写 1 到 %(most)s 的整数") % {"most": _MOST_AT_ONCE}
        extension = re.sub(r"[^0-9A-Za-z_.-]", "", str(form.get("extension") or ""))[:20]
        holder = phone.holder_of(extension=extension, but=row.id if row else None)
        if holder:
            errors["extension"] = _("%(name)s 已在用这个分机号") % {"name": holder}
        if not errors:
            skills = request.POST.getlist("skills")
            values: dict[str, Any] = {
                "name": str(form["name"]).strip(),
                "role": str(form["role"]),
                "department_id": None if party else str(form.get("department") or "") or None,
                "party_id": party or None,
                "skills": skills,
                "capacity": capacity,
                "extension": extension,
            }
            if row is None:
                values["department"] = values.pop("department_id")
                values["party"] = values.pop("party_id")
                people.add_person(
                    now=timezone.now(),
                    username=str(form["username"]).strip(),
                    password=password,
                    **values,
                )
            else:
                if password:
                    values["password"] = password
                people.change_person(
                    id=row.id, is_active=request.POST.get("active") == "on", **values
                )
            toast(request, _("已保存"))
            return redirect("desk:people")
    return show(
        request,
        "desk/person.html",
        viewer=viewer,
        nav="people",
        person=row,
        form=form,
        errors=errors,
        roles=[Choice(code=r, label=labels.role(r), selected=form.get("role") == r) for r in ROLES],
        departments=[
            Choice(
                code=d.code, label=labels.said(d.name), selected=form.get("department") == d.code
            )
            for d in playbook.departments
        ],
        parties=[
            Choice(code=p.code, label=p.name, selected=form.get("party") == p.code)
            for p in parties.everything()
        ],
        skills=[
            Choice(
                code=c.skill,
                label=labels.said(c.name),
                selected=c.skill in (row.skills if row else ()),
            )
            for c in playbook.categories
        ],
        status=422 if errors else 200,
    )


@require_GET
@desk_page
def board(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the board."""
    need(viewer=viewer, action="board.see")
    page = board_read.board(
        viewer=viewer, period=request.GET.get("period", "30"), now=timezone.now()
    )
    return show(request, "desk/board.html", viewer=viewer, nav="board", page=page)


@require_GET
@desk_page
def board_export(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand out the board as xlsx; the export is recorded."""
    need(viewer=viewer, action="board.export")
    now = timezone.now()
    page = board_read.board(viewer=viewer, period=request.GET.get("period", "30"), now=now)
    content, rows = board_read.workbook(page=page)
    people.record_export(what="board", rows=rows, user_id=viewer.id, now=now)
    return sheet_of(content=content, name="board", now=now)
