"""Views of statements of account, and of the hubs, outlets and couriers themselves."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huiyin.core.liability.account import CannotSettleUp
from huiyin.doors.desk.frame import (
    XLSX,
    CannotEnter,
    desk_page,
    id_of,
    need,
    shared_page,
    show,
    toast,
)
from huiyin.doors.look import money
from huiyin.doors.sums import fen_of
from huiyin.doors.sums import told as said
from huiyin.flows import settle_up
from huiyin.paper import Facts, Heading, Paper, Signatures, Table, pdf
from huiyin.store.ledger import people
from huiyin.store.ledger.parties import CannotKeepParty, keep_party
from huiyin.store.read import labels, office, party_account
from huiyin.store.read import parties as parties_read
from huiyin.store.read.pages import Choice
from huiyin.store.read.party_account import CannotState, StatementPage
from huiyin.store.read.viewer import Viewer


def _zone() -> ZoneInfo:
    return ZoneInfo(office.current_playbook().timezone)


def _today() -> date:
    return timezone.now().astimezone(_zone()).date()


def _page(request: HttpRequest, viewer: Viewer) -> StatementPage | None:
    """Return the statement asked for. Raises CannotState."""
    first, last = party_account.period(
        first=request.GET.get("from", "")[:10], last=request.GET.get("to", "")[:10], today=_today()
    )
    return party_account.page(
        viewer=viewer, party=request.GET.get("party", "")[:40], first=first, last=last,
        now=timezone.now(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@shared_page
def statement(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show a statement of account of a period; write down what was paid, or take it back."""
    if request.method == "POST":
        return _settled(request, viewer)
    errors: dict[str, str] = {}
    page = None
    try:
        page = _page(request, viewer)
    except CannotState as error:
        errors["form"] = said(error)
    if page is None and not errors and not viewer.can["outlet_see"]:
        need(viewer=viewer, action="parties.see")
    return show(
        request, "desk/statement.html", viewer=viewer, nav="statement", page=page, errors=errors,
        form={"from": request.GET.get("from", "")[:10], "to": request.GET.get("to", "")[:10]},
        status=422 if errors else 200, today=_today(),
    )  # fmt: skip


def _back(party: str) -> HttpResponse:
    return redirect(f"{reverse('desk:statement')}?party={quote(party)}")


