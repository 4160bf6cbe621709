"""Weibo and any other platform: a signed webhook whose fields are found by JSONPath.

The signature is HMAC-SHA256 (hex) over ``timestamp.body``, as with the generic webhook; answers
are posted with the same signature to an address of the company's own.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import jsonpath
from jsonpath.exceptions import JSONPathError

from huiyin.channels.inbound import CannotRead, Inbound, InboundAttachment
from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotTake,
    CannotWrite,
    Channel,
    Fate,
    Field,
    Found,
    Limits,
    MediaWay,
    Outgoing,
    Piece,
    Request,
    Response,
    Said,
    Settings,
    Taken,
    fresh,
)
from huiyin.channels.protocol import CannotRead as CannotReadAnswer
from huiyin.channels.protocol import Media as Fetched

WINDOW: Final = 300
"""Seconds a signature stays valid."""
MOST: Final = 500
FIELDS: Final[dict[str, Said]] = {
    "id": ("消息编号", "Id"),
    "sender": ("发送人编号", "Sender"),
    "sender_name": ("发送人名称", "Name of the sender"),
    "text": ("正文", "Text"),
    "time": ("时间", "Time"),
    "thread": ("会话或原帖编号", "Thread"),
    "waybill": ("运单号", "Waybill"),
    "phone": ("手机号", "Telephone"),
    "pictures": ("图片网址", "Pictures"),
}
MAPPING: Final = """items = $
id = $.id
sender = $.user.id
sender_name = $.user.screen_name
text = $.text
time = $.created_at
pictures = $.pics[*].url"""


@functools.lru_cache(maxsize=256)
def _path(text: str) -> Any:
    return jsonpath.compile(text)


def _rows(text: str) -> dict[str, str]:
    rows = {}
    for line in text.splitlines():
        name, equals, path = line.partition("=")
        if equals and name.strip():
            rows[name.strip()] = path.strip()
    return rows


def _values(path: str, item: Any) -> list[Any]:
    return list(_path(path).findall(item))


def _one(name: str, path: str, item: Any) -> Any:
    found = [v for v in _values(path, item) if v is not None]
    if name == "pictures":
        urls = [u for v in found for u in (v if isinstance(v, list) else [v])]
        return [
            str(u) for u in urls if isinstance(u, str) and u.startswith(("http://", "https://"))
        ]
    plain = [v for v in found if isinstance(v, str | int | float) and not isinstance(v, bool)]
    return str(plain[0]).strip() if plain else ""


def items_of(*, data: Any, rows: Mapping[str, str]) -> list[Any]:
    """Return the messages that a callback holds."""
    found = _values(rows.get("items") or "$", data)
    if len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    return found[:MOST]


def mapped(*, item: Any, rows: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of one message. Raises JSONPathError."""
    return {n: _one(n, rows[n], item) for n in FIELDS if rows.get(n)}


def rehearse(settings: Settings, sample: str) -> tuple[Found, ...]:
    """Tell, row by row, what the mapping finds in a sample."""
    rows = _rows(str(settings.get("mapping", "")))
    try:
        data = json.loads(sample)
    except (ValueError, RecursionError):
        wrong = ("样例不是 JSON", "the sample is no JSON")
        return (Found(name="", label=("样例", "Sample"), wrong=wrong),)
    out: list[Found] = []
    items: list[Any] = []
    label = ("消息列表", "Messages")
    try:
        items = items_of(data=data, rows=rows)
        out.append(Found(name="items", label=label, value=str(len(items))))
    except JSONPathError as error:
        out.append(Found(name="items", label=label, wrong=_bad_path(error)))
    for name in sorted(set(rows) - set(FIELDS) - {"items"}):
        wrong = ("没有这个字段", "there is no such field")
        out.append(Found(name=name, label=(name, name), wrong=wrong))
    for name, title in FIELDS.items():
        if not rows.get(name):
            missing = ("必须填写", "is needed") if name in {"sender", "text"} else ("", "")
            out.append(Found(name=name, label=title, wrong=missing))
            continue
        out.append(_tried(name=name, label=title, path=rows[name], items=items))
    return tuple(out)


