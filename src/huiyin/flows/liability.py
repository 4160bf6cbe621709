"""Liability: claim by rule who bears a complaint's cost, hear the parties, rule, hear one appeal.

A claim goes its own way beside the complaint: it is not hurried by the customer's clocks and goes
on after the complaint is closed or merged. The journal follows the ruling once it is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from huiyin.core import liability as core
from huiyin.core.access import Actor, Dispute, may, may_on_dispute, speaks_for
from huiyin.core.liability import CannotRule, Step
from huiyin.core.lifecycle import ENDED
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.liability import PARTS
from huiyin.flows.facts import facts_of, thing_of
from huiyin.flows.ticking import deadline
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, deadlines
from huiyin.store.read import disputes, office, parties, rulings
from huiyin.store.read.disputes import ClaimFacts

File = Mapping[str, Any]
"""{name, content_type, size, sha256} of a kept file."""
_OF_PARTY = frozenset({"state", "answer", "appeal"})
_JUDGING = frozenset({"rule", "rule_appeal"})


def checked(*, named: Mapping[str, str], playbook: Playbook) -> dict[str, str]:
    """Return who the parts of the way are, after looking at each. Raises CannotRule."""
    out: dict[str, str] = {}
    for part, code in named.items():
        if not code:
            continue
        wanted = parties.KINDS_OF_PART.get(part)
        if wanted is None or parties.kind_of(code=code, playbook=playbook) != wanted:
            zh, en = core.PART_NAMES.get(part, (part, part))
            raise CannotRule(
                zh=f"请在列表中选择{zh}，停用的单位不能选",
                en=f"choose the {en.lower()} from the list",
            )
        out[part] = code
    return out


def claim(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    named: Mapping[str, str],
    facts: Mapping[str, Any],
    words: str = "",
    files: Sequence[File] = (),
) -> UUID:
    """Claim by rule who is liable: ``named`` are the parts of the way, ``facts`` how it went.

    Raises CannotRule, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="claim_liability", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if case.status in {"merged", "archived"}:
        raise CannotRule(
            zh="投诉已合并或存档，请在合并后的投诉上发起定责",
            en="the complaint is merged or archived: claim it there",
        )
    matter = rulings.matter(complaint_id=case.id)
    waiting = disputes.open_claim_of(complaints=list(matter))
    if waiting:
        raise CannotRule(
            zh=f"同一件事已有未了结的定责 {waiting}", en=f"claim {waiting} about it is not settled"
        )
    playbook = office.playbook(version_id=case.playbook_version)
    if not playbook.liability.rules:
        raise CannotRule(zh="本投诉适用的规程没有定责规则", en="its playbook has no such rules")
    who = checked(named=named, playbook=playbook)
    if not who:
        raise CannotRule(zh="请至少选择一个责任方", en="name at least one party")
    proposal = core.propose(
        liability=playbook.liability,
        facts={**facts_of(case=case), **facts},
        named={**who, "customer": parties.CUSTOMER},
        on=pen.now.date(),
    )
    if proposal.unnamed:
        zh = "、".join(core.PART_NAMES[p][0] for p in proposal.unnamed)
        en = ", ".join(core.PART_NAMES[p][1].lower() for p in proposal.unnamed)
        raise CannotRule(
            zh=f"按规则“{proposal.because[0].zh}”，请选择：{zh}",
            en=f"by the rule {proposal.because[0].en!r} name the {en}",
        )
    if proposal.shares.get("customer"):
        who["customer"] = parties.CUSTOMER
    opened = core.open_claim(
        proposed=core.to_parties(shares=proposal.shares, named=who),
        mute=frozenset({parties.CUSTOMER}),
    )
    claim_id = new_id(now=pen.now)
    number = f"{case.number}-D{disputes.claims_so_far(complaint_id=case.id) + 1}"
    due_at = deadline(
        now=pen.now, playbook=playbook, version=case.playbook_version,
        within=playbook.liability.evidence,
    )  # fmt: skip
    pen.add(
        table="liability_claim",
        row={
            "id": claim_id,
            "number": number,
            "complaint_id": case.id,
            "state": opened.state,
            "facts": dict(facts),
            "named": {p: who[p] for p in PARTS if p in who},
            "rule": proposal.rule,
            "because": [r.as_json() for r in proposal.because],
            "playbook_version": case.playbook_version,
            "opened_by_id": actor.id,
            "opened_at": pen.now,
            "due_at": due_at,
            "fire_at": due_at,
        },
    )
    for position, member in enumerate(opened.members):
        pen.add(
            table="liability_member",
            row={
                "id": new_id(now=pen.now),
                "claim_id": claim_id,
                "party": member.party,
                "position": position,
                "speaks": member.speaks,
                "proposed": member.proposed,
            },
        )
    _keep_words(pen=pen, claim_id=claim_id, act="open", party="", actor=actor, words=words,
                files=files)  # fmt: skip
    pen.record(
        case=case,
        kind="LiabilityClaimed",
        data={
            "claim": claim_id.hex,
            "number": number,
            "shares": {m.party: m.proposed for m in opened.members},
            "due": due_at.isoformat() if due_at else "",
        },
        because=proposal.because,
    )
    return claim_id


