"""Views of the visitor's side; each calls one room.

Nothing here trusts a cookie: a session is opened by its secret alone, so that it works inside the
frame of another site, where browsers keep cookies away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from huiyin.channels.chat import origins
from huiyin.doors import spare
from huiyin.doors.chat import streams
from huiyin.doors.clients import address_of
from huiyin.doors.portal.filing import contact_of, take
from huiyin.doors.uploads import CannotAcceptUpload, keep_uploads, serve
from huiyin.flows import chat, intake, journey, telling
from huiyin.store.ledger import chats as ledger
from huiyin.store.ledger.chats import CannotChat
from huiyin.store.read import accounts, cases, chats, labels
from huiyin.store.read.accounts import Account
from huiyin.store.read.chats import CannotSee, Chat, Line

View = Callable[..., HttpResponseBase]
_MOST: Final = 200
"""Characters of a field that is no message."""


def refused(text: str, *, status: int = 422, field: str = "") -> JsonResponse:
    """Return a refusal as the scripts of both sides show it."""
    return JsonResponse({"error": text, "field": field}, status=status)


def told(error: CannotChat) -> str:
    """Return a refusal in the language of the page."""
    return error.en if labels.english() else error.zh


def line_json(line: Line, *, url: str) -> dict[str, Any]:
    """Return a line as scripts read it; ``url`` leads to its files."""
    return {
        "id": line.id,
        "side": line.side,
        "text": line.text,
        "who": line.who,
        "at": line.at.isoformat(),
        "client": line.client_id,
        "files": [
            {
                "name": f["name"],
                "image": str(f["content_type"]).startswith("image/"),
                "url": f"{url}/{line.id}/{n}",
            }
            for n, f in enumerate(line.files)
        ],
    }


def _account(id: int) -> Account:
    found = accounts.known().get(id)
    if found is None or found.code != "chat":
        raise Http404
    return found


def _visitor(view: View) -> View:
    """Open the session that the address names; its secret is the only key."""

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, id: str, secret: str, **more: Any) -> HttpResponseBase:
        try:
            session = chats.of_visitor(id=id, secret=secret, now=timezone.now())
        except CannotSee:
            return refused(_("会话不存在"), status=404)
        return view(request, session=session, **more)

    return inner


def _hashed(request: HttpRequest) -> str:
    plain = f"{settings.SECRET_KEY}:{address_of(request=request)}"
    return hashlib.sha256(plain.encode()).hexdigest()[:40]


@require_GET
def widget(request: HttpRequest) -> HttpResponse:
    """Return the script that a site takes in by one line."""
    found = finders.find("huiyin/js/widget.js")
    if not isinstance(found, str):
        raise Http404
    with open(found, encoding="utf-8") as file:
        response = HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_GET
def frame(request: HttpRequest, account: int) -> HttpResponse:
    """Show the window; only the sites that are allowed may hold it."""
    own = _account(account)
    company = cases.company_name()
    response = render(
        request,
        "portal/chat.html",
        {
            "account": own.id,
            "company": company,
            "title": own.settings.get("title") or company,
            "greeting": own.settings.get("greeting", ""),
            "open": chats.anybody_there(now=timezone.now()),
        },
    )
    allowed = ["'self'", *origins(settings=own.settings)]
    setattr(response, "_csp_replace", {"frame-ancestors": allowed})  # noqa: B010
    setattr(response, "xframe_options_exempt", True)  # noqa: B010
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
def begin(request: HttpRequest, account: int) -> HttpResponse:
    """Begin a session under the visitor's own id of it; begun twice it is the same one."""
    own = _account(account)
    given = request.POST.get("contact", "").strip()[:_MOST]
    contact = contact_of(given)
    if given and not contact:
        return refused(_("请填写手机号或邮箱"), field="contact")
    once = request.POST.get("once", "").strip()[:64]
    if len(once) < 16:
        return refused(_("请刷新页面后再试"), status=400)
    now = timezone.now()
    try:
        id = ledger.begin(
            now=now,
            account_id=own.id,
            once=once,
            fields={
                "name": request.POST.get("name", "").replace("\x00", "").strip()[:120],
                "phone": contact.get("phone", "")[:40],
                "email": contact.get("email", "")[:_MOST],
                "page": request.POST.get("page", "").replace("\x00", "")[:300],
                "address_hash": _hashed(request),
            },
            most_per_hour=int(own.settings.get("sessions_per_hour") or 20),
        )
    except CannotChat as error:
        return refused(told(error), status=429)
    return JsonResponse({"id": id.hex, "secret": chats.token(id=id)}, status=201)


