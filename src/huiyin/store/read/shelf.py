"""The shelf of the knowledge base: lists with their use, an article with its history, conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from huiyin.core.access import may
from huiyin.core.because import Reason
from huiyin.core.knowledge import (
    AUDIENCES,
    KINDS,
    STATES,
    Passages,
    conflicts,
    html_of,
    shipped_articles,
    summary_of,
)
from huiyin.core.knowledge.markup import lines_of
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.articles import (
    CannotReadArticle,
    may_be_said,
    my_vote,
    readable,
    votes_of,
)
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer, visible

SATISFIED = 4
MOST = 300
VIEWS = ("all", "draft", "stale", "conflict", "archived")
_ASKED = 2000


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in a list; ``satisfied`` of ``rated`` customers whose answers held it."""

    slug: str
    title: str
    summary: str
    kind: str
    kind_label: str
    audience: str
    audience_label: str
    state: str
    state_label: str
    owner: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    review_on: date | None
    stale: bool
    updated_at: datetime
    useful: int
    useless: int
    used: int
    rated: int
    satisfied: int
    from_case: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of an article."""

    number: int
    state_label: str
    title: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Two articles that contradict each other, with both passages."""

    one: str
    one_title: str
    other: str
    other_title: str
    passage: str
    other_passage: str
    because: Reason


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One article to read, or one of its versions."""

    row: ArticleRow
    html: str
    text: str
    """The words as they go into an answer."""
    source: tuple[str, ...]
    version: int
    shown: int
    """The version that is shown."""
    versions: tuple[VersionRow, ...]
    conflicts: tuple[ConflictView, ...]
    my_vote: str
    can_write: bool
    from_number: str
    translated: bool


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """The list of articles."""

    view: str
    views: tuple[Choice, ...]
    filters: dict[str, str]
    text: str
    rows: tuple[ArticleRow, ...]
    conflicts: tuple[ConflictView, ...]
    kinds: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    can_write: bool
    missing: int
    """Shipped articles that this installation does not have."""


def named(*, names: Mapping[str, tuple[str, str]], chosen: str = "") -> tuple[Choice, ...]:
    """Return named codes as choices."""
    return tuple(Choice(code=c, label=labels.pick(names, c), selected=c == chosen) for c in names)


def category_choices(*, chosen: Sequence[str]) -> tuple[Choice, ...]:
    """Return the playbook's categories as choices."""
    return tuple(
        Choice(code=c.code, label=labels.said(c.name), selected=c.code in chosen)
        for c in office.current_playbook().categories
    )


def _uses() -> dict[UUID, tuple[int, int, int]]:
    rows = models.ArticleUse.objects.values("article_id").annotate(
        used=Count("id"),
        rated=Count("id", filter=Q(stars__isnull=False)),
        satisfied=Count("id", filter=Q(stars__gte=SATISFIED)),
    )
    return {r["article_id"]: (r["used"], r["rated"], r["satisfied"]) for r in rows.order_by()}


def _row(
    *,
    article: models.Article,
    today: date,
    votes: Mapping[UUID, tuple[int, int]],
    uses: Mapping[UUID, tuple[int, int, int]],
) -> ArticleRow:
    english = labels.english() and bool(article.title_en)
    playbook = office.current_playbook()
    useful, useless = votes.get(article.id, (0, 0))
    used, rated, satisfied = uses.get(article.id, (0, 0, 0))
    audience = labels.pick(AUDIENCES, article.audience)
    if article.audience == "department":
        audience = labels.department(playbook, article.department_id)
    return ArticleRow(
        slug=article.slug,
        title=article.title_en if english else article.title,
        summary=summary_of(text=article.body_en if english else article.body),
        kind=article.kind,
        kind_label=labels.pick(KINDS, article.kind),
        audience=article.audience,
        audience_label=audience,
        state=article.state,
        state_label=labels.pick(STATES, article.state),
        owner=article.owner.name if article.owner else "",
        categories=tuple(labels.category(playbook, c) for c in article.categories),
        tags=tuple(article.tags),
        review_on=article.review_on,
        stale=_is_stale(article, today),
        updated_at=article.updated_at,
        useful=useful,
        useless=useless,
        used=used,
        rated=rated,
        satisfied=satisfied,
        from_case=article.from_complaint is not None,
    )


def _is_stale(article: models.Article, today: date) -> bool:
    return (
        article.state == "published"
        and article.review_on is not None
        and article.review_on <= today
    )


def _found(articles: Sequence[models.Article]) -> tuple[ConflictView, ...]:
    titles = {a.slug: a.title for a in articles}
    return tuple(
        ConflictView(
            one=c.one,
            one_title=titles[c.one],
            other=c.other,
            other_title=titles[c.other],
            passage=c.passage,
            other_passage=c.other_passage,
            because=c.because,
        )
        for c in conflicts(
            articles=[
                Passages(slug=a.slug, text=a.body, categories=frozenset(a.categories))
                for a in articles
                if a.state == "published"
            ]
        )
    )


