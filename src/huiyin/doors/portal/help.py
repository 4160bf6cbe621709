"""What customers can read before and instead of complaining; nothing they type is kept."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from huiyin.flows.reading import read_words
from huiyin.store.ledger import knowledge
from huiyin.store.read import articles, cases

_LONGEST = 500
_ENOUGH = 4
"""Characters from which on a text says something."""


def _voter(request: HttpRequest) -> str:
    if request.session.session_key is None:
        request.session.save()
    return "guest:" + hashlib.sha256(str(request.session.session_key).encode()).hexdigest()[:40]


@require_GET
def help_list(request: HttpRequest) -> HttpResponse:
    """List what customers ask."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = articles.for_customer(text=text, most=8) if text else articles.help_list()
    context = {"company": cases.company_name(), "rows": rows, "q": text}
    return render(request, "portal/help.html", context)


@require_GET
def help_article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one article."""
    known = request.session.session_key
    try:
        page = articles.help_page(slug=slug, voter=_voter(request) if known else "")
    except articles.CannotReadArticle:
        context = {"company": cases.company_name(), "rows": articles.help_list(), "gone": True}
        return render(request, "portal/help.html", context, status=404)
    context = {"company": cases.company_name(), "page": page}
    return render(request, "portal/help_article.html", context)


@require_POST
def answers(request: HttpRequest) -> HttpResponse:
    """Answer what is being typed, with articles; the text itself is not kept."""
    rows = answers_to(text=request.POST.get("text", ""))
    return render(request, "portal/answers.html", {"rows": rows})


def answers_to(*, text: str) -> tuple[articles.SuggestedRow, ...]:
    """Return the articles that answer what is written; what is read most where that says little."""
    text = text.replace("\x00", "").strip()[:_LONGEST]
    if len(text) < _ENOUGH:
        return articles.for_customer(text="")
    words = read_words(texts=[text], at=[timezone.now()])[0]
    return articles.for_customer(text=text, category=words.triage.category)


@require_POST
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Count whether an article helped; each visit counts once."""
    useful = request.POST.get("useful") == "yes"
    knowledge.vote(
        now=timezone.now(), slug=slug, voter=_voter(request), useful=useful, audience="customer"
    )
    return redirect("portal:help_article", slug)
