"""The customer's pages: what was received, who handles it, the next promise, the answer."""

from __future__ import annotations

import hmac
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.customer import OWN_FORMS
from huiyin.core.playbook import Text
from huiyin.core.playbook.schema import Promise
from huiyin.core.wording import fill_in, next_due, time_said
from huiyin.store import models
from huiyin.store.ids import tracking_token
from huiyin.store.read import cases, labels, office
from huiyin.store.read.complaint import attachments_of
from huiyin.store.read.evidence import wanted_of_customer
from huiyin.store.read.offers import customer_offers
from huiyin.store.read.pages import SurveyPage, TrackingItem, TrackingPage


class CannotTrack(LookupError):
    """The link is wrong: number and secret do not belong together."""


def complaint_of(*, number: str, token: str) -> UUID:
    """Return the complaint that a secret link opens. Raises CannotTrack."""
    found = models.Complaint.objects.filter(number=number).values_list("id", flat=True).first()
    wanted = tracking_token(
        secret=settings.SECRET_KEY, complaint_id=found if found else UUID(int=0)
    )
    if found is None or not hmac.compare_digest(wanted.encode(), token.encode()):
        raise CannotTrack(number)
    return found


def _both(promise: Promise) -> tuple[Text, ...]:
    return promise.now, promise.next


def _promise(*, row: models.Complaint) -> tuple[tuple[Text, ...], str, int]:
    """Return what the page says, its title, and the stage: the three tell the same."""
    portal = office.playbook(version_id=row.playbook_version).portal
    if row.status == "archived":
        return (portal.closed.now,), _("已办结"), 4
    if row.status == "closed":
        return _both(portal.closed), _("已办结"), 4
    if row.status == "resolved":
        return _both(portal.answered), _("已答复"), 3
    if row.status == "waiting_customer":
        return _both(portal.asked), _("等您补充"), 2
    if row.level:
        return _both(portal.rehandling), _("重新处理中"), 2
    if row.status in {"working", "waiting_approval"}:
        return _both(portal.investigating), _("处理中"), 2
    if row.status == "assigned":
        return _both(portal.waiting), _("等待受理"), 1
    return _both(portal.filed), _("已收到"), 0


def tracking(*, number: str, token: str) -> TrackingPage:
    """Return the customer's page of his complaint. Raises CannotTrack."""
    complaint_id = complaint_of(number=number, token=token)
    row = models.Complaint.objects.select_related("customer").get(id=complaint_id)
    # After a merge each link still shows its own customer's words, said where that customer wrote.
    own = {row.channel, "portal"}
    while row.merged_into:
        row = models.Complaint.objects.get(id=row.merged_into)
    playbook = office.playbook(version_id=row.playbook_version)
    promise, status, stage = _promise(row=row)
    zone = ZoneInfo(playbook.timezone)
    running = models.Clock.objects.filter(
        complaint_id=row.id, state__in=("running", "breached"), collaboration_id=None
    ).values_list("due_at", flat=True)
    promised = next_due(dues=running, now=timezone.now())
    department = labels.department(playbook, row.department_id) or _("客服部")

    def filled(text: str) -> str:
        values = {
            "number": row.number,
            "department": department,
            "due": time_said(moment=promised, zone=zone, english=get_language() == "en"),
        }
        return fill_in(text=text, values=values)

    shown = models.Message.objects.filter(complaint_id=row.id, origin_complaint_id=None)
    if complaint_id != row.id:
        shown = models.Message.objects.filter(complaint_id=row.id).filter(
            origin_complaint_id=complaint_id
        ) | models.Message.objects.filter(complaint_id=row.id, direction="out")
    opening = _opening(complaint_id=complaint_id)
    messages = [
        m
        for m in shown.order_by("at")
        if (m.direction == "in" and m.channel in own and _his(message=m, opening=opening))
        or (m.direction == "out" and m.to_customer)
    ]
    files = attachments_of(
        message_ids=[m.id for m in messages],
        url="portal:attachment",
        arguments=[number, token],
    )
    survey = models.Survey.objects.filter(complaint_id=row.id).order_by("-id").first()
    survey_open = survey is not None and survey.state == "open"
    offers = customer_offers(complaint_id=row.id, link_complaint_id=complaint_id)
    if row.status == "closed" and any(o.can_answer for o in offers):
        status = _("已办结，方案等您确认")
    return TrackingPage(
        number=row.number,
        token=token,
        company=office.company().name,
        status=row.status,
        status_label=status,
        stage=stage,
        stages=(_("已收到"), _("已分派"), _("处理中"), _("已答复"), _("已办结")),
        category_label=labels.category(playbook, row.category),
        waybill=row.waybill,
        received_at=row.opened_at,
        department_label=department,
        promise=labels.sentences(filled(labels.said(t)) for t in promise),
        items=tuple(
            TrackingItem(
                kind=m.direction,
                at=m.at,
                text=masking.mask_text(text=m.text) if m.direction == "in" else m.text,
                attachments=tuple(files.get(m.id, ())),
            )
            for m in messages
        ),
        offers=offers,
        can_add=row.status not in {"merged", "archived"},
        wanted=wanted_of_customer(row=row, playbook=playbook)
        if row.live and row.id == complaint_id
        else (),
        can_reopen=row.status in {"closed", "resolved"},
        survey_token=token if survey_open else "",
        survey_stars=row.stars,
        customer=row.customer_id if row.id == complaint_id and _is_known(opening=opening) else None,
        prefers=row.customer.prefers if row.customer else "",
    )


