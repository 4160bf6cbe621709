"""What pages are made of: frozen structs, never rows.

Every text in them is already allowed for its viewer (masked where it must be); templates only
lay it out. Times are aware datetimes, money is integer 分.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from huiyin.core.because import Reason
from huiyin.store.read.care_pages import CareView
from huiyin.store.read.offers import CustomerOffer, DeskOffer
from huiyin.store.read.pairing import MaybeSame

if TYPE_CHECKING:
    from huiyin.store.read.causes import CauseBranch
    from huiyin.store.read.collaborations import PanelView
    from huiyin.store.read.conduct import CaseLink
    from huiyin.store.read.evidence import EvidencePanel
    from huiyin.store.read.holding import HoldingView
    from huiyin.store.read.mails import MailView
    from huiyin.store.read.procedure import ProcedureView


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a select, a tab or a menu: stable code and label."""

    code: str
    label: str
    count: int | None = None
    selected: bool = False
    group: str = ""
    """The code of another choice that it belongs to, empty where it goes with any."""


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock of a complaint as people see it."""

    id: str
    rule: str
    label: str
    state: str
    """running, paused, met, breached or cancelled."""
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    level: str
    """ok, soon or breached: colour and word of the time left."""
    legal: bool
    share: float
    """Part of the time used, 0..1 and more when breached."""
    escalation: int
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the desk's queue."""

    id: str
    number: str
    title: str
    category: str
    category_label: str
    urgency: str
    urgency_label: str
    status: str
    status_label: str
    channel: str
    channel_label: str
    customer: str
    waybill: str
    department_label: str
    assignee_label: str
    due_at: datetime | None
    due_label: str
    level: str
    opened_at: datetime
    last_contact_at: datetime
    contacts: int
    unread: bool
    handling_level: int
    flags: tuple[str, ...] = ()
    """repeat, reopened, rehandling, unsure, vulnerable ..."""
    told_at_desk: str = ""

    def __getitem__(self, name: str) -> object:
        """Return a field by name: where templates look first, a thousand times for one queue."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue: views with counts, filters, rows and how to go on."""

    view: str
    views: tuple[Choice, ...]
    saved_views: tuple[Choice, ...]
    filters: dict[str, str]
    categories: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    urgencies: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    rows: tuple[QueueRow, ...]
    next_cursor: str
    stamp: str
    """Changes when anything in the list changes: the page asks for it to stay live."""


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file of a message."""

    id: str
    name: str
    content_type: str
    size: int
    is_image: bool
    url: str


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One entry of the timeline: a message in or out, a note, or an event."""

    id: str
    kind: str
    """in, out, note or event."""
    at: datetime
    who: str
    channel: str
    channel_label: str
    title: str
    text: str
    quoted: str = ""
    html: str = ""
    attachments: tuple[AttachmentView, ...] = ()
    because: tuple[Reason, ...] = ()
    delivery: str = ""
    """pending, sent, delivered, returned, failed or empty: state of an outgoing message."""
    carried: str = ""
    """By which channel and account it goes, and why it waits or failed."""
    can_undo: bool = False
    """A join or merge that may be undone here."""
    event_kind: str = ""
    mail: MailView | None = None
    """Of a mail that came in."""
    laid_out: bool = False
    """Whether the mail had a layout of its own."""
    answers_could_go: bool = False
    """Whether answers go elsewhere than to its writer, and could go to him."""


