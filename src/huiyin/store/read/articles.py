"""Published articles at hand: suggested for a text, and read by customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q

from huiyin.core.access import may
from huiyin.core.because import Reason
from huiyin.core.knowledge import KINDS, Known, html_of, shipped_articles, suggest, summary_of
from huiyin.core.similar import terms_of
from huiyin.store import models
from huiyin.store.read import labels
from huiyin.store.read.viewer import Viewer, visible

UNORDERED = 1000


class CannotReadArticle(LookupError):
    """There is no such article for this reader."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A published article as it is kept at hand."""

    slug: str
    kind: str
    audience: str
    department: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    categories: tuple[str, ...]
    order: int
    """Its place among those that customers read."""
    known: Known


@dataclass(frozen=True, slots=True)
class SuggestedRow:
    """An article suggested for a text, or offered without one."""

    slug: str
    title: str
    summary: str
    kind_label: str
    because: Reason | None = None
    to_be_said: bool = False
    """True when its words may go into an answer."""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """An article as a customer reads it."""

    slug: str
    title: str
    html: str
    source: tuple[str, ...]
    translated: bool
    """False where the page is in English and the article is not."""
    my_vote: str
    others: tuple[SuggestedRow, ...]


def readable(*, viewer: Viewer) -> Q:
    """Return the filter of articles that a member of staff may read."""
    if may(actor=viewer.actor, action="knowledge.write"):
        return Q()
    return Q(state="published") & (
        ~Q(audience="department") | Q(department_id=viewer.department or "")
    )


_kept: dict[str, tuple[tuple[object, ...], tuple[Kept, ...]]] = {}


def kept() -> tuple[Kept, ...]:
    """Return the published articles, read anew when one of them or their votes changed."""
    place = str(connection.settings_dict["NAME"])
    written = models.Article.objects.aggregate(n=Count("id"), at=Max("updated_at"))
    voted = models.ArticleVote.objects.aggregate(n=Count("id"), at=Max("at"))
    stamp = (*written.values(), *voted.values())
    known = _kept.get(place)
    if known and known[0] == stamp:
        return known[1]
    orders = {a.id: a.order for a in shipped_articles()}
    votes = votes_of()
    rows = tuple(
        _keep(article=a, order=orders.get(a.shipped, 0) or UNORDERED, votes=votes.get(a.id, (0, 0)))
        for a in models.Article.objects.filter(state="published").order_by("id")
    )
    _kept[place] = (stamp, rows)
    return rows


def _keep(*, article: models.Article, order: int, votes: tuple[int, int]) -> Kept:
    title, _line, body = article.terms.partition("\n")
    useful, useless = votes
    return Kept(
        slug=article.slug,
        kind=article.kind,
        audience=article.audience,
        department=article.department_id or "",
        title=article.title,
        title_en=article.title_en,
        summary=summary_of(text=article.body),
        summary_en=summary_of(text=article.body_en) if article.body_en else "",
        categories=tuple(article.categories),
        order=order,
        known=Known(
            slug=article.slug,
            title_terms=tuple(title.split()),
            terms=tuple(body.split()),
            categories=tuple(article.categories),
            helpful=(useful + 1) / (useful + useless + 2),
        ),
    )


def votes_of() -> dict[UUID, tuple[int, int]]:
    """Return (useful, not useful) votes by article."""
    rows = models.ArticleVote.objects.values_list("article_id", "useful").annotate(n=Count("id"))
    counted: dict[UUID, list[int]] = {}
    for article_id, useful, n in rows.order_by():
        counted.setdefault(article_id, [0, 0])[0 if useful else 1] = n
    return {k: (v[0], v[1]) for k, v in counted.items()}


def _for_staff(viewer: Viewer) -> Callable[[Kept], bool]:
    everything = bool(may(actor=viewer.actor, action="knowledge.write"))

    def fits(article: Kept) -> bool:
        return (
            everything
            or article.audience != "department"
            or article.department == (viewer.department or "")
        )

    return fits


def _row(article: Kept, because: Reason | None = None) -> SuggestedRow:
    english = labels.english() and bool(article.title_en)
    return SuggestedRow(
        slug=article.slug,
        title=article.title_en if english else article.title,
        summary=article.summary_en or article.summary if english else article.summary,
        kind_label=labels.pick(KINDS, article.kind),
        because=because,
        to_be_said=may_be_said(kind=article.kind, audience=article.audience),
    )


