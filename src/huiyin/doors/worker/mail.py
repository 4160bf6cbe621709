"""Mail in and out: IMAP is polled, the outbox goes through SMTP. Timeouts on every call."""

from __future__ import annotations

import smtplib
import ssl
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

from huiyin.channels.email.read import external_id
from huiyin.channels.email.write import CannotWriteMail, write
from huiyin.flows import intake
from huiyin.store.ledger import outbox, people
from huiyin.store.ledger.inbox import Arrival

TIMEOUT = 20
BATCH = 50


def _smtp() -> smtplib.SMTP:
    given = settings.HUIYIN
    if given.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            given.smtp_host, given.smtp_port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(given.smtp_host, given.smtp_port, timeout=TIMEOUT)
        if given.smtp_tls == "starttls":
            server.starttls(context=ssl.create_default_context())
    if given.smtp_user:
        server.login(given.smtp_user, given.smtp_password)
    return server


def deliver() -> int:
    """Send mails that are due; a refusal for good is not tried again. Returns how many went out."""
    given = settings.HUIYIN
    if not given.smtp_host:
        return 0
    now = timezone.now()
    parcels = outbox.claim(now=now, channels=frozenset({"email"}), limit=BATCH)
    if not parcels:
        return 0
    sender = given.smtp_from or given.smtp_user
    address = parseaddr(sender)[1]
    domain = address.rpartition("@")[2] or "localhost"
    try:
        server = _smtp()
    except (OSError, smtplib.SMTPException) as error:
        for parcel in parcels:
            outbox.failed(parcel=parcel, now=now, error=f"{type(error).__name__}: {error}")
        return 0
    sent = 0
    with server:
        for parcel in parcels:
            load = parcel.payload
            try:
                raw = write(
                    sender=sender,
                    recipient=parcel.recipient,
                    subject=str(load.get("subject", "")),
                    text=str(load.get("text", "")),
                    message_id=f"<{parcel.id.hex}@{domain}>",
                    at=parcel.created_at,
                    number=str(load.get("number", "")),
                    in_reply_to=str(load.get("thread", "")),
                    automatic=bool(load.get("automatic")),
                )
                server.sendmail(address, [parcel.recipient], raw)
            except (CannotWriteMail, smtplib.SMTPRecipientsRefused) as error:
                final = isinstance(error, CannotWriteMail) or all(
                    code >= 500 for code, _text in error.recipients.values()
                )
                outbox.failed(parcel=parcel, now=now, error=str(error), final=final)
            except (OSError, smtplib.SMTPException) as error:
                outbox.failed(parcel=parcel, now=now, error=f"{type(error).__name__}: {error}")
            else:
                outbox.sent(id=parcel.id, now=timezone.now())
                sent += 1
    return sent


def _mailbox() -> MailBox | MailBoxStartTls | MailBoxUnencrypted:
    given = settings.HUIYIN
    context = ssl.create_default_context()
    if given.imap_tls == "tls":
        return MailBox(given.imap_host, given.imap_port, timeout=TIMEOUT, ssl_context=context)
    if given.imap_tls == "starttls":
        return MailBoxStartTls(
            given.imap_host, given.imap_port, timeout=TIMEOUT, ssl_context=context
        )
    return MailBoxUnencrypted(given.imap_host, given.imap_port, timeout=TIMEOUT)


def poll() -> int:
    """Fetch unread mail, store it raw, and only then mark it as read. Returns how many came."""
    given = settings.HUIYIN
    if not given.imap_host:
        return 0
    every = timedelta(seconds=given.imap_poll_seconds)
    if not people.claim_job(
        name="imap", now=timezone.now(), every=every, lease=timedelta(minutes=5)
    ):
        return 0
    came = 0
    try:
        box = _mailbox()
        with box.login(given.imap_user, given.imap_password, given.imap_folder) as mailbox:
            for uid in list(mailbox.uids("UNSEEN"))[:BATCH]:
                status, data = mailbox.client.uid("FETCH", uid, "(BODY.PEEK[])")
                raw = next((d[1] for d in data if isinstance(d, tuple)), None)
                if status != "OK" or raw is None:
                    continue
                accept(raw=raw)
                mailbox.flag(uid, "\\Seen", True)
                came += 1
    finally:
        people.finish_job(name="imap")
    return came


def accept(*, raw: bytes) -> tuple[str, bool]:
    """Store one mail raw; returns the inbox id and whether it had come before."""
    accepted = intake.accept(
        now=timezone.now(),
        arrivals=[
            Arrival(
                channel="email",
                kind="email",
                external_id=external_id(raw=raw)[:200],
                raw=raw,
                headers={},
            )
        ],
    )[0]
    return accepted.id.hex, accepted.repeated
