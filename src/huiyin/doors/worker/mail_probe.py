"""Test of a mailbox's connection: both ways are opened and left again, nothing is fetched."""

from __future__ import annotations

import smtplib

from huiyin.channels.protocol import Fate
from huiyin.doors.worker import imap, mail_out
from huiyin.doors.worker.mail_access import CannotGetToken
from huiyin.doors.worker.mailboxes import Mailbox, of_account
from huiyin.store.read.accounts import Account


def probe(account: Account) -> Fate:
    """Tell whether mail can be read and sent by an account, or why not."""
    box = of_account(account=account)
    if not box.imap_host and not box.smtp_host:
        return Fate(
            state="refused",
            zh="收信服务器和发信服务器都没有填写",
            en="neither an IMAP nor an SMTP server is given",
        )
    zh, en = [], []
    try:
        if box.imap_host:
            said_zh, said_en = _reading(box)
            zh.append(said_zh)
            en.append(said_en)
    except imap.BROKEN as error:
        said = imap.told(error=error, box=box)
        return Fate(state="refused", zh=f"收信不通：{said}", en=f"mail cannot be read: {said}")
    try:
        if box.smtp_host:
            mail_out.leave(server=mail_out.connected(box=box))
            zh.append("发信正常")
            en.append("mail can be sent")
    except (OSError, smtplib.SMTPException, UnicodeError, CannotGetToken) as error:
        said = mail_out.told(error=error, box=box)
        return Fate(
            state="refused",
            zh="；".join([*zh, f"发信不通：{said}"]),
            en="; ".join([*en, f"mail cannot be sent: {said}"]),
        )
    return Fate(state="sent", zh="；".join(zh), en="; ".join(en))


def _reading(box: Mailbox) -> tuple[str, str]:
    line = imap.opened(box=box)
    try:
        held = line.folder.status(box.imap_folder, ["MESSAGES"])["MESSAGES"]
        idle = "IDLE" in line.client.capabilities
    finally:
        imap.leave(line=line)
    return (
        f"收信正常，邮箱里有 {held} 封，{'来信即收' if idle else '服务器不支持 IDLE，定时收信'}",
        f"mail can be read, {held} in the mailbox, "
        + ("taken at once" if idle else "looked at by time: the server knows no IDLE"),
    )
