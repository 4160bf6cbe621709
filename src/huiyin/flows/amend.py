"""Amend: the playbook is changed by a draft that somebody else approves; complaints follow it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.playbook.draft import CannotChangeDraft, DraftAct, step
from huiyin.store.ledger import Pen, drafts
from huiyin.store.read import drafts as read
from huiyin.store.read import office
from huiyin.store.read.checking import checked

_VERSION = re.compile(r"^version:.*$", re.MULTILINE)
_LONGEST = 1_200_000
"""Characters that a draft may have at all; a playbook may have fewer."""


def begin(*, now: datetime, actor: Actor, title: str = "") -> UUID:
    """Begin a draft from the version in force, under a version number that is free.

    Raises PermissionError.
    """
    _need(actor, "playbook.change")
    row = office.company().playbook
    playbook = office.playbook(version_id=row.version_id)
    number = read.free_version(key=row.key, now=now)
    return drafts.begin(
        now=now,
        by=actor.id,
        key=row.key,
        base=row.version_id,
        title=title.strip()[:120] or f"{playbook.name.zh} {number}",
        text=_VERSION.sub(f'version: "{number}"', row.text, count=1),
    )


def save(*, now: datetime, actor: Actor, id: UUID, seen: int, text: str, title: str = "") -> int:
    """Write a draft's text; returns the new revision. Unsound text is kept as well.

    Raises CannotChangeDraft, CannotSaveDraft, PermissionError.
    """
    _need(actor, "playbook.change")
    text = text.replace("\r\n", "\n")
    if len(text) > _LONGEST:
        raise CannotChangeDraft(
            zh="文本太长（超过 120 万字符），没有保存", en="the text is too long and was not saved"
        )
    if "\x00" in text:
        raise CannotChangeDraft(zh="文本含有无效字符", en="the text holds an invalid character")
    facts = read.facts(id=id)
    step(facts=facts, act="save", by=actor.id, now=now)
    return drafts.save(
        id=id, now=now, by=actor.id, seen=seen, text=text,
        title=title.strip()[:120] or read.title(id=id),
    )  # fmt: skip


def do(
    *, now: datetime, actor: Actor, id: UUID, act: DraftAct, words: str = "",
    effective_at: datetime | None = None,
) -> str:  # fmt: skip
    """Take one step with a draft: submit, approve, return, withdraw or rebase; returns its state.

    What is approved without a later ``effective_at`` comes into force at once. Raises
    CannotChangeDraft, PermissionError, LookupError.
    """
    _need(actor, "playbook.approve" if act in {"approve", "return"} else "playbook.change")
    later = effective_at if effective_at is not None and effective_at > now else None
    changes: dict[str, object] = {}
    if act == "submit":
        playbook, _problems = checked(read.text(id=id))
        changes = {
            "submitted_by_id": actor.id, "submitted_at": now,
            "version_id": playbook.version_id if playbook else "",
        }  # fmt: skip
    elif act == "approve":
        changes = {"decided_by_id": actor.id, "decided_at": now, "effective_at": later or now}
    elif act == "return":
        changes = {"decided_by_id": actor.id, "decided_at": now, "submitted_by_id": None}
    elif act == "rebase":
        changes = {"base": office.company().playbook.version_id}
    row = drafts.move(
        id=id,
        now=now,
        by=actor.id,
        act=act,
        words=words,
        decide=lambda row: step(
            facts=read.facts_of(row=row), act=act, by=actor.id, now=now, words=words,
            effective_at=effective_at,
        ).state,
        **changes,
    )  # fmt: skip
    if row.state == "approved" and later is None:
        take_effect(now=now)
    return read.state(id=id)


def take_effect(*, now: datetime) -> int:
    """Put approved drafts whose day has come in force, the earliest first; returns how many.

    A draft that is no longer sound (its base is not in force any more) stays approved until
    somebody looks at it.
    """
    done = 0
    for id in read.due(now=now):
        playbook, _problems = checked(read.text(id=id))
        if playbook is None or read.facts(id=id).base != office.company().playbook.version_id:
            continue

        def decide(state: str, id: UUID = id) -> str:
            facts = read.facts(id=id)
            return step(facts=facts, act="take_effect", by=None, now=now).state

        drafts.put_in_force(id=id, now=now, playbook=playbook, decide=decide)
        office.forget()
        done += 1
    return done


def carry_over(
    *, pen: Pen, actor: Actor, complaint_ids: Sequence[UUID], to: str, reason: str
) -> int:
    """Move open complaints to another version on purpose; returns how many were moved.

    Each gets its event; clocks are counted again by the rooms that follow. Complaints whose
    category or branch the other version does not have stay. Raises CannotChangeDraft,
    PermissionError.
    """
    _need(actor, "playbook.move")
    if not reason.strip():
        raise CannotChangeDraft(zh="请写明为什么改用这一版", en="say why they are moved")
    playbook = office.playbook(version_id=to)
    moved = 0
    for case in pen.cases(ids=complaint_ids):
        if not case.live or case.playbook_version == to:
            continue
        before = office.playbook(version_id=case.playbook_version)
        pen.change(
            case=case,
            kind="PlaybookChanged",
            data={"from": before.version, "to": playbook.version, "before": before.version_id},
            because=[
                Reason(
                    rule="amend.carried_over",
                    zh=f"改按规程 {playbook.version} 办理：{reason.strip()[:300]}",
                    en=f"worked under playbook {playbook.version} from now: {reason.strip()[:300]}",
                )
            ],
            playbook_version=to,
        )
        moved += 1
    return moved


def _need(actor: Actor, action: str) -> None:
    allowed = may(actor=actor, action=action)
    if not allowed:
        raise PermissionError(allowed.zh)
