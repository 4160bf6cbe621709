"""What people type into money forms, read: yuan, percent, the facts of the formula, a payee."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.core.remedy import CannotCompensate, CannotReadFacts
from huiyin.core.remedy.payee import Payee, payee_of
from huiyin.store.read import labels, office

_MONEY = ("fee", "premium", "insured_amount", "real_value", "salvage", "overcharged")
_CHOICES = ("route", "account", "cause", "carrier")
_FLAGS = ("value_proven", "gross_negligence", "terms_shown", "value_destroyed")


class CannotReadForm(ValueError):
    """A field holds something else than it should; ``zh`` and ``en`` say what is expected."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def fen_of(text: str) -> int | None:
    """Read yuan as people write them, in 分; None for nothing. Raises CannotReadForm."""
    text = text.strip().replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise CannotReadForm(zh="金额请写成数字，例如 300 或 12.50", en="not a number") from error
    if not amount.is_finite() or abs(amount) > 10**11 or amount != round(amount, 2):
        raise CannotReadForm(zh="金额最多两位小数", en="two decimals at most")
    return int(amount * 100)


def number_of(text: str) -> int | None:
    """Return a whole number as a form or an address has it, at most 18 figures; else None."""
    # isdigit() alone takes figures that int() does not
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _share(text: str) -> str | None:
    text = text.strip().rstrip("%％").strip()
    if not text:
        return None
    try:
        share = Decimal(text) / 100
    except InvalidOperation as error:
        raise CannotReadForm(
            zh="损失比例请写成百分数，例如 30", en="give the part lost in percent, such as 30"
        ) from error
    if not share.is_finite() or not 0 <= share <= 1:
        raise CannotReadForm(zh="损失比例在 0 到 100 之间", en="the part lost is 0 to 100 percent")
    return format(share, "f")


def _moment(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CannotReadForm(zh="时间请写成 2026-11-03 18:00", en="no such time") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(office.current_playbook().timezone))
    return moment.isoformat()


_IN_PART = frozenset({"damage_partial", "shortage"})
_WITH_SALVAGE = frozenset({"damage_total", "damage_partial", "wrong_item"})


def facts_of(*, form: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read the facts of the compensation formula; None when no kind of loss is chosen.

    Raises CannotReadForm.
    """
    harm = str(form.get("harm", ""))
    if not harm:
        return None
    facts: dict[str, Any] = {"kind": harm}
    for name in _MONEY:
        facts[name] = fen_of(str(form.get(name, "")))
    for name in _CHOICES:
        facts[name] = str(form.get(name, "")) or None
    for name in _FLAGS:
        facts[name] = form.get(name) == "on"
    # What was typed for another kind of loss is hidden on the form: it must not count.
    if harm in _IN_PART:
        facts["loss_ratio"] = _share(str(form.get("loss_percent", "")))
    if harm not in _WITH_SALVAGE:
        del facts["salvage"]
    facts["promised_at"] = _moment(str(form.get("promised_at", "")))
    facts["now"] = _moment(str(form.get("arrived_at", "")))
    if not facts["now"]:
        del facts["now"]
    return {k: v for k, v in facts.items() if v is not None}


def payee_from(*, form: Mapping[str, Any]) -> Payee:
    """Read where the money goes. Raises CannotPayThere."""
    return payee_of(
        method=str(form.get("method", "")),
        name=str(form.get("payee", "")),
        account=str(form.get("account_number", "")),
    )


def day_of(text: str) -> date | None:
    """Read a day; None when it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def told(error: Exception) -> str:
    """Say an error in the language of the page; facts by the names that the form gives them."""
    if isinstance(error, CannotReadFacts | CannotCompensate):
        names = _fields()
        found = re.search("|".join(names), str(error))
        return _("还差或不对：%(field)s") % {"field": names[found[0]] if found else str(error)}
    zh, en = getattr(error, "zh", str(error)), getattr(error, "en", str(error))
    return str(en if labels.english() else zh)


def _fields() -> dict[str, str]:
    """Return the facts by the names that the form gives them."""
    return {
        "promised_at": _("承诺送达时间"),
        "fee": _("运费"),
        "real_value": _("实际价值"),
        "insured_amount": _("保价金额"),
        "loss_ratio": _("损失比例"),
        "overcharged": _("多收金额"),
        "salvage": _("残值"),
        "kind": _("损失类型"),
    }