def _faults(settings: Settings) -> Mapping[str, Said]:
    text = str(settings["mapping"])
    for number, line in enumerate(text.splitlines(), start=1):
        name, equals, _ = line.partition("=")
        name = name.strip()
        if line.strip() and not (equals and name in {"items", *FIELDS}):
            told = line.strip()[:60]
            return {"mapping": (f"第 {number} 行不对：{told}", f"line {number} is wrong: {told}")}
    rows = _rows(text)
    for name, path in rows.items():
        try:
            _path(path or "$")
        except JSONPathError as error:
            zh, en = _bad_path(error)
            return {"mapping": (f"{name}：{zh}", f"{name}: {en}")}
    for name in ("sender", "text"):
        if not rows.get(name):
            zh, en = FIELDS[name]
            return {"mapping": (f"缺少 {name}（{zh}）", f"{name} ({en}) is missing")}
    return {}


def _bad_path(error: Exception) -> Said:
    told = str(error).splitlines()[0][:120]
    return (f"JSONPath 写错了：{told}", f"wrong JSONPath: {told}")


def _tried(*, name: str, label: Said, path: str, items: list[Any]) -> Found:
    try:
        _path(path)
        value = _one(name, path, items[0]) if items else ""
    except JSONPathError as error:
        return Found(name=name, label=label, wrong=_bad_path(error))
    shown = "\n".join(value) if isinstance(value, list) else value
    if not shown:
        return Found(name=name, label=label, wrong=("样例中找不到", "not found in the sample"))
    if name == "time" and _moment(shown) is None:
        return Found(
            name=name, label=label, value=shown, wrong=("看不懂的时间", "a time nobody can read")
        )
    return Found(name=name, label=label, value=shown[:400])


def _signature(*, secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _take(request: Request, settings: Settings) -> Taken:
    stamp = request.headers.get("x-huiyin-timestamp", "")
    given = request.headers.get("x-huiyin-signature", "")
    wanted = _signature(secret=str(settings["secret"]), stamp=stamp, body=request.body)
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise CannotTake(status=401, told="wrong signature")
    if not fresh(stamp=stamp, now=request.at.timestamp(), within=WINDOW):
        raise CannotTake(status=401, told="the timestamp is more than 5 minutes off")
    whole = Piece(external_id=hashlib.sha256(request.body).hexdigest(), raw=request.body)
    rows = _rows(str(settings["mapping"]))
    answer = Answer(body=b'{"ok":true}', content_type="application/json")
    try:
        items = items_of(data=json.loads(request.body), rows=rows)
        pieces = tuple(_piece(item=item, rows=rows) for item in items)
    except (ValueError, RecursionError, JSONPathError):
        return Taken(answer=answer, pieces=(whole,))
    return Taken(answer=answer, pieces=pieces or (whole,))


def _piece(*, item: Any, rows: Mapping[str, str]) -> Piece:
    read = mapped(item=item, rows=rows)
    source = json.dumps(item, ensure_ascii=False, sort_keys=True).encode()
    raw = json.dumps({"mapped": read, "source": item}, ensure_ascii=False).encode()
    return Piece(external_id=read.get("id") or hashlib.sha256(source).hexdigest(), raw=raw)


def read(raw: bytes) -> Inbound:
    """Read one message as its account's mapping found it. Raises inbound.CannotRead."""
    try:
        said = json.loads(raw)["mapped"]
        sender, text = str(said.get("sender", "")), str(said.get("text", ""))
        pictures = [str(url) for url in said.get("pictures") or ()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CannotRead(
            zh="消息读不懂：不是 JSON，或字段映射不对", en="no JSON, or the mapping does not fit"
        ) from error
    if not text and not pictures:
        raise CannotRead(zh="按字段映射找不到正文", en="the mapping finds no text")
    return Inbound(
        channel="social",
        external_id=str(said.get("id", "")),
        sender=sender[:200],
        sender_name=str(said.get("sender_name", ""))[:60],
        text=text or "[图片]",
        at=_moment(str(said.get("time", ""))),
        thread=str(said.get("thread", ""))[:250],
        waybill=str(said.get("waybill", "")),
        phone=str(said.get("phone", "")),
        branch="" if text else "complaint",
        attachments=tuple(
            InboundAttachment(name=f"图片{n}.jpg", content_type="image/jpeg", remote=url)
            for n, url in enumerate(pictures[:9], 1)
        ),
    )


def _moment(text: str) -> datetime | None:
    """Read a time as platforms write it: seconds, milliseconds, ISO 8601, Weibo's own."""
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text) / (1000 if len(text) > 11 else 1), UTC)
        if text[:3].isalpha():
            return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else None


