"""Views of the knowledge base."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core.knowledge import CannotPublish, Draft, html_of
from huiyin.doors.desk.frame import desk_page, need, show, toast
from huiyin.flows import know
from huiyin.store.ledger import knowledge as ledger
from huiyin.store.read import drafting, labels, shelf
from huiyin.store.read.articles import CannotReadArticle
from huiyin.store.read.viewer import Viewer

FILTERS = ("kind", "audience", "category")
STATES = {"keep": "draft", "publish": "published", "archive": "archived"}
_LONGEST = 20_100


def _today() -> date:
    return timezone.localdate()


@require_GET
@desk_page
def knowledge(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the articles."""
    ask = request.GET
    page = shelf.shelf(
        viewer=viewer,
        today=_today(),
        view=ask.get("view", "all"),
        filters={k: ask[k][:40] for k in FILTERS if ask.get(k)},
        text=ask.get("q", "").replace("\x00", "").strip()[:100],
    )
    return show(request, "desk/knowledge.html", viewer=viewer, nav="knowledge", page=page)


@require_GET
@desk_page
def article(request: HttpRequest, slug: str, viewer: Viewer) -> HttpResponse:
    """Show one article, or one of its versions."""
    number = request.GET.get("version", "")
    try:
        page = shelf.page(
            viewer=viewer,
            slug=slug,
            today=_today(),
            number=int(number) if number.isdecimal() and len(number) < 9 else None,
        )
    except CannotReadArticle as error:
        raise Http404 from error
    return show(request, "desk/article.html", viewer=viewer, nav="knowledge", page=page)


@require_GET
@desk_page
def article_words(request: HttpRequest, slug: str, viewer: Viewer) -> HttpResponse:
    """Hand out an article's words for the composer."""
    try:
        text = shelf.words_for_answer(viewer=viewer, slug=slug)
    except CannotReadArticle as error:
        raise Http404 from error
    if not request.headers.get("HX-Request"):
        return redirect("desk:article", slug)
    return JsonResponse({"text": text, "because": []})


def _given(request: HttpRequest) -> tuple[Draft, dict[str, str]]:
    """Return what was written, and what of it cannot be read."""
    form = request.POST

    def word(name: str, most: int = 200) -> str:
        return str(form.get(name, "")).replace("\x00", "").replace("\r\n", "\n").strip()[:most]

    review_on, errors = None, {}
    try:
        review_on = date.fromisoformat(word("review_on")) if word("review_on") else None
    except ValueError:
        errors["review_on"] = _("日期请写成 2026-11-05 这样")
    draft = Draft(
        title=word("title"),
        body=word("body", _LONGEST),
        kind=word("kind") or "article",
        audience=word("audience") or "agent",
        department=word("department"),
        title_en=word("title_en"),
        body_en=word("body_en", _LONGEST),
        source=word("source", 2000),
        categories=tuple(c[:20] for c in form.getlist("categories")[:20]),
        tags=tuple(t for t in word("tags", 300).replace("，", " ").replace(",", " ").split())[:12],
        review_on=review_on,
    )
    return draft, errors


@require_http_methods(["GET", "POST"])
@desk_page
def edit(request: HttpRequest, viewer: Viewer, slug: str = "") -> HttpResponse:
    """Write an article; the form keeps what was typed when something stands in the way."""
    need(viewer=viewer, action="knowledge.write")
    errors: dict[str, str] = {}
    draft: Draft | None = None
    if request.method == "POST":
        draft, errors = _given(request)
        if not errors:
            done = _write(request, viewer=viewer, slug=slug, draft=draft, errors=errors)
            if done:
                toast(request, _("已发布") if request.POST.get("do") == "publish" else _("已保存"))
                return redirect("desk:article", done)
    try:
        page = drafting.edit(viewer=viewer, slug=slug, draft=draft)
    except CannotReadArticle as error:
        raise Http404 from error
    return show(
        request,
        "desk/article_edit.html",
        viewer=viewer,
        nav="knowledge",
        page=page,
        errors=errors,
        preview=html_of(text=page.draft.body),
        status=422 if errors else 200,
    )


def _write(
    request: HttpRequest, *, viewer: Viewer, slug: str, draft: Draft, errors: dict[str, str]
) -> str:
    """Keep what was written; returns the article's name, empty when something is in the way."""
    form = request.POST
    try:
        return know.write(
            now=timezone.now(),
            actor=viewer.actor,
            draft=draft,
            state=STATES.get(str(form.get("do")), "draft"),
            slug=slug,
            seen=_number(form.get("version", "")),
            owner=_number(form.get("owner", "")) or None,
            checked=bool(form.get("checked")),
            note=str(form.get("note", ""))[:200],
        )
    except CannotPublish as error:
        for problem in error.problems:
            said = problem.en if labels.english() else problem.zh
            errors[problem.field] = "；".join(filter(None, (errors.get(problem.field), said)))
    except ledger.CannotSave as error:
        errors["body"] = error.en if labels.english() else error.zh
    return ""


def _number(text: object) -> int:
    word = str(text)
    return int(word) if word.isdecimal() and len(word) < 10 else 0


@require_POST
@desk_page
def preview(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show what a text will look like."""
    need(viewer=viewer, action="knowledge.write")
    name = "body_en" if request.POST.get("of") == "body_en" else "body"
    html = html_of(text=str(request.POST.get(name, ""))[:_LONGEST])
    return render(request, "desk/partials/preview.html", {"html": html})


@require_POST
@desk_page
def from_case(request: HttpRequest, id: str, viewer: Viewer) -> HttpResponse:
    """Begin an article from an ended complaint."""
    need(viewer=viewer, action="knowledge.write")
    try:
        draft = drafting.draft_of_case(viewer=viewer, complaint_id=UUID(id))
    except ValueError as error:
        raise Http404 from error
    if draft is None:
        toast(request, _("办结并答复过的投诉才能写成文章"), level="error")
        return redirect("desk:complaint", id)
    slug = know.write_from_case(
        now=timezone.now(), actor=viewer.actor, draft=draft, complaint_id=UUID(id)
    )
    toast(request, _("已去掉个人信息，存为草稿；请核对后再发布"))
    return redirect("desk:article_edit", slug)


@require_POST
@desk_page
def vote(request: HttpRequest, slug: str, viewer: Viewer) -> HttpResponse:
    """Count whether an article helped."""
    try:
        shelf.page(viewer=viewer, slug=slug, today=_today())
    except CannotReadArticle as error:
        raise Http404 from error
    useful = request.POST.get("useful") == "yes"
    ledger.vote(now=timezone.now(), slug=slug, voter=f"user:{viewer.id}", useful=useful)
    toast(request, _("谢谢，已记下"))
    return redirect("desk:article", slug)


@require_POST
@desk_page
def take_shipped(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Publish the shipped articles that are not here yet."""
    need(viewer=viewer, action="knowledge.write")
    added = know.take_shipped(now=timezone.now(), actor=viewer.actor)
    toast(request, _("已加入 %(n)s 篇") % {"n": len(added)})
    return redirect("desk:knowledge")
