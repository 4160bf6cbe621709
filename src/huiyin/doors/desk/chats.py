"""The chat desk: who waits, several chats at once, taking, answering, handing over, ending."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.core.masking import mask_text
from huiyin.doors.chat import streams
from huiyin.doors.chat.views import line_json, refused, told
from huiyin.doors.desk.frame import desk_page, id_of, need, show
from huiyin.doors.uploads import serve
from huiyin.flows import answer, chat, intake, journey
from huiyin.flows.replying import CannotSend, Sending
from huiyin.store.ledger import chats as ledger
from huiyin.store.ledger.chats import CannotChat
from huiyin.store.read import chats, labels, office
from huiyin.store.read.chats import CannotSee, Chat, Row
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer

View = Callable[..., HttpResponse]


def _own(view: View) -> View:
    """Let in who works on this chat: anybody while it waits, then who took it, and leaders."""

    @desk_page
    @wraps(view)
    def inner(request: HttpRequest, id: str, viewer: Viewer, **more: Any) -> HttpResponse:
        need(viewer=viewer, action="chat.work")
        try:
            session = chats.one(id=id_of(id), now=timezone.now())
        except CannotSee as error:
            raise Http404 from error
        leads = viewer.role in chats.LEADERS
        if session.assignee_id not in {None, viewer.id} and not leads:
            return refused(_("这个会话由别人接待"), status=403)
        return view(request, viewer=viewer, session=session, **more)

    return inner


@require_GET
@desk_page
def chat_desk(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the desk; its script fills it."""
    need(viewer=viewer, action="chat.work")
    playbook = office.current_playbook()
    return show(
        request,
        "desk/chats.html",
        viewer=viewer,
        nav="chats",
        scripts=chats.scripts(viewer=viewer),
        accepting=chats.accepting(person=viewer.id),
        branches=[Choice(code=b.code, label=labels.said(b.name)) for b in playbook.branches],
        leads=viewer.role in chats.LEADERS,
    )


def _row_json(row: Row) -> dict[str, Any]:
    chat_, case = row.chat, row.case
    return {
        "id": chat_.id.hex,
        "state": chat_.state,
        "name": chat_.name or _("访客"),
        "contact": mask_text(text=chat_.phone or chat_.email),
        "page": chat_.page,
        "assignee": chat_.assignee,
        "mine": row.mine,
        "there": chat_.visitor_there,
        "typing": chat_.visitor_types,
        "unread": row.unread,
        "last": row.last,
        "at": row.last_at.isoformat(),
        "since": chat_.opened_at.isoformat(),
        "read": chat_.visitor_read.hex if chat_.visitor_read else "",
        "mail": bool(chat_.email),
        "case": {
            "id": case.id,
            "number": case.number,
            "status": case.status,
            "category": case.category,
            "due": case.due_at.isoformat() if case.due_at else "",
            "see": case.may_see,
        }
        if case
        else None,
    }


