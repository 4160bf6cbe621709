"""Views around a reply: the look at it while it is written, promises, calls, letters, grounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.masking import mask_text
from huiyin.core.reply import Look
from huiyin.core.reply.pledges import Edit
from huiyin.core.reply.remark import Remark
from huiyin.doors.desk.frame import desk_page, id_of, show, toast
from huiyin.doors.sums import CannotReadForm, told
from huiyin.doors.uploads import serve
from huiyin.flows import answer, journey, promise, reaching, rehandle, replying, write_letter
from huiyin.flows.replying import Sending
from huiyin.store.ledger import Pen
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import labels, letters, office
from huiyin.store.read.viewer import Viewer

SLOTS = frozenset({"composer", "resolve", "ask"})
"""Where a reply is written on the page: below the conversation, or in a dialog."""
MOST_PROMISES = 20
AROUND = 14
"""Characters shown before and after marked words."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of the reply with what stands around them."""

    before: str
    words: str
    after: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RemarkShown:
    """One remark as the page shows it."""

    code: str
    stop: bool
    said: str
    marks: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class PromiseShown:
    """One promise found, with the time as a form field takes it."""

    number: int
    key: str
    due: datetime
    field: str
    kept_on: bool
    deed: bool


@dataclass(frozen=True, slots=True)
class Check:
    """The look at a reply as the page shows it; ``slot`` tells where it is written."""

    slot: str
    written: bool
    promises: tuple[PromiseShown, ...]
    stops: tuple[RemarkShown, ...]
    looks: tuple[RemarkShown, ...]
    despite: str
    refused: bool = False

    @property
    def watched(self) -> int:
        """How many of the promises will be watched."""
        return sum(1 for p in self.promises if p.kept_on)


def _zone() -> ZoneInfo:
    return ZoneInfo(office.current_playbook().timezone)


def moment(text: str) -> datetime | None:
    """Read a time as the browser's field gives it; None for nothing. Raises CannotReadForm."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()[:16]).replace(tzinfo=_zone())
    except ValueError as error:
        raise CannotReadForm(
            zh="时间请写成 2026-11-05 12:00", en="write the time as 2026-11-05 12:00"
        ) from error


def edits_of(form: Mapping[str, str]) -> tuple[Edit, ...]:
    """Return what a person did to the promises that he was shown. Raises CannotReadForm."""
    out = []
    for number in range(MOST_PROMISES):
        key = form.get(f"promise_key_{number}", "")
        if key:
            out.append(
                Edit(
                    key=key[:200],
                    due=moment(form.get(f"promise_due_{number}", "")),
                    dropped=f"promise_on_{number}" not in form,
                )
            )
    return tuple(out)


def how_of(*, form: QueryDict, viewer: Viewer) -> Sending:
    """Return how a reply goes out, from what stands in its form. Raises CannotReadForm."""
    letter = str(form.get("letter", ""))
    return Sending(
        agent=viewer.name,
        edits=edits_of(form),
        despite=str(form.get("despite", "")),
        letter=id_of(letter) if letter else None,
    )


def check_of(
    *, look: Look, text: str, slot: str, form: Mapping[str, str], refused: bool = False
) -> Check:
    """Return the look as the page shows it, with the person's changes kept."""
    try:
        edits = {e.key: e for e in edits_of(form)}
    except CannotReadForm:
        edits = {}
    shown = []
    for number, found in enumerate(look.promises[:MOST_PROMISES]):
        edit = edits.get(found.key)
        due = (edit.due if edit and edit.due else found.due).astimezone(_zone())
        shown.append(
            PromiseShown(
                number=number,
                key=found.key,
                due=due,
                field=f"{due:%Y-%m-%dT%H:%M}",
                kept_on=not (edit is not None and edit.dropped),
                deed=found.kind == "deed",
            )
        )
    return Check(
        slot=slot,
        written=bool(text.strip()),
        promises=tuple(shown),
        stops=tuple(_remark(r, text) for r in look.remarks if r.level == "stop"),
        looks=tuple(_remark(r, text) for r in look.remarks if r.level == "look"),
        despite=form.get("despite", ""),
        refused=refused,
    )


def _remark(remark: Remark, text: str) -> RemarkShown:
    because = remark.because
    return RemarkShown(
        code=remark.code,
        stop=remark.level == "stop",
        said=mask_text(text=(because.en or because.zh) if labels.english() else because.zh),
        marks=tuple(
            Marked(
                before=("…" if start > AROUND else "") + text[max(0, start - AROUND) : start],
                words=text[start:end],
                after=text[end : end + AROUND] + ("…" if end + AROUND < len(text) else ""),
                start=start,
                end=end,
            )
            for start, end in remark.spans[:6]
        ),
    )


def _slot(text: str) -> str:
    return text if text in SLOTS else "composer"


