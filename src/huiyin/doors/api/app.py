"""Endpoints of the API; each calls one room."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Schema, Status
from ninja.errors import HttpError
from ninja.security import HttpBearer
from pydantic import Field

from huiyin import __version__
from huiyin.channels.contact import Contact
from huiyin.core.access import may
from huiyin.flows import answer, intake, journey, telling
from huiyin.flows.replying import Sending
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import cases, finding, operations, programs
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import queue as queue_read
from huiyin.store.read.viewer import Viewer


class Token(HttpBearer):
    """Bearer tokens, known by their hash."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        """Return whose token it is, None for an unknown or revoked one."""
        return programs.viewer_of_token(token_hash=hashlib.sha256(token.encode()).hexdigest())


api = NinjaAPI(
    title="Huiyin", version=__version__, auth=Token(), urls_namespace="api", docs_url=None
)


class Receipt(Schema):
    """What a posted contact became; ``complaint`` is empty until it is decided."""

    id: str
    repeated: bool
    outcome: str = "pending"
    complaint: str = ""
    number: str = ""
    tracking_url: str = ""
    because: list[dict[str, Any]] = Field(default_factory=list)


class ComplaintOut(Schema):
    """A complaint in short."""

    id: str
    number: str
    title: str
    status: str
    category: str
    urgency: str
    department: str
    assignee: str
    due_at: datetime | None
    level: str
    opened_at: datetime


class ReplyIn(Schema):
    """An answer to the customer; ``despite`` is why it goes out although it is held back."""

    text: str
    despite: str = ""


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.auth  # type: ignore[attr-defined]
    return viewer


@api.post("/contacts", response={201: Receipt, 202: Receipt, 200: Receipt})
def post_contact(request: HttpRequest, contact: Contact, wait: bool = False) -> Status[Receipt]:
    """Accept one contact durably; with ``wait=true`` also decide it before answering.

    A repeated ``id`` is recognised and answered with the first one's receipt.
    """
    viewer = _viewer(request)
    allowed = may(actor=viewer.actor, action="api.write")
    if not allowed:
        raise HttpError(403, allowed.en)
    if contact.files:
        # a hash is no proof: it may name what another customer sent
        raise HttpError(422, "files: a program uploads none, and names no others' files by hash")
    now = timezone.now()
    accepted = intake.accept(
        now=now,
        arrivals=[
            Arrival(
                channel=contact.channel,
                kind="contact",
                external_id=contact.id,
                raw=contact.model_dump_json().encode(),
                headers={"token": viewer.username},
            )
        ],
    )[0]
    if wait and not accepted.repeated:
        intake.decide(now=now, ids=[accepted.id])
    if not wait and not accepted.repeated:
        return Status(202, Receipt(id=accepted.id.hex, repeated=False))
    found = programs.receipt(inbox_id=accepted.id)
    receipt = Receipt(id=accepted.id.hex, repeated=accepted.repeated, **found)
    if receipt.complaint:
        receipt.tracking_url = telling.tracking_url(
            case_id=UUID(receipt.complaint), number=receipt.number
        )
    return Status(200 if accepted.repeated else 201, receipt)


@api.get("/contacts/{id}", response=Receipt)
def get_contact(request: HttpRequest, id: str) -> Receipt:
    """Say what became of a contact: to programs that may hand some in."""
    allowed = may(actor=_viewer(request).actor, action="api.write")
    if not allowed:
        raise HttpError(403, allowed.en)
    try:
        found = programs.receipt(inbox_id=UUID(id))
    except (ValueError, LookupError) as error:
        raise HttpError(404, "no such contact") from error
    return Receipt(id=id, repeated=False, **found)


@api.get("/complaints", response=dict[str, Any])
def list_complaints(
    request: HttpRequest,
    view: str = "all",
    category: str = "",
    urgency: str = "",
    department: str = "",
    q: str = "",
    cursor: str = "",
) -> dict[str, Any]:
    """List complaints that the token's owner may see, 50 a page; with ``q``, what is found, 20."""
    filters = {
        k: v
        for k, v in (("category", category), ("urgency", urgency), ("department", department))
        if v
    }
    if q:
        at = int(cursor) if cursor.isdecimal() and len(cursor) < 4 else 1
        found = finding.found(viewer=_viewer(request), text=q, filters=filters, page=at)
        rows = tuple(f.row for f in found.rows if not urgency or f.row.urgency == urgency)
        next_cursor = str(found.page + 1) if found.page < found.pages else ""
    else:
        page = queue_read.queue(viewer=_viewer(request), view=view, filters=filters, cursor=cursor)
        rows, next_cursor = page.rows, page.next_cursor
    return {
        "complaints": [
            ComplaintOut(
                id=r.id, number=r.number, title=r.title, status=r.status, category=r.category,
                urgency=r.urgency, department=r.department_label, assignee=r.assignee_label,
                due_at=r.due_at, level=r.level, opened_at=r.opened_at,
            ).model_dump(mode="json")
            for r in rows
        ],
        "next_cursor": next_cursor,
    }  # fmt: skip


@api.get("/complaints/{id}", response=dict[str, Any])
def get_complaint(request: HttpRequest, id: str) -> dict[str, Any]:
    """Return one complaint with its clocks, timeline and triage."""
    try:
        page = complaint_read.page(
            viewer=_viewer(request), complaint_id=UUID(id), now=timezone.now()
        )
    except (ValueError, complaint_read.CannotSee) as error:
        raise HttpError(404, "no such complaint") from error
    plain: dict[str, Any] = json.loads(programs.as_json(page=page))
    return plain


@api.post("/complaints/{id}/replies", response={201: dict[str, Any]})
def post_reply(request: HttpRequest, id: str, body: ReplyIn) -> Status[dict[str, Any]]:
    """Answer the customer on his channel."""
    viewer = _viewer(request)
    try:
        complaint_id = UUID(id)
    except ValueError as error:
        raise HttpError(404, "no such complaint") from error
    if not complaint_read.may_see(viewer=viewer, complaint_id=complaint_id):
        raise HttpError(404, "no such complaint")
    try:
        with journey.writing(now=timezone.now(), actor=f"user:{viewer.id}") as pen:
            answer.reply(
                pen=pen,
                complaint_id=complaint_id,
                actor=viewer.actor,
                text=body.text,
                how=Sending(agent=viewer.name, despite=body.despite),
            )
    except PermissionError as error:
        raise HttpError(403, str(error)) from error
    except ValueError as error:
        raise HttpError(422, getattr(error, "en", str(error))) from error
    return Status(201, {"number": cases.number_of(complaint_id=complaint_id)})


@api.get("/balance", response=dict[str, Any])
def get_balance(request: HttpRequest) -> dict[str, Any]:
    """Return the no-loss balance of the inbox."""
    allowed = may(actor=_viewer(request).actor, action="operations.see")
    if not allowed:
        raise HttpError(403, allowed.en)
    balance = operations.balance()
    return {
        "balanced": balance.balanced,
        "received": balance.received,
        "duplicates": balance.duplicates,
        **{s: getattr(balance, s) for s in operations.STATES},
    }