def _suggested(
    *, text: str, category: str, fits: Callable[[Kept], bool], most: int
) -> tuple[SuggestedRow, ...]:
    at_hand = {a.slug: a for a in kept() if fits(a)}
    found = suggest(
        terms=terms_of(text=text),
        articles=[a.known for a in at_hand.values()],
        category=category,
        most=most,
    )
    return tuple(_row(at_hand[s.slug], s.because) for s in found)


def for_text(*, viewer: Viewer, text: str, most: int = 3) -> tuple[SuggestedRow, ...]:
    """Return the articles that help a member of staff with a text."""
    return _suggested(text=text, category="", fits=_for_staff(viewer), most=most)


def for_complaint(*, viewer: Viewer, complaint_id: UUID, most: int = 3) -> tuple[SuggestedRow, ...]:
    """Return the articles that help with a complaint, by its words and category."""
    case = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .values_list("category", "title")
        .first()
    )
    if case is None:
        return ()
    said = (
        models.Message.objects.filter(complaint_id=complaint_id, direction="in")
        .exclude(channel="survey")
        .order_by("at", "id")
        .values_list("text", flat=True)[:8]
    )
    return _suggested(
        text="\n".join((case[1], *said)), category=case[0], fits=_for_staff(viewer), most=most
    )


def may_be_said(*, kind: str, audience: str) -> bool:
    """Tell whether an article's words are for customers: what they read, or what is said to them.

    What only the staff reads stays in the house.
    """
    return audience == "customer" or kind == "script"


def _for_customers(article: Kept) -> bool:
    return article.audience == "customer"


def for_customer(*, text: str, category: str = "", most: int = 3) -> tuple[SuggestedRow, ...]:
    """Return the articles that help a customer with what he writes; the first ones without it."""
    if text.strip():
        found = _suggested(text=text, category=category, fits=_for_customers, most=most)
        if found:
            return found
    return help_list()[:most]


def help_list() -> tuple[SuggestedRow, ...]:
    """Return the articles for customers in their order."""
    rows = sorted((a for a in kept() if _for_customers(a)), key=lambda a: (a.order, a.title))
    return tuple(_row(a) for a in rows)


def help_page(*, slug: str, voter: str = "") -> HelpPage:
    """Return an article as a customer reads it. Raises CannotReadArticle."""
    article = models.Article.objects.filter(
        slug=slug, state="published", audience="customer"
    ).first()
    if article is None:
        raise CannotReadArticle(slug)
    english = labels.english() and bool(article.title_en and article.body_en)
    return HelpPage(
        slug=slug,
        title=article.title_en if english else article.title,
        html=html_of(text=article.body_en if english else article.body),
        source=tuple(line for line in article.source.splitlines() if line),
        translated=english or not labels.english(),
        my_vote=my_vote(article_id=article.id, voter=voter),
        others=tuple(r for r in help_list() if r.slug != slug),
    )


def my_vote(*, article_id: UUID, voter: str) -> str:
    """Return what a reader said of an article: useful, useless or nothing."""
    useful = (
        models.ArticleVote.objects.filter(article_id=article_id, voter=voter)
        .values_list("useful", flat=True)
        .first()
    )
    return "" if useful is None else "useful" if useful else "useless"


def written_from_case(*, slug: str) -> bool:
    """Tell whether an article was written from a complaint."""
    return models.Article.objects.filter(slug=slug, from_complaint__isnull=False).exists()


def not_used_yet(*, slugs: Sequence[str], complaint_id: UUID) -> list[tuple[UUID, str]]:
    """Return (article, text) of those among ``slugs`` that stood in no answer to a complaint."""
    used = models.ArticleUse.objects.filter(complaint_id=complaint_id).values("article_id")
    return list(
        models.Article.objects.filter(slug__in=list(slugs), state="published")
        .exclude(id__in=used)
        .values_list("id", "body")
    )


def uses(*, complaint_ids: Sequence[UUID]) -> list[tuple[int, UUID]]:
    """Return (use, complaint) of the articles that stood in answers to complaints."""
    return list(
        models.ArticleUse.objects.filter(complaint_id__in=list(complaint_ids)).values_list(
            "id", "complaint_id"
        )
    )
