"""A mail as its sender laid it out: in a frame that can do nothing and fetches nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from huiyin.doors.desk.frame import desk_page, id_of
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import mails
from huiyin.store.read.viewer import Viewer

_PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><base target="_blank">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<style>body{{margin:12px;font:15px/1.6 sans-serif;color:#222;overflow-wrap:anywhere}}"
    "img{{max-width:100%;height:auto}}table{{max-width:100%}}</style></head>"
    "<body>{}</body></html>"
)
_ALONE = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The mail's HTML has been cleaned; should something have been missed, it cannot act."""


@require_GET
@desk_page
def as_sent(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Show a mail's own layout to who may see the complaint and its personal data."""
    message_id = id_of(id)
    about = mails.complaint_of(message_id=message_id)
    if (
        about is None
        or not complaint_read.may_see(viewer=viewer, complaint_id=about)
        or not complaint_read.sees_all(complaint_id=about, viewer=viewer)
    ):
        raise Http404
    body = mails.as_sent(message_id=message_id)
    if body is None:
        raise Http404
    response = HttpResponse(_PAGE.format(body))
    response["Content-Security-Policy"] = _ALONE
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
