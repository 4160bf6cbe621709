"""Mail out: what waits in the outbox goes through SMTP. A closed way rests, nothing is lost."""

from __future__ import annotations

import logging
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from huiyin.channels.email import message_ids
from huiyin.channels.email.write import CannotWriteMail, MailFile, address, write
from huiyin.doors.worker import mail_access
from huiyin.doors.worker.mail_access import CannotGetToken
from huiyin.doors.worker.mailboxes import OAUTH, Mailbox, mailboxes
from huiyin.doors.worker.refused import over
from huiyin.store import files
from huiyin.store.ledger import jobs, outbox
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.read import cases, reaches

log = logging.getLogger(__name__)

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
    """Send mails that are due, each by the mailbox its recipient writes to; returns how many went.

    A refusal of one mail for good is not tried again; one for now is tried later. When a server
    cannot be reached or refuses us, no mail's tries are counted and the way rests.
    """
    ways = [box for box in mailboxes() if box.smtp_host]
    if not any(jobs.due(name=box.smtp_job, now=timezone.now()) for box in ways):
        return 0
    parcels = outbox.claim(now=timezone.now(), channels=frozenset({"email"}), limit=BATCH)
    by_way: dict[Mailbox, list[Parcel]] = {}
    for parcel in parcels:
        by_way.setdefault(_way(parcel=parcel, ways=ways), []).append(parcel)
    return sum(_deliver(box=box, parcels=those) for box, those in by_way.items())


def _way(*, parcel: Parcel, ways: Sequence[Mailbox]) -> Mailbox:
    """Return the mailbox by which a mail goes: the one its recipient wrote to, else the first."""
    if len(ways) == 1:
        return ways[0]
    wanted = parcel.account_id
    if wanted is None:
        reach = reaches.one(channel="email", address=parcel.recipient)
        wanted = reach.account_id if reach else None
    return next((box for box in ways if box.account_id == wanted), ways[0])


def _deliver(*, box: Mailbox, parcels: Sequence[Parcel]) -> int:
    rests_until = jobs.rests_until(name=box.smtp_job, now=timezone.now())
    if rests_until is not None:
        for parcel in parcels:
            outbox.postpone(parcel=parcel, until=rests_until)
        return 0
    done: list[Parcel] = []
    try:
        try:
            server = connected(box=box)
        except (OSError, smtplib.SMTPException, UnicodeError, CannotGetToken) as error:
            raise _WayClosed(told(error=error, box=box)) from error
        try:
            sent = _send_all(server=server, box=box, parcels=parcels, done=done)
        finally:
            leave(server=server)
    except _WayClosed as closed:
        outbox.give_back(parcels=[p for p in parcels if p not in done])
        jobs.failed(name=box.smtp_job, now=timezone.now(), error=str(closed), remember={})
        log.warning("mail cannot be sent: %s", closed)
        return 0
    jobs.worked(name=box.smtp_job, now=timezone.now(), remember={})
    return sent


