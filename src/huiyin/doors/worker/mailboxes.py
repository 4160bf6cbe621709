"""The mailboxes that are read and written by: the one of the settings, then the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from huiyin.store.read import accounts
from huiyin.store.read.accounts import Account

OAUTH = "oauth2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox: where it is read, by which server it sends, and what is believed of its mail.

    ``account_id`` is None for the mailbox of the settings. ``auth`` is password or oauth2.
    """

    name: str
    account_id: int | None = None
    imap_host: str = ""
    imap_port: int = 993
    imap_tls: str = "tls"
    imap_user: str = ""
    imap_password: str = field(default="", repr=False)
    imap_folder: str = "INBOX"
    idle: bool = True
    take_over_days: int = 0
    smtp_host: str = ""
    smtp_port: int = 465
    smtp_tls: str = "tls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    sender: str = ""
    auth: str = "password"
    bounce_to: str = ""
    trusted: frozenset[str] = frozenset()
    verify: bool = False

    @property
    def imap_job(self) -> str:
        """The name under which its reading is known."""
        return "imap" if self.account_id is None else f"imap:{self.account_id}"

    @property
    def smtp_job(self) -> str:
        """The name under which its sending is known."""
        return "smtp" if self.account_id is None else f"smtp:{self.account_id}"

    @property
    def address(self) -> str:
        """The bare address it sends from."""
        return parseaddr(self.sender or self.smtp_user)[1]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never stand in an error's text."""
        return tuple(s for s in (self.imap_password, self.smtp_password) if s)


def mailboxes() -> list[Mailbox]:
    """Return the mailboxes that are switched on, the one of the settings first."""
    found = [of_account(account=a) for a in accounts.known().values() if a.code == "email"]
    given = settings.HUIYIN
    if given.imap_host or given.smtp_host:
        found.insert(0, of_settings())
    return found


def of_settings() -> Mailbox:
    """Return the mailbox of the environment's settings."""
    given = settings.HUIYIN
    return Mailbox(
        name=given.imap_user or given.smtp_user,
        imap_host=given.imap_host,
        imap_port=given.imap_port,
        imap_tls=given.imap_tls,
        imap_user=given.imap_user,
        imap_password=given.imap_password,
        imap_folder=given.imap_folder,
        idle=given.imap_idle,
        take_over_days=given.imap_take_over_days,
        smtp_host=given.smtp_host,
        smtp_port=given.smtp_port,
        smtp_tls=given.smtp_tls,
        smtp_user=given.smtp_user,
        smtp_password=given.smtp_password,
        sender=given.smtp_from or given.smtp_user,
        bounce_to=given.mail_bounce_to,
        trusted=frozenset(name.lower() for name in given.mail_trusted_servers),
        verify=given.mail_verify,
    )


def of_account(*, account: Account) -> Mailbox:
    """Return the mailbox of a channel account."""
    given: Mapping[str, Any] = account.settings

    def text(name: str) -> str:
        return str(given.get(name) or "").strip()

    user, password = text("user"), text("password")
    return Mailbox(
        name=account.name,
        account_id=account.id,
        imap_host=text("imap_host"),
        imap_port=int(given.get("imap_port") or 993),
        imap_tls=text("imap_tls") or "tls",
        imap_user=user,
        imap_password=password,
        imap_folder=text("imap_folder") or "INBOX",
        idle=bool(given.get("idle", True)),
        take_over_days=int(given.get("take_over_days") or 0),
        smtp_host=text("smtp_host"),
        smtp_port=int(given.get("smtp_port") or 465),
        smtp_tls=text("smtp_tls") or "tls",
        smtp_user=text("smtp_user") or user,
        smtp_password=text("smtp_password") or password,
        sender=text("sender"),
        auth=text("auth") or "password",
        bounce_to=text("bounce_to"),
        trusted=frozenset(text("trusted_servers").lower().replace(",", " ").split()),
        verify=bool(given.get("verify")),
    )
