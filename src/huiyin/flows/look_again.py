"""Look again: fingerprints of files, what a person should look at, and what he found.

All of it is beside the complaint's way: no clock waits for it and no decision hangs on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.doubt import Finding, many_parcels, review, same_files
from huiyin.core.doubt.document import document_of
from huiyin.core.doubt.picture import picture_of
from huiyin.core.playbook.incidents import SamePhoto, SameProof
from huiyin.store import files
from huiyin.store.files import CannotFindFile
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, prints
from huiyin.store.ledger.prints import NewPrint
from huiyin.store.read import doubts, office

OVERLAP = timedelta(minutes=1)
"""How far back is looked again: a file is written a little after its moment."""


def hash_files(*, after: datetime | None, limit: int) -> tuple[list[UUID], datetime | None]:
    """Take the fingerprints of the next files of customers; returns which, and how far it is.

    The same bytes are read once. A file that cannot be read gets a fingerprint without a hash, so
    that it is not tried for ever.
    """
    start = new_id(now=after - OVERLAP) if after else None
    found = doubts.unhashed(after=start, limit=limit)
    known = doubts.hashed(attachment_ids=[f.attachment_id for f in found])
    fresh = [f for f in found if f.attachment_id not in known]
    by_bytes = doubts.prints_of(sha256={f.sha256 for f in fresh})
    made = []
    for one in fresh:
        if one.sha256 not in by_bytes:
            by_bytes[one.sha256] = _print(sha256=one.sha256, is_picture=one.is_picture)
        phash, sides, plain = by_bytes[one.sha256]
        made.append(
            NewPrint(
                attachment_id=one.attachment_id, complaint_id=one.complaint_id, sha256=one.sha256,
                is_picture=one.is_picture, phash=phash, sides=sides, plain=plain, at=one.at,
            )
        )  # fmt: skip
    prints.keep(prints=made)
    if not found:
        return [], after
    last = found[-1].attachment_id
    moment = doubts.moment_of(id=last)
    if len(found) == limit and after is not None and moment - OVERLAP <= after - OVERLAP:
        moment = after + OVERLAP
    return [f.attachment_id for f in fresh], moment


def _print(*, sha256: str, is_picture: bool) -> tuple[str, str, bool]:
    try:
        content = files.fetch(sha256=sha256)
    except CannotFindFile:
        return "", "", False
    if not is_picture:
        return document_of(content=content), "", False
    picture = picture_of(content=content)
    return (picture.phash, picture.sides, picture.plain) if picture else ("", "", False)


def compare(*, attachment_ids: Sequence[UUID]) -> list[tuple[UUID, Finding]]:
    """Return what the playbook's rules say of files that just got their fingerprints."""
    rules = office.current_playbook().doubts
    out: list[tuple[UUID, Finding]] = []
    for mine in doubts.seen(rows=doubts.print_rows(attachment_ids=attachment_ids)):
        rule: SamePhoto | SameProof | None = (
            rules.same_photo if mine.print.is_picture else rules.same_proof
        )
        if rule is None or (mine.print.is_picture and not mine.print.phash):
            continue
        others = doubts.alike(print=mine.print, since=mine.at - timedelta(days=rule.days))
        found = same_files(mine=mine, others=others, rule=rule)
        if found is not None:
            out.append((UUID(mine.complaint), found))
    return out


def count_parcels(*, since: datetime, now: datetime) -> list[tuple[UUID, Finding]]:
    """Return who of those that complained since a moment has complained of many parcels."""
    rule = office.current_playbook().doubts.many_parcels
    if rule is None:
        return []
    window = now - timedelta(days=rule.days)
    out: list[tuple[UUID, Finding]] = []
    for customer in doubts.busy(since=since, window=window, least=rule.parcels):
        claims = doubts.claims_of(customer_id=customer, since=window)
        if not claims:
            continue
        newest = claims[-1].complaint
        found = many_parcels(
            customer=customer.hex, complaint=newest, claims=claims, rule=rule, now=now
        )
        if found is not None:
            out.append((UUID(newest), found))
    return out


def show(*, pen: Pen, found: Sequence[tuple[UUID, Finding]]) -> int:
    """Put findings before people, each once; returns how many are new."""
    by_key = {finding.key: (complaint, finding) for complaint, finding in found}
    known = doubts.raised(keys=by_key)
    version = office.current_playbook().version_id
    done = 0
    for key, (complaint_id, finding) in by_key.items():
        if key in known:
            continue
        pen.add(
            table="doubt",
            row={
                "id": new_id(now=pen.now),
                "complaint_id": complaint_id,
                "rule": finding.rule,
                "key": key,
                "speaks_for": [r.as_json() for r in finding.speaks_for],
                "speaks_against": [r.as_json() for r in finding.speaks_against],
                "others": list(finding.others),
                "playbook_version": version,
                "state": "open",
                "raised_at": pen.now,
            },
        )
        pen.count(name=f"doubt:{finding.rule}:raised")
        done += 1
    return done


def homes() -> frozenset[str]:
    """Return the departments whose handlers see and review doubts."""
    return frozenset(office.current_playbook().doubts.reviewed_by)


def judge(*, pen: Pen, doubt_id: UUID, actor: Actor, outcome: str, words: str) -> UUID:
    """Record what a person found of a doubt; returns the complaint's id.

    The event says that somebody looked and seals what he wrote by its hash; the outcome itself
    stays with the doubt, which only permitted roles see. Raises CannotReview, PermissionError.
    """
    allowed = may(actor=actor, action="doubts.review", homes=homes())
    if not allowed:
        raise PermissionError(allowed.zh)
    row = doubts.doubt(id=doubt_id)
    if row is None:
        raise PermissionError("找不到这一条")
    case = pen.case(id=row.complaint_id)
    row = doubts.doubt(id=doubt_id) or row
    said = words.replace("\x00", "").strip()[:2000]
    because = review(state=row.state, outcome=outcome, words=said)
    pen.alter(
        table="doubt", key=doubt_id, state="reviewed", outcome=outcome, words=said,
        reviewed_by_id=actor.id, reviewed_at=pen.now,
    )  # fmt: skip
    seal = hashlib.sha256(f"{doubt_id.hex}\n{outcome}\n{said}".encode()).hexdigest()
    pen.record(
        case=case, kind="DoubtReviewed", data={"doubt": doubt_id.hex, "seal": seal},
        because=[because],
    )  # fmt: skip
    pen.count(name=f"doubt:{row.rule}:{outcome}")
    return case.id
