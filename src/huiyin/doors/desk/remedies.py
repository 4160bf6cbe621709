"""Views of remedies: the dialog with its sum, approvals and absences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.doors import look
from huiyin.doors.desk.frame import desk_page, id_of, need, show, toast
from huiyin.doors.sums import day_of, facts_of, fen_of, number_of, payee_from, told
from huiyin.flows import agree, journey, settle
from huiyin.store.ledger import Pen, absences
from huiyin.store.read import approvals as approvals_read
from huiyin.store.read import office, weighing
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer


def rooms(
    *, pen: Pen, viewer: Viewer, complaint_id: UUID, form: QueryDict
) -> dict[str, Callable[[], str]]:
    """Return the rooms of a complaint's remedies by action; each tells what it did."""
    actor = viewer.actor

    def word(name: str) -> str:
        return str(form.get(name, "")).strip()

    def propose() -> str:
        kind = word("kind")
        facts = facts_of(form=form) if kind in {"amount", "fee_waiver"} else None
        settle.propose(
            pen=pen, complaint_id=complaint_id, actor=actor, kind=kind,
            amount=fen_of(word("amount")) if kind in MONEY_KINDS else None,
            reason=word("reason"), facts=facts,
            instead_of=id_of(word("instead")) if word("instead") else None,
        )  # fmt: skip
        return _("补偿方案已提交")

    def agreed() -> str:
        settle.meet(
            pen=pen, complaint_id=complaint_id, remedy_id=id_of(word("remedy")), actor=actor,
            amount=fen_of(word("asked")) or 0, reason=word("reason"),
        )  # fmt: skip
        return _("已按客户希望的金额提出新方案，原方案已撤回")

    def decide(approve: bool) -> str:
        settle.decide(
            pen=pen, remedy_id=id_of(word("remedy")), actor=actor, approve=approve,
            reason=word("reason"),
        )  # fmt: skip
        return _("已批准") if approve else _("已驳回")

    def withdraw() -> str:
        settle.withdraw(
            pen=pen, remedy_id=id_of(word("remedy")), actor=actor, reason=word("reason")
        )
        return _("已撤回")

    def answered() -> str:
        remedy_id, said = id_of(word("remedy")), word("words")
        match word("answer"):
            case "accept":
                agree.accept(
                    pen=pen, remedy_id=remedy_id, payee=payee_from(form=form), words=said,
                    actor=actor,
                )  # fmt: skip
            case "counter":
                agree.counter(
                    pen=pen, remedy_id=remedy_id, amount=fen_of(word("counter")) or 0,
                    words=said, actor=actor,
                )  # fmt: skip
            case "decline":
                agree.decline(pen=pen, remedy_id=remedy_id, words=said, actor=actor)
            case _unknown:
                raise agree.CannotAgree(
                    zh="请选择客户的答复", en="choose how the customer answered"
                )
        return _("客户的答复已记录")

    def pay_again() -> str:
        agree.pay_again(
            pen=pen, remedy_id=id_of(word("remedy")), payee=payee_from(form=form),
            words=word("words"), actor=actor,
        )  # fmt: skip
        return _("已重新请财务付款")

    return {
        "propose": propose,
        "meet": agreed,
        "approve": lambda: decide(True),
        "reject": lambda: decide(False),
        "withdraw": withdraw,
        "answered": answered,
        "pay_again": pay_again,
    }


_TEXTS = ("fee", "real_value", "insured_amount", "salvage", "overcharged")
_FLAGS = ("value_proven", "terms_shown", "gross_negligence", "value_destroyed")
_TYPED = (
    *_TEXTS, *_FLAGS, "kind", "harm", "cause", "route", "account", "carrier", "loss_percent",
    "promised_at", "arrived_at", "amount", "reason", "instead",
)  # fmt: skip


def _filled(*, page: weighing.RemedyForm) -> dict[str, str]:
    """Return the fields of the dialog as they are before anybody typed."""
    known = page.known
    shown = known["terms_shown"]

    def chosen(choices: Sequence[Choice]) -> str:
        return next((c.code for c in choices if c.selected), "")

    return {
        **{name: look.yuan(known[name]) for name in _TEXTS},
        **{name: "on" if known[name] else "" for name in _FLAGS},
        "terms_shown": "on" if shown or shown is None else "",
        "kind": chosen(page.kinds),
        "harm": chosen(page.harms),
        "cause": chosen(page.causes),
        "route": chosen(page.routes),
        "account": chosen(page.accounts),
        "carrier": chosen(page.carriers),
        "loss_percent": look.as_percent(known["loss_ratio"]),
        "promised_at": look.local_input(known["promised_at"]),
        "instead": next((c.id for c in page.countered if not c.over), ""),
    }


