"""Views of incidents: the list, the rule with its preview, what is linked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.channels import history
from huiyin.core.incident import Listed, Listing, Rule, read_rows, read_text
from huiyin.doors.desk.frame import XLSX, CannotEnter, desk_page, id_of, need, show, toast
from huiyin.doors.sums import CannotReadForm, told
from huiyin.flows import journey, link
from huiyin.flows.fitting import Found
from huiyin.store.ledger import people
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import history as cases
from huiyin.store.read import incident_pages, labels, office
from huiyin.store.read import incidents as incidents_read
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer

MOST_BYTES = 20 * 2**20
SHOWN = 50
"""So many complaints of a preview are shown, and waybills that nobody complains of."""
_BETWEEN = re.compile(r"[,，;；、\n\r]+")


@require_GET
@desk_page
def incidents(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List incidents."""
    need(viewer=viewer, action="incidents.see")
    return show(
        request,
        "desk/incidents.html",
        viewer=viewer,
        nav="incidents",
        rows=incident_pages.listing(),
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(office.current_playbook().timezone)


def _moment(*, text: str, name: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CannotReadForm(
            zh=f"{name}请写成 2026-11-03 18:00", en=f"{name}: no such time"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone())


def _listing(request: HttpRequest) -> Listing:
    """Read the list: pasted, or uploaded. Raises ValueError."""
    upload = request.FILES.get("file")
    pasted = read_text(text=request.POST.get("waybills", "")[:2_000_000])
    if upload is None:
        return pasted
    if not upload.size or upload.size > MOST_BYTES:
        raise CannotReadForm(
            zh="运单清单是空文件，或超过 20 MB", en="the list is empty or larger than 20 MB"
        )
    filed = read_rows(rows=history.tables(name=str(upload.name), content=upload.read()))
    if not filed.parcels and not filed.unread:
        raise CannotReadForm(zh="运单清单里没有数据行", en="the list has no rows")
    known = {p.waybill: p for p in (*pasted.parcels, *filed.parcels)}
    return Listing(
        parcels=tuple(known.values()),
        unread=(*pasted.unread, *filed.unread),
        repeated=pasted.repeated + filed.repeated + len(pasted.parcels) + len(filed.parcels)
        - len(known),
    )  # fmt: skip


def _parts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.strip() for p in _BETWEEN.split(text) if p.strip()))


def _save(request: HttpRequest, viewer: Viewer, incident_id: UUID | None) -> tuple[UUID, Listing]:
    """Write the form down. Raises ValueError, PermissionError."""
    form = request.POST
    listing = _listing(request)
    begins_at = _moment(text=form.get("begins_at", ""), name=_("事件开始"))
    takes_from = _moment(text=form.get("takes_from", ""), name=_("投诉从何时起")) or begins_at
    parcels = listing.parcels
    held = incidents_read.listed_facts(incident_id=incident_id) if incident_id else {}
    if held and not form.get("replace"):
        known = {w: Listed(w, f) for w, f in held.items()}
        known |= {p.waybill: p for p in parcels}
        parcels = tuple(known.values())
    rule = Rule(
        takes_from=takes_from or timezone.now(),
        takes_until=_moment(text=form.get("takes_until", ""), name=_("投诉到何时止")),
        waybills=frozenset(p.waybill for p in parcels),
        categories=tuple(form.getlist("categories")),
        regions=_parts(form.get("regions", "")),
        words=_parts(form.get("words", "")),
        condition=form.get("condition", "").strip(),
    )
    about: dict[str, Any] = {
        "name": form.get("name", ""),
        "about": form.get("about", ""),
        "begins_at": begins_at,
        "ends_at": _moment(text=form.get("ends_at", ""), name=_("事件结束")),
    }
    if incident_id is None:
        made = link.draft(
            now=timezone.now(), actor=viewer.actor, rule=rule, parcels=parcels, **about
        )
        return made, listing
    link.change(incident_id=incident_id, actor=viewer.actor, rule=rule, parcels=parcels, **about)
    return incident_id, listing


def _read(request: HttpRequest, listing: Listing, incident_id: UUID) -> None:
    """Tell how the list was read; what could not be read is kept for the next page."""
    if listing.parcels or listing.unread:
        toast(
            request,
            _("清单读到 %(n)s 个运单，重复 %(m)s 个，%(k)s 行没有读出")
            % {"n": len(listing.parcels), "m": listing.repeated, "k": len(listing.unread)},
            level="error" if listing.unread else "ok",
        )
    if listing.unread:
        request.session["unread"] = [
            incident_id.hex,
            [[u.row, u.said, u.zh, u.en] for u in listing.unread[:SHOWN]],
        ]


