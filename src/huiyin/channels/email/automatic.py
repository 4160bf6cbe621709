"""Which mails no person wrote to us: replies by machines, bounces, lists, our own mail come back.

They are never answered, or two machines would answer each other for ever (RFC 3834).
"""

from __future__ import annotations

import re
from email.message import Message

from huiyin.channels.email import headers, message_ids

LOOP_HEADER = "X-Huiyin-Loop"
"""Carries the address we sent from; another company's Huiyin is not our echo."""

_REPLY_SUBJECT = re.compile(
    r"^\s*(?:[\[【(（]\s*)?(?:"
    r"自动(?:回复|答复|应答)|自動(?:回覆|回應|答覆)|系统自动回复|休假(?:自动)?回复|外出(?:自动)?回复"
    r"|auto(?:matic|mated)?[ -]?(?:reply|response|answer)|autoreply|out[ -]of[ -](?:the[ -])?office"
    r"(?:[ -]auto[ -]?reply)?|vacation (?:reply|response)|abwesenheitsnotiz|réponse automatique"
    r")\s*(?:[\]】)）]|[:：]|$)",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"^\s*(?:系统退信|退信|邮件退信|\[?mail system error|undeliver(?:ed|able)|returned mail"
    r"|delivery status notification|delivery (?:has )?fail|mail delivery (?:failed|system)"
    r"|failure notice|message (?:undeliverable|delivery failure)|投递失败|邮件(?:发送|投递)失败"
    r"|無法傳遞|传递(?:状态通知|失败)|未送达|未传递)",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"^(?:mailer-?daemon|mail-?daemon|double-bounce)(?:@|$)", re.IGNORECASE)
_POSTMASTER = re.compile(r"^post-?master@", re.IGNORECASE)
_NEVER_A_PERSON = (
    "X-Autoreply", "X-Auto-Reply", "X-Autorespond", "X-Auto-Response-From", "X-AutoReply-From",
    "X-Mail-Autoreply", "X-Cron-Env",
)  # fmt: skip


def kind(
    *,
    message: Message,
    sender: str,
    subject: str,
    own_addresses: frozenset[str],
) -> str | None:
    """Return own_echo, bounce, auto_reply, mailing_list, or None for a person's mail."""
    if _is_echo(message=message, sender=sender, own_addresses=own_addresses):
        return "own_echo"
    machine = _machine(message=message, subject=subject)
    if _is_bounce(message=message, sender=sender, subject=subject, machine=machine):
        return "bounce"
    if machine:
        return "auto_reply"
    if _is_list(message=message, own_addresses=own_addresses):
        return "mailing_list"
    return None


def _said(message: Message, name: str) -> str:
    return headers.first(message=message, name=name).strip().lower()


def _is_echo(*, message: Message, sender: str, own_addresses: frozenset[str]) -> bool:
    if _without_tag(sender) in own_addresses or sender in own_addresses:
        return True
    domains = {a.partition("@")[2] for a in own_addresses}
    for ident in message_ids.named(value=_said(message, "Message-ID")):
        if message_ids.sent_as(message_id=ident, domains=domains):
            return True
    loop = _said(message, LOOP_HEADER)
    return bool(loop) and loop in own_addresses


def _without_tag(address: str) -> str:
    local, _at, domain = address.partition("@")
    return f"{local.split('+')[0]}@{domain}"


def _machine(*, message: Message, subject: str) -> bool:
    submitted = _said(message, "Auto-Submitted")
    suppressed = _said(message, "X-Auto-Response-Suppress")
    report = message.get_content_type() == "multipart/report"
    receipt = report and "disposition" in str(message.get_param("report-type", "")).lower()
    return bool(
        (submitted and not submitted.startswith("no"))
        or any(w in suppressed for w in ("all", "oof", "autoreply"))
        or any(_said(message, name) for name in _NEVER_A_PERSON)
        or _said(message, "Precedence").startswith("auto")
        or _REPLY_SUBJECT.match(subject)
        or receipt
    )


def _is_bounce(*, message: Message, sender: str, subject: str, machine: bool) -> bool:
    if _DAEMON.match(sender) or _said(message, "X-Failed-Recipients"):
        return True
    kind_of_report = str(message.get_param("report-type", "")).lower()
    if message.get_content_type() == "multipart/report" and "disposition" not in kind_of_report:
        return True
    nobody = message.get("Return-Path") is not None and _said(message, "Return-Path") in {"", "<>"}
    if _POSTMASTER.match(sender):
        return bool(nobody or machine or _BOUNCE_SUBJECT.match(subject))
    return nobody and not _REPLY_SUBJECT.match(subject) and "replied" not in _said(
        message, "Auto-Submitted"
    )  # fmt: skip


def _is_list(*, message: Message, own_addresses: frozenset[str]) -> bool:
    """Whether a list sent it; our own mailbox may be a list that customers write to."""
    ident = _said(message, "List-Id") + _said(message, "List-Post")
    if any(a.partition("@")[2] in ident for a in own_addresses):
        return False
    return bool(
        ident
        or _said(message, "List-Unsubscribe")
        or _said(message, "Precedence") in {"bulk", "list", "junk"}
    )
