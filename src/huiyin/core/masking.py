"""Personal data as people see it before they ask to reveal it."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<![\dA-Za-z])(\d{6})\d{8}(\d{3}[\dXx])(?![\dA-Za-z])")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-?)\d{4}(\d{3,4})(?!\d)")
_MAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*(@[A-Za-z0-9.-]+\.[A-Za-z]{2,})")
_DETAIL = re.compile(
    r"(?<=[区县市镇乡])([\w一-鿿-]{2,}?(?:路|街|巷|弄|号|栋|单元|室|村|组|小区|花园|苑)[\w一-鿿-]*)"
)


def mask_phone(*, phone: str) -> str:
    """Show the first three and last four digits: 138****5678."""
    digits = phone.strip()
    if len(digits) >= 7:
        return f"{digits[:3]}****{digits[-4:]}"
    return "*" * len(digits)


def mask_name(*, name: str) -> str:
    """Show the first character of a name."""
    return name[:1] + "*" * min(len(name) - 1, 2) if name else ""


def mask_mail(*, mail: str) -> str:
    """Show the first character before the @ and the domain."""
    return _MAIL.sub(r"\1***\2", mail)


def mask_identity(*, kind: str, value: str) -> str:
    """Mask a telephone, an e-mail address, or all but the start of an account by its kind."""
    if kind in {"phone", "sms"}:
        return mask_phone(phone=value)
    if kind == "email":
        return mask_mail(mail=value)
    return value[:4] + "****"


def mask_address(*, address: str) -> str:
    """Show an address down to the district."""
    return _DETAIL.sub("***", address)


def mask_text(*, text: str) -> str:
    """Mask phones (3+4), ID cards (6+4) and e-mail addresses inside free words."""
    text = _ID_CARD.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    text = _LANDLINE.sub(r"\1****\2", text)
    return _MAIL.sub(r"\1***\2", text)