@dataclass(frozen=True, slots=True)
class ScriptView:
    """A wording the agent can put into the reply, already filled."""

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """Another complaint of the same person or parcel."""

    id: str
    number: str
    title: str
    status_label: str
    category_label: str
    opened_at: datetime
    why: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The customer beside the complaint; personal data masked until revealed."""

    id: str
    name: str
    phone: str
    email: str
    address: str
    identities: tuple[str, ...]
    masked: bool
    complaints: int
    can_reveal: bool
    prefers: str
    """The channel on which he wants to be answered; empty where we choose."""


@dataclass(frozen=True, slots=True)
class WaybillView:
    """The parcel beside the complaint."""

    number: str
    carrier: str
    carrier_label: str
    candidates: tuple[str, ...]
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class TriageView:
    """What was decided about the kind and urgency, and why."""

    category: str
    category_label: str
    secondary_labels: tuple[str, ...]
    urgency: str
    urgency_label: str
    emotion: float
    confidence: float
    unsure: bool
    corrected_by: str
    entities: tuple[dict[str, Any], ...]
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A move that this viewer may make now."""

    code: str
    label: str
    primary: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """Everything on a complaint's page."""

    id: str
    number: str
    title: str
    status: str
    status_label: str
    handling_level: int
    opened_at: datetime
    department: str
    department_label: str
    team_label: str
    assignee: str
    assignee_label: str
    channel: str
    channel_label: str
    reply_channel: str
    reply_channel_label: str
    can_reply_by_channel: bool
    vouched_address: str
    """Where a person moved the answers to; empty where they go to the customer."""
    tracking_url: str
    branch: str
    told_at_desk: str
    """What was answered at the desk, or who takes it on, where the contact is archived."""
    triage: TriageView
    clocks: tuple[ClockView, ...]
    timeline: tuple[TimelineItem, ...]
    procedure: ProcedureView
    scripts: tuple[ScriptView, ...]
    customer: CustomerView
    waybill: WaybillView | None
    related: tuple[RelatedRow, ...]
    maybe_same: tuple[MaybeSame, ...]
    remedies: tuple[DeskOffer, ...]
    verdict: str
    verdict_label: str
    cause: str
    cause_label: str
    """The cause with its branches above it."""
    cause_tree: tuple[CauseBranch, ...]
    departments: tuple[Choice, ...]
    people: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    urgencies: tuple[Choice, ...]
    actions: tuple[Action, ...]
    merged_into: str
    satisfaction: int | None
    stamp: str
    collaboration: PanelView
    evidence: EvidencePanel
    conduct: CaseLink
    holding: HoldingView
    care: CareView
    assign_because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackingItem:
    """One line the customer sees: his own words, our answer, or a step of the way."""

    kind: str
    at: datetime
    text: str
    attachments: tuple[AttachmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackingPage:
    """The customer's view by secret link: no personal data of others."""

    number: str
    token: str
    company: str
    status: str
    status_label: str
    stage: int
    """0 received, 1 with a handler, 2 being worked, 3 answered, 4 closed."""
    stages: tuple[str, ...]
    category_label: str
    waybill: str
    received_at: datetime
    department_label: str
    promise: str
    items: tuple[TrackingItem, ...]
    offers: tuple[CustomerOffer, ...]
    can_add: bool
    can_reopen: bool
    survey_token: str
    survey_stars: int | None
    wanted: tuple[str, ...] = ()
    """Evidence that the customer is asked for and has not sent yet."""
    customer: UUID | None = None
    """Who may choose how he is reached; None on a link to another's complaint."""
    prefers: str = ""


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """One question and a few words."""

    number: str
    token: str
    company: str
    question: str
    incentive: str
    answered: bool
    stars: int | None
    answer: str
    tracking_url: str


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A contact that could not be read, whole, with its reason."""

    id: str
    channel: str
    channel_label: str
    received_at: datetime
    reason: str
    size: int
    attempts: int
    preview: str
    whole: bool
    """Whether the preview is all of it, byte for byte, so that it can be corrected."""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """The no-loss balance of the inbox."""

    received: int
    opened: int
    joined: int
    reopened: int
    set_aside: int
    quarantined: int
    pending: int
    duplicates: int

    @property
    def balanced(self) -> bool:
        """True when every received contact is accounted for."""
        return self.received == (
            self.opened
            + self.joined
            + self.reopened
            + self.set_aside
            + self.quarantined
            + self.pending
        )


@dataclass(frozen=True, slots=True)
class Way:
    """A way in or out through somebody else's server, and how it goes."""

    code: str
    label: str
    worked_at: datetime | None
    failing_since: datetime | None
    failures: int
    error: str
    next_try_at: datetime | None
    left: tuple[str, ...]
    """What could not be fetched and stays where it is."""
    waiting: int = 0
    """Unread mails from before our time that are still to be fetched."""
    over_done: int = 0
    over_total: int = 0
    """How far the taking over of an old mailbox is; 0 of 0 where nothing is taken over."""

    @property
    def over_percent(self) -> int:
        """How far the taking over is, in percent."""
        return self.over_done * 100 // self.over_total if self.over_total else 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was not sent and is not tried again by itself."""

    id: str
    number: str
    complaint: str
    channel_label: str
    recipient: str
    """Masked."""
    error: str
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """Balance, outbox, workers and quarantine on one page."""

    balance: Balance
    quarantine: tuple[QuarantineRow, ...]
    outbox_pending: int
    outbox_failed: int
    oldest_pending_at: datetime | None
    workers: tuple[tuple[str, datetime], ...]
    ways: tuple[Way, ...]
    dead: tuple[DeadLetter, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One drawn figure with its table: labels across, one row of numbers a name."""

    code: str
    title: str
    unit: str
    kind: str
    """bar, line, stack or pie."""
    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]
    note: str = ""
    days: tuple[date, ...] = ()
    """The days that the labels stand for, where they are days: a sheet has them with their year."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The first board."""

    period: str
    periods: tuple[Choice, ...]
    figures: tuple[tuple[str, str, str, str], ...]
    """(code, label, value, change against the period before)."""
    series: tuple[Series, ...]
    first: date | None = None
    last: date | None = None
    amounts: tuple[tuple[str, float | None, str, float | None], ...] = ()
    """(label, value, unit, value of the period before): the same figures as numbers."""
