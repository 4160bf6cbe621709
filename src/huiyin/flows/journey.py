"""The one visible map: which rooms follow which event.

A door calls one room inside :func:`writing`; the events that room records lead to the next rooms
in the same transaction, in the order of this map, until nobody has anything to add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from huiyin.flows import (
    agree,
    answer,
    appeal,
    assign,
    book,
    call_back,
    close,
    collaborate,
    gather,
    know,
    pair,
    pass_on,
    proceed,
    promise,
    receive,
    sort,
    survey,
    take_back,
    trace,
    watch,
)
from huiyin.store.case import Happening
from huiyin.store.ledger import Pen, pen

Room = Callable[[Pen, Sequence[Happening]], None]

JOURNEY: dict[str, tuple[Room, ...]] = {
    "ComplaintOpened": (appeal.hear, sort.sort, pair.ask),
    "ComplaintSorted": (
        close.end_past,
        assign.assign,
        watch.start,
        answer.acknowledge,
        close.archive,
        trace.want,
    ),
    "PastTakenOver": (receive.remember_end,),
    "ComplaintAssigned": (watch.follow,),
    "ContactJoined": (
        appeal.hear,
        sort.sort_again,
        watch.follow,
        answer.confirm_joined,
        trace.want,
    ),
    "ComplaintReopened": (
        appeal.hear,
        receive.remember_end,
        call_back.cancel,
        assign.assign_again,
        watch.start,
        answer.confirm_joined,
        trace.want,
    ),
    "ComplaintTaken": (watch.follow,),
    "HandedOver": (watch.follow,),
    "Returned": (watch.follow,),
    "Acknowledged": (watch.follow, answer.say_received),
    "CustomerAsked": (watch.follow, promise.keep, promise.make),
    "CustomerAnswered": (watch.follow,),
    "EvidenceRequested": (collaborate.ask_for_evidence,),
    "CollaborationTransferred": (gather.pass_on,),
    "VerdictGiven": (watch.follow, book.recost),
    "RemedyProposed": (watch.follow,),
    "RemedyApproved": (watch.follow, book.enter, agree.issue, agree.announce),
    "RemedyRejected": (watch.follow, take_back.run_again),
    "RemedyWithdrawn": (watch.follow, take_back.run_again, book.enter),
    "RemedyAccepted": (watch.start,),
    "RemedyDeclined": (watch.follow, book.enter),
    "RemedyCountered": (watch.follow,),
    "PayoutRequested": (watch.follow, book.enter),
    "PayoutPaid": (watch.follow, book.enter),
    "PayoutFailed": (watch.follow, book.enter),
    "PayoutReturned": (watch.follow, book.enter),
    "ReplySent": (watch.follow, promise.keep, promise.make),
    "CustomerCalled": (watch.follow, promise.keep),
    "ComplaintResolved": (
        receive.remember_end,
        watch.follow,
        survey.ask,
        collaborate.end,
        call_back.schedule,
    ),
    "SurveyAnswered": (watch.follow, know.weigh, survey.weigh),
    "SurveyExpired": (call_back.schedule, close.close_silent),
    "GroundMarked": (watch.start,),
    "RehandlingStarted": (
        receive.remember_end,
        call_back.cancel,
        assign.assign_higher,
        watch.start,
        answer.announce_rehandling,
    ),
    "SatisfactionShown": (close.close_satisfied,),
    "LastLevelReached": (call_back.schedule,),
    "PromiseBroken": (call_back.schedule,),
    "CallBackDone": (close.after_call,),
    "ComplaintClosed": (receive.remember_end, watch.follow, collaborate.end, call_back.cancel),
    "ComplaintArchived": (receive.remember_end,),
    "LiabilityFinal": (book.share,),
    "FineFinal": (book.fine,),
    "FineDecided": (book.fine,),
    "ComplaintMerged": (
        book.realign,
        promise.move_on,
        watch.follow,
        collaborate.end,
        call_back.cancel,
        pair.note_same,
    ),
    "MailBounced": (pass_on.bounced,),
    "MergeUndone": (book.realign, promise.move_on, pair.note_merge_undone),
    "JoinUndone": (pair.note_parted,),
    "CategoryCorrected": (assign.assign_corrected, watch.retime),
    "PlaybookChanged": (watch.retime,),
    "TrackUpdated": (watch.start,),
    "ParcelArrived": (watch.follow,),
    "StepRun": (answer.say_by_step, collaborate.ask_by_step),
}

EVERY: tuple[Room, ...] = (proceed.proceed,)
"""Rooms that look at every event, after those that the map names for it."""


def follow(*, hand: Pen) -> None:
    """Lead every fresh event to its rooms until no room records anything more."""
    while fresh := hand.take_fresh():
        by_kind: dict[str, list[Happening]] = {}
        for event in fresh:
            by_kind.setdefault(event.kind, []).append(event)
        for kind, events in by_kind.items():
            for room in (*JOURNEY.get(kind, ()), *EVERY):
                room(hand, events)


@contextmanager
def writing(*, now: datetime, actor: str) -> Iterator[Pen]:
    """Hand out the pen for one room call and let the journey follow before it is written."""
    with pen(now=now, actor=actor) as hand:
        yield hand
        follow(hand=hand)