def act(
    *,
    pen: Pen,
    claim_id: UUID,
    actor: Actor,
    act: str,
    party: str = "",
    stance: str = "",
    words: str = "",
    files: Sequence[File] = (),
    shares: Mapping[str, int] | None = None,
) -> UUID:
    """Do one act on a claim; returns the complaint's id.

    Acts of a party: state (with ``stance``), answer, appeal. Acts of the house: rule, rule_appeal
    (with ``shares`` in basis points), withdraw. Raises CannotRule, PermissionError.
    """
    case, found = _in_hand(pen=pen, claim_id=claim_id)
    playbook = office.playbook(version_id=found.playbook_version)
    allowed = may_on_dispute(
        actor=actor, action=act, dispute=dispute_of(case=case, found=found),
        least=playbook.liability.appeal_by if act == "rule_appeal" else playbook.liability.ruled_by,
    )  # fmt: skip
    if not allowed:
        raise PermissionError(allowed.zh)
    if act in _OF_PARTY:
        own = speaks_for(actor=actor, parties=found.parties)
        party = party or (next(iter(own)) if len(own) == 1 else "")
        if party not in own:
            raise CannotRule(zh="请选择您代表哪一方", en="say which party you speak for")
    names = parties.names(codes=found.parties, playbook=playbook)
    step = core.step(
        claim=found.claim, act=act, party=party, stance=stance, words=words, files=len(files),
        shares=shares, silent=playbook.liability.silent, names=names,
    )  # fmt: skip
    _keep_words(
        pen=pen, claim_id=found.id, act=act, party=party if act in _OF_PARTY else "", actor=actor,
        words=words, files=files,
    )  # fmt: skip
    judged: dict[str, Any] = {}
    if act == "rule":
        judged = {"ruled_by_id": actor.id, "ruled_role": actor.role, "reasons": words.strip()}
    elif act == "rule_appeal":
        judged = {"appeal_by_id": actor.id, "appeal_reasons": words.strip()}
    _apply(pen=pen, case=case, found=found, step=step, playbook=playbook, actor=actor,
           party=party if act in _OF_PARTY else "", judged=judged)  # fmt: skip
    return case.id


def expire_due(*, pen: Pen, limit: int) -> int:
    """Let deadlines that passed have their effect: silence, default rulings, final rulings.

    Returns how many.
    """
    due_now = deadlines.due_claims(now=pen.now, limit=limit)
    for claim_id in due_now:
        case, found = _in_hand(pen=pen, claim_id=claim_id)
        playbook = office.playbook(version_id=found.playbook_version)
        step = core.step(claim=found.claim, act="expire", silent=playbook.liability.silent)
        _apply(pen=pen, case=case, found=found, step=step, playbook=playbook, actor=None,
               party="", judged={})  # fmt: skip
    return len(due_now)


def dispute_of(*, case: Case, found: ClaimFacts) -> Dispute:
    """Return a claim as rights see it."""
    return Dispute(
        parties=found.parties,
        complaint=thing_of(case=case),
        involved=found.involved,
        decided_by=found.ruled_by,
        decided_role=found.ruled_role,
    )


def _in_hand(*, pen: Pen, claim_id: UUID) -> tuple[Case, ClaimFacts]:
    """Take the complaint of a claim in hand and read the claim again under its lock."""
    found = disputes.claim(claim_id=claim_id)
    if found is None:
        raise CannotRule(zh="找不到这件定责", en="there is no such claim")
    case = pen.case(id=found.complaint_id)
    return case, disputes.claim(claim_id=claim_id) or found


def _keep_words(
    *,
    pen: Pen,
    claim_id: UUID,
    act: str,
    party: str,
    actor: Actor,
    words: str,
    files: Sequence[File],
) -> None:
    said = words.strip().replace("\x00", "")
    if act == "open" and not said and not files:
        return
    pen.add(
        table="liability_word",
        row={
            "id": new_id(now=pen.now),
            "claim_id": claim_id,
            "party": party,
            "act": act,
            "at": pen.now,
            "author_id": actor.id,
            "text": said,
            "files": [dict(f) for f in files],
        },
    )


def _apply(
    *,
    pen: Pen,
    case: Case,
    found: ClaimFacts,
    step: Step,
    playbook: Playbook,
    actor: Actor | None,
    party: str,
    judged: Mapping[str, Any],
) -> None:
    """Write what a step leads to and record its event on the complaint's chain."""
    before, after = found.claim, step.claim
    changes: dict[str, Any] = {
        "state": after.state, "open": after.state in core.OPEN, "by": after.by,
        "appeals": after.appeals, "late": after.late, **judged,
    }  # fmt: skip
    if step.fresh:
        due_at = deadline(
            now=pen.now, playbook=playbook, version=found.playbook_version,
            within=getattr(playbook.liability, core.clock_of(state=after.state, late=after.late)),
        )  # fmt: skip
        changes |= {"due_at": due_at, "fire_at": due_at}
    elif after.state not in core.OPEN:
        changes |= {"due_at": None, "fire_at": None}
    ruled_now = after.shares != before.shares or step.event in {"LiabilityRuled", "LiabilityFinal"}
    if step.event == "LiabilityRuled":
        changes["ruled_at"] = pen.now
    if after.state == "final":
        changes["final_at"] = pen.now
    pen.alter(table="liability_claim", key=found.id, **changes)
    for was, now in zip(before.members, after.members, strict=True):
        if was != now:
            row: dict[str, Any] = {
                "stance": now.stance, "ruled": now.ruled, "appealed": now.appealed,
                "answered": now.answered,
            }  # fmt: skip
            if step.event == "LiabilityRuled":
                row["first"] = now.ruled
            pen.alter(table="liability_member", key=found.rows[now.party], **row)
    data: dict[str, Any] = {"claim": found.id.hex, "number": found.number}
    if party:
        data["party"] = party
    if ruled_now:
        data |= {"shares": after.shares, "by": after.by}
    pen.change(
        case=case,
        kind=step.event,
        data=data,
        because=step.because,
        actor="system" if actor is None else None,
        unread=True if case.status not in ENDED else case.unread,
    )
