"""What a reply is looked over against: the complaint, its customer, and what was said so far."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from huiyin.core.remedy.offer import GRANTED
from huiyin.core.reply import Own, ReplyFacts, apologises
from huiyin.store import models
from huiyin.store.read import office


def facts(*, complaint_id: UUID, agent: str, now: datetime) -> ReplyFacts:
    """Return the facts for looking a reply over; ``agent`` is the writer's name.

    What another customer said before a merge is not this customer's own. Costs four queries.
    """
    granted = models.Remedy.objects.filter(
        Q(complaint_id=OuterRef("id")) | Q(complaint__merged_into=OuterRef("id")),
        state__in=GRANTED,
    ).exclude(kind="apology")
    rows = models.Complaint.objects.select_related("customer")
    row = rows.annotate(granted=Exists(granted)).get(id=complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    who = row.customer
    known: dict[str, list[str]] = {"phone": [], "email": []}
    if who is not None:
        for kind, value in models.Identity.objects.filter(customer_id=who.id).values_list(
            "kind", "value"
        ):
            known.setdefault(kind, []).append(value)
    said: list[str] = []
    senders: list[str] = []
    apologised = False
    asked = replied = ""
    for m in (
        models.Message.objects.filter(complaint_id=row.id, direction__in=["in", "out"])
        .order_by("at")
        .values("direction", "channel", "text", "subject", "sender", "sender_name", "author_id",
                "origin_complaint_id")
    ):  # fmt: skip
        if m["direction"] == "out":
            if m["author_id"]:
                apologised = apologised or apologises(text=m["text"])
                replied += m["text"] + "\n"
        elif m["origin_complaint_id"] is None:
            said.append(f"{m['subject']} {m['text']}")
            senders += [m["sender"], m["sender_name"]]
            if m["channel"] != "survey":
                asked, replied = m["text"], ""
    company = office.company().name
    return ReplyFacts(
        now=now.astimezone(ZoneInfo(playbook.timezone)),
        day_ends=playbook.promises.ends_at,
        verdict=row.verdict,
        granted=row.granted,
        asked=asked,
        replied=replied,
        apologised=apologised,
        own=Own(
            names=(who.name,) if who else (),
            phones=(*known["phone"], *((who.phone,) if who and who.phone else ())),
            mails=(*known["email"], *((who.email,) if who and who.email else ()), row.reply_to),
            addresses=(who.address,) if who and who.address else (),
            said=tuple(said),
            known=(
                agent, company, playbook.hotline, *(s for s in senders if s),
                settings.HUIYIN.smtp_from, settings.HUIYIN.smtp_user,
            ),
        ),
    )  # fmt: skip
