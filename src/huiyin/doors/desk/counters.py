"""Views of the counters: who is next at the desk, and the devices that stand there."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, need, show, toast
from huiyin.doors.sums import told
from huiyin.flows import counter as room
from huiyin.store.read import counters, office, parties
from huiyin.store.read.counters import CounterView
from huiyin.store.read.viewer import Viewer

IDLE = (30, 600)
"""Seconds without a touch that may be set."""


def _counter(id: int) -> CounterView:
    found = counters.one(id=id)
    if found is None:
        raise Http404
    return found


@require_GET
@desk_page
def counter_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the counters and how many wait at each."""
    need(viewer=viewer, action="counter.work")
    waits = counters.waiting(day=room.day_of(now=timezone.now()))
    rows = [{"counter": c, "waits": waits.get(c.id, 0)} for c in counters.everything()]
    return show(request, "desk/counters.html", viewer=viewer, nav="contact_new", rows=rows)


@require_GET
@desk_page
def queue(request: HttpRequest, id: int, viewer: Viewer) -> HttpResponse:
    """Show a counter's numbers of the day."""
    need(viewer=viewer, action="counter.work")
    counter = _counter(id)
    day = room.day_of(now=timezone.now())
    rows = counters.queue(counter=counter, day=day, viewer=viewer)
    return show(
        request, "desk/counter_queue.html", viewer=viewer, nav="contact_new", counter=counter,
        called=[r for r in rows if r.state == "called"],
        waits=[r for r in rows if r.state == "waiting"],
        done=[r for r in rows if r.state in {"served", "absent"}],
    )  # fmt: skip


@require_POST
@desk_page
def call_next(request: HttpRequest, id: int, viewer: Viewer) -> HttpResponse:
    """Call who is next."""
    need(viewer=viewer, action="counter.work")
    try:
        room.call_next(actor=viewer.actor, counter_id=_counter(id).id, now=timezone.now())
    except room.CannotCall as error:
        toast(request, told(error), level="error")
    return redirect("desk:counter_queue", id)


@require_POST
@desk_page
def ticket(request: HttpRequest, id: int, ticket: str, what: str, viewer: Viewer) -> HttpResponse:
    """Call a number (again), mark it absent or served."""
    need(viewer=viewer, action="counter.work")
    try:
        room.act(
            actor=viewer.actor, counter_id=_counter(id).id, ticket_id=id_of(ticket), what=what,
            now=timezone.now(),
        )  # fmt: skip
    except room.CannotCall as error:
        toast(request, told(error), level="error")
    return redirect("desk:counter_queue", id)


@require_http_methods(["GET", "POST"])
@desk_page
def counter(request: HttpRequest, viewer: Viewer, id: int | None = None) -> HttpResponse:
    """Set a counter up, or change it."""
    need(viewer=viewer, action="counters.change")
    known = _counter(id) if id is not None else None
    outlets = parties.choices(playbook=office.current_playbook()).get("outlet", ())
    errors: dict[str, str] = {}
    form = {
        "name": known.name if known else "",
        "prefix": known.prefix if known else "",
        "party": known.party if known else "",
        "idle": str(known.idle_seconds if known else 90),
        "enabled": "on" if known is None or known.enabled else "",
    }
    if request.method == "POST":
        form = {k: request.POST.get(k, "").strip()[:200] for k in form}
        if not 0 < len(form["name"]) <= 80:
            errors["name"] = _("请填写名称")
        form["prefix"] = form["prefix"].upper()
        if form["prefix"] and not (
            len(form["prefix"]) <= 2 and form["prefix"].isascii() and form["prefix"].isalpha()
        ):
            errors["prefix"] = _("号码前缀是一两个字母，可以不填")
        if form["party"] and form["party"] not in {code for code, _name in outlets}:
            errors["party"] = _("没有这个网点")
        seconds = int(form["idle"]) if form["idle"].isdecimal() and len(form["idle"]) < 5 else 0
        if not IDLE[0] <= seconds <= IDLE[1]:
            errors["idle"] = _("请填 30 到 600 秒")
        if not errors:
            kept = room.save(
                actor=viewer.actor, id=id, name=form["name"], prefix=form["prefix"],
                party=form["party"], enabled=bool(form["enabled"]), idle_seconds=seconds,
                now=timezone.now(),
            )  # fmt: skip
            toast(request, _("已保存"))
            return redirect("desk:counter", kept)
    token = counters.token_of(id=known.id) if known else ""
    home = _from_outside(request, reverse("kiosk:home", args=[token])) if token else ""
    return show(
        request, "desk/counter.html", viewer=viewer, nav="contact_new", counter=known, form=form,
        errors=errors, outlets=outlets, home=home, status=422 if errors else 200,
    )  # fmt: skip


def _from_outside(request: HttpRequest, path: str) -> str:
    """Return an address with its site: the public one where it is set, a proxy knows of https."""
    if settings.HUIYIN.public_url:
        return f"{settings.HUIYIN.site_url}{path}"
    return request.build_absolute_uri(path)


@require_POST
@desk_page
def renew(request: HttpRequest, id: int, viewer: Viewer) -> HttpResponse:
    """Give a counter a new address; the old one is void at once."""
    need(viewer=viewer, action="counters.change")
    room.renew(actor=viewer.actor, id=_counter(id).id, now=timezone.now())
    toast(request, _("已换成新地址，旧地址立即失效"))
    return redirect("desk:counter", id)
