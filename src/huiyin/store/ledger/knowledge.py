"""Writing of articles: every change is a new version; votes and uses are counted once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction

from huiyin.core.knowledge import Draft, ShippedArticle
from huiyin.core.knowledge.markup import plain_of
from huiyin.core.similar import terms_of
from huiyin.store import models
from huiyin.store.ids import new_id


class CannotSave(ValueError):
    """Somebody else changed the article meanwhile; ``zh`` and ``en`` say so."""

    def __init__(self) -> None:
        self.zh = "别人刚刚改过这篇文章，请对照新版本再保存；您写的内容还在"
        self.en = "somebody else changed this article meanwhile; compare and save again"
        super().__init__(self.en)


def _fields(draft: Draft) -> dict[str, Any]:
    return {
        "kind": draft.kind,
        "audience": draft.audience,
        "department_id": draft.department or None if draft.audience == "department" else None,
        "title": draft.title.strip(),
        "body": draft.body.strip(),
        "title_en": draft.title_en.strip(),
        "body_en": draft.body_en.strip(),
        "source": draft.source.strip(),
        "categories": list(draft.categories),
        "tags": list(draft.tags),
        "review_on": draft.review_on,
        "terms": _terms(title=draft.title, tags=draft.tags, body=draft.body),
    }


@lru_cache(maxsize=64)
def _terms(*, title: str, tags: tuple[str, ...], body: str) -> str:
    """Return the words of the title and its tags, and those of the text, one line each."""
    first = terms_of(text="，".join((title, *tags)))
    return " ".join(first) + "\n" + " ".join(terms_of(text=plain_of(text=body)))


def create(
    *,
    now: datetime,
    draft: Draft,
    by: int | None,
    state: str = "draft",
    slug: str = "",
    note: str = "",
    from_complaint: UUID | None = None,
    shipped: str = "",
) -> str:
    """Create an article with its first version; returns its slug."""
    slug = slug or f"a-{secrets.token_hex(4)}"
    with transaction.atomic():
        article = models.Article.objects.create(
            id=new_id(now=now), slug=slug, state=state, owner_id=by, version=1,
            from_complaint=from_complaint, shipped=shipped, created_at=now, updated_at=now,
            **_fields(draft),
        )  # fmt: skip
        _version_of(article=article, by=by, now=now, note=note).save()
    return slug


def save(
    *,
    now: datetime,
    slug: str,
    seen: int,
    draft: Draft,
    state: str,
    owner: int | None,
    by: int,
    note: str = "",
) -> None:
    """Keep a new version of an article that was read as version ``seen``. Raises CannotSave."""
    with transaction.atomic():
        rows = models.Article.objects.filter(slug=slug, version=seen)
        changed = rows.update(
            state=state, owner_id=owner, version=seen + 1, updated_at=now, **_fields(draft)
        )
        if not changed:
            raise CannotSave
        article = models.Article.objects.get(slug=slug)
        _version_of(article=article, by=by, now=now, note=note).save()


def _version_of(
    *, article: models.Article, by: int | None, now: datetime, note: str = ""
) -> models.ArticleVersion:
    return models.ArticleVersion(
        article=article, number=article.version, state=article.state, title=article.title,
        body=article.body, title_en=article.title_en, body_en=article.body_en, note=note[:200],
        by_id=by, at=now,
    )  # fmt: skip


def add_shipped(
    *, now: datetime, articles: Sequence[ShippedArticle], by: int | None = None
) -> list[str]:
    """Publish the shipped articles that this installation never had; returns their names."""
    known = set(models.Article.objects.exclude(shipped="").values_list("shipped", flat=True))
    taken = set(models.Article.objects.values_list("slug", flat=True))
    fresh = [a for a in articles if a.id not in known and a.id not in taken]
    rows = [
        models.Article(
            id=new_id(now=now), slug=a.id, state="published", owner_id=by, version=1,
            shipped=a.id, created_at=now, updated_at=now, **_fields(a.draft),
        )
        for a in fresh
    ]  # fmt: skip
    with transaction.atomic():
        models.Article.objects.bulk_create(rows)
        models.ArticleVersion.objects.bulk_create(
            [_version_of(article=row, by=by, now=now) for row in rows]
        )
    return [a.id for a in fresh]


def vote(
    *, now: datetime, slug: str, voter: str, useful: bool, audience: str | None = None
) -> bool:
    """Count a reader's vote, or change it; False where no such article is published for them."""
    rows = models.Article.objects.filter(slug=slug, state="published")
    if audience is not None:
        rows = rows.filter(audience=audience)
    article = rows.first()
    if article is None:
        return False
    models.ArticleVote.objects.update_or_create(
        article=article, voter=voter[:64], defaults={"useful": useful, "at": now}
    )
    return True
