"""Mail out: what waits in the outbox goes through SMTP. A closed way rests, nothing is lost."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Sequence
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone

from huiyin.channels.email import message_ids
from huiyin.channels.email.write import CannotWriteMail, MailFile, address, write
from huiyin.store import files
from huiyin.store.ledger import jobs, outbox
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.read import cases

log = logging.getLogger(__name__)

JOB = "smtp"
TIMEOUT = 15
"""Seconds for one answer of the server; a mail needs five of them, less than its lease."""
BATCH = 20
_TOO_LARGE = 552


class _WayClosed(Exception):
    """The server takes no mail at all just now; ``tried`` when a mail was on its way then."""

    def __init__(self, told: str, *, tried: bool = False) -> None:
        self.tried = tried
        super().__init__(told)


def deliver() -> int:
    """Send mails that are due; returns how many went out.

    A refusal of one mail for good is not tried again; one for now is tried later. When the server
    cannot be reached or refuses us, no mail's tries are counted and the way rests.
    """
    given = settings.HUIYIN
    if not given.smtp_host or not jobs.due(name=JOB, now=timezone.now()):
        return 0
    parcels = outbox.claim(now=timezone.now(), channels=frozenset({"email"}), limit=BATCH)
    if not parcels:
        return 0
    done: list[Parcel] = []
    try:
        try:
            server = _connected()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise _WayClosed(_told(error)) from error
        try:
            sent = _send_all(server=server, parcels=parcels, done=done)
        finally:
            _leave(server)
    except _WayClosed as closed:
        outbox.give_back(parcels=[p for p in parcels if p not in done])
        jobs.failed(name=JOB, now=timezone.now(), error=str(closed), remember={})
        log.warning("mail cannot be sent: %s", closed)
        return 0
    jobs.worked(name=JOB, now=timezone.now(), remember={})
    return sent


def _connected() -> smtplib.SMTP:
    given = settings.HUIYIN
    context = ssl.create_default_context()
    if given.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            given.smtp_host, given.smtp_port, timeout=TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(given.smtp_host, given.smtp_port, timeout=TIMEOUT)
    try:
        if given.smtp_tls == "starttls":
            server.starttls(context=context)
        if given.smtp_user:
            server.login(given.smtp_user, given.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _send_all(*, server: smtplib.SMTP, parcels: Sequence[Parcel], done: list[Parcel]) -> int:
    """Send claimed mails one by one; ``done`` gathers those whose fate is written down."""
    sent = 0
    for parcel in parcels:
        if not outbox.hold(parcel=parcel, now=timezone.now()):
            done.append(parcel)
            continue
        if _loops(parcel=parcel):
            outbox.failed(
                parcel=parcel,
                now=timezone.now(),
                error="自动邮件一小时内发给此地址过多，疑似两台机器互相回复，已停发",
                final=True,
            )
        else:
            try:
                sent += _send(server=server, parcel=parcel)
            except _WayClosed as closed:
                if closed.tried:
                    done.append(parcel)
                raise
        done.append(parcel)
    return sent


def _loops(*, parcel: Parcel) -> bool:
    """Whether so many automatic mails went to one address that a machine seems to answer there."""
    if not parcel.payload.get("automatic"):
        return False
    since = timezone.now() - timedelta(hours=1)
    before = outbox.automatic_since(recipient=parcel.recipient, since=since)
    return before >= settings.HUIYIN.mail_automatic_per_hour


def _send(*, server: smtplib.SMTP, parcel: Parcel) -> bool:
    """Send one mail and write down what became of it. Raises _WayClosed when none would pass."""
    final = False
    try:
        own, raw = _written(parcel=parcel)
        server.sendmail(own, [address(value=parcel.recipient)], raw)
    except smtplib.SMTPSenderRefused as error:
        if error.smtp_code != _TOO_LARGE:
            raise _WayClosed(_told(error)) from error
        final, told = True, _told(error)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        final, told = all(code >= 500 for code in codes), _told(error)
    except smtplib.SMTPResponseException as error:
        # Raised after the mail's own data, so it speaks of this mail.
        final, told = error.smtp_code >= 500, _told(error)
    except CannotWriteMail as error:
        final, told = True, str(error)
    except (OSError, smtplib.SMTPException) as error:
        # The line broke, perhaps after the server took the mail: the same Message-ID goes again.
        outbox.failed(parcel=parcel, now=timezone.now(), error=_told(error))
        raise _WayClosed(_told(error), tried=True) from error
    else:
        outbox.sent(id=parcel.id, now=timezone.now())
        return True
    outbox.failed(parcel=parcel, now=timezone.now(), error=told, final=final)
    return False


def _written(*, parcel: Parcel) -> tuple[str, bytes]:
    """Return (envelope sender, mail) of a message; the same bytes at every try."""
    given = settings.HUIYIN
    load = parcel.payload
    own = parseaddr(given.smtp_from or given.smtp_user)[1]
    about = parcel.complaint_id
    thread = cases.last_thread(complaint_id=about) if about else ""
    raw = write(
        sender=given.smtp_from or given.smtp_user,
        sender_name=cases.company_name(),
        recipient=parcel.recipient,
        reply_to=given.imap_user if "@" in given.imap_user else "",
        subject=str(load.get("subject", "")),
        text=str(load.get("text", "")),
        message_id=message_ids.ours(
            id=parcel.id, domain=own.rpartition("@")[2].lower() or "localhost"
        ),
        at=parcel.created_at,
        number=str(load.get("number", "")),
        answers=[thread] if thread else [],
        automatic=bool(load.get("automatic")),
        files=[
            MailFile(
                name=str(file["name"]),
                content_type=str(file["content_type"]),
                content=files.fetch(sha256=str(file["sha256"])),
            )
            for file in load.get("files", ())
        ],
    )
    return own, raw


def _told(error: Exception) -> str:
    """Return a server's refusal on one line, without our password wherever it may stand."""
    # What cannot be encoded may be a piece of the password.
    said = "" if isinstance(error, UnicodeError) else str(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "; ".join(_answer(code, text) for code, text in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        said = _answer(error.smtp_code, error.smtp_error)
    told = " ".join(f"{type(error).__name__}: {said}".split())
    secret = settings.HUIYIN.smtp_password
    return (told.replace(secret, "***") if secret else told)[:300]


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
