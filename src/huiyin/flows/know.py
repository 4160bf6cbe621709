"""Know: articles written, checked and published, put into answers, and weighed by what followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.knowledge import CannotPublish, Draft, shipped_articles, stands_in
from huiyin.store.case import Happening
from huiyin.store.ledger import Pen, knowledge
from huiyin.store.read import articles, office

MOST_IN_ONE_ANSWER = 5


def _guard(actor: Actor) -> None:
    allowed = may(actor=actor, action="knowledge.write")
    if not allowed:
        raise PermissionError(allowed.zh)


def write(
    *,
    now: datetime,
    actor: Actor,
    draft: Draft,
    state: str,
    slug: str = "",
    seen: int = 0,
    owner: int | None = None,
    checked: bool = False,
    note: str = "",
) -> str:
    """Keep an article, new or changed, as draft, published or archived; returns its slug.

    Raises PermissionError, CannotPublish, and CannotSave where somebody else changed it meanwhile.
    """
    _guard(actor)
    known = (office.company().name, office.current_playbook().hotline)
    from_case = bool(slug) and articles.written_from_case(slug=slug)
    problems = (
        draft.hindrances(from_case=from_case, checked=checked, known=tuple(k for k in known if k))
        if state == "published"
        else draft.problems()
    )
    if problems:
        raise CannotPublish(problems=problems)
    if not slug:
        return knowledge.create(now=now, draft=draft, by=actor.id, state=state, note=note)
    knowledge.save(
        now=now, slug=slug, seen=seen, draft=draft, state=state, owner=owner or actor.id,
        by=actor.id, note=note,
    )  # fmt: skip
    return slug


def write_from_case(*, now: datetime, actor: Actor, draft: Draft, complaint_id: UUID) -> str:
    """Begin an article from an ended complaint, without personal data; returns its slug.

    It stays a draft until a person has checked it. Raises PermissionError.
    """
    _guard(actor)
    return knowledge.create(
        now=now, draft=draft, by=actor.id, state="draft", from_complaint=complaint_id
    )


def take_shipped(*, now: datetime, actor: Actor) -> list[str]:
    """Publish the shipped articles that are not here yet. Raises PermissionError."""
    _guard(actor)
    return knowledge.add_shipped(now=now, articles=shipped_articles(), by=actor.id)


def use(*, pen: Pen, complaint_id: UUID, actor: Actor, slugs: Sequence[str], answer: str) -> None:
    """Note which of the articles put into an answer stand in it; each counts once a complaint."""
    wanted = list(dict.fromkeys(slugs))[:MOST_IN_ONE_ANSWER]
    if not wanted:
        return
    for article_id, body in articles.not_used_yet(slugs=wanted, complaint_id=complaint_id):
        if not stands_in(article=body, answer=answer):
            continue
        pen.add(
            table="article_use",
            row={
                "article_id": article_id,
                "complaint_id": complaint_id,
                "by_id": actor.id,
                "at": pen.now,
                "stars": None,
            },
        )


def weigh(pen: Pen, events: Sequence[Happening]) -> None:
    """Remember how satisfied the customers were whose answers held articles."""
    stars = {event.case.id: int(event.data["stars"]) for event in events}
    for use_id, complaint_id in articles.uses(complaint_ids=list(stars)):
        pen.alter(table="article_use", key=use_id, stars=stars[complaint_id])