@require_GET
@desk_page
def state(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Return every chat that the viewer may see; asking it is the sign that he is there."""
    need(viewer=viewer, action="chat.work")
    now = timezone.now()
    ledger.on_duty(now=now, person=viewer.id)
    response = JsonResponse(
        {
            "chats": [_row_json(row) for row in chats.desk(viewer=viewer, now=now)],
            "colleagues": [
                {"id": id, "name": name} for id, name in chats.colleagues(viewer=viewer, now=now)
            ],
        }
    )
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@desk_page
def stream(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Tick whenever any chat changes."""
    need(viewer=viewer, action="chat.work")
    # a stream is a response to everybody but the type checker
    return cast("HttpResponse", streams.stream(about=None))


@require_POST
@desk_page
def duty(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take chats from now on, or no more."""
    need(viewer=viewer, action="chat.work")
    wanted = request.POST.get("accepting") == "1"
    ledger.on_duty(now=timezone.now(), person=viewer.id, accepting=wanted)
    return JsonResponse({"accepting": wanted})


@require_GET
@_own
def lines(request: HttpRequest, viewer: Viewer, session: Chat) -> HttpResponse:
    """Return what was said; what the viewer's page has shown counts as read where it is his."""
    try:
        after = UUID(request.GET["after"]) if request.GET.get("after") else None
        read = UUID(request.GET["read"]) if request.GET.get("read") else None
    except ValueError:
        return refused(_("请刷新页面后再试"), status=400)
    if read and session.assignee_id == viewer.id:
        ledger.seen(now=timezone.now(), id=session.id, side="agent", line=read)
    url = f"/desk/chats/{session.id.hex}/f"
    response = JsonResponse(
        {"lines": [line_json(one, url=url) for one in chats.lines(id=session.id, after=after)]}
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@_own
def take(request: HttpRequest, viewer: Viewer, session: Chat) -> HttpResponse:
    """Take a chat, or hand it to somebody who is there."""
    to = request.POST.get("to", "")
    person = viewer.id
    if to:
        there = dict(chats.colleagues(viewer=viewer, now=timezone.now()))
        if not to.isdecimal() or int(to) not in there:
            return refused(_("这位同事现在不在线"))
        person = int(to)
    now = timezone.now()
    if not ledger.take(now=now, id=session.id, by=person, instead_of=session.assignee_id):
        return refused(_("已被别人接待"), status=409)
    return JsonResponse({"ok": True})


@require_POST
@_own
def typing(request: HttpRequest, viewer: Viewer, session: Chat) -> HttpResponse:
    """Let the visitor know that somebody types."""
    ledger.typing(now=timezone.now(), id=session.id, side="agent")
    return HttpResponse(status=204)


@require_POST
@_own
def say(request: HttpRequest, viewer: Viewer, session: Chat) -> HttpResponse:
    """Answer: a reply to the complaint where there is one, with every check of a reply."""
    client = request.POST.get("client", "").strip()[:64]
    if not client:
        return refused(_("请刷新页面后再试"), status=400)
    if session.assignee_id != viewer.id:
        return refused(_("请先接待这位访客"), status=409)
    now = timezone.now()
    try:
        words = chat.clean(text=request.POST.get("text", ""))
        if not words:
            return refused(_("请填写要发送的内容"))
        if session.complaint_id is None or session.state == "ended":
            ledger.say(
                now=now, id=session.id, side="agent", text=words, client_id=client, author=viewer.id
            )
            return JsonResponse({"ok": True}, status=201)
        how = Sending(agent=viewer.name, despite=request.POST.get("despite", "")[:500])
        with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
            answer.reply(
                pen=pen,
                complaint_id=session.complaint_id,
                actor=viewer.actor,
                text=words,
                agent=viewer.name,
                how=how,
            )
    except CannotSend as error:
        return JsonResponse(
            {"error": error.en if labels.english() else error.zh, "despite": True}, status=422
        )
    except CannotChat as error:
        return refused(told(error))
    except PermissionError as error:
        return refused(str(error), status=403)
    except ValueError as error:
        name = "en" if labels.english() else "zh"
        return refused(str(getattr(error, name, error)))
    return JsonResponse({"ok": True}, status=201)


@require_POST
@_own
def make(request: HttpRequest, viewer: Viewer, session: Chat) -> HttpResponse:
    """Make a complaint of all that the visitor said, as a person sorts it."""
    branch = request.POST.get("branch", "")
    if branch not in {b.code for b in office.current_playbook().branches}:
        return refused(_("请选择咨询、业务办理或投诉"))
    if session.complaint_id is not None:
        return refused(_("已经立案"), status=409)
    now = timezone.now()
    try:
        arrival = chat.whole(session=session, branch=branch)
    except CannotChat as error:
        return refused(told(error))
    accepted = intake.accept(now=now, arrivals=[arrival])[0]
    done = intake.decide(now=now, ids=[accepted.id])
    if not done or done[0].complaint_id is None:
        return refused(_("这些话里还看不出要投诉什么，请问清楚，或选「咨询」立案"))
    with journey.writing(now=now, actor=f"user:{viewer.id}") as pen:
        chat.join(pen=pen, session_id=session.id, complaint_id=done[0].complaint_id, proven=True)
    return JsonResponse({"number": done[0].number}, status=201)


@require_POST
@_own
def end(request: HttpRequest, viewer: Viewer, session: Chat) -> HttpResponse:
    """End a chat, with what was said by mail where it is wanted."""
    with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
        chat.end(
            pen=pen,
            session_id=session.id,
            by=viewer.id,
            transcript=request.POST.get("mail") == "1",
        )
    return JsonResponse({"ok": True})


@require_GET
@_own
def file(
    request: HttpRequest, viewer: Viewer, session: Chat, line: str, number: int
) -> HttpResponse:
    """Serve a file that the visitor sent."""
    try:
        row = chats.file_of(id=session.id, line=line, number=number)
    except CannotSee as error:
        raise Http404 from error
    return serve(name=row["name"], content_type=row["content_type"], sha256=row["sha256"])
