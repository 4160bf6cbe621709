"""What every SMS provider shares: numbers, words that end or resume messages, length, our own raw.

Providers' callbacks differ; what is stored of them is one JSON that this module reads, so that a
contact in quarantine still holds every byte that came.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from huiyin.channels.inbound import CannotRead, Inbound
from huiyin.channels.protocol import (
    CannotWrite,
    Field,
    Outgoing,
    Piece,
    Settings,
)

LEAVE: Final = "TD T R 退订 退訂 拒收 回T退订 取消订阅"
BACK: Final = "KT 恢复 恢復 订阅 訂閱 重新订阅"
LONGEST: Final = 500
"""Characters of one message where nothing else is set; providers split it into parts."""

WORDS: Final = (
    Field(
        name="leave_words",
        kind="text",
        label=("退订词", "Words that unsubscribe"),
        help=(
            "整条短信只有其中一个词时，不再向该号码发短信，也不再回短信确认；用空格分开",
            "a message of one of these words alone: no more SMS to that number, and no"
            " confirmation by SMS; separated by spaces",
        ),
        default=LEAVE,
    ),
    Field(
        name="back_words",
        kind="text",
        label=("恢复词", "Words that subscribe again"),
        help=("用空格分开", "separated by spaces"),
        default=BACK,
    ),
    Field(
        name="longest",
        kind="integer",
        label=("一条最多多少字", "Longest message, in characters"),
        help=(
            "更长的截短，并附上查询页链接",
            "what is longer is cut and ends with the link to the tracking page",
        ),
        default=LONGEST,
        least=50,
        most=1000,
    ),
    Field(
        name="per_minute",
        kind="integer",
        label=("每分钟最多几条", "Messages a minute"),
        help=("0 为不限", "0 means no limit"),
        default=0,
        least=0,
    ),
)
TEMPLATES: Final = tuple(
    Field(
        name=f"template_{purpose}",
        kind="text",
        label=(f"{zh}的模板", f"Template of {en}"),
        help=(
            "模板编号，后面依次写变量=内容，例如 SMS_123 number=编号 link=链接；"
            "内容可用 正文、编号、链接",
            "the template's code, then its blanks in order: SMS_123 number=编号 link=链接;"
            " what may fill them: 正文 (text), 编号 (number), 链接 (link)",
        ),
        required=purpose == "reply",
    )
    for purpose, zh, en in (
        ("reply", "回复", "replies"),
        ("notice", "通知", "notices"),
        ("survey", "评价邀请", "surveys"),
        ("reminder", "提醒", "reminders"),
    )
)
"""Mainland SMS goes by approved templates alone; where one is missing, the reply's is used."""
SIGNATURE: Final = Field(
    name="sign_name",
    kind="text",
    label=("短信签名", "Signature"),
    help=("已审核通过的签名，不带【】", "as approved, without brackets"),
    required=True,
)
SECRET: Final = Field(
    name="secret",
    kind="secret",
    label=("回调口令", "Secret of the callback"),
    help=(
        "自己定一个长口令，把 ?secret=口令 加在回调地址后面填到控制台",
        "choose a long one and add ?secret=… to the callback address in the console",
    ),
    required=True,
)
_FILLED: Final = frozenset({"正文", "编号", "链接"})
_SEPARATORS = re.compile(r"[\s\-()（）]+")
_CONTROLS = frozenset({"Cc", "Cs", "Cn", "Co"})


def number(*, text: str) -> str:
    """Return a telephone number as it is kept: mainland mobiles without their country code."""
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))[:32]
    found = re.fullmatch(r"(?:\+|00)?86(1[3-9]\d{9})", plain)
    return found.group(1) if found else plain


def callee(*, out: Outgoing) -> str:
    """Return the number that a message goes to. Raises CannotWrite where it is none."""
    given = number(text=out.recipient)
    if not re.fullmatch(r"\+?[0-9]{5,20}", given):
        raise CannotWrite(zh="收件人不是电话号码", en="the recipient is no telephone number")
    return given


def wish(*, text: str, settings: Settings) -> str:
    """Return "left" or "back" for a message that is nothing but such a word, else ""."""
    said = unicodedata.normalize("NFKC", text).strip(" \t\r\n。.!！,，\"'“”").upper()
    for kind, name, default in (("left", "leave_words", LEAVE), ("back", "back_words", BACK)):
        words = str(settings.get(name) or default).upper().split()
        if said in words:
            return kind
    return ""


