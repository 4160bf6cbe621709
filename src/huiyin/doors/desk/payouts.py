"""Views of payouts: the journal's accounts, batches for finance, and their results."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.channels import history
from huiyin.core.access import may
from huiyin.doors.desk.frame import XLSX, CannotEnter, desk_page, id_of, show, toast
from huiyin.doors.sums import told
from huiyin.flows import journey, pay, release, transfer
from huiyin.partners import payouts as files
from huiyin.store.ledger import people
from huiyin.store.read import labels, office, payout_page
from huiyin.store.read.remedies import METHOD_NAMES
from huiyin.store.read.viewer import Viewer

_TYPES = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}
MOST_BYTES = 20 * 2**20


_ACTS = {
    "release": release.release,
    "ask": release.ask_now,
    "batch": release.to_batch,
    "again": release.pay_again,
}


def _ways() -> list[dict[str, Any]]:
    """Return the accounts that pay by themselves: what they pay, and above what sum they wait."""
    return [
        {
            "id": way.account.id,
            "name": way.account.name,
            "methods": [
                labels.pick(METHOD_NAMES, m) for m in METHOD_NAMES if m in way.authority.methods
            ],
            "above": way.authority.above,
            "error": way.account.error,
        }
        for way in transfer.paying_accounts()
    ]


def _need(*, viewer: Viewer, action: str) -> None:
    allowed = may(actor=viewer.actor, action=action, homes=office.paying())
    if not allowed:
        raise CannotEnter(allowed.zh)


@require_http_methods(["GET", "POST"])
@desk_page
def payouts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show accounts, payouts and batches; make a batch of what waits."""
    _need(viewer=viewer, action="payouts.see")
    if request.method == "POST":
        try:
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                batch_id = pay.batch(pen=pen, actor=viewer.actor)
            return redirect("desk:payout_batch", batch_id.hex)
        except PermissionError as error:
            raise CannotEnter(str(error)) from error
        except ValueError as error:
            toast(request, told(error), level="error")
            return redirect("desk:payouts")
    return show(
        request,
        "desk/payouts.html",
        viewer=viewer,
        nav="payouts",
        ways=_ways(),
        page=payout_page.page(
            actor=viewer.actor,
            state=request.GET.get("state", ""),
            cursor=request.GET.get("cursor", "")[:64],
        ),
    )


@require_http_methods(["GET", "POST"])
@desk_page
def payout_batch(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show a batch with its report; take finance's result file."""
    _need(viewer=viewer, action="payouts.see")
    batch_id = id_of(id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None or not upload.size or upload.size > MOST_BYTES:
                raise files.CannotReadResult(
                    zh="请选择财务返回的 xlsx 或 csv 文件，不超过 20 MB",
                    en="choose finance's xlsx or csv file, 20 MB at most",
                )
            results = files.read_results(
                records=history.tables(name=str(upload.name), content=upload.read())
            )
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                out = pay.settle(pen=pen, actor=viewer.actor, batch_id=batch_id, results=results)
            toast(
                request,
                _("已对账：%(n)s 笔入账，%(m)s 处不符") % {
                    "n": len(out.acts), "m": len(out.mismatches)
                },
                level="error" if out.mismatches else "ok",
            )  # fmt: skip
            return redirect("desk:payout_batch", id)
        except PermissionError as error:
            raise CannotEnter(str(error)) from error
        except ValueError as error:
            errors["file"] = told(error)
    batch = payout_page.batch(batch_id=batch_id)
    if batch is None:
        raise Http404
    return show(
        request,
        "desk/payout_batch.html",
        viewer=viewer,
        nav="payouts",
        batch=batch,
        can_work=bool(may(actor=viewer.actor, action="payouts.work", homes=office.paying())),
        errors=errors,
        status=422 if errors else 200,
    )


@require_POST
@desk_page
def payout_act(request: HttpRequest, id: str, act: str, viewer: Viewer) -> HttpResponse:
    """Release a payout, ask what became of it, pay it again, or give it to finance's batch."""
    _need(viewer=viewer, action="payouts.see")
    room = _ACTS.get(act)
    if room is None:
        raise Http404
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            room(pen=pen, actor=viewer.actor, payout_id=id_of(id))
        toast(request, {
            "release": _("已放行，马上发出"),
            "ask": _("马上向付款渠道查询"),
            "batch": _("已改走批次"),
            "again": _("已按原收款信息重新请款"),
        }[act], level="ok")  # fmt: skip
    except PermissionError as error:
        raise CannotEnter(str(error)) from error
    except ValueError as error:
        toast(request, told(error), level="error")
    return redirect(f"{reverse('desk:payouts')}?state={quote(request.POST.get('state', '')[:12])}")


@require_GET
@desk_page
def payout_file(request: HttpRequest, id: str, kind: str, viewer: Viewer) -> HttpResponse:
    """Hand a batch to finance with whole account numbers; the export is recorded."""
    _need(viewer=viewer, action="payouts.work")
    batch = payout_page.batch(batch_id=id_of(id))
    if batch is None or kind not in _TYPES:
        raise Http404
    rows = payout_page.rows_of(batch_id=id_of(id))
    content = files.write_xlsx(rows=rows) if kind == "xlsx" else files.write_csv(rows=rows)
    people.record_export(what="payouts", rows=len(rows), user_id=viewer.id, now=timezone.now())
    response = HttpResponse(content, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{batch.number}.{kind}"'
    return response
