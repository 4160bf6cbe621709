"""The list of responsibilities as a paper: the page's structs in, blocks to print out."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.paper import (
    Bar,
    BarPart,
    Block,
    Facts,
    Heading,
    Paper,
    Signatures,
    Table,
    Text,
)
from huiyin.store.read.collaborations import RequestView
from huiyin.store.read.responsibility import ResponsibilityPage


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def paper_of(*, page: ResponsibilityPage) -> Paper:
    """Return the printable paper of the page, in the language of the viewer."""
    case, held = page.case, page.holding
    blocks: list[Block] = [Facts(_facts(page))]
    blocks += [
        Heading(_("这 %(length)s 花在哪里") % {"length": held.said}),
        Bar(tuple(BarPart(s.label, s.minutes, s.said) for s in held.shares)),
        Table(
            head=(_("谁持有"), _("自然时间"), _("工作时间"), _("占比"), _("次数")),
            rows=tuple(
                (s.label, s.said, s.working, s.part_said, str(s.times)) for s in held.shares
            ),
            widths=(4, 2, 2, 1, 1),
            right=frozenset({1, 2, 3, 4}),
        ),
        Heading(_("责任清单")),
        Table(
            head=(
                _("部门"), _("角色"), _("经办人"), _("协办"), _("退回"), _("超时"), _("自然时间"),
                _("工作时间"),
            ),
            rows=tuple(
                (
                    p.label, p.parts, p.people, str(p.requests or ""),
                    str(p.returned or ""), str(p.late or ""), p.said, p.working,
                )
                for p in page.parties
            ),
            widths=(2.4, 2.2, 2, 0.9, 0.9, 0.9, 2, 2),
            right=frozenset({3, 4, 5, 6, 7}),
        ),
    ]  # fmt: skip
    if page.requests:
        blocks.append(Heading(_("协办明细")))
        for request in page.requests:
            blocks += _request(request)
    blocks += [
        Heading(_("时间线")),
        Table(
            head=(_("时间"), _("谁"), _("做了什么"), _("间隔")),
            rows=tuple(
                (_at(e.at), e.who, f"{e.title}\n{e.text}" if e.text else e.title, e.since)
                for e in page.events
            ),
            widths=(2.1, 1.5, 5.6, 1.5),
            right=frozenset({3}),
        ),
        Text(held.because[0].zh if _chinese() else held.because[0].en, tone="quiet")
        if held.because
        else Text("", tone="quiet"),
        Signatures((_("经办人"), _("部门负责人"), _("日期"))),
    ]
    return Paper(
        title=_("时间线与责任清单"),
        subtitle=f"{case.number} · {page.title}",
        issuer=page.company,
        at=page.made_at,
        blocks=tuple(blocks),
        foot=_("%(number)s · %(at)s 由 %(who)s 生成 · 个人信息已隐去")
        % {"number": case.number, "at": _at(page.made_at), "who": page.made_by},
        language="zh-CN" if _chinese() else "en",
    )


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _facts(page: ResponsibilityPage) -> tuple[tuple[str, str], ...]:
    case = page.case
    rows = (
        (_("投诉编号"), case.number),
        (_("状态"), case.status_label),
        (_("类别"), case.triage.category_label),
        (_("紧急程度"), case.triage.urgency_label),
        (_("客户"), page.customer),
        (_("运单"), case.waybill.number if case.waybill else ""),
        (_("主办"), " · ".join(t for t in (case.department_label, case.assignee_label) if t)),
        (_("收到"), _at(case.opened_at)),
        (_("答复"), _at(page.resolved_at)),
        (_("结论"), " · ".join(t for t in (case.verdict_label, page.cause_label) if t)),
        (_("判定责任部门"), page.liable_label),
    )
    return tuple((name, value) for name, value in rows if value)


def _request(request: RequestView) -> list[Block]:
    facts = (
        (_("部门"), request.department_label),
        (_("状态"), request.state_label + (f" · {_('超时')}" if request.level in
                                           {"late", "breached"} else "")),
        (_("发起"), f"{request.asked_by} · {_at(request.asked_at)}"),
        (_("接收"), " · ".join(t for t in (request.assignee, _at(request.accepted_at)) if t)),
        (_("结束"), _at(request.ended_at)),
    )  # fmt: skip
    rows = tuple(
        (
            _at(w.at),
            f"{w.label}\n{w.who}",
            "\n".join(t for t in (w.text, *(f"[{_('附件')}] {f.name}" for f in w.files)) if t),
        )
        for w in request.words
    )
    return [
        Facts(tuple((name, value) for name, value in facts if value)),
        Table(head=(_("时间"), _("谁"), _("内容")), rows=rows, widths=(2.1, 1.6, 7)),
    ]