def piece(
    *,
    external_id: str,
    sender: str,
    text: str,
    settings: Settings,
    at: datetime | None,
    called: str = "",
    body: bytes = b"",
) -> Piece:
    """Return what an incoming message is: somebody's leaving or coming back, or a contact.

    ``body`` are the bytes of a message that could not be made into words.
    """
    own = number(text=sender)
    kind = wish(text=text, settings=settings) if text else ""
    if kind:
        raw = {"address": own, "back": kind == "back", "told": f"短信回复“{text.strip()[:20]}”"}
        return Piece(external_id=external_id, raw=_json(raw), kind="left")
    told = {
        "id": external_id,
        "from": own,
        "to": called[:40],
        "text": text,
        "at": at.astimezone(UTC).isoformat() if at else "",
        **({"bytes": base64.b64encode(body).decode()} if body else {}),
    }
    return Piece(external_id=external_id, raw=_json(told))


def delivery(*, reference: str, ok: bool, told: str, attempt: str = "") -> Piece:
    """Return a delivery report; a later one of another outcome is not the same report."""
    state = "delivered" if ok else "failed"
    raw = {"reference": reference, "state": state, "told": told[:200]}
    return Piece(external_id=f"{reference}:{attempt or state}", raw=_json(raw), kind="delivery")


def read(raw: bytes) -> Inbound:
    """Read what :func:`piece` stored. Raises CannotRead."""
    try:
        told = json.loads(raw)
        strange = bool(told.get("unknown"))
        text, sender, moment = str(told["text"]), str(told["from"]), str(told["at"])
        at = datetime.fromisoformat(moment) if moment else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRead(zh="短信内容无法读取", en="the SMS cannot be read") from error
    if strange:
        raise CannotRead(zh="不认识的短信回调", en="a callback of an unknown kind")
    if told.get("bytes"):
        raise CannotRead(
            zh="短信的字符集与内容不符，无法转成文字",
            en="the SMS says another charset than it has: it cannot be made into words",
        )
    if not text.strip():
        raise CannotRead(zh="短信没有内容", en="the SMS is empty")
    return Inbound(
        channel="sms",
        external_id=str(told.get("id", "")),
        sender=sender,
        phone=sender if sender.lstrip("+").isdigit() else "",
        text=text,
        at=at,
    )


def words_of(*, body: bytes, charset: str) -> str | None:
    """Return a body's words; None when its bytes are not what it says."""
    try:
        text = body.decode(charset)
    except (UnicodeError, LookupError):
        return None
    if any(unicodedata.category(c) in _CONTROLS and c not in "\r\n\t" for c in text):
        return None
    return text


def fitting(*, out: Outgoing, settings: Settings, before: str = "") -> str:
    """Return the text of a message as it fits, with the link to the whole where it is cut."""
    longest = settings.get("longest") or LONGEST
    text = before + out.text.strip()
    if units(text=text) <= longest:
        return text
    rest = f"…全文见 {out.link}" if out.link else "…"
    room = longest - units(text=rest)
    while units(text=text) > room:
        text = text[: -max(1, (units(text=text) - room) // 2)]
    return text + rest


def template(*, out: Outgoing, settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the template's code and what fills its blanks, in order. Raises CannotWrite."""
    given = settings.get(f"template_{out.purpose}") or settings.get("template_reply") or ""
    code, *blanks = str(given).split()[:30] or [""]
    if not code:
        raise CannotWrite(zh="没有设置短信模板", en="no SMS template is set")
    values: dict[str, str] = {}
    for blank in blanks:
        name, _, what = blank.partition("=")
        if what not in _FILLED:
            raise CannotWrite(
                zh=f"短信模板的变量“{blank}”写法不对", en=f"the template's blank {blank} is wrong"
            )
        text = {"正文": fitting(out=out, settings=settings), "编号": out.number, "链接": out.link}
        values[name] = text[what]
    return code, values


def moment(*, text: str, zone: ZoneInfo) -> datetime | None:
    """Return a moment written "2017-01-01 00:00:00" in a zone; None where it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def units(*, text: str) -> int:
    """Return how many UCS-2 characters a text takes; an emoji takes two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def same(*, given: str, wanted: str) -> bool:
    """Whether a secret that came is the one wanted; an empty one never is."""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def strange(*, body: bytes) -> Piece:
    """Return a genuine callback that is of no known kind, to be kept whole in quarantine."""
    raw = {
        "unknown": True,
        "text": "",
        "from": "",
        "at": "",
        "bytes": base64.b64encode(body).decode(),
    }
    return Piece(external_id=f"x-{hashlib.sha256(body).hexdigest()[:40]}", raw=_json(raw))


def listed(*, body: bytes) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a callback that sends one or several, empty where it is none."""
    try:
        data = json.loads(_decoded(body))
    except (ValueError, RecursionError):
        return []
    rows = data if isinstance(data, list) else [data]
    return rows if all(isinstance(row, dict) for row in rows) else []


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def _json(data: Mapping[str, Any]) -> bytes:
    # a lone surrogate of a cut message must not make it unstorable
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
