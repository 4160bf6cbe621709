"""Views of the reception: front desk and phone entry, looked up while typing."""

from __future__ import annotations

import json
import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.because import Reason
from huiyin.doors.desk import by_hand
from huiyin.doors.desk.frame import desk_page, need, show, taken_down
from huiyin.doors.uploads import CannotAcceptUpload, keep_uploads
from huiyin.flows import intake, journey, phone
from huiyin.flows.reading import read_words
from huiyin.store.ledger import inbox
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import labels, lookup, office
from huiyin.store.read import phone as phone_read
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer


@require_http_methods(["GET", "POST"])
@desk_page
def contact_new(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take down a visit or a call: consultation, business request or complaint."""
    need(viewer=viewer, action="contact.new")
    playbook = office.current_playbook()
    form = {k: str(v)[:20000] for k, v in request.POST.items()}
    call = _call(request=request, viewer=viewer)
    if call is not None and request.method == "GET":
        form = {"phone": call.number, "call": call.id}
    held = by_hand.asked_for(request=request, viewer=viewer)
    if held is not None and request.method == "GET":
        form = {"text": held.words}
    errors: dict[str, str] = {}
    if request.method == "POST":
        branch = form.get("branch", "complaint")
        known = {b.code: b for b in playbook.branches}
        if branch not in known:
            errors["branch"] = _("请选择咨询、业务办理或投诉")
        else:
            needed = set(known[branch].requires) | {"text"}
            names = {"customer": "name", "phone": "phone", "waybill": "waybill", "text": "text"}
            for what in needed:
                if not form.get(names[what], "").strip():
                    errors[names[what]] = _("请填写")
        uploads = []
        if not errors:
            try:
                uploads = keep_uploads(uploads=request.FILES.getlist("photos"))
            except CannotAcceptUpload as error:
                errors["photos"] = str(error)
        if not errors:
            now = timezone.now()
            told = ""
            if any(b.archive for b in playbook.branches if b.code == branch):
                told = form.get(f"told_{branch}", "").replace("\x00", "").strip()[:2000]
            channel = form.get("channel", "phone")
            body = {
                "channel": channel if channel in {"phone", "desk"} else "phone",
                "sender": re.sub(r"\s", "", form.get("phone", "")),
                "phone": re.sub(r"\s", "", form.get("phone", ""))[:40],
                "email": form.get("email", "").strip()[:200],
                "sender_name": form.get("name", "").strip()[:120],
                "text": form["text"].strip(),
                "waybill": re.sub(r"\s", "", form.get("waybill", ""))[:40],
                "branch": branch,
                "category": form.get("category", ""),
                "files": uploads,
            }
            accepted = intake.accept(
                now=now,
                arrivals=[
                    Arrival(
                        channel=str(body["channel"]),
                        kind="contact",
                        external_id=form.get("once", "")[:64],
                        raw=json.dumps(body, ensure_ascii=False).encode(),
                        headers={
                            "user": viewer.id,
                            **({"call": call.id} if call else {}),
                            **({"told_at_desk": told} if told else {}),
                        },
                    )
                ],
            )
            done = intake.decide(now=now, ids=[accepted[0].id])
            if call is not None:
                with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                    if call.by_hand:
                        phone.hang_up(pen=pen, actor=viewer.actor, call_id=UUID(call.id))
                    phone.note(
                        pen=pen,
                        actor=viewer.actor,
                        call_id=UUID(call.id),
                        complaint_id=done[0].complaint_id if done else None,
                    )
            if held is not None and done and done[0].complaint_id:
                number = done[0].number
                reason = Reason(
                    rule="quarantine.by_hand",
                    zh=f"由人登记为 {number}",
                    en=f"written down by a person as {number}",
                )
                inbox.written_down(
                    now=now,
                    id=UUID(held.id),
                    complaint_id=done[0].complaint_id,
                    reason=reason,
                )
            return taken_down(request, done=done, otherwise="desk:queue")
    return show(
        request,
        "desk/contact_new.html",
        viewer=viewer,
        nav="contact_new",
        form=form,
        call=call,
        held=held,
        errors=errors,
        branches=[
            Choice(
                code=b.code,
                label=labels.said(b.name),
                selected=form.get("branch", "complaint") == b.code,
            )
            for b in playbook.branches
        ],
        kept=[
            {"code": b.code, "words": form.get(f"told_{b.code}", "")}
            for b in playbook.branches
            if b.archive
        ],
        branch_help={b.code: labels.said(b.help) for b in playbook.branches},
        categories=[Choice(code=c.code, label=labels.said(c.name)) for c in playbook.categories],
        channels=[
            Choice(
                code=c,
                label=labels.pick(labels.CHANNEL_NAMES, c),
                selected=form.get("channel", "phone") == c,
            )
            for c in ("phone", "desk")
        ],
        status=422 if errors else 200,
    )


def _call(*, request: HttpRequest, viewer: Viewer) -> phone_read.CallCard | None:
    """Return the call that is being written down, None where none is named or it is not his."""
    named = request.POST.get("call", "") or request.GET.get("call", "")
    if not re.fullmatch(r"[0-9a-f]{32}", named):
        return None
    return phone_read.in_hand(call_id=UUID(named), viewer=viewer)


@require_GET
@desk_page
def lookup_contact(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Look up customer and waybill while somebody types."""
    need(viewer=viewer, action="contact.new")
    found = lookup.lookup(
        viewer=viewer,
        phone=request.GET.get("phone", "")[:40],
        waybill=request.GET.get("waybill", "")[:40],
        name=request.GET.get("name", "")[:60],
    )
    return render(request, "desk/partials/lookup.html", {"found": found, "viewer": viewer})


@require_POST
@desk_page
def preview_triage(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what the words say so far: category, urgency, entities, and why."""
    need(viewer=viewer, action="contact.new")
    text = request.POST.get("text", "").strip()[:5000]
    if len(text) < 4:
        return HttpResponse("")
    words = read_words(texts=[text], at=[timezone.localtime()])[0]
    playbook = office.current_playbook()
    return render(
        request,
        "desk/partials/triage_preview.html",
        {
            "triage": words.triage,
            "entities": words.entities,
            "category_label": labels.category(playbook, words.triage.category),
            "urgency_label": labels.pick(labels.URGENCY_NAMES, words.triage.urgency),
        },
    )
