"""What a mail was besides its words: who proved to have sent it, what is in it, how it looked."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import filetype
from django.urls import reverse

from huiyin.store import files, models
from huiyin.store.read import labels

METHODS = ("spf", "dkim", "dmarc")
MOST_PICTURES = 8 * 1024 * 1024
"""Bytes of pictures that are shown inside one mail; the others are among its files."""
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_PICTURE = re.compile(r'src="cid:([^"]{1,400})"')
RESULTS = {
    "pass": ("通过", "pass"),
    "fail": ("不通过", "fail"),
    "softfail": ("存疑", "soft fail"),
    "neutral": ("未表态", "neutral"),
    "none": ("没有", "none"),
    "policy": ("不合规定", "policy"),
    "temperror": ("暂时查不到", "temporary error"),
    "permerror": ("记录有误", "permanent error"),
    "bestguesspass": ("推测通过", "best guess pass"),
}
VERDICTS = {
    "ok": ("发件人已核实", "sender verified"),
    "bad": ("发件人可能是冒充的", "sender may be forged"),
    "warn": ("发件人没有通过核对", "sender not verified"),
    "line": ("发件人无法核实", "sender cannot be verified"),
}
SERVERS = {
    "huiyin": ("本系统核对", "verified here"),
    "microsoft365": ("Exchange Online 判定", "found by Exchange Online"),
}
SEALS = {
    "smime_encrypted": ("S/MIME 加密，原件在附件里", "encrypted by S/MIME, kept among the files"),
    "smime_signed": ("S/MIME 签名，未核对", "signed by S/MIME, not verified"),
    "pgp_encrypted": ("PGP 加密，原件在附件里", "encrypted by PGP, kept among the files"),
    "pgp_signed": ("PGP 签名，未核对", "signed by PGP, not verified"),
}
KINDS = {"calendar": ("日历邀请", "Invitation"), "mail": ("附带的邮件", "Attached mail")}
FACTS = {
    "method": ("类型", "Kind"),
    "starts": ("开始", "Begins"),
    "ends": ("结束", "Ends"),
    "repeats": ("重复", "Repeats"),
    "where": ("地点", "Where"),
    "organizer": ("发起人", "Organizer"),
    "from": ("发件人", "From"),
    "to": ("收件人", "To"),
    "date": ("日期", "Date"),
    "files": ("附件数", "Files"),
}
METHOD_NAMES = {
    "REQUEST": ("邀请", "invitation"),
    "CANCEL": ("取消", "cancelled"),
    "REPLY": ("答复", "answer"),
    "PUBLISH": ("通知", "notice"),
    "COUNTER": ("改期建议", "another time proposed"),
}


@dataclass(frozen=True, slots=True)
class ProofView:
    """What one server, or we, found out about the sender."""

    by: str
    results: tuple[tuple[str, str, str, bool], ...]
    """(method, result in words, domain it speaks of, whether it passed)."""


@dataclass(frozen=True, slots=True)
class EnclosedView:
    """An invitation or a whole mail inside the mail, as it can be read."""

    kind_label: str
    title: str
    facts: tuple[tuple[str, str], ...]
    text: str


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail beside its words."""

    verdict: str
    """ok, bad, warn, line; empty where nobody looked."""
    verdict_label: str
    proof: tuple[ProofView, ...]
    seals: tuple[tuple[str, str], ...]
    """(seal, its words)."""
    enclosed: tuple[EnclosedView, ...]
    as_sent: str
    """Address of the mail as it was laid out; empty for one without, or while it is masked."""


def view(*, message: models.Message, revealed: bool, shown: Callable[[str], str]) -> MailView:
    """Return what a mail's entry on the timeline shows; ``shown`` masks words."""
    kept = message.mail
    proof = kept.get("proof", ())
    verdict = judged(proof=proof)
    return MailView(
        verdict=verdict,
        verdict_label=labels.pick(VERDICTS, verdict) if verdict else "",
        proof=tuple(_proof(one=one) for one in proof),
        seals=tuple((seal, labels.pick(SEALS, seal)) for seal in kept.get("seals", ())),
        enclosed=tuple(_enclosed(one=one, shown=shown) for one in kept.get("enclosed", ())),
        as_sent=reverse("desk:mail_as_sent", args=[message.id.hex])
        if message.html and revealed
        else "",
    )


def judged(*, proof: Sequence[Mapping[str, Any]]) -> str:
    """Return ok, bad, warn or line for what was found out; "" where nobody looked.

    DMARC speaks of the address that people see, so it decides; where two contradict each other
    the worse counts.
    """
    if not proof:
        return ""
    dmarc = [one.get("dmarc") for one in proof]
    others = [one.get(method) for one in proof for method in ("spf", "dkim")]
    if "fail" in dmarc:
        return "bad"
    if "pass" in dmarc:
        return "ok"
    if any(said in {"fail", "softfail", "permerror"} for said in others):
        return "warn"
    return "line"


def _proof(*, one: Mapping[str, Any]) -> ProofView:
    by = str(one.get("by", ""))
    english = labels.english()
    domains = one.get("domains", {})
    return ProofView(
        by=labels.pick(SERVERS, by)
        if by in SERVERS
        else f"{'found by ' if english else ''}{by}" + ("" if english else " 判定"),
        results=tuple(
            (
                method.upper(),
                labels.pick(RESULTS, str(one[method])),
                str(domains.get(method, "")),
                one[method] == "pass",
            )
            for method in METHODS
            if method in one
        ),
    )


def _enclosed(*, one: Mapping[str, Any], shown: Callable[[str], str]) -> EnclosedView:
    facts = {**one.get("facts", {})}
    if "method" in facts:
        facts["method"] = labels.pick(METHOD_NAMES, str(facts["method"]))
    return EnclosedView(
        kind_label=labels.pick(KINDS, str(one.get("kind", ""))),
        title=shown(str(one.get("title", ""))),
        facts=tuple((labels.pick(FACTS, n), shown(str(v))) for n, v in facts.items()),
        text=shown(str(one.get("text", ""))),
    )


def complaint_of(*, message_id: UUID) -> UUID | None:
    """Return the complaint of a message, None for a message that is not there."""
    rows = models.Message.objects.filter(id=message_id)
    return rows.values_list("complaint_id", flat=True).first()


def as_sent(*, message_id: UUID) -> str | None:
    """Return a mail's cleaned HTML with its own pictures inside, None for a mail without HTML.

    Nothing in it is fetched from anywhere: pictures are those that came with the mail.
    """
    row = models.Message.objects.filter(id=message_id).exclude(html="").first()
    if row is None:
        return None
    pictures: Mapping[str, str] = row.mail.get("pictures", {})
    left = MOST_PICTURES

    def embedded(found: re.Match[str]) -> str:
        nonlocal left
        name = html.unescape(unquote(found.group(1)))
        sha256 = pictures.get(name) or pictures.get(html.unescape(found.group(1)))
        if sha256 is None:
            return ""
        try:
            content = files.fetch(sha256=sha256)
        except files.CannotFindFile:
            return ""
        kind = filetype.guess_mime(content[:4096])
        if kind not in SHOWN or len(content) > left:
            return ""
        left -= len(content)
        return f'src="data:{kind};base64,{b64encode(content).decode("ascii")}"'

    return _PICTURE.sub(embedded, row.html)
