"""Articles while they are written: the form, and a beginning from an ended complaint."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from huiyin.core.knowledge import AUDIENCES, KINDS, Draft
from huiyin.core.masking import mask_text
from huiyin.core.similar import Parties, adapt
from huiyin.store import models, past
from huiyin.store.read import labels, office
from huiyin.store.read.pages import Choice
from huiyin.store.read.shelf import article_of, category_choices, named
from huiyin.store.read.similar import final_answer, parties
from huiyin.store.read.viewer import Viewer, visible

_ASKED = 2000


@dataclass(frozen=True, slots=True)
class EditPage:
    """What the form of an article needs."""

    slug: str
    version: int
    state: str
    draft: Draft
    owner: int | None
    from_case: bool
    kinds: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    owners: tuple[Choice, ...]


def edit(*, viewer: Viewer, slug: str = "", draft: Draft | None = None) -> EditPage:
    """Return what the form needs, for a new article or an old one. Raises CannotReadArticle."""
    article = article_of(viewer=viewer, slug=slug) if slug else None
    given = draft or (_draft(article) if article else Draft(title="", body=""))
    owner = article.owner_id if article else viewer.id
    people = (
        models.User.objects.filter(is_active=True, party=None)
        .order_by("name")
        .values_list("id", "name")
    )
    playbook = office.current_playbook()
    return EditPage(
        slug=slug,
        version=article.version if article else 0,
        state=article.state if article else "draft",
        draft=given,
        owner=owner,
        from_case=bool(article and article.from_complaint),
        kinds=named(names=KINDS, chosen=given.kind),
        audiences=named(names=AUDIENCES, chosen=given.audience),
        categories=category_choices(chosen=given.categories),
        departments=tuple(
            Choice(code=d.code, label=labels.said(d.name), selected=d.code == given.department)
            for d in playbook.departments
        ),
        owners=tuple(Choice(code=str(id), label=name, selected=id == owner) for id, name in people),
    )


def _draft(article: models.Article) -> Draft:
    return Draft(
        title=article.title,
        body=article.body,
        kind=article.kind,
        audience=article.audience,
        department=article.department_id or "",
        title_en=article.title_en,
        body_en=article.body_en,
        source=article.source,
        categories=tuple(article.categories),
        tags=tuple(article.tags),
        review_on=article.review_on,
    )


def draft_of_case(*, viewer: Viewer, complaint_id: UUID) -> Draft | None:
    """Return an article begun from an ended, answered complaint, without personal data.

    None where the viewer may not see it, or it has no final answer yet.
    """
    case = (
        models.Complaint.objects.filter(
            visible(viewer=viewer), id=complaint_id, status__in=past.ENDED
        )
        .select_related("customer")
        .first()
    )
    answer = final_answer(complaint_id=complaint_id) if case else None
    if case is None or answer is None:
        return None
    theirs = parties(case=case, agent=answer.author.name if answer.author else "")
    said = (
        models.Message.objects.filter(complaint_id=case.id, direction="in")
        .exclude(channel="survey")
        .order_by("at", "id")
        .values_list("text", flat=True)[:3]
    )

    def clean(text: str) -> str:
        return mask_text(text=adapt(answer=text, theirs=theirs, mine=Parties()).text)

    asked = "\n\n".join(clean(text[:_ASKED]) for text in said)
    body = "\n".join(
        (
            f"## {_('客户遇到的情况')}", "", *(f"> {line}" for line in asked.splitlines()), "",
            f"## {_('查到什么、怎么答复')}", "", clean(answer.text), "",
        )
    )  # fmt: skip
    return Draft(
        title=clean(case.title)[:60], body=body, kind="article", audience="agent",
        categories=(case.category,),
    )  # fmt: skip