def _settled(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    post = request.POST
    party, payment = post.get("party", "")[:40], post.get("undo", "")
    now, today = timezone.now(), _today()
    try:
        if payment:
            settle_up.undo(
                now=now, actor=viewer.actor, payment_id=id_of(payment), today=today,
                words=post.get("words", ""),
            )  # fmt: skip
        else:
            day, amount = parse_date(post.get("paid_on", "")[:10]), fen_of(post.get("amount", ""))
            if day is None or amount is None:
                raise CannotSettleUp(
                    zh="请填写金额和付款日期", en="give the amount and the day of payment"
                )
            settle_up.pay(
                now=now, actor=viewer.actor, party=party, amount=amount, paid_on=day, today=today,
                reference=post.get("reference", ""), token=post.get("token", "")[:40],
            )  # fmt: skip
    except PermissionError as error:
        raise CannotEnter(str(error)) from error
    except ValueError as error:
        toast(request, said(error), level="error")
        return _back(party)
    toast(request, _("已冲正") if payment else _("已登记结算"))
    return _back(party)


def _export(request: HttpRequest, viewer: Viewer) -> StatementPage:
    try:
        page = _page(request, viewer)
    except CannotState as error:
        raise Http404 from error
    if page is None:
        raise CannotEnter(_("您的角色没有此权限"))
    return page


def _named(response: HttpResponse, page: StatementPage, kind: str) -> HttpResponse:
    name = f"{page.label}-{_('对账单')}-{page.first}-{page.last}.{kind}"
    response["Content-Disposition"] = (
        f'attachment; filename="statement-{page.first}-{page.last}.{kind}"; '
        f"filename*=UTF-8''{quote(name)}"
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@shared_page
def statement_xlsx(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand a statement out as a table; the export is recorded."""
    page = _export(request, viewer)
    content = party_account.workbook(page=page, zone=_zone())
    people.record_export(
        what="statement", rows=len(page.lines), user_id=viewer.id, now=page.made_at
    )
    return _named(HttpResponse(content, content_type=XLSX), page, "xlsx")


@require_GET
@shared_page
def statement_pdf(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand a statement out as PDF; the export is recorded."""
    page = _export(request, viewer)
    content = pdf(paper=_paper(page))
    people.record_export(
        what="statement", rows=len(page.lines), user_id=viewer.id, now=page.made_at
    )
    return _named(HttpResponse(content, content_type="application/pdf"), page, "pdf")


def _paper(page: StatementPage) -> Paper:
    zone = _zone()
    chinese = (get_language() or "zh").startswith("zh")
    return Paper(
        title=_("对账单"),
        subtitle=f"{page.label} · {page.first} – {page.last}",
        issuer=page.company,
        at=page.made_at,
        blocks=(
            Facts(
                (
                    (_("期初余额"), money(page.opening)),
                    (_("本期增加"), money(page.debits)),
                    (_("本期减少"), money(page.credits)),
                    (_("期末余额"), money(page.closing)),
                )
            ),
            Heading(_("明细")),
            Table(
                head=(_("时间"), _("事项"), _("编号"), _("承担方"), _("金额"), _("余额")),
                rows=tuple(
                    (
                        f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}", line.what, line.number,
                        line.party, money(line.amount), money(line.balance),
                    )
                    for line in page.lines
                ),
                widths=(2.2, 1.8, 3.0, 1.8, 1.6, 1.6),
                right=frozenset({4, 5}),
                empty=_("本期没有明细。"),
            ),
            Signatures((_("单位"), _("总部财务"), _("日期"))),
        ),
        foot=_("%(who)s 生成于 %(at)s · 余额为正表示单位应付")
        % {"who": page.made_by, "at": f"{page.made_at.astimezone(zone):%Y-%m-%d %H:%M}"},
        language="zh-CN" if chinese else "en",
    )  # fmt: skip


@require_GET
@desk_page
def parties(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List hubs, outlets and couriers."""
    need(viewer=viewer, action="parties.see")
    return show(
        request, "desk/parties.html", viewer=viewer, nav="liability",
        parties=parties_read.everything(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@desk_page
def party(request: HttpRequest, code: str, viewer: Viewer) -> HttpResponse:
    """Show, change or add (code "new") a hub, an outlet or a courier."""
    need(viewer=viewer, action="parties.see" if request.method == "GET" else "parties.change")
    fresh = code == "new"
    row = None if fresh else parties_read.one(code=code[:40])
    if row is None and not fresh:
        raise Http404
    form: dict[str, object] = dict(row.as_form()) if row else {"kind": "outlet", "active": True}
    errors: dict[str, str] = {}
    if request.method == "POST":
        post = request.POST
        form |= {k: post.get(k, "").strip()[:80] for k in ("name", "parent", "region")}
        form["active"] = fresh or post.get("active") == "on"
        if fresh:
            form |= {k: post.get(k, "").strip()[:40] for k in ("code", "kind")}
        try:
            keep_party(
                now=timezone.now(),
                code=str(form.get("code", "")),
                kind=str(form["kind"]),
                name=str(form["name"]),
                parent=str(form["parent"]) if form["kind"] == "courier" else "",
                region=str(form["region"]),
                active=bool(form["active"]),
                fresh=fresh,
            )
            toast(request, _("已保存"))
            return redirect("desk:parties")
        except CannotKeepParty as error:
            errors[error.field] = said(error)
    outlets = [p for p in parties_read.everything() if p.kind == "outlet"]
    return show(
        request,
        "desk/party.html",
        viewer=viewer,
        nav="liability",
        party=row,
        form=form,
        errors=errors,
        kinds=[
            Choice(
                code=k, label=labels.pick(parties_read.KIND_NAMES, k), selected=form["kind"] == k
            )
            for k in parties_read.KINDS
        ],
        outlets=[
            Choice(code=p.code, label=p.name, selected=form.get("parent") == p.code)
            for p in outlets
        ],
        status=422 if errors else 200,
    )
