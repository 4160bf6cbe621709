"""A line to an IMAP server: opened with a password or a token, left without fuss."""

from __future__ import annotations

import contextlib
import imaplib
import ssl

import imap_tools
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

import huiyin
from huiyin.doors.worker import mail_access
from huiyin.doors.worker.mail_access import CannotGetToken
from huiyin.doors.worker.mailboxes import OAUTH, Mailbox

TIMEOUT = 20
"""Seconds for one answer of the server."""

Line = MailBox | MailBoxStartTls | MailBoxUnencrypted
BROKEN = (OSError, imaplib.IMAP4.error, imap_tools.ImapToolsError, ValueError, CannotGetToken)
"""What a server that is down, slow or strange makes of a call."""


def opened(*, box: Mailbox) -> Line:
    """Connect, log in and open the folder. Raises one of BROKEN."""
    context = ssl.create_default_context()
    line: Line
    if box.imap_tls == "tls":
        line = MailBox(box.imap_host, box.imap_port, timeout=TIMEOUT, ssl_context=context)
    elif box.imap_tls == "starttls":
        line = MailBoxStartTls(box.imap_host, box.imap_port, timeout=TIMEOUT, ssl_context=context)
    else:
        line = MailBoxUnencrypted(box.imap_host, box.imap_port, timeout=TIMEOUT)
    try:
        if box.auth == OAUTH and box.account_id is not None:
            _with_token(line=line, user=box.imap_user, account_id=box.account_id)
        else:
            plain = (box.imap_user + box.imap_password).isascii()
            enter = line.login if plain else line.login_utf8
            enter(box.imap_user, box.imap_password, initial_folder=None)
        if "ID" in line.client.capabilities:
            # NetEase opens no folder for a program that does not say its name (RFC 2971).
            line.client.xatom("ID", f'("name" "huiyin" "version" "{huiyin.__version__}")')
        line.folder.set(box.imap_folder)
    except BaseException:
        leave(line=line)
        raise
    return line


def _with_token(*, line: Line, user: str, account_id: int) -> None:
    """Log in by XOAUTH2; a token that is not taken is forgotten, so that the next try asks anew."""
    token = mail_access.token(account_id=account_id)
    said: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        said.append(challenge)
        # A refusal comes as a challenge that wants an empty answer.
        return f"user={user}\1auth=Bearer {token}\1\1".encode() if len(said) == 1 else b""

    try:
        line.client.authenticate("XOAUTH2", answer)
    except imaplib.IMAP4.error as error:
        mail_access.drop(account_id=account_id, token=token)
        told = said[1].decode("utf-8", "replace") if len(said) > 1 else ""
        raise imaplib.IMAP4.error(f"{error} {told}".strip().replace(token, "***")) from None


def leave(*, line: Line) -> None:
    """Log out, or drop the line where the server does not answer."""
    try:
        line.logout()
    except BROKEN:
        with contextlib.suppress(OSError):
            line.client.shutdown()


def told(*, error: Exception, box: Mailbox) -> str:
    """Return a failure on one line, without our password wherever it may stand."""
    # What cannot be encoded may be a piece of the password.
    said = "" if isinstance(error, UnicodeError) else str(error)
    line = " ".join(f"{type(error).__name__}: {said}".split())
    for secret in box.secrets:
        line = line.replace(secret, "***")
    return line[:300]
