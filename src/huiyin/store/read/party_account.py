"""A party's statement of account: opening balance, every entry, closing balance of a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import gettext as _
from openpyxl import Workbook

from huiyin.core.access import OUTLET, may
from huiyin.core.liability import Posting, Statement, statement
from huiyin.core.remedy.journal import cost, fine_account, settled_account
from huiyin.store import models
from huiyin.store.read import labels, office, parties
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer, parties_of
from huiyin.store.read.workbook import cells, content

MOST = 20_000
"""Entries of one statement; a longer period is refused."""

_KINDS: dict[str, tuple[str, str]] = {
    "CostCarried": ("定责分摊", "Share of a ruling"),
    "Recosted": ("责任调整", "Liability changed"),
    "RemedyApproved": ("赔付", "Compensation"),
    "RemedyDeclined": ("赔付取消", "Compensation cancelled"),
    "RemedyWithdrawn": ("赔付撤回", "Compensation withdrawn"),
    "FineFinal": ("处罚生效", "Fine final"),
    "FineDecided": ("处罚（申诉后）", "Fine after appeal"),
    "PartyPaid": ("结算", "Settlement"),
    "PartyPaymentUndone": ("冲正", "Settlement taken back"),
}


class CannotState(ValueError):
    """No such statement is possible; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement, 分."""

    at: datetime
    what: str
    number: str
    party: str
    amount: int
    balance: int
    payment: str = ""
    """The payment's id where it can be taken back."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment on an account, 分: above 0 the party paid."""

    party: str
    amount: int
    reference: str
    undone: bool
    """Taken back, or itself what takes one back."""


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A statement of account of a party and its couriers."""

    party: str
    label: str
    first: date
    last: date
    opening: int
    closing: int
    debits: int
    credits: int
    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    """Other parties whose statement the viewer may open; empty for outlets."""
    company: str
    made_by: str
    made_at: datetime
    balance: int
    """As of now, whatever the period."""
    may_settle: bool

    @property
    def to_settle(self) -> int:
        """What one has to pay the other, 分."""
        return abs(self.balance)


def period(*, first: str, last: str, today: date) -> tuple[date, date]:
    """Read a period; without one it is the month so far. Raises CannotState."""
    try:
        begin = date.fromisoformat(first) if first else today.replace(day=1)
        end = date.fromisoformat(last) if last else today
    except ValueError as error:
        raise CannotState(zh="日期写作 2026-11-01", en="write dates as 2026-11-01") from error
    if end < begin:
        raise CannotState(zh="结束日期早于开始日期", en="the period ends before it begins")
    if (end - begin).days > 366 * 3 or not 2000 <= begin.year <= 2200 or end.year > 2200:
        raise CannotState(zh="一次最多查三年", en="three years at most")
    return begin, end


def _accounts(*, codes: Iterable[str]) -> dict[str, str]:
    """Return the accounts of parties: {account: party}."""
    return {
        account: code
        for code in codes
        for account in (
            cost(department=code), fine_account(party=code), settled_account(party=code)
        )
    }  # fmt: skip


def balance(*, party: str) -> int:
    """Return what a party and its couriers owe now, 分."""
    mine = models.Entry.objects.filter(
        account__in=list(_accounts(codes=parties_of(party=party) | {party}))
    )
    return int(mine.aggregate(s=Sum("amount"))["s"] or 0)


def payment(*, id: UUID) -> Payment | None:
    """Return a payment of a party."""
    row = models.PartyPayment.objects.filter(id=id).first()
    if row is None:
        return None
    undone = bool(row.undoes_id) or models.PartyPayment.objects.filter(undoes=row).exists()
    return Payment(row.party_id, row.amount, row.reference, undone)


def page(
    *, viewer: Viewer, party: str, first: date, last: date, now: datetime
) -> StatementPage | None:
    """Return a party's statement; None where the viewer may see none. Raises CannotState.

    Somebody of an outlet sees that of his own outlet and its couriers alone.
    """
    playbook = office.current_playbook()
    choices: tuple[Choice, ...] = ()
    if viewer.role == OUTLET:
        own = models.User.objects.filter(id=viewer.id).values_list("party_id", flat=True).first()
        party = str(own or "")
    elif may(actor=viewer.actor, action="parties.see"):
        everybody = [p for p in parties.everything() if p.kind != "courier"]
        party = party or (everybody[0].code if everybody else "")
        choices = tuple(
            Choice(code=p.code, label=p.name, selected=p.code == party) for p in everybody
        )
    else:
        return None
    codes = parties_of(party=party) | ({party} if party else set())
    if not party or parties.one(code=party) is None:
        return None
    names = parties.names(codes=codes, playbook=playbook)
    accounts = _accounts(codes=codes)
    zone = ZoneInfo(playbook.timezone)
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    mine = models.Entry.objects.filter(account__in=list(accounts))
    opening = int(mine.filter(at__lt=since).aggregate(s=Sum("amount"))["s"] or 0)
    rows = list(
        mine.filter(at__gte=since, at__lt=until)
        .order_by("at", "id")
        .values_list(
            "at",
            "account",
            "kind",
            "amount",
            "complaint__number",
            "fine__number",
            "payment__reference",
            "payment_id",
        )[: MOST + 1]
    )
    if len(rows) > MOST:
        raise CannotState(zh="这段时间的明细太多，请缩短时段", en="too many entries: shorten it")
    undone = set(
        models.PartyPayment.objects.filter(undoes__party=party).values_list("undoes_id", flat=True)
    )
    settles = viewer.can["payouts_work"]
    payments = [
        row[7].hex if settles and row[2] == "PartyPaid" and row[7] not in undone else ""
        for row in rows
    ]
    out: Statement = statement(
        opening=opening,
        postings=(
            Posting(
                at=at,
                account=account,
                kind=kind,
                amount=amount,
                number=str(fine or number or reference or ""),
            )
            for at, account, kind, amount, number, fine, reference, _payment in rows
        ),
    )
    return StatementPage(
        party=party,
        label=names.get(party, party),
        first=first,
        last=last,
        opening=out.opening,
        closing=out.closing,
        debits=out.debits,
        credits=out.credits,
        lines=tuple(
            Line(
                at=r.posting.at,
                what=labels.pick(_KINDS, r.posting.kind),
                number=r.posting.number,
                party=names.get(accounts[r.posting.account], ""),
                amount=r.posting.amount,
                balance=r.balance,
                payment=payment_id,
            )
            for r, payment_id in zip(out.rows, payments, strict=True)
        ),
        choices=choices,
        company=office.company().name,
        made_by=viewer.name,
        made_at=now,
        balance=balance(party=party),
        may_settle=settles,
    )


def workbook(*, page: StatementPage, zone: ZoneInfo) -> bytes:
    """Return a statement as an xlsx file; amounts are numbers in yuan."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("对账单")
    sheet.append(cells(values=(_("单位"), page.label)))
    sheet.append(cells(values=(_("时段"), f"{page.first} – {page.last}")))
    sheet.append(cells(values=(_("期初余额"), page.opening / 100)))
    sheet.append([])
    heads = (_("时间"), _("事项"), _("编号"), _("承担方"), _("金额"), _("余额"))
    sheet.append(cells(values=heads))
    for line in page.lines:
        sheet.append(
            cells(
                values=(
                    f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}", line.what, line.number,
                    line.party, line.amount / 100, line.balance / 100,
                )
            )
        )  # fmt: skip
    sheet.append([])
    sheet.append(cells(values=(_("期末余额"), page.closing / 100)))
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, float):
                cell.number_format = "#,##0.00"
    for column, width in zip("ABCDEF", (18, 20, 26, 20, 14, 14), strict=True):
        sheet.column_dimensions[column].width = width
    return content(book=book)
