"""The pen itself: holds cases, records events, writes everything in a few bulk statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import Model, QuerySet

from huiyin.core.because import Reason
from huiyin.core.chain import canonical, link
from huiyin.store import bulk, models, past, search
from huiyin.store.case import (
    CASE_FIELDS,
    CLOCK_FIELDS,
    Case,
    Happening,
    Held,
    Ticking,
    carrier_of,
)
from huiyin.store.ids import new_digits, new_id
from huiyin.store.ledger import pushes, webhooks
from huiyin.store.ledger.limits import clear
from huiyin.store.ledger.tally import hold, write_tallies
from huiyin.store.prepared import Prepared
from huiyin.store.read.cases import Addressee, addressees

_NUMBER_ZONE = ZoneInfo("Asia/Shanghai")
_WATCH_ORDER = {"ok": 0, "soon": 1, "breached": 2}
_EVENT_FIELDS: Final = (
    "id", "complaint_id", "seq", "kind", "at", "actor", "data", "because", "playbook_version",
    "hash",
)  # fmt: skip
_KEY_FIELDS: Final = ("key", "complaint_id", "at", "message_id")
_case_row = attrgetter(*CASE_FIELDS)
_clock_row = attrgetter(*CLOCK_FIELDS)


TABLES: dict[str, type[Model]] = {
    "article_use": models.ArticleUse,
    "assistant_request": models.AssistantRequest,
    "attachment": models.Attachment,
    "collaboration": models.Collaboration,
    "collaboration_message": models.CollaborationMessage,
    "call_back": models.CallBack,
    "chat_line": models.ChatLine,
    "chat_session": models.ChatSession,
    "correction": models.Correction,
    "customer": models.Customer,
    "customer_move": models.CustomerMove,
    "doubt": models.Doubt,
    "entry": models.Entry,
    "fine": models.Fine,
    "identity": models.Identity,
    "incident_link": models.IncidentLink,
    "evidence": models.Evidence,
    "evidence_item": models.EvidenceItem,
    "letter": models.Letter,
    "liability_claim": models.LiabilityClaim,
    "liability_member": models.LiabilityMember,
    "liability_word": models.LiabilityWord,
    "message": models.Message,
    "outbox": models.Outbox,
    "pairing": models.Pairing,
    "parcel_claim": models.ParcelClaim,
    "payout": models.Payout,
    "payout_batch": models.PayoutBatch,
    "payout_transfer": models.PayoutTransfer,
    "remedy": models.Remedy,
    "remote_file": models.RemoteFile,
    "survey": models.Survey,
}
"""What hangs on a complaint, by the name that rooms use."""


_UNTOLD: Final[Mapping[str, Any]] = {
    "title": "",
    "customer_id": None,
    "channel": "",
    "reply_channel": "",
    "reply_to": "",
    "waybill": "",
    "carrier": "",
    "amount": None,
    "region": "",
    "branch": "complaint",
    "category": "other",
    "urgency": "normal",
    "urgency_rank": 1,
    "emotion": 0.0,
    "confidence": 0.0,
    "status": "new",
    "live": True,
    "department_id": None,
    "team_id": None,
    "assignee_id": None,
    "level": 0,
    "due_at": None,
    "due_rule": "",
    "watch_level": "ok",
    "first_replied_at": None,
    "resolved_at": None,
    "closed_at": None,
    "verdict": "",
    "cause": "",
    "liable_department": "",
    "repeat_of": None,
    "merged_into": None,
    "contacts": 0,
    "reopened": 0,
    "unread": True,
    "stars": None,
    "last_seq": 0,
    "last_hash": "",
}
"""A complaint of which nothing is told yet."""


@lru_cache(maxsize=256)
def _number_day(at: datetime) -> str:
    """Return the day in a complaint's number; a batch opens all of its complaints at once."""
    return at.astimezone(_NUMBER_ZONE).strftime("%Y%m%d")


def _cases(ids: Sequence[UUID]) -> QuerySet[models.Complaint, Any]:
    rows = models.Complaint.objects.filter(id__in=ids).order_by("id")
    if connection.vendor != "sqlite":
        rows = rows.select_for_update()
    return rows.values_list(*CASE_FIELDS)


