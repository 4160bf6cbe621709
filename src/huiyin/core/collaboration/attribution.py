"""Where the time went: every moment of a complaint belongs to whoever held it.

At each moment those who are waited for hold the complaint: departments that were asked, the
customer, whoever must approve. Several at once share the time equally. When nobody is waited for,
the department that has the complaint holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.clocks import Calendar, elapsed

SECOND = timedelta(seconds=1)

RULE = Reason(
    rule="collaboration.attribution",
    zh="时间记给当时在等的一方：被请协办的部门、客户、审批人；同时等几方的平分；谁也不等时记给持有投诉的部门。",
    en=(
        "Time counts for whoever is waited for: departments asked, the customer, the approver; "
        "several share it equally; otherwise the department that has the complaint."
    ),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a complaint.

    ``kind``: department (``code`` names it), customer, approval, nobody (not yet assigned),
    answered (the customer judges the answer) or ended.
    """

    kind: str
    code: str = ""

    @property
    def counts(self) -> bool:
        """True for time in which the complaint was being handled."""
        return self.kind not in {"answered", "ended"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of the complaint as far as attribution needs it."""

    id: str
    at: datetime
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with the same holders; ``began`` is the event that began it."""

    start: datetime
    end: datetime
    holders: tuple[Holder, ...]
    began: str
    working: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Share:
    """What one holder's time adds up to: by the calendar day, and in working time."""

    holder: Holder
    time: timedelta
    working: timedelta


@dataclass(frozen=True, slots=True)
class Attribution:
    """Segments in order without a gap, and the shares of the holders, largest first."""

    segments: tuple[Segment, ...]
    shares: tuple[Share, ...]
    because: tuple[Reason, ...] = (RULE,)

    @property
    def whole(self) -> timedelta:
        """All time from the first event to the last moment."""
        return sum((s.time for s in self.shares), timedelta())

    @property
    def handled(self) -> timedelta:
        """The time in which the complaint was being handled."""
        return sum((s.time for s in self.shares if s.holder.counts), timedelta())

    @property
    def handled_working(self) -> timedelta:
        """The same in working time."""
        return sum((s.working for s in self.shares if s.holder.counts), timedelta())


@dataclass(slots=True)
class _State:
    phase: str = "open"
    owner: str = ""
    customer: bool = False
    approvals: set[str] = field(default_factory=set)
    asked: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    """Event of a reopening or merge → the phase before it, for when it is undone."""

    def take(self, moment: Moment) -> None:
        """Let one event change who holds the complaint."""
        kind, data = moment.kind, moment.data
        match kind:
            case "ComplaintAssigned" | "HandedOver":
                self.owner = str(data.get("department") or self.owner)
                self.customer = False
            case "ComplaintTaken":
                self.owner = str(data.get("department") or self.owner)
            case "CustomerAsked":
                self.customer = True
            case "ContactJoined" | "CustomerAnswered" | "VerdictGiven":
                self.customer = False
            case "RemedyProposed":
                self.customer = False
                self.approvals.add(str(data.get("remedy")))
            case "RemedyApproved" | "RemedyRejected" | "RemedyWithdrawn":
                self.approvals.discard(str(data.get("remedy")))
            case "ComplaintResolved":
                self.phase, self.customer = "answered", False
                self.approvals.clear()
            case "ComplaintReopened" | "RehandlingStarted":
                self.before[moment.id] = self.phase
                self.phase = "open"
            case "ComplaintClosed" | "ComplaintArchived":
                self.phase = "ended"
            case "ComplaintMerged":
                self.before[moment.id] = self.phase
                self.phase = "ended"
            case "JoinUndone" | "MergeUndone":
                self.phase = self.before.get(str(data.get("event")), self.phase)
            case (
                "CollaborationAsked"
                | "CollaborationAskedAgain"
                | "CollaborationTransferred"
                | "CollaborationSupplied"
                | "CollaborationAccepted"
            ):
                self.asked[str(data.get("collaboration"))] = str(data.get("department"))
            case (
                "CollaborationAnswered"
                | "CollaborationReturned"
                | "CollaborationAskedBack"
                | "CollaborationWithdrawn"
            ):
                self.asked.pop(str(data.get("collaboration")), None)

    def holders(self) -> tuple[Holder, ...]:
        """Return who holds the complaint now."""
        if self.phase != "open":
            return (Holder(self.phase),)
        waited = [Holder("department", code) for code in sorted(set(self.asked.values()))]
        if self.customer:
            waited.append(Holder("customer"))
        if self.approvals:
            waited.append(Holder("approval"))
        if waited:
            return tuple(waited)
        return (Holder("department", self.owner) if self.owner else Holder("nobody"),)


def _segments(events: Sequence[Moment], until: datetime) -> tuple[Segment, ...]:
    state = _State()
    out: list[Segment] = []
    start, began = events[0].at, events[0].kind
    holders: tuple[Holder, ...] | None = None
    for event in events:
        state.take(event)
        now = state.holders()
        if now == holders:
            continue
        if holders is not None and event.at > start:
            out.append(Segment(start, event.at, holders, began))
        if holders is None or event.at > start:
            start, began = event.at, event.kind
        holders = now
    if holders is not None and until > start:
        out.append(Segment(start, until, holders, began))
    joined: list[Segment] = []
    for one in out:
        if joined and joined[-1].holders == one.holders:
            joined[-1] = Segment(joined[-1].start, one.end, one.holders, joined[-1].began)
        else:
            joined.append(one)
    return tuple(joined)


def _split(whole: timedelta, parts: int) -> list[timedelta]:
    """Split a time equally, to the microsecond; what does not divide goes to the first ones."""
    each, left = divmod(whole // timedelta(microseconds=1), parts)
    return [timedelta(microseconds=each + (n < left)) for n in range(parts)]


def attribute(*, events: Sequence[Moment], until: datetime, calendar: Calendar) -> Attribution:
    """Return who held a complaint from its first event to ``until``, in order of time.

    ``events`` are all events of the complaint in their order; ``calendar`` counts working time.
    The shares add up exactly to the whole time. Events without any, or an end before the
    beginning, give nothing.
    """
    if not events or until <= events[0].at:
        return Attribution((), ())
    segments = tuple(
        replace(one, working=SECOND * elapsed(start=one.start, end=one.end, calendar=calendar))
        for one in _segments(events, until)
    )
    time: dict[Holder, timedelta] = {}
    working: dict[Holder, timedelta] = {}
    for one in segments:
        parts = len(one.holders)
        for holder, part, busy in zip(
            one.holders,
            _split(one.end - one.start, parts),
            _split(one.working, parts),
            strict=True,
        ):
            time[holder] = time.get(holder, timedelta()) + part
            working[holder] = working.get(holder, timedelta()) + busy
    shares = sorted(
        (Share(holder, time[holder], working[holder]) for holder in time),
        key=lambda s: (-s.time, s.holder.kind, s.holder.code),
    )
    return Attribution(segments, tuple(shares))
