"""How a customer is reached, for pages: what he can choose from, and how an answer would go.

A template library (``{% load reached %}``).
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from huiyin.core.masking import mask_identity
from huiyin.flows import reaching
from huiyin.store.read import labels
from huiyin.store.read.pages import Choice, ComplaintPage

register = template.Library()

SHOWN: Final = frozenset({"sms", "email"})
"""Channels whose address means something to a person."""


@register.simple_tag
def ways_to_choose(customer: UUID | str | None, prefers: str) -> list[Choice]:
    """Return what a customer can choose from; empty where there is nothing to choose."""
    if not customer:
        return []
    id = customer if isinstance(customer, UUID) else UUID(customer)
    ways = reaching.offered(customer_id=id, now=timezone.now())
    if len(ways) < 2 and not prefers:
        return []
    named = [(w.channel, _named(channel=w.channel, address=w.address)) for w in ways]
    if prefers and prefers not in dict(named):
        lost = labels.pick(labels.CHANNEL_NAMES, prefers)
        named.append((prefers, gettext("%s（现在联系不上）") % lost))
    return [
        Choice(code="", label=gettext("由我们选择"), selected=not prefers),
        *(Choice(code=c, label=label, selected=c == prefers) for c, label in named),
    ]


def _named(*, channel: str, address: str) -> str:
    name = labels.pick(labels.CHANNEL_NAMES, channel)
    if channel not in SHOWN:
        return name
    return f"{name} {mask_identity(kind=channel, value=address)}"


@register.simple_tag
def answer_way(page: ComplaintPage) -> dict[str, object]:
    """Return how an answer to a complaint would go out now, and why not by the last channel."""
    prefers = page.customer.prefers
    if not prefers or page.reply_channel == reaching.TALKING:
        return {
            "channel": page.reply_channel,
            "label": page.reply_channel_label,
            "sends": page.can_reply_by_channel,
            "because": "",
        }
    choice = reaching.answer_by(complaint_id=UUID(page.id), prefers=prefers, now=timezone.now())
    return {
        "channel": choice.channel,
        "label": labels.pick(labels.CHANNEL_NAMES, choice.channel),
        "sends": choice.way is not None,
        "because": labels.said(choice.because[-1]),
    }
