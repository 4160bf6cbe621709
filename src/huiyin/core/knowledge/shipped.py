"""The articles that come with Huiyin, read from data and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from huiyin import playbooks
from huiyin.core.knowledge.draft import Draft

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KEYS = frozenset(
    {"id", "kind", "audience", "categories", "tags", "title", "body", "source", "order"}
)


class CannotReadArticles(ValueError):
    """The shipped articles are not of the expected form; the message names file and article."""


@dataclass(frozen=True, slots=True)
class ShippedArticle:
    """One shipped article; ``order`` is its place among those that customers read."""

    id: str
    draft: Draft
    order: int


def read_articles(*, text: str, name: str) -> tuple[ShippedArticle, ...]:
    """Read articles from YAML. Raises CannotReadArticles."""
    try:
        data = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise CannotReadArticles(f"{name}: {error}") from error
    if not isinstance(data, list):
        raise CannotReadArticles(f"{name}: a list of articles is expected")
    return tuple(_article(entry, name) for entry in data)


def _article(entry: Any, name: str) -> ShippedArticle:
    if not isinstance(entry, Mapping) or "id" not in entry:
        raise CannotReadArticles(f"{name}: an article without id")
    place = f"{name}: {entry['id']}"
    if unknown := set(entry) - _KEYS:
        raise CannotReadArticles(f"{place}: unknown {', '.join(sorted(unknown))}")
    try:
        title, body = entry["title"], entry["body"]
        draft = Draft(
            title=title["zh"].strip(),
            body=body["zh"].strip(),
            title_en=title["en"].strip(),
            body_en=body["en"].strip(),
            kind=entry.get("kind", "article"),
            audience=entry.get("audience", "agent"),
            source="\n".join(entry.get("source", ())),
            categories=tuple(entry.get("categories", ())),
            tags=tuple(str(t) for t in entry.get("tags", ())),
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise CannotReadArticles(f"{place}: title and body in zh and en are expected") from error
    found = draft.hindrances(from_case=False, checked=True)
    if found:
        raise CannotReadArticles(f"{place}: " + "; ".join(p.en for p in found))
    return ShippedArticle(id=str(entry["id"]), draft=draft, order=int(entry.get("order", 0)))


@cache
def shipped_articles() -> tuple[ShippedArticle, ...]:
    """Return the articles that come with Huiyin."""
    return tuple(
        article
        for name, text in playbooks.articles()
        for article in read_articles(text=text, name=name)
    )
