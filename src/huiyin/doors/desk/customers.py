"""Views of one customer: identities over all channels, brought together and parted by hand."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.doors.desk.frame import desk_page, id_of, show, toast
from huiyin.doors.sums import number_of, told
from huiyin.flows import identify, journey, prefer, reveal
from huiyin.store.read import customers, who
from huiyin.store.read.complaint import CannotSee
from huiyin.store.read.viewer import Viewer


def _page(viewer: Viewer, id: UUID) -> customers.CustomerPage:
    try:
        return customers.page(viewer=viewer, customer_id=id)
    except CannotSee as error:
        raise Http404 from error


@require_GET
@desk_page
def customer(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show a customer: identities with their evidence, complaints over all of them."""
    page = _page(viewer, id_of(id))
    return show(request, "desk/customer.html", viewer=viewer, nav="queue", page=page)


@require_POST
@desk_page
def change(request: HttpRequest, id: str, step: str, viewer: Viewer) -> HttpResponse:
    """Bring together, part, confirm, undo, reveal or set the channel; then show him again."""
    customer_id = id_of(id)
    page = _page(viewer, customer_id)
    word = request.POST.get
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            if step == "link":
                other = _other(word("other", ""), word("said", ""))
                identify.link(
                    pen=pen, customer_id=customer_id, other_id=other, actor=viewer.actor,
                    reason=word("reason", "")[:200],
                )  # fmt: skip
                done = _("已归到一起，可在下方撤销")
            elif step == "unlink":
                identify.unlink(
                    pen=pen, customer_id=customer_id, actor=viewer.actor,
                    identity_id=number_of(word("identity", "")) or 0,
                    reason=word("reason", "")[:200],
                )  # fmt: skip
                done = _("已分开，可在下方撤销")
            elif step == "confirm":
                changed = identify.confirm(
                    pen=pen, customer_id=customer_id, actor=viewer.actor,
                    identity_id=number_of(word("identity", "")) or 0,
                )  # fmt: skip
                done = _("已记为核实，答复可以发到这里") if changed else _("没有变化")
            elif step == "undo":
                identify.undo(pen=pen, move_id=id_of(word("move", "")), actor=viewer.actor)
                done = _("已撤销，恢复原状")
            elif step == "prefer" and page.reveal_on:
                changed = prefer.prefer(
                    pen=pen, complaint_id=UUID(page.reveal_on), actor=viewer.actor,
                    channel=word("channel", "")[:20],
                )  # fmt: skip
                done = _("已保存，之后的答复按此发送") if changed else _("没有变化")
            elif step == "reveal" and page.reveal_on:
                reveal.reveal(
                    pen=pen, complaint_id=UUID(page.reveal_on), actor=viewer.actor, field="customer"
                )
                done = _("已显示完整信息，本次查看已记录")
            else:
                raise Http404
        toast(request, done)
    except PermissionError as error:
        toast(request, str(error), level="error")
    except ValueError as error:
        toast(request, told(error), level="error")
    return redirect("desk:customer", id)


def _other(given: str, said: str) -> UUID:
    """Return the customer that a button or a person's words name. Raises CannotIdentify."""
    if given:
        return id_of(given)
    found = who.by_contact(said=said)
    if found is None:
        raise identify.CannotIdentify(
            zh="没有找到：请输入投诉编号、完整的电话或邮箱",
            en="not found: give a complaint's number, a whole telephone or a mail address",
        )
    return found
