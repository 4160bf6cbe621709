"""Taking a contact of a page of ours: accepted, decided at once, answered with its link."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.flows import intake, telling
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import cases

_PHONE = re.compile(r"^\+?[\d\- ]{7,20}$")
_MAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,20}$")


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a contact: the complaint, its number and the customer's secret link.

    The link is empty where the words joined a complaint that somebody else may have made.
    """

    complaint_id: UUID
    number: str
    link: str
    joined: bool


def contact_of(value: str) -> dict[str, str]:
    """Return what somebody wrote as his telephone or mail address; empty when it is neither."""
    value = value.strip()
    if _MAIL.match(value):
        return {"email": value}
    if _PHONE.match(value):
        return {"phone": re.sub(r"[ ]", "", value)}
    return {}


def take(
    *, body: Mapping[str, Any], once: str, now: datetime, mine: Collection[str] = ()
) -> Filed | None:
    """Accept a contact under the form's own id and decide it; None when it waits or is aside.

    The same form sent again gives the same answer and files nothing twice. ``mine`` are the ids
    of complaints that the same browser made: a telephone or a waybill number is no proof.
    """
    accepted = intake.accept(
        now=now,
        arrivals=[
            Arrival(
                channel=str(body["channel"]),
                kind="contact",
                # programs give numbers of their own to what they bring, and those can be guessed
                external_id=f"form:{once}"[:64] if once else "",
                raw=json.dumps(body, ensure_ascii=False).encode(),
                headers={},
            )
        ],
    )
    done = intake.decide(now=now, ids=[accepted[0].id])
    found = done[0] if done else None
    complaint_id = found.complaint_id if found else cases.complaint_of_inbox(id=accepted[0].id)
    if complaint_id is None:
        return None
    number = cases.number_of(complaint_id=complaint_id)
    own = complaint_id.hex in mine or cases.opened_by(complaint_id=complaint_id) == accepted[0].id
    return Filed(
        complaint_id=complaint_id,
        number=number,
        link=telling.tracking_url(case_id=complaint_id, number=number) if own else "",
        joined=bool(found and found.outcome != "opened"),
    )
