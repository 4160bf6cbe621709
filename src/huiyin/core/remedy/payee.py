"""Where the money goes: checked as far as a form can be checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,20}")
_WECHAT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}", re.ASCII)
_BANK = re.compile(r"\d{8,30}", re.ASCII)

METHODS: tuple[str, ...] = ("original", "wechat", "alipay", "bank")
"""Ways a customer may choose; coupon and points are handed out without asking."""


class CannotPayThere(ValueError):
    """The payee is incomplete; ``zh`` and ``en`` say what is missing, ``field`` where."""

    def __init__(self, *, field: str, zh: str, en: str) -> None:
        self.field = field
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Payee:
    """A way of payment, the name of who gets it, and the account."""

    method: str
    name: str = ""
    account: str = ""


def payee_of(*, method: str, name: str, account: str) -> Payee:
    """Return a payee as typed, spaces taken out of the account. Raises CannotPayThere."""
    who = " ".join(name.split())[:60]
    number = re.sub(r"\s", "", account)[:120]
    if method not in METHODS:
        raise CannotPayThere(
            field="method", zh="请选择收款方式", en="choose how you want to be paid"
        )
    if method == "original":
        return Payee(method=method)
    if len(who) < 2:
        raise CannotPayThere(field="payee", zh="请填写收款人姓名", en="give the payee's name")
    good, zh, en = {
        "wechat": (
            _PHONE.fullmatch(number) or _WECHAT.fullmatch(number),
            "请填写微信绑定的手机号或微信号",
            "give the phone number or id of the WeChat account",
        ),
        "alipay": (
            _PHONE.fullmatch(number) or _MAIL.fullmatch(number),
            "请填写支付宝绑定的手机号或邮箱",
            "give the phone number or mail address of the Alipay account",
        ),
        "bank": (
            _BANK.fullmatch(number),
            "请填写 8 到 30 位数字的银行卡号或账号",
            "give the account number, 8 to 30 digits",
        ),
    }[method]
    if not good:
        raise CannotPayThere(field="account", zh=zh, en=en)
    return Payee(method=method, name=who, account=number)