@require_http_methods(["GET", "POST"])
@desk_page
def remedy(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show the dialog with what is known, htmx gets its fields alone; as a page it proposes.

    What was typed stays when something is wrong.
    """
    complaint_id, now = id_of(id), timezone.now()
    try:
        page = weighing.form(viewer=viewer, complaint_id=complaint_id, now=now)
    except weighing.CannotWeigh as missing:
        raise Http404 from missing
    typed, error, status = _filled(page=page), "", 200
    if request.GET.get("kind") in {c.code for c in page.kinds}:
        typed["kind"] = request.GET["kind"]
    typed["instead"] = request.GET.get("instead", typed["instead"])[:40]
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:2000] for name in _TYPED}
        try:
            with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
                acts = rooms(pen=pen, viewer=viewer, complaint_id=complaint_id, form=request.POST)
                said = acts["propose"]()
            toast(request, said)
            return redirect("desk:complaint", id)
        except PermissionError as problem:
            error, status = str(problem), 403
        except ValueError as problem:
            error, status = told(problem), 422
    if request.headers.get("HX-Request"):
        return render(request, "desk/partials/remedy_fields.html", {"page": page, "typed": typed})
    return show(
        request,
        "desk/remedy.html",
        viewer=viewer,
        nav="queue",
        page=page,
        typed=typed,
        errors={"form": error} if error else {},
        status=status,
    )


@require_GET
@desk_page
def remedy_sum(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show what the proposal comes to, step by step; nothing is written."""
    form, error, found = request.GET, "", None
    kind = form.get("kind", "")
    try:
        facts = facts_of(form=form) if kind in {"amount", "fee_waiver"} else None
        found = weighing.weigh(
            viewer=viewer,
            complaint_id=id_of(id),
            kind=kind,
            amount=fen_of(form.get("amount", "")) if kind in MONEY_KINDS else None,
            facts=facts,
            now=timezone.now(),
            instead_of=id_of(form["instead"]) if form.get("instead") else None,
        )
    except weighing.CannotWeigh as problem:
        raise Http404 from problem
    except ValueError as problem:
        error = told(problem)
    return render(request, "desk/partials/remedy_sum.html", {"sum": found, "error": error})


@require_http_methods(["GET", "POST"])
@desk_page
def approvals(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List what waits for approval, and decide on it."""
    need(viewer=viewer, action="approvals.see")
    now = timezone.now()
    if request.method == "POST":
        approve = request.POST.get("do") == "approve"
        try:
            with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
                settle.decide(
                    pen=pen,
                    remedy_id=id_of(request.POST.get("remedy", "")),
                    actor=viewer.actor,
                    approve=approve,
                    reason=request.POST.get("reason", ""),
                )
            toast(request, _("已批准") if approve else _("已驳回"))
        except PermissionError as error:
            toast(request, str(error), level="error")
        except ValueError as error:
            toast(request, told(error), level="error")
        return redirect("desk:approvals")
    today = now.astimezone(ZoneInfo(office.current_playbook().timezone)).date()
    return show(
        request,
        "desk/approvals.html",
        viewer=viewer,
        nav="approvals",
        page=approvals_read.page(viewer=viewer, today=today),
        today=today,
    )


@require_POST
@desk_page
def absence(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Write down when one is away and who decides in one's place; or take it back."""
    need(viewer=viewer, action="approvals.see")
    form = request.POST
    if form.get("end"):
        if absences.end(id=id_of(form["end"]), person=viewer.id):
            toast(request, _("代理已取消"))
        return redirect("desk:approvals")
    try:
        absences.add(
            now=timezone.now(),
            person=viewer.id,
            deputy=number_of(form.get("deputy", "")),
            first=day_of(form.get("first", "")),
            last=day_of(form.get("last", "")),
        )
        toast(request, _("已保存，期间由代理人审批"))
    except absences.CannotBeAway as error:
        toast(request, told(error), level="error")
    return redirect("desk:approvals")