def _is_known(*, opening: models.Message | None) -> bool:
    """Tell whether the holder of the link is the customer, and not only says so.

    Who fills in a form under somebody's telephone is not shown how that one is reached.
    """
    return opening is None or opening.channel not in OWN_FORMS


def _opening(*, complaint_id: UUID) -> models.Message | None:
    """Return the message that opened a complaint."""
    contact = cases.opened_by(complaint_id=complaint_id)
    found = models.Message.objects.filter(inbox_id=contact, direction="in")
    return found.order_by("at").first() if contact else None


def _his(*, message: models.Message, opening: models.Message | None) -> bool:
    """Tell whether words are shown to the holder of the link: he said them, as far as is proven.

    Words of others can join, who name the same parcel or telephone. His own are what opened the
    complaint, what was written on its page, and what came from the same account, address or
    number on a channel that knows who writes; what is typed into a form proves nothing.
    """
    if message.channel == "survey":
        return False
    if opening is None or message.id == opening.id:
        return True
    if message.channel == "portal":
        return not message.sender
    if message.channel == "chat":
        return message.thread == opening.thread
    same = (message.channel, message.sender) == (opening.channel, opening.sender)
    return same and bool(message.sender)


def survey(*, number: str, token: str) -> SurveyPage:
    """Return the survey of a complaint. Raises CannotTrack."""
    complaint_id = complaint_of(number=number, token=token)
    row = models.Complaint.objects.get(id=complaint_id)
    rules = office.playbook(version_id=row.playbook_version).survey
    last = models.Survey.objects.filter(complaint_id=row.id).order_by("-id").first()
    answered = last is None or last.state != "open"
    good = row.stars is not None and row.stars >= rules.threshold
    return SurveyPage(
        number=row.number,
        token=token,
        company=office.company().name,
        question=labels.said(rules.question),
        incentive=labels.said(rules.incentive) if rules.incentive else "",
        answered=answered,
        stars=last.stars if last else None,
        answer=labels.said(rules.thanks if good else rules.sorry) if answered else "",
        tracking_url=f"/t/{row.number}/{token}/",
    )


def file_of(*, number: str, token: str, attachment_id: UUID) -> models.Attachment:
    """Return a file of the customer's own complaint. Raises CannotTrack."""
    complaint_id = complaint_of(number=number, token=token)
    row = (
        models.Attachment.objects.select_related("message")
        .filter(id=attachment_id, message__direction__in=["in", "out"])
        .filter(
            # A merge moves the messages; each link keeps opening its own customer's files.
            Q(message__complaint_id=complaint_id, message__origin_complaint_id=None)
            | Q(message__origin_complaint_id=complaint_id)
        )
        .first()
    )
    if row is None:
        raise CannotTrack(number)
    own = _his(message=row.message, opening=_opening(complaint_id=complaint_id))
    if row.message.direction == "in" and not own:
        raise CannotTrack(number)
    return row