@require_POST
@desk_page
def reply_check(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Look a reply over while it is written."""
    complaint_id = id_of(id)
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise Http404
    text = request.POST.get("text", "")[:20000].replace("\r\n", "\n")
    look = replying.look(
        complaint_id=complaint_id, text=text, agent=viewer.name, now=timezone.now()
    )
    form = {k: str(v) for k, v in request.POST.items()}
    check = check_of(look=look, text=text, slot=_slot(request.GET.get("slot", "")), form=form)
    return render(request, "desk/partials/reply_check.html", {"check": check})


def refused_check(
    *, request: HttpRequest, viewer: Viewer, complaint_id: UUID, look: Look, action: str
) -> HttpResponse:
    """Show what wants a reason before a reply goes out, with everything typed kept."""
    text = request.POST.get("text", "").strip()
    slot = {"resolve": "resolve", "ask_customer": "ask"}.get(action, "composer")
    form = {k: str(v) for k, v in request.POST.items()}
    check = check_of(look=look, text=text, slot=slot, form=form, refused=True)
    if request.headers.get("HX-Request"):
        return render(request, "desk/partials/reply_check.html", {"check": check}, status=422)
    page = complaint_read.page(viewer=viewer, complaint_id=complaint_id, now=timezone.now())
    return show(
        request,
        "desk/complaint.html",
        viewer=viewer,
        nav="queue",
        page=page,
        form={"text": text, "action": action},
        check=check,
        status=422,
    )


def rooms(
    *, pen: Pen, viewer: Viewer, complaint_id: UUID, form: QueryDict
) -> dict[str, Callable[[], str]]:
    """Return what a complaint's forms about replies, calls, promises and grounds do."""
    actor = viewer.actor

    def word(name: str) -> str:
        return str(form.get(name, "")).replace("\r\n", "\n").strip()

    def how() -> Sending:
        return how_of(form=form, viewer=viewer)

    def said(sent: str, kept: str = "") -> str:
        case = pen.case(id=complaint_id)
        if reaching.leaves(pen=pen, case=case):
            return sent
        if kept:
            return kept
        if case.reply_channel in {"phone", "desk"}:
            return _("已写在客户的进度页上，没有发出；请电话告知客户")
        return _("已写在客户的进度页上；此渠道不能直接发送")

    def _reply() -> str:
        answer.reply(pen=pen, complaint_id=complaint_id, actor=actor, text=word("text"), how=how())
        return said(_("已发送给客户"))

    def _ask() -> str:
        answer.ask_customer(
            pen=pen, complaint_id=complaint_id, actor=actor, text=word("text"), how=how()
        )
        return said(_("已请客户补充"))

    def _resolve() -> str:
        answer.resolve(
            pen=pen, complaint_id=complaint_id, actor=actor, text=word("text"), how=how()
        )
        return said(
            _("已答复，评价邀请已发出"),
            _("已答复，写在客户的进度页上；没有发出，请告知客户"),
        )

    def _call() -> str:
        reached = word("reached") == "yes"
        answer.call(
            pen=pen, complaint_id=complaint_id, actor=actor, reached=reached, text=word("text")
        )
        return _("通话已登记") if reached else _("已登记没打通")

    def _keep() -> str:
        promise.keep_by_hand(
            pen=pen, complaint_id=complaint_id, clock_id=id_of(word("clock")), actor=actor
        )
        return _("已记为兑现")

    def _withdraw() -> str:
        promise.withdraw(
            pen=pen, complaint_id=complaint_id, clock_id=id_of(word("clock")), actor=actor,
            reason=word("reason"),
        )  # fmt: skip
        return _("承诺已撤回")

    def _ground() -> str:
        rehandle.mark(
            pen=pen, complaint_id=complaint_id, actor=actor, ground=word("ground"),
            reference=word("reference"), until=moment(word("until")), reason=word("reason"),
        )  # fmt: skip
        return _("已登记，换人重新处理")

    return {
        "reply": _reply, "ask_customer": _ask, "resolve": _resolve, "call": _call,
        "keep_promise": _keep, "withdraw_promise": _withdraw, "rehandle": _ground,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@desk_page
def letter(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Write a formal letter of reply, and see those written before."""
    complaint_id = id_of(id)
    try:
        page = complaint_read.page(viewer=viewer, complaint_id=complaint_id, now=timezone.now())
    except complaint_read.CannotSee as error:
        raise Http404 from error
    english = page.care.language == "en"
    draft = letters.draft(complaint_id=complaint_id, english=english)
    form = {"facts": draft.facts, "remedies": draft.remedies, "bases": draft.bases}
    problem = ""
    if request.method == "POST":
        form = {k: request.POST.get(k, "").replace("\r\n", "\n") for k in form}
        try:
            with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
                write_letter.write(
                    pen=pen,
                    complaint_id=complaint_id,
                    actor=viewer.actor,
                    agent=viewer.name,
                    **form,
                )
        except PermissionError as error:
            toast(request, str(error), level="error")
            return redirect("desk:letter", id)
        except ValueError as error:
            problem = told(error)
        else:
            toast(request, _("答复函已出具，可下载，也可附在回复里"))
            return redirect("desk:letter", id)
    return show(
        request,
        "desk/letter.html",
        viewer=viewer,
        nav="queue",
        page=page,
        form=form,
        problem=problem,
        hotline=office.current_playbook().hotline,
        status=422 if problem else 200,
    )


@require_GET
@desk_page
def letter_file(request: HttpRequest, id: str, kind: str, viewer: Viewer) -> HttpResponse:
    """Hand out a letter as PDF or Word file."""
    found = letters.file(viewer=viewer, letter_id=id_of(id), kind=kind)
    if found is None:
        raise Http404
    return serve(name=found["name"], content_type=found["content_type"], sha256=found["sha256"])