def _clocks(ids: Sequence[UUID]) -> QuerySet[models.Clock, Any]:
    rows = models.Clock.objects.filter(complaint_id__in=ids).order_by("id")
    return rows.values_list(*CLOCK_FIELDS)


_ONE_CASE: Final = Prepared(make=lambda id: _cases([id]))
_CLOCKS_OF_ONE: Final = Prepared(make=lambda id: _clocks([id]))


def _rows(
    many: Callable[[Sequence[UUID]], Iterable[Any]], one: Prepared, ids: Sequence[UUID]
) -> Iterable[Any]:
    """Return what a query finds for ids; most often there is one."""
    return one.rows(id=ids[0]) if len(ids) == 1 else many(ids)


class CannotWrite(LookupError):
    """The complaint to be changed does not exist."""


class Pen:
    """Gathers changes to complaints and writes them all, with their events, at the end."""

    def __init__(self, *, now: datetime, actor: str) -> None:
        self.now = now
        self.actor = actor
        self._held: dict[int, Held] = {}
        """By the number of the complaint's id, which is looked up faster than the id."""
        self._fresh: list[Happening] = []
        self._events: list[tuple[Any, ...]] = []
        self._keys: list[tuple[Any, ...]] = []
        self._inserts: dict[type[Model], list[Mapping[str, Any]]] = {}
        self._updates: dict[type[Model], dict[Any, dict[str, Any]]] = {}
        self._clock_new: set[int] = set()
        self._clock_changed: dict[UUID, tuple[Ticking, set[str]]] = {}
        self._tallies: Counter[str] = Counter()
        self._index: list[tuple[UUID, UUID, str]] = []
        self._moves: list[tuple[UUID, list[UUID]]] = []
        self._addressees: dict[UUID, Addressee] = {}
        self._key_moves: list[tuple[UUID, UUID]] = []
        self._sequence: dict[str, int] = {}

    # ------------------------------------------------------------------ taking cases in hand

    def cases(self, *, ids: Iterable[UUID]) -> list[Case]:
        """Take complaints in hand, locked where the database locks rows; unknown ids are left out.

        Costs two queries whatever the number of complaints.
        """
        wanted = list(dict.fromkeys(ids))
        missing = [i for i in wanted if i.int not in self._held]
        if missing:
            for values in _rows(_cases, _ONE_CASE, missing):
                case = Case(*values)
                self._held[case.id.int] = Held(
                    case=case, clocks=[], fresh=False, carried_by=carrier_of(case=case)
                )
            for values in _rows(_clocks, _CLOCKS_OF_ONE, missing):
                clock = Ticking(*values)
                held = self._held.get(clock.complaint_id.int)
                if held is not None:
                    held.clocks.append(clock)
        return [self._held[i.int].case for i in wanted if i.int in self._held]

    def case(self, *, id: UUID) -> Case:
        """Take one complaint in hand. Raises CannotWrite when there is none."""
        found = self.cases(ids=[id])
        if not found:
            raise CannotWrite(f"no complaint {id}")
        return found[0]

    def clocks(self, *, case: Case) -> list[Ticking]:
        """Return the clocks of a case in hand, those of departments asked left out."""
        return [c for c in self._held[case.id.int].clocks if c.collaboration_id is None]

    def asked_clocks(self, *, case: Case) -> list[Ticking]:
        """Return the clocks of the departments that were asked about a case in hand."""
        return [c for c in self._held[case.id.int].clocks if c.collaboration_id is not None]

    # ------------------------------------------------------------------ recording

    def open(
        self,
        *,
        id: UUID,
        number: str,
        fields: Mapping[str, Any],
        data: Mapping[str, Any],
        because: Sequence[Reason],
        playbook_version: str,
        at: datetime,
    ) -> Case:
        """Open a complaint and record ComplaintOpened; ``fields`` name columns of the complaint.

        ``number`` comes from :meth:`next_number`.
        """
        case = Case(
            **{
                **_UNTOLD,
                "id": id,
                "number": number,
                "secondary": [],
                "triage": {},
                "playbook_version": playbook_version,
                "opened_at": at,
                "last_contact_at": at,
                "flags": [],
                "handled_by": [],
                "updated_at": self.now,
                "match_facts": {},
                **fields,
            }
        )
        self._held[case.id.int] = Held(case=case, clocks=[], fresh=True)
        self.record(case=case, kind="ComplaintOpened", data=data, because=because)
        return case

    def change(
        self,
        *,
        case: Case,
        kind: str,
        data: Mapping[str, Any] | None = None,
        because: Sequence[Reason] = (),
        actor: str | None = None,
        **changes: Any,
    ) -> None:
        """Set fields of a complaint and record the event that says why."""
        self.set(case=case, **changes)
        self.record(case=case, kind=kind, data=data, because=because, actor=actor)

    def set(self, *, case: Case, **changes: Any) -> None:
        """Set fields of a complaint whose event is recorded by the same room call."""
        held = self._held[case.id.int]
        for name, value in changes.items():
            setattr(case, name, value)
        if not held.fresh:
            held.changed.update(changes)

    def record(
        self,
        *,
        case: Case,
        kind: str,
        data: Mapping[str, Any] | None = None,
        because: Sequence[Reason] = (),
        actor: str | None = None,
    ) -> None:
        """Append an event to the complaint's chain and hand it to the rooms that follow."""
        who = actor or self.actor
        body = dict(data or {})
        seq = case.last_seq + 1
        text = canonical(value=body) if body else "{}"
        why = canonical(value=[r.as_json() for r in because]) if because else "[]"
        digest = link(
            before=case.last_hash,
            complaint_id=case.id,
            seq=seq,
            kind=kind,
            at=self.now,
            actor=who,
            data=text,
            because=why,
            playbook_version=case.playbook_version,
        )
        self._events.append(
            (
                new_digits(now=self.now), case.id, seq, kind, self.now, who, text, why,
                case.playbook_version, digest,
            )
        )  # fmt: skip
        case.last_seq, case.last_hash, case.updated_at = seq, digest, self.now
        held = self._held[case.id.int]
        if not held.fresh:
            held.changed.update(("last_seq", "last_hash", "updated_at"))
        self._fresh.append(Happening(kind=kind, case=case, actor=who, data=body))

    def recorded(self, *, case: Case) -> list[tuple[int, str, datetime, str, str]]:
        """Return (seq, kind, at, actor, data) of a case's events that are not written yet."""
        return [(e[2], e[3], e[4], e[5], e[6]) for e in self._events if e[1] == case.id]

    def take_fresh(self) -> list[Happening]:
        """Return the events recorded since the last call, in order."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def learn(self, *, known: Mapping[UUID, Addressee]) -> None:
        """Know customers' names and wishes without asking."""
        self._addressees.update(known)

    def addressee(self, *, case: Case) -> Addressee:
        """Return the customer's name and wish, also of one written only at the end."""
        if case.customer_id is None:
            return Addressee("")
        if case.customer_id not in self._addressees:
            self._addressees.update(addressees(ids=[case.customer_id]))
        return self._addressees.get(case.customer_id, Addressee(""))

    def add(self, *, table: str, row: Mapping[str, Any]) -> None:
        """Write a new row of a table that hangs on a complaint (message, remedy, survey …)."""
        self._inserts.setdefault(TABLES[table], []).append(row)

    def alter(self, *, table: str, key: Any, **changes: Any) -> None:
        """Change a row of a table that hangs on a complaint."""
        self._updates.setdefault(TABLES[table], {}).setdefault(key, {}).update(changes)

    def altered(self, *, table: str, key: Any) -> Mapping[str, Any]:
        """Return what was changed of a row in hand and is not written yet."""
        return self._updates.get(TABLES[table], {}).get(key, {})

    def message(
        self,
        *,
        case: Case,
        direction: str,
        channel: str,
        text: str,
        at: datetime | None = None,
        id: UUID | None = None,
        index: str = "",
        keys: str | None = None,
        **fields: Any,
    ) -> UUID:
        """Put words to a complaint and index them for search; returns the message's id.

        They are found by the words of ``index`` too; ``keys`` are those of subject and text,
        where somebody has cut them already.
        """
        moment = at or self.now
        message_id = id or new_id(now=moment)
        row: dict[str, Any] = {
            "id": message_id,
            "complaint_id": case.id,
            "origin_complaint_id": None,
            "direction": direction,
            "channel": channel,
            "at": moment,
            "sender": "",
            "sender_name": "",
            "author_id": None,
            "subject": "",
            "text": text,
            "quoted": "",
            "html": "",
            "thread": "",
            "inbox_id": None,
            "to_customer": False,
            "mail": {},
        }
        row.update(fields)
        self.add(table="message", row=row)
        if search.worth(direction=direction, author_id=row["author_id"], channel=channel):
            if keys is None:
                cut = search.keys_said(text=f"{index} {row['subject']} {text}")
            else:
                cut = f"{search.keys_said(text=index)} {keys}"
            self._index.append((case.id, message_id, cut))
        return message_id

    def move_messages(self, *, ids: Sequence[UUID], to: Case, origin: UUID | None) -> None:
        """Put messages to another complaint (join undone, merge, merge undone)."""
        for message_id in ids:
            self.alter(
                table="message",
                key=message_id,
                complaint_id=to.id,
                origin_complaint_id=origin,
            )
        self._moves.append((to.id, list(ids)))

    def find_by(self, *, case: Case, keys: Iterable[str], message_id: UUID) -> None:
        """Let match keys that a message told lead to a complaint."""
        self._keys.extend((key[:120], case.id, self.now, message_id) for key in keys)

    def move_keys(self, *, message_id: UUID, to: Case) -> None:
        """Let the match keys of a message lead to another complaint."""
        self._key_moves.append((message_id, to.id))

    def start_clock(self, *, case: Case, clock: Ticking) -> None:
        """Start a clock; the event that says so is recorded by the room."""
        held = self._held[case.id.int]
        held.clocks.append(clock)
        held.clocks_touched = True
        self._clock_new.add(clock.id.int)

    def set_clock(self, *, case: Case, clock: Ticking, **changes: Any) -> None:
        """Change a clock in hand."""
        for name, value in changes.items():
            setattr(clock, name, value)
        self._held[case.id.int].clocks_touched = True
        if clock.id.int not in self._clock_new:
            self._clock_changed.setdefault(clock.id, (clock, set()))[1].update(changes)

    def send(
        self,
        *,
        case: Case | None,
        channel: str,
        recipient: str,
        payload: Mapping[str, Any],
        message_id: UUID | None = None,
        not_before: datetime | None = None,
    ) -> UUID:
        """Enqueue a message to somebody outside; the worker delivers it."""
        row_id = new_id(now=self.now)
        self.add(
            table="outbox",
            row={
                "id": row_id,
                "complaint_id": case.id if case else None,
                "message_id": message_id,
                "channel": channel,
                "recipient": recipient,
                "payload": dict(payload),
                "state": "pending",
                "attempts": 0,
                "next_try_at": not_before or self.now,
                "lease_until": None,
                "sent_at": None,
                "error": "",
                "created_at": self.now,
                "account_id": None,
            },
        )
        return row_id

    def count(self, *, name: str, by: int = 1) -> None:
        """Change a maintained counter."""
        self._tallies[name] += by

    # ------------------------------------------------------------------ writing

    def next_number(self, *, at: datetime) -> str:
        """Return the number of a complaint opened at a moment; numbers of a day have no gaps."""
        day = _number_day(at)
        name = f"number:{day}"
        if day not in self._sequence:
            self._sequence[day] = hold(name=name)
        self._sequence[day] += 1
        self._tallies[name] += 1
        return f"HY{day}-{self._sequence[day]:06d}"

    def _derive_watch(self, *, held: Held) -> None:
        due: datetime | None = None
        rule, level = "", "ok"
        for clock in held.clocks:
            if not clock.running or clock.collaboration_id is not None:
                continue
            if clock.due_at and clock.state != "paused" and (due is None or clock.due_at < due):
                due, rule = clock.due_at, clock.rule
            now_level = "breached" if clock.breached_at else "soon" if clock.warned_at else "ok"
            if _WATCH_ORDER[now_level] > _WATCH_ORDER[level]:
                level = now_level
        case = held.case
        if (case.due_at, case.due_rule, case.watch_level) != (due, rule, level):
            self.set(case=case, due_at=due, due_rule=rule, watch_level=level)

    def _tell_others(self) -> None:
        """Enqueue what other systems and telephones want to hear, in the same transaction."""
        rows = webhooks.rows(
            events=(
                (e[1], self._held[e[1].int].case.number, e[2], e[3], e[4]) for e in self._events
            ),
            now=self.now,
        )
        messages = self._inserts.get(models.Message, ())
        # an answer that comes by itself is no news to somebody who has spoken at this moment
        spoken = {m["complaint_id"] for m in messages if m["direction"] == "in"}
        rows += pushes.rows(
            messages=[
                (m["complaint_id"], m["author_id"] is None)
                for m in messages
                if m["to_customer"] and (m["author_id"] or m["complaint_id"] not in spoken)
            ],
            now=self.now,
        )
        if rows:
            self._inserts.setdefault(models.Outbox, []).extend(rows)

    def write(self) -> None:
        """Write everything gathered; called once, inside the transaction, by :func:`pen`."""
        self._tell_others()
        new_cases: list[tuple[Any, ...]] = []
        new_clocks: list[tuple[Any, ...]] = []
        changed: dict[Any, dict[str, Any]] = {}
        for held in self._held.values():
            case = held.case
            if held.clocks_touched:
                self._derive_watch(held=held)
                new_clocks.extend(
                    _clock_row(clock) for clock in held.clocks if clock.id.int in self._clock_new
                )
            if held.fresh:
                new_cases.append(_case_row(case))
            elif held.changed:
                changed[case.id] = {n: getattr(case, n) for n in sorted(held.changed)}
            self._count_load(before=held.carried_by, after=carrier_of(case=case))
        for early in (models.Customer, models.Identity):
            bulk.insert(
                model=early,
                rows=self._inserts.pop(early, []),
                ignore_known=early is models.Identity,
            )
        bulk.insert_tuples(model=models.Complaint, names=CASE_FIELDS, rows=new_cases)
        bulk.update(model=models.Complaint, changes=changed)
        search.add_cases(cases=[h.case for h in self._held.values() if h.fresh])
        search.restate(
            cases=[
                h.case
                for h in self._held.values()
                if not h.fresh and not search.FILTERED.isdisjoint(h.changed)
            ]
        )
        bulk.insert_tuples(model=models.Clock, names=CLOCK_FIELDS, rows=new_clocks)
        bulk.update(
            model=models.Clock,
            changes={
                key: {n: getattr(clock, n) for n in sorted(names)}
                for key, (clock, names) in self._clock_changed.items()
            },
        )
        bulk.insert(model=models.Message, rows=self._inserts.pop(models.Message, []))
        if models.ParcelClaim in self._inserts and models.ParcelClaim in self._updates:
            # a claim that is let go makes room for the one that takes its place
            bulk.update(model=models.ParcelClaim, changes=self._updates[models.ParcelClaim])
        for model, rows in self._inserts.items():
            bulk.insert(model=model, rows=rows)
        bulk.insert_tuples(model=models.MatchKey, names=_KEY_FIELDS, rows=self._keys)
        bulk.insert_tuples(model=models.Event, names=_EVENT_FIELDS, rows=self._events)
        for model, changes in self._updates.items():
            bulk.update(model=model, changes=changes)
        search.add(rows=self._index)
        for complaint_id, messages in self._moves:
            search.move(messages=messages, complaint_id=complaint_id)
        for message_id, complaint_id in self._key_moves:
            models.MatchKey.objects.filter(message_id=message_id).update(complaint_id=complaint_id)
        past.keep(ids=[h.case.id for h in self._held.values() if past.concerns(held=h)])
        write_tallies(deltas=self._tallies)

    def _count_load(self, *, before: int | None, after: int | None) -> None:
        if before == after:
            return
        if before is not None:
            self._tallies[f"load:{before}"] -= 1
        if after is not None:
            self._tallies[f"load:{after}"] += 1


@contextmanager
def pen(*, now: datetime, actor: str) -> Iterator[Pen]:
    """Open a transaction and hand out the pen; everything is written when the block ends well.

    ``actor`` is 'user:ID', 'customer', 'system' or 'program:NAME'. An exception inside the block
    leaves the database as it was. Raises CannotKeep where a rule that the database guards, such
    as one payment of a parcel, stands in the way.
    """
    try:
        with transaction.atomic():
            hand = Pen(now=now, actor=actor)
            yield hand
            hand.write()
    except IntegrityError as error:
        known = clear(error=error)
        if known is None:
            raise
        raise known from error
