"""Views of work on all complaints of an incident: the form with its preview, and the progress."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.core.incident import Plan
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.doors.desk.frame import CannotEnter, desk_page, id_of, need, show, toast
from huiyin.doors.sums import CannotReadForm, fen_of, told
from huiyin.flows import carry_out, outlook
from huiyin.store.ledger.bulk_runs import CannotStartRun
from huiyin.store.read import incident_pages, labels, office, weighing
from huiyin.store.read import incidents as incidents_read
from huiyin.store.read.pages import Choice
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer

HARMS = ("loss", "damage_total", "attitude")
"""Kinds of loss that need nothing beyond what list and complaint tell."""


def _plan(form: QueryDict) -> Plan:
    """Read the form; nothing that was filled in is passed over. Raises CannotReadForm."""

    def word(name: str) -> str:
        return str(form.get(name, "")).replace("\x00", "").strip()

    kind, harm, amount = word("kind"), word("harm"), fen_of(word("amount"))
    if amount is not None and kind not in MONEY_KINDS:
        raise CannotReadForm(
            zh="填了统一金额，但没有选择给钱的补偿方式：请选择方式，或清空金额",
            en="there is a sum for all, but no remedy that pays money: choose one or empty the sum",
        )
    if harm and kind not in {"amount", "fee_waiver"}:
        raise CannotReadForm(
            zh="按规则逐件计算只用于现金补偿和退还运费：请改选方式，或选“不按公式”",
            en="the formula serves compensation and the fee only: choose one of them or no formula",
        )
    answers = word("answers")
    return Plan(
        kind=kind,
        harm=harm,
        amount=amount,
        value_proven=word("value_proven") == "on",
        reason=word("reason")[:500],
        answers=answers in {"reply", "final"},
        final=answers == "final",
        verdict=word("verdict"),
        cause=word("cause"),
        department=word("department"),
        despite=word("despite")[:500],
    )


def _digest(plan: Plan, text: str) -> str:
    """Return what tells whether a form is the one that was previewed."""
    whole = json.dumps([plan.as_json(), text.strip()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _choices(form: QueryDict) -> dict[str, Any]:
    playbook = office.current_playbook()

    def named(names: dict[str, tuple[str, str]], codes: Any, field: str) -> list[Choice]:
        return [
            Choice(code=c, label=labels.pick(names, c), selected=form.get(field) == c)
            for c in codes
        ]

    return {
        "kinds": named(KIND_NAMES, KIND_NAMES, "kind"),
        "money_kinds": sorted(MONEY_KINDS),
        "harms": named(dict(weighing.HARM_NAMES), HARMS, "harm"),
        "verdicts": named(labels.VERDICT_NAMES, labels.VERDICT_NAMES, "verdict"),
        "causes": [
            Choice(code=c.code, label=labels.said(c.name), selected=form.get("cause") == c.code)
            for c in playbook.causes
        ],
        "departments": [
            Choice(
                code=d.code, label=labels.said(d.name), selected=form.get("department") == d.code
            )
            for d in playbook.departments
        ],
        "placeholders": ["{" + p + "}" for p in outlook.PLACEHOLDERS],
    }


@require_http_methods(["GET", "POST"])
@desk_page
def new(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show what a batch would do; send it once it was seen."""
    need(viewer=viewer, action="incidents.send")
    incident_id = id_of(id)
    incident = incidents_read.incident(id=incident_id)
    if incident is None or incident.state == "draft":
        raise Http404
    form, seen, error, digest = request.POST, None, "", ""
    if request.method == "POST":
        text = form.get("text", "")
        try:
            plan = _plan(form)
            digest = _digest(plan, text)
            if form.get("do") == "send" and form.get("seen") == digest:
                run_id = carry_out.start(
                    incident_id=incident_id, actor=viewer.actor, plan=plan, text=text,
                    token=form.get("token", "")[:40] or digest, now=timezone.now(),
                )  # fmt: skip
                return redirect("desk:batch", run_id.hex)
            if form.get("do") == "send":
                error = _("内容改过了，请再看一遍预览再发出")
            seen = outlook.outlook(
                incident_id=incident_id, actor=viewer.actor, agent=viewer.name, plan=plan,
                text=text, now=timezone.now(),
            )  # fmt: skip
        except PermissionError as problem:
            raise CannotEnter(str(problem)) from problem
        except ValueError as problem:
            error = told(problem)
            if isinstance(problem, CannotStartRun):
                toast(request, error, level="error")
                return redirect("desk:incident", id)
    return show(
        request,
        "desk/batch_new.html",
        viewer=viewer,
        nav="incidents",
        incident=incident,
        id=incident_id.hex,
        form=form,
        seen=seen,
        digest=digest if seen else "",
        errors={"form": error} if error else {},
        status=422 if error else 200,
        **_choices(form),
    )


@require_http_methods(["GET", "POST"])
@desk_page
def batch(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Follow a batch; call it back, release it, or try again what failed."""
    need(viewer=viewer, action="incidents.see")
    run_id, now = id_of(id), timezone.now()
    if incidents_read.run(id=run_id) is None:
        raise Http404
    if request.method == "POST":
        try:
            match request.POST.get("do"):
                case "call_back":
                    state = carry_out.call_back(run_id=run_id, actor=viewer.actor, now=now)
                    toast(
                        request,
                        _("整批已撤回，没有发出任何一条")
                        if state == "called_back"
                        else _("已停下，其余的不再发出"),
                    )
                case "release":
                    carry_out.let_go(run_id=run_id, actor=viewer.actor, now=now)
                    toast(request, _("已放行，到点开始发出"))
                case "retry":
                    carry_out.retry(run_id=run_id, actor=viewer.actor, now=now)
                    toast(request, _("没有成功的会再试一次"))
                case _unknown:
                    raise Http404
        except PermissionError as error:
            toast(request, told(error), level="error")
        except ValueError as error:
            toast(request, told(error), level="error")
        return redirect("desk:batch", id)
    page = incident_pages.run_page(viewer=viewer, run_id=run_id)
    if page is None:
        raise Http404
    return show(request, "desk/batch.html", viewer=viewer, nav="incidents", run=page, now=now)
