"""What every desk page shares: who looks, what went wrong, what to say about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.core.access import OUTLET, may
from huiyin.doors.desk.rail import arranged
from huiyin.flows.receive import Decided
from huiyin.store.read import office, rail
from huiyin.store.read.viewer import Viewer, viewer_of

View = Callable[..., HttpResponse]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The content type of a workbook."""


def sheet_of(*, content: bytes, name: str, now: datetime, to_minute: bool = False) -> HttpResponse:
    """Hand out a workbook; its file is called after what it is and the company's own date."""
    at = f"{timezone.localtime(now):{'%Y%m%d-%H%M' if to_minute else '%Y%m%d'}}"
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{at}.xlsx"'
    return response


class CannotEnter(PermissionDenied):
    """The page is not for this role."""


def desk_page(view: View) -> View:
    """Let only staff in who are logged in; the view gets ``viewer``."""
    return _page(view, outlets=False)


def shared_page(view: View) -> View:
    """Let staff in and the people of outlets; what each sees of it, the reading decides."""
    return _page(view, outlets=True)


def _page(view: View, *, outlets: bool) -> View:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not user.is_authenticated or not user.is_active:
            # whoever is logged in works at a company
            if not office.company_exists():
                return redirect("desk:first_run")
            if request.headers.get("HX-Request"):
                answer = HttpResponse(status=204)
                answer["HX-Redirect"] = reverse("desk:login")
                return answer
            goal = urlencode({"next": request.get_full_path()}, safe="/")
            return redirect(f"{reverse('desk:login')}?{goal}")
        viewer = viewer_of(user=user)
        if viewer.role == OUTLET and not outlets:
            if request.method == "GET" and request.path == reverse("desk:queue"):
                return redirect("desk:liability")
            raise CannotEnter(_("您的角色没有此权限"))
        return view(request, *args, viewer=viewer, **kwargs)

    return inner


def id_of(text: str) -> UUID:
    """Read an id from an address or a form. Raises Http404."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def need(*, viewer: Viewer, action: str) -> None:
    """Refuse a page to roles that may not see it. Raises CannotEnter."""
    allowed = may(actor=viewer.actor, action=action)
    if not allowed:
        raise CannotEnter(allowed.zh)


def show(
    request: HttpRequest,
    template: str,
    *,
    viewer: Viewer,
    nav: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render a desk page with what all of them need."""
    toasts = request.session.pop("toasts", []) if request.session.get("toasts") else []
    context.setdefault("form", {})
    context.setdefault("errors", {})
    return render(
        request,
        template,
        {
            "viewer": viewer,
            "nav": nav,
            "toasts": toasts,
            "rail": lambda: arranged(
                can=viewer.can, nav=nav, waiting=rail.waiting(viewer=viewer, now=timezone.now())
            ),
            **context,
        },
        status=status,
    )


def toast(
    request: HttpRequest, text: str, *, level: str = "ok", undo_url: str = "", undo_event: str = ""
) -> None:
    """Leave a word for the next page, with an undo where there is one."""
    waiting = list(request.session.get("toasts", []))
    waiting.append(
        {
            "text": text,
            "level": level,
            "undo_url": undo_url,
            "undo_event": undo_event,
            "undo_label": _("撤销"),
        }
    )
    request.session["toasts"] = waiting[-4:]


def taken_down(request: HttpRequest, *, done: Sequence[Decided], otherwise: str) -> HttpResponse:
    """Say what became of a contact that was taken down, and go to its complaint.

    ``otherwise`` is the page to go to where it led to none.
    """
    if not (done and done[0].complaint_id):
        toast(request, _("已登记"))
        return redirect(otherwise)
    words = {
        "opened": _("已登记 %(n)s"),
        "joined": _("已并入 %(n)s，可在记录里撤销"),
        "reopened": _("已重新打开 %(n)s"),
    }[done[0].outcome]
    toast(request, words % {"n": done[0].number})
    return redirect("desk:complaint", done[0].complaint_id.hex)