def connected(*, box: Mailbox) -> smtplib.SMTP:
    """Connect and log in. Raises OSError, SMTPException, UnicodeError, CannotGetToken."""
    context = ssl.create_default_context()
    if box.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            box.smtp_host, box.smtp_port, timeout=TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(box.smtp_host, box.smtp_port, timeout=TIMEOUT)
    try:
        if box.smtp_tls == "starttls":
            server.starttls(context=context)
        if box.auth == OAUTH and box.account_id is not None:
            _with_token(server=server, user=box.smtp_user, account_id=box.account_id)
        elif (box.smtp_user + box.smtp_password).isascii():
            if box.smtp_user:
                server.login(box.smtp_user, box.smtp_password)
        else:
            _in_utf8(server=server, user=box.smtp_user, password=box.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _in_utf8(*, server: smtplib.SMTP, user: str, password: str) -> None:
    """Log in with a name or password beyond ASCII (RFC 4616), which smtplib does not write."""
    server.ehlo_or_helo_if_needed()
    said = f"\0{user}\0{password}".encode()
    code, text = server.docmd("AUTH", "PLAIN " + b64encode(said).decode("ascii"))
    if code not in {235, 503}:
        raise smtplib.SMTPAuthenticationError(code, text)


def _with_token(*, server: smtplib.SMTP, user: str, account_id: int) -> None:
    """Log in by XOAUTH2; a token that is not taken is forgotten, so that the next try asks anew."""
    token = mail_access.token(account_id=account_id)

    def answer(challenge: bytes | None = None) -> str:
        # A refusal comes as a challenge that wants an empty answer.
        return "" if challenge else f"user={user}\1auth=Bearer {token}\1\1"

    server.ehlo_or_helo_if_needed()
    try:
        server.auth("XOAUTH2", answer)
    except smtplib.SMTPAuthenticationError:
        mail_access.drop(account_id=account_id, token=token)
        raise


def leave(*, server: smtplib.SMTP) -> None:
    """Say goodbye, or drop the line."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _send_all(
    *, server: smtplib.SMTP, box: Mailbox, parcels: Sequence[Parcel], done: list[Parcel]
) -> int:
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
                sent += _send(server=server, box=box, parcel=parcel)
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


def _send(*, server: smtplib.SMTP, box: Mailbox, parcel: Parcel) -> bool:
    """Send one mail and write down what became of it. Raises _WayClosed when none would pass."""
    final = False
    try:
        envelope, raw = _written(parcel=parcel, box=box)
        server.sendmail(envelope, [address(value=parcel.recipient)], raw)
    except smtplib.SMTPSenderRefused as error:
        if error.smtp_code != _TOO_LARGE:
            raise _WayClosed(told(error=error, box=box)) from error
        final, said = True, told(error=error, box=box)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        final, said = all(code >= 500 for code in codes), told(error=error, box=box)
    except smtplib.SMTPResponseException as error:
        # Raised after the mail's own data, so it speaks of this mail.
        final, said = error.smtp_code >= 500, told(error=error, box=box)
    except CannotWriteMail as error:
        final, said = True, str(error)
    except (OSError, smtplib.SMTPException) as error:
        # The line broke, perhaps after the server took the mail: the same Message-ID goes again.
        outbox.failed(parcel=parcel, now=timezone.now(), error=told(error=error, box=box))
        raise _WayClosed(told(error=error, box=box), tried=True) from error
    else:
        outbox.sent(id=parcel.id, now=timezone.now(), account_id=box.account_id)
        return True
    if final:
        over(parcel=parcel, told=said)
    else:
        outbox.failed(parcel=parcel, now=timezone.now(), error=said)
    return False


def _written(*, parcel: Parcel, box: Mailbox) -> tuple[str, bytes]:
    """Return (envelope sender, mail) of a message; the same bytes at every try."""
    load = parcel.payload
    own = box.address
    envelope = own
    if box.bounce_to:
        envelope = message_ids.return_address(pattern=box.bounce_to, id=parcel.id)
    about = parcel.complaint_id
    thread = cases.last_thread(complaint_id=about) if about else ""
    raw = write(
        sender=box.sender,
        sender_name=cases.company_name(),
        recipient=parcel.recipient,
        reply_to=box.imap_user if "@" in box.imap_user else "",
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
    return envelope, raw


def told(*, error: Exception, box: Mailbox) -> str:
    """Return a server's refusal on one line, without our password wherever it may stand."""
    # What cannot be encoded may be a piece of the password.
    said = "" if isinstance(error, UnicodeError) else str(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "; ".join(_answer(code, text) for code, text in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        said = _answer(error.smtp_code, error.smtp_error)
    line = " ".join(f"{type(error).__name__}: {said}".split())
    for secret in box.secrets:
        line = line.replace(secret, "***")
    return line[:300]


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