@require_http_methods(["GET", "POST"])
@desk_page
def edit(request: HttpRequest, viewer: Viewer, id: str = "") -> HttpResponse:
    """Make an incident, or change its rule; what was typed stays when something is wrong."""
    need(viewer=viewer, action="incidents.change")
    incident_id = id_of(id) if id else None
    row = incidents_read.incident(id=incident_id) if incident_id else None
    if incident_id and (row is None or row.state == "ended"):
        raise Http404
    error = ""
    form: dict[str, Any] = {}
    if request.method == "POST":
        try:
            made, listing = _save(request, viewer, incident_id)
            _read(request, listing, made)
            return redirect("desk:incident", made.hex)
        except PermissionError as problem:
            raise CannotEnter(str(problem)) from problem
        except ValueError as problem:
            error = told(problem)
            form = {k: str(v) for k, v in request.POST.items()}
            form["categories"] = request.POST.getlist("categories")
    elif row is not None:
        form = _form_of(row)
    playbook = office.current_playbook()
    chosen = form.get("categories", [])
    return show(
        request,
        "desk/incident_edit.html",
        viewer=viewer,
        nav="incidents",
        incident=row,
        incident_id=incident_id.hex if incident_id else "",
        form=form,
        errors={"form": error} if error else {},
        categories=[
            Choice(code=c.code, label=labels.said(c.name), selected=c.code in chosen)
            for c in playbook.categories
        ],
        status=422 if error else 200,
    )


def _form_of(row: Any) -> dict[str, Any]:
    zone = _zone()

    def local(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""

    return {
        "name": row.name,
        "about": row.about,
        "begins_at": local(row.begins_at),
        "ends_at": local(row.ends_at),
        "takes_from": local(row.takes_from),
        "takes_until": local(row.takes_until),
        "categories": row.categories,
        "regions": "、".join(row.regions),
        "words": "、".join(row.words),
        "condition": row.condition,
    }


@require_GET
@desk_page
def incident(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show an incident; a draft with the preview of what its rule would take."""
    need(viewer=viewer, action="incidents.see")
    incident_id = id_of(id)
    number = request.GET.get("page", "1")
    page = incident_pages.page(
        viewer=viewer,
        incident_id=incident_id,
        show=request.GET.get("show", "all"),
        number=int(number) if number.isdecimal() and len(number) < 6 else 1,
    )
    if page is None:
        raise Http404
    seen, wide = (
        link.seen_before(incident_id=incident_id) if page.state == "draft" else (None, None)
    )
    unread: list[list[Any]] = []
    kept = request.session.get("unread")
    if kept and kept[0] == incident_id.hex:
        unread = request.session.pop("unread")[1]
    return show(
        request,
        "desk/incident.html",
        viewer=viewer,
        nav="incidents",
        page=page,
        seen=seen,
        shown=_shown(viewer=viewer, found=seen.found[:SHOWN]) if seen else (),
        without=seen.without[:SHOWN] if seen else (),
        wide=wide,
        unread=unread,
    )


def _shown(*, viewer: Viewer, found: Sequence[Found]) -> list[Found]:
    allowed = incident_pages.shown(viewer=viewer, complaint_ids=[f.id for f in found])
    return [f for f in found if f.id in allowed]


@require_POST
@desk_page
def act(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Open or end an incident, look again, link or take off a complaint."""
    need(viewer=viewer, action="incidents.change")
    incident_id, form, now = id_of(id), request.POST, timezone.now()
    try:
        match act:
            case "start":
                link.start(
                    incident_id=incident_id, actor=viewer.actor, now=now,
                    wide_is_meant=form.get("meant") == "on",
                )  # fmt: skip
                _link_now(incident_id=incident_id)
                toast(request, _("事件已打开，符合规则的投诉会随到随连"))
            case "end":
                link.end(incident_id=incident_id, actor=viewer.actor, now=now)
                toast(request, _("事件已结束，不再关联新投诉"))
            case "look_again":
                link.look_again(incident_id=incident_id, actor=viewer.actor)
                _link_now(incident_id=incident_id)
                toast(request, _("已按规则重新核对"))
            case "unlink":
                with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
                    link.unlink(
                        pen=pen, incident_id=incident_id, complaint_id=id_of(form["complaint"]),
                        actor=viewer.actor, reason=form.get("reason", ""),
                    )  # fmt: skip
                toast(request, _("已移出事件，规则不会再把它连回来"))
            case "link":
                found = _complaint(viewer=viewer, said=form.get("number", ""))
                with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
                    link.link_by_hand(
                        pen=pen, incident_id=incident_id, complaint_id=found,
                        actor=viewer.actor, reason=form.get("reason", ""),
                    )  # fmt: skip
                toast(request, _("已关联"))
            case _unknown:
                raise Http404
    except PermissionError as error:
        raise CannotEnter(str(error)) from error
    except ValueError as error:
        toast(request, told(error), level="error")
    return redirect("desk:incident", id)


def _link_now(*, incident_id: UUID) -> None:
    """Link the first complaints at once, so that the page shows them; the worker does the rest."""
    now = timezone.now()
    if found := link.look(incident_id=incident_id, now=now):
        with journey.writing(now=now, actor="system") as pen:
            link.link(pen=pen, incident_id=incident_id, found=found)


def _complaint(*, viewer: Viewer, said: str) -> UUID:
    number = complaint_read.number_given(text=said)
    found = cases.by_number(number=number)
    if found is None or not complaint_read.may_see(viewer=viewer, complaint_id=found):
        raise link.CannotLink(zh="没有这个编号的投诉", en="there is no complaint of this number")
    return found


@require_GET
@desk_page
def export(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Hand an incident out as xlsx; the export is recorded."""
    need(viewer=viewer, action="board.export")
    incident_id = id_of(id)
    if incidents_read.incident(id=incident_id) is None:
        raise Http404
    content, rows, number = incident_pages.workbook(viewer=viewer, incident_id=incident_id)
    people.record_export(what="incident", rows=rows, user_id=viewer.id, now=timezone.now())
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{number}.xlsx"'
    return response
