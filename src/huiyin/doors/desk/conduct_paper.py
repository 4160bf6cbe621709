"""The form 《服务态度投诉管理表》 as a paper: the page's struct in, a PDF out."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.paper import Block, Facts, Heading, Paper, Signatures, Table, Text, pdf
from huiyin.store.read.conduct import FilePage


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _facts(*rows: tuple[str, str]) -> Facts:
    return Facts(tuple((name, value) for name, value in rows if value))


def printed(*, page: FilePage, now: datetime) -> bytes:
    """Return the form as PDF, in the language of the page."""
    blocks: list[Block] = [
        _facts(
            (_("编号"), page.number),
            (_("投诉性质"), page.kind_label),
            (_("关联投诉"), page.complaint_number),
            (_("投诉人"), page.complainant),
            (_("联系方式"), page.contact),
            (_("当事人"), page.employee),
            (_("部门"), page.department_label),
            (_("发生时间"), _at(page.happened_at)),
            (_("地点"), page.place),
            (_("登记人"), page.recorded_by),
            (_("登记时间"), _at(page.opened_at)),
            (_("答复期限"), _at(page.due_at)),
            (_("处理上级"), page.superior),
            (_("行政经理"), page.administration),
        ),
        Heading(_("投诉人的原话")),
        Text(page.words),
        Heading(_("告知当事人的内容")),
        Text(page.charge),
        Heading(_("当事人书面说明")),
        Text(page.statement or _("没有提交。"), tone="plain" if page.statement else "quiet"),
        Heading(_("上级核查与答复")),
        _facts((_("结论"), page.verdict_label), (_("答复时间"), _at(page.answered_at))),
        Text(page.finding),
        Text(page.answer),
        Heading(_("处理或告知")),
        _facts((_("方式"), page.measure_label), (_("时间"), _at(page.measured_at))),
        Text(page.measure_words),
        Heading(_("当事人申辩（限一次）")),
        _facts(
            (_("状态"), page.objection_label),
            (_("申辩时间"), _at(page.objected_at)),
            (_("裁定"), page.decision_label),
            (_("裁定时间"), _at(page.decided_at)),
        ),
        Text(page.objection_words),
        Text(page.decision_words),
        Heading(_("上报与归档")),
        _facts((_("上报时间"), _at(page.reported_at)), (_("归档时间"), _at(page.filed_at))),
        Text(page.report),
        Text(page.opinion),
        Heading(_("经过")),
        Table(
            head=(_("时间"), _("谁"), _("做了什么")),
            rows=tuple((_at(e.at), e.who, e.label) for e in page.events),
            widths=(2, 2, 4),
        ),
        Signatures((_("当事人"), _("处理上级"), _("行政经理"))),
    ]
    said = [b for b in blocks if not (isinstance(b, Text) and not b.text)]
    return pdf(
        paper=Paper(
            title=_("服务态度投诉管理表"),
            subtitle=f"{page.number} · {page.stage_label}",
            issuer=page.company,
            at=now,
            blocks=tuple(said),
            foot=_("%(number)s · 单独存放，只限相关人员查阅") % {"number": page.number},
            language="zh-CN" if (get_language() or "zh").startswith("zh") else "en",
        )
    )
