"""The knowledge base: what an article must be, how it is shown, suggested and compared."""

from huiyin.core.knowledge.conflict import Conflict, Passages, conflicts
from huiyin.core.knowledge.draft import AUDIENCES, KINDS, STATES, CannotPublish, Draft, Problem
from huiyin.core.knowledge.markup import html_of, summary_of
from huiyin.core.knowledge.shipped import CannotReadArticles, ShippedArticle, shipped_articles
from huiyin.core.knowledge.suggest import Known, Suggested, suggest
from huiyin.core.knowledge.used import stands_in

__all__ = [
    "AUDIENCES",
    "KINDS",
    "STATES",
    "CannotPublish",
    "CannotReadArticles",
    "Conflict",
    "Draft",
    "Known",
    "Passages",
    "Problem",
    "ShippedArticle",
    "Suggested",
    "conflicts",
    "html_of",
    "shipped_articles",
    "stands_in",
    "suggest",
    "summary_of",
]
