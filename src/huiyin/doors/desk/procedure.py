"""Rooms of the procedure on a complaint's page: ticks, ticks taken back, facts told."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from huiyin.flows import proceed
from huiyin.store.ledger import Pen
from huiyin.store.read.viewer import Viewer


def rooms(
    *, pen: Pen, viewer: Viewer, complaint_id: UUID, form: QueryDict
) -> dict[str, Callable[[], str]]:
    """Return the rooms of the procedure by the name of their action; each says what it did."""
    given = {k[2:]: str(v) for k, v in form.items() if k.startswith("f.")}
    step = form.get("step", "")[:64]

    def _step() -> str:
        proceed.tick(
            pen=pen, complaint_id=complaint_id, actor=viewer.actor, step=step, answers=given,
            note=form.get("note", ""),
        )  # fmt: skip
        return _("这一步已完成")

    def _unstep() -> str:
        proceed.untick(pen=pen, complaint_id=complaint_id, actor=viewer.actor, step=step)
        return _("已取消完成")

    def _facts() -> str:
        many = proceed.learn_facts(
            pen=pen, complaint_id=complaint_id, actor=viewer.actor, given=given
        )
        return _("已记下 %(n)s 项") % {"n": many}

    return {"step": _step, "unstep": _unstep, "facts": _facts}
