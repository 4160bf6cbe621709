"""The first paper of an evidence pack: what was asked for, what came, and how to check it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.paper import Block, Facts, Heading, Paper, Table, Text, pdf
from huiyin.store.read.evidence import PieceView
from huiyin.store.read.packing import PackContents


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _rows(pieces: tuple[PieceView, ...], label: str) -> list[tuple[str, ...]]:
    return [
        (
            label,
            piece.name + (f"\n{piece.note}" if piece.note else ""),
            f"{piece.source_label}\n{piece.added_by}",
            _at(piece.of_time) or _at(piece.added_at),
            piece.sha256[:16] + (f"\n{_('已有更新版本')}" if piece.superseded else ""),
        )
        for piece in pieces
    ]


def summary(*, whole: PackContents, now: datetime, made_by: str) -> bytes:
    """Return the summary as PDF, in the language of the page."""
    items = whole.panel.items
    rows = [row for item in items for row in _rows(item.pieces, item.label)]
    rows += _rows(whole.panel.others, _("清单之外"))
    blocks: list[Block] = [
        Facts(whole.facts),
        Heading(_("证据清单")),
        Table(
            head=(_("项目"), _("状态"), _("向谁要"), _("说明")),
            rows=tuple(
                (
                    item.label + ("" if item.required else f"（{_('可选')}）"),
                    item.state_label,
                    item.of_label,
                    item.reason or (_at(item.due_at) if item.due_at else ""),
                )
                for item in items
            ),
            widths=(4, 1.4, 1.6, 3),
        ),
        Heading(_("材料")),
        Table(
            head=(_("项目"), _("文件"), _("来源"), _("时间"), _("指纹（SHA-256 前 16 位）")),
            rows=tuple(rows),
            widths=(2.6, 3, 1.6, 2, 2.4),
            empty=_("还没有材料。"),
        ),
        Heading(_("包内原件")),
        Table(
            head=(_("包内路径"), _("原名"), _("来自")),
            rows=tuple((o.path, o.name, o.origin) for o in whole.originals),
            widths=(3.6, 3.6, 1.4),
            empty=_("没有文件。"),
        ),
        Heading(_("事件链")),
        Table(
            head=("#", _("时间"), _("谁"), _("做了什么"), _("指纹")),
            rows=tuple(
                (str(line.seq), _at(line.at), line.who, line.label, line.hash[:16])
                for line in whole.lines
            ),
            widths=(0.6, 2, 1.8, 2.8, 2.2),
        ),
        Heading(_("怎样核对")),
        Text(
            _(
                "在任何装有回音的电脑上运行 huiyin verify-pack 加文件名：逐个核对文件的指纹、"
                "事件链的每一环、以及链上登记过的原件是否都在包里，不需要数据库。"
            )
        ),
        Text(_("本包含个人信息，只限所写用途，用后销毁。"), tone="strong"),
    ]
    return pdf(
        paper=Paper(
            title=_("证据包"),
            subtitle=whole.number,
            issuer=whole.company,
            at=now,
            blocks=tuple(blocks),
            foot=_("%(number)s · %(at)s 由 %(who)s 生成 · 含个人信息")
            % {"number": whole.number, "at": _at(now), "who": made_by},
            language="zh-CN" if (get_language() or "zh").startswith("zh") else "en",
        )
    )
