"""Appeals of 12305: list, entry form, the official answer form as PDF, export."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huiyin.doors.desk.frame import desk_page, id_of, need, sheet_of, show, taken_down, toast
from huiyin.doors.uploads import CannotAcceptUpload, keep_uploads
from huiyin.flows import intake
from huiyin.paper import Block, Facts, Heading, Paper, Signatures, Table, Text, pdf
from huiyin.store.ledger import people
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import appeals
from huiyin.store.read.appeals import AnswerForm
from huiyin.store.read.viewer import Viewer


@require_GET
@desk_page
def appeal_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the appeals, the most urgent first."""
    need(viewer=viewer, action="appeals.see")
    return show(
        request,
        "desk/appeals.html",
        viewer=viewer,
        nav="appeals",
        rows=appeals.rows(viewer=viewer, now=timezone.now()),
    )


@require_GET
@desk_page
def appeals_xlsx(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Hand the list out as xlsx; the export is recorded."""
    need(viewer=viewer, action="appeals.see")
    now = timezone.now()
    rows = appeals.rows(viewer=viewer, now=now)
    people.record_export(what="appeals", rows=len(rows), user_id=viewer.id, now=now)
    return sheet_of(content=appeals.workbook(listed=rows), name="appeals", now=now)


@require_http_methods(["GET", "POST"])
@desk_page
def appeal_new(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take down one appeal that the regulator passed on."""
    need(viewer=viewer, action="appeals.enter")
    form = {k: str(v)[:20000] for k, v in request.POST.items()}
    errors: dict[str, str] = {}
    if request.method == "POST":
        body = _body(form=form, errors=errors)
        if not errors:
            try:
                body["files"] = keep_uploads(uploads=request.FILES.getlist("photos"))
            except CannotAcceptUpload as error:
                errors["photos"] = str(error)
        if not errors:
            return _take(request, viewer=viewer, body=body)
    return show(
        request,
        "desk/appeal_new.html",
        viewer=viewer,
        nav="appeals",
        form=form,
        errors=errors,
        status=422 if errors else 200,
    )


def _body(*, form: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    said = {k: form.get(k, "").strip() for k in ("reference", "text", "name", "phone", "waybill")}
    for name in ("reference", "text"):
        if not said[name]:
            errors[name] = _("请填写")
    moments: dict[str, str | None] = {}
    for name in ("at", "until"):
        moment = _moment(form.get(name, ""))
        if form.get(name, "").strip() and moment is None:
            errors[name] = _("请填写日期和时间")
        if moment and name == "until" and moment <= timezone.now():
            errors[name] = _("答复期限已经过去，请核对通知书")
        if moment and name == "at" and moment > timezone.now():
            errors[name] = _("转来时间不能晚于现在")
        moments[name] = moment.isoformat() if moment else None
    return {
        "channel": "regulator",
        "reference": said["reference"][:120],
        "text": said["text"],
        "sender_name": said["name"][:120],
        "phone": re.sub(r"\s", "", said["phone"])[:40],
        "waybill": re.sub(r"\s", "", said["waybill"])[:40],
        "branch": "complaint",
        **moments,
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _take(request: HttpRequest, *, viewer: Viewer, body: dict[str, Any]) -> HttpResponse:
    now = timezone.now()
    (accepted,) = intake.accept(
        now=now,
        arrivals=[
            Arrival(
                channel="regulator",
                kind="contact",
                external_id=f"appeal:{body['reference']}"[:200],
                raw=json.dumps(body, ensure_ascii=False).encode(),
                headers={"user": viewer.id},
            )
        ],
    )
    if accepted.repeated:
        toast(request, _("这件申诉已登记过"))
        return redirect("desk:appeals")
    done = intake.decide(now=now, ids=[accepted.id])
    return taken_down(request, done=done, otherwise="desk:appeals")


@require_GET
@desk_page
def appeal_pdf(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Hand out the official answer form; it names people in full, so the export is recorded."""
    need(viewer=viewer, action="appeals.enter")
    page = appeals.answer_form(
        viewer=viewer, complaint_id=id_of(id), reference=request.GET.get("reference", "")
    )
    if page is None:
        raise Http404
    now = timezone.now()
    people.record_export(what="appeal_form", rows=1, user_id=viewer.id, now=now)
    response = HttpResponse(_printed(page=page, now=now), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="appeal-{page.number}.pdf"'
    return response


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _printed(*, page: AnswerForm, now: datetime) -> bytes:
    valid = {"upheld": _("有效申诉"), "partly_upheld": _("有效申诉"), "not_upheld": _("无效申诉")}
    rows = (
        (_("申诉编号"), page.reference),
        (_("企业"), page.company),
        (_("申诉人"), page.appellant),
        (_("联系电话"), page.phone),
        (_("运单号"), page.waybill),
        (_("类别"), page.category),
        (_("转来时间"), _at(page.appealed_at)),
        (_("答复期限"), _at(page.due_at)),
        (_("投诉编号"), page.number),
    )
    findings = (
        (_("核查结论"), page.verdict_label),
        (_("是否有效申诉"), valid.get(page.verdict, "")),
        (_("原因"), page.cause),
        (_("责任部门"), page.liable),
    )
    blocks: list[Block] = [
        Facts(tuple(r for r in rows if r[1])),
        Heading(_("申诉内容")),
        Text(page.words),
        Heading(_("核查结果")),
        Facts(tuple(r for r in findings if r[1]) or ((_("核查结论"), _("尚未作出")),)),
        Heading(_("处理与赔偿")),
        Table(
            head=(_("方式"), _("金额（元）")),
            rows=page.remedies,
            widths=(7, 3),
            right=frozenset({1}),
            empty=_("没有"),
        ),
        Heading(_("给申诉人的答复")),
        Text(page.answer or _("尚未答复。"), tone="plain" if page.answer else "quiet"),
        Facts(
            tuple(
                r
                for r in ((_("答复时间"), _at(page.answered_at)), (_("经办人"), page.handler))
                if r[1]
            )
        ),
        Signatures((_("经办人"), _("负责人"), _("单位盖章"))),
    ]
    said = [b for b in blocks if not (isinstance(b, Text) and not b.text)]
    return pdf(
        paper=Paper(
            title=_("邮政业用户申诉答复表"),
            subtitle=page.reference,
            issuer=page.company,
            at=now,
            blocks=tuple(said),
            foot=page.number,
            language="zh-CN" if (get_language() or "zh").startswith("zh") else "en",
        )
    )
