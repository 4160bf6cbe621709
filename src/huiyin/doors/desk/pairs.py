"""Rooms of joining and parting on a complaint's page, and of whom to answer; each undone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from huiyin.doors.desk.frame import id_of
from huiyin.flows import pair, unite, vouch
from huiyin.store.ledger import Pen
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import history
from huiyin.store.read.viewer import Viewer

UNDOABLE = {"merge": "ComplaintMerged", "different": "SaidDifferent", "vouch": vouch.VOUCHED}
"""Actions that the word after them offers to undo, with the event that they record."""


def rooms(
    *, pen: Pen, viewer: Viewer, complaint_id: UUID, form: QueryDict
) -> dict[str, Callable[[], str]]:
    """Return the rooms by the name of their action; each says what it did."""
    actor = viewer.actor

    def _merge() -> str:
        into = complaint_read.number_given(text=form.get("into", "").strip())
        unite.merge(
            pen=pen, complaint_id=complaint_id, into_number=into, actor=actor,
            reason=form.get("reason", "").strip(),
        )  # fmt: skip
        return _("已合并")

    def _different() -> str:
        pair.say_different(
            pen=pen, complaint_id=complaint_id, other_id=id_of(form.get("other", "")), actor=actor
        )
        return _("已记下：不是同一件，这两件不再询问")

    def _vouch() -> str:
        message = id_of(form.get("message", ""))
        vouch.vouch(pen=pen, complaint_id=complaint_id, message_id=message, actor=actor)
        return _("答复从现在起发给这位来信人")

    def _undo() -> str:
        event_id = id_of(form.get("event", ""))
        event = history.event(event_id=event_id)
        if event is not None and event.kind == "SaidDifferent":
            pair.unsay(pen=pen, complaint_id=complaint_id, event_id=event_id, actor=actor)
        elif event is not None and event.kind == vouch.VOUCHED:
            vouch.take_back(pen=pen, complaint_id=complaint_id, event_id=event_id, actor=actor)
        else:
            unite.undo(pen=pen, complaint_id=complaint_id, event_id=event_id, actor=actor)
        return _("已撤销，恢复原状")

    return {"merge": _merge, "different": _different, "vouch": _vouch, "undo": _undo}