def _write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    base = str(settings.get("base", ""))
    if not base:
        raise CannotWrite(
            zh="没有设置回复推送地址，请到该平台上回复",
            en="no address for answers is set: answer on the platform itself",
        )
    body = json.dumps(
        {"id": out.id, "to": out.recipient, "text": out.text, "number": out.number,
         "link": out.link, "purpose": out.purpose},
        ensure_ascii=False,
    ).encode()  # fmt: skip
    stamp = str(int(out.at.timestamp()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "X-Huiyin-Timestamp": stamp,
        "X-Huiyin-Signature": _signature(secret=str(settings["secret"]), stamp=stamp, body=body),
    }
    return (Call(method="POST", url=base, headers=headers, body=body),)


def _fate(response: Response) -> Fate:
    told = f"HTTP {response.status}"
    if 200 <= response.status < 300:
        return Fate(state="sent")
    if response.status == 410:
        return Fate(state="left", zh="对方说此人不再收消息", en="gone")
    if response.status == 429:
        seconds = response.retry_after
        wait = 60 if seconds is None else seconds
        return Fate(state="later", zh=f"对方限流 {told}", en=told, wait=wait)
    if response.status >= 500:
        return Fate(state="later", zh=f"对方出错 {told}", en=told)
    return Fate(state="refused", zh=f"对方拒收 {told}", en=told)


def _read_media(response: Response) -> Fetched:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status != 200 or not response.body or kind == "text/html":
        told = f"HTTP {response.status}"
        raise CannotReadAnswer(zh=f"图片取不到：{told}", en=f"the picture cannot be had: {told}")
    return Fetched(name="", content_type=kind, content=response.body)


CHANNEL: Final = Channel(
    code="social",
    name=("社交平台（通用回调）", "Social platforms (generic webhook)"),
    about=(
        "微博等平台：签名回调，字段用 JSONPath 对应",
        "Weibo and others: a signed webhook, fields by JSONPath",
    ),
    guide="channel-social",
    fields=(
        Field(name="secret", kind="secret", label=("签名密钥", "Secret"), required=True),
        Field(
            name="mapping", kind="long", label=("字段映射", "Mapping of fields"), default=MAPPING,
            required=True,
            help=(
                "每行一个：字段 = JSONPath。items 是消息列表，其余从每条消息找起："
                + "、".join(FIELDS),
                "one a line: field = JSONPath. items is the list; the rest begin at each message: "
                + ", ".join(FIELDS),
            ),
        ),
        Field(
            name="base", kind="url", label=("回复推送地址", "Address for answers"),
            help=("留空则不发送", "nothing is sent when empty"),
        ),
    ),
    limits=Limits(),
    take=_take,
    read=read,
    write=_write,
    fate=_fate,
    rehearse=rehearse,
    faults=_faults,
    media=MediaWay(
        ask=lambda given, token, remote: Call(method="GET", url=remote, timeout=60),
        read=_read_media,
    ),
)  # fmt: skip