def shelf(
    *,
    viewer: Viewer,
    today: date,
    view: str = "all",
    filters: Mapping[str, str] | None = None,
    text: str = "",
) -> ShelfPage:
    """Return the articles of a view, the newest first; contradictions in theirs alone.

    ``stale`` are those whose review date has passed. Costs a fixed number of queries.
    """
    chosen = {k: v for k, v in (filters or {}).items() if v}
    can_write = bool(may(actor=viewer.actor, action="knowledge.write"))
    view = view if view in VIEWS and (can_write or view == "all") else "all"
    articles = list(
        models.Article.objects.filter(readable(viewer=viewer))
        .select_related("owner")
        .order_by("-updated_at", "slug")[:MOST]
    )
    found = _found(articles) if view == "conflict" else ()
    votes, uses = votes_of(), _uses()
    rows = [
        _row(article=a, today=today, votes=votes, uses=uses)
        for a in articles
        if _in_view(a, view, today) and _fits(a, chosen, text)
    ]
    counts = {
        "draft": sum(a.state == "draft" for a in articles),
        "stale": sum(_is_stale(a, today) for a in articles),
    }
    names = {
        "all": _("全部"), "draft": _("草稿"), "stale": _("到期待复核"), "conflict": _("互相矛盾"),
        "archived": _("已停用"),
    }  # fmt: skip
    known = {a.shipped for a in articles if a.shipped} | {a.slug for a in articles}
    return ShelfPage(
        view=view,
        views=tuple(
            Choice(code=v, label=names[v], count=counts.get(v), selected=v == view)
            for v in (VIEWS if can_write else ())
        ),
        filters=chosen,
        text=text,
        rows=tuple(rows),
        conflicts=found,
        kinds=named(names=KINDS, chosen=chosen.get("kind", "")),
        audiences=named(names=AUDIENCES, chosen=chosen.get("audience", "")),
        categories=category_choices(chosen=[chosen.get("category", "")]),
        can_write=can_write,
        missing=sum(a.id not in known for a in shipped_articles()) if can_write else 0,
    )


def _in_view(article: models.Article, view: str, today: date) -> bool:
    match view:
        case "stale":
            return _is_stale(article, today)
        case "conflict":
            return False
        case "all":
            return article.state != "archived"
        case _:
            return article.state == view


def _fits(article: models.Article, chosen: Mapping[str, str], text: str) -> bool:
    if chosen.get("kind", article.kind) != article.kind:
        return False
    if chosen.get("audience", article.audience) != article.audience:
        return False
    if chosen.get("category") and chosen["category"] not in article.categories:
        return False
    said = f"{article.title}\n{article.title_en}\n{article.body}\n{' '.join(article.tags)}".lower()
    return all(word in said for word in text.lower().split())


def article_of(*, viewer: Viewer, slug: str) -> models.Article:
    """Return an article that the viewer may read, with its owner. Raises CannotReadArticle."""
    article = (
        models.Article.objects.filter(readable(viewer=viewer), slug=slug)
        .select_related("owner")
        .first()
    )
    if article is None:
        raise CannotReadArticle(slug)
    return article


def page(*, viewer: Viewer, slug: str, today: date, number: int | None = None) -> ArticlePage:
    """Return an article, or one of its versions. Raises CannotReadArticle."""
    article = article_of(viewer=viewer, slug=slug)
    can_write = bool(may(actor=viewer.actor, action="knowledge.write"))
    row = _row(article=article, today=today, votes=votes_of(), uses=_uses())
    body, body_en = article.body, article.body_en
    versions = list(
        models.ArticleVersion.objects.filter(article=article)
        .select_related("by")
        .order_by("-number")[:MOST]
    )
    if number is not None:
        old = next((v for v in versions if v.number == number), None)
        if old is None or not can_write:
            raise CannotReadArticle(slug)
        body, body_en = old.body, old.body_en
    english = labels.english() and bool(body_en)
    text = body_en if english else body
    others = (
        _found(list(models.Article.objects.filter(readable(viewer=viewer), state="published")))
        if can_write and number is None
        else ()
    )
    return ArticlePage(
        row=row,
        html=html_of(text=text),
        text=text if article.kind == "script" else lines_of(text=text),
        source=tuple(line for line in article.source.splitlines() if line),
        version=article.version,
        shown=article.version if number is None else number,
        versions=tuple(
            VersionRow(
                number=v.number,
                state_label=labels.pick(STATES, v.state),
                title=v.title,
                by=v.by.name if v.by else "",
                at=v.at,
                note=v.note,
            )
            for v in (versions if can_write else ())
        ),
        conflicts=tuple(c for c in others if slug in (c.one, c.other)),
        my_vote=my_vote(article_id=article.id, voter=f"user:{viewer.id}"),
        can_write=can_write,
        from_number=_number(viewer=viewer, complaint_id=article.from_complaint),
        translated=english or not labels.english(),
    )


def _number(*, viewer: Viewer, complaint_id: UUID | None) -> str:
    if complaint_id is None:
        return ""
    rows = models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
    return rows.values_list("number", flat=True).first() or ""


def words_for_answer(*, viewer: Viewer, slug: str) -> str:
    """Return an article's words as they go into an answer.

    Raises CannotReadArticle, also for one that only the staff reads.
    """
    article = article_of(viewer=viewer, slug=slug)
    if not may_be_said(kind=article.kind, audience=article.audience):
        raise CannotReadArticle(slug)
    return article.body if article.kind == "script" else lines_of(text=article.body)