@csrf_exempt
@require_POST
def leave(request: HttpRequest, account: int) -> HttpResponse:
    """Take a message while nobody is there: a complaint like one of the portal."""
    own = _account(account)
    text = request.POST.get("text", "").strip()[:20000]
    contact = contact_of(request.POST.get("contact", "")[:_MOST])
    if len(text) < 2:
        return refused(_("请写下发生了什么"), field="text")
    if not contact:
        return refused(_("请填写手机号或邮箱，我们才能答复您"), field="contact")
    if not spare.may_file(request=request):
        return refused(spare.too_many(), status=429)
    try:
        files = keep_uploads(uploads=request.FILES.getlist("files"))
    except CannotAcceptUpload as error:
        return refused(str(error), field="files")
    body = {
        "channel": "portal",
        "sender": contact.get("phone") or contact.get("email", ""),
        "sender_name": request.POST.get("name", "").strip()[:120],
        "text": text,
        "files": files,
        **contact,
    }
    once = request.POST.get("once", "").strip()
    filed = take(body=body, once=f"chat{own.id}:{once}"[:64] if once else "", now=timezone.now())
    if filed is None:
        return JsonResponse({"number": "", "link": ""}, status=202)
    return JsonResponse({"number": filed.number, "link": filed.link}, status=201)


@require_GET
@_visitor
def lines(request: HttpRequest, session: Chat) -> HttpResponse:
    """Return what was said after the line that the page knows, and who types."""
    now = timezone.now()
    try:
        after = UUID(request.GET["after"]) if request.GET.get("after") else None
        read = UUID(request.GET["read"]) if request.GET.get("read") else None
    except ValueError:
        return refused(_("请刷新页面后再试"), status=400)
    ledger.seen(now=now, id=session.id, side="visitor", line=read)
    url = f"/chat/s/{session.id.hex}/{chats.token(id=session.id)}/f"
    number = cases.number_of(complaint_id=session.complaint_id) if session.complaint_id else ""
    link = ""
    about = session.complaint_id
    if number and about and chats.opened_here(id=session.id, complaint_id=about):
        link = telling.tracking_url(case_id=about, number=number)
    response = JsonResponse(
        {
            "lines": [line_json(one, url=url) for one in chats.lines(id=session.id, after=after)],
            "state": session.state,
            "agent": session.assignee,
            "typing": session.agent_types,
            "mail": bool(session.email),
            "number": number,
            "link": link,
            "there": chats.anybody_there(now=now),
        }
    )
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@_visitor
def stream(request: HttpRequest, session: Chat) -> HttpResponseBase:
    """Tick whenever the session changes."""
    return streams.stream(about=session.id)


@require_POST
@_visitor
def say(request: HttpRequest, session: Chat) -> HttpResponse:
    """Take words and files; what is sent again is taken once."""
    own = accounts.known().get(session.account_id)
    limit = int(own.settings.get("lines_per_minute") or 20) if own else 20
    client = request.POST.get("client", "").strip()[:64]
    if not client:
        return refused(_("请刷新页面后再试"), status=400)
    now = timezone.now()
    try:
        files = keep_uploads(uploads=request.FILES.getlist("files"))
        inbox_id = chat.hear(
            session=session,
            client_id=client,
            text=request.POST.get("text", ""),
            files=files,
            now=now,
            most_per_minute=limit,
        )
    except CannotAcceptUpload as error:
        return refused(str(error), field="files")
    except CannotChat as error:
        return refused(told(error), status=429 if error.busy else 422)
    if inbox_id is not None:
        decide(session=session, inbox_id=inbox_id)
    return JsonResponse({"ok": True}, status=201)


def decide(*, session: Chat, inbox_id: UUID) -> None:
    """Decide a visitor's words at once and tie the session to the complaint they led to.

    Where the worker was quicker, what it decided is found.
    """
    now = timezone.now()
    intake.decide(now=now, ids=[inbox_id])
    if session.complaint_id is not None:
        return
    complaint_id = chats.complaint_told(id=session.id)
    if complaint_id is not None:
        with journey.writing(now=now, actor="customer") as pen:
            chat.join(
                pen=pen,
                session_id=session.id,
                complaint_id=complaint_id,
                proven=chats.opened_here(id=session.id, complaint_id=complaint_id),
            )


@require_POST
@_visitor
def typing(request: HttpRequest, session: Chat) -> HttpResponse:
    """Let the agent know that the visitor types."""
    ledger.typing(now=timezone.now(), id=session.id, side="visitor")
    return HttpResponse(status=204)


@require_POST
@_visitor
def end(request: HttpRequest, session: Chat) -> HttpResponse:
    """End the session, with what was said by mail where it is wanted."""
    mail = request.POST.get("mail", "").strip()[:_MOST]
    if mail:
        email = contact_of(mail).get("email")
        if not email:
            return refused(_("请填写邮箱"), field="mail")
        ledger.reach(id=session.id, email=email)
    with journey.writing(now=timezone.now(), actor="customer") as pen:
        chat.end(pen=pen, session_id=session.id, by=None, transcript=bool(mail))
    return JsonResponse({"ok": True})


@require_GET
@_visitor
def file(request: HttpRequest, session: Chat, line: str, number: int) -> HttpResponse:
    """Serve a file of the session."""
    try:
        row = chats.file_of(id=session.id, line=line, number=number)
    except CannotSee as error:
        raise Http404 from error
    return serve(name=row["name"], content_type=row["content_type"], sha256=row["sha256"])
