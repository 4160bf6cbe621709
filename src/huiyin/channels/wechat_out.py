"""What goes out by WeChat: customer-service messages, templates, tokens, media, the menu."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from huiyin.channels.protocol import (
    Call,
    CannotRead,
    CannotWrite,
    Fate,
    Grant,
    Media,
    Outgoing,
    Response,
    Settings,
)
from huiyin.channels.tencent import split_bytes
from huiyin.channels.wechat_said import WAYBILL

COMPLAIN: Final = "COMPLAIN"
PROGRESS: Final = "PROGRESS"
"""Keys of the menu's buttons."""
BYTES: Final = 2048
"""The longest text of a customer-service message, in bytes of UTF-8."""
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_ROOM: Final = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "const": 20}
"""How many characters a template takes, by the kind that begins a field's name."""
_TOKEN: Final = frozenset({40001, 40014, 42001, 42007, 41001})
_CLOSED: Final = frozenset({45015, 45047})
_LEFT: Final = frozenset({43004, 43019, 45065})
_LATER: Final = {-1: None, 45009: 3600, 45011: 60, 45008: 60, 50002: 3600}
_SAID: Final = {
    40003: ("收件人的 OpenID 不对", "wrong OpenID"),
    40013: ("AppID 不对", "wrong AppID"),
    40125: ("AppSecret 不对", "wrong AppSecret"),
    40164: ("本机 IP 不在公众号的白名单里", "this address is not on the account's allow-list"),
    43004: ("客户没有关注公众号", "the customer does not follow the account"),
    45002: ("内容超过微信的长度限制", "too long for WeChat"),
    45009: ("今天的接口次数已用完", "the calls of today are used up"),
    45011: ("调用太频繁", "too many calls a minute"),
    45015: ("超过 48 小时，或客户已取消关注", "more than 48 hours ago, or no longer a follower"),
    45047: ("48 小时内的 5 条已用完", "the five messages are used up"),
    48001: ("公众号没有此接口的权限", "the account may not use this interface"),
}


def _address(settings: Settings, path: str, **query: str) -> str:
    tail = f"?{urlencode(query)}" if query else ""
    return f"{str(settings['base']).rstrip('/')}{path}{tail}"


def _post(settings: Settings, path: str, token: str, data: Mapping[str, Any]) -> Call:
    query = {"access_token": token} if token else {}
    return Call(
        method="POST",
        url=_address(settings, path, **query),
        headers={"content-type": "application/json; charset=utf-8"},
        # WeChat shows escapes as they are
        body=json.dumps(data, ensure_ascii=False).encode(),
    )


def ask_token(settings: Settings) -> Call:
    """Return the call for an access token that does not invalidate the one in use elsewhere."""
    return _post(
        settings,
        "/cgi-bin/stable_token",
        "",
        {
            "grant_type": "client_credential",
            "appid": settings["app_id"],
            "secret": settings["secret"],
        },
    )


def read_token(response: Response) -> Grant:
    """Read an access token. Raises CannotRead."""
    data = response.json_object()
    if data.get("access_token"):
        return Grant(token=str(data["access_token"]), seconds=int(data.get("expires_in") or 7200))
    told = _told(data=data, status=response.status)
    raise CannotRead(zh=f"取不到访问令牌：{told[0]}", en=f"no access token: {told[1]}")


def _told(*, data: Mapping[str, Any], status: int) -> tuple[str, str]:
    code = data.get("errcode")
    known = _SAID.get(code) if isinstance(code, int) else None
    own = f"{data.get('errcode', status)} {data.get('errmsg', '')}".strip()
    return (f"{known[0]}（{own}）", f"{known[1]} ({own})") if known else (own, own)


def fate(response: Response) -> Fate:
    """Tell what became of a call."""
    data = response.json_object()
    code = data.get("errcode", None if response.status != 200 else 0)
    if code == 0 and response.status == 200 and data:
        return Fate(state="sent", reference=str(data.get("msgid") or ""))
    zh, en = _told(data=data, status=response.status)
    zh, en = f"微信：{zh}", f"WeChat: {en}"
    if code in _TOKEN:
        return Fate(state="token", zh=zh, en=en)
    if code in _CLOSED:
        return Fate(state="closed", zh=zh, en=en)
    if code in _LEFT:
        return Fate(state="left", zh=zh, en=en)
    if code in _LATER:
        return Fate(state="later", zh=zh, en=en, wait=_LATER[code])
    if response.status >= 500 or not data:
        return Fate(state="later", zh=zh, en=en)
    return Fate(state="refused", zh=zh, en=en)


def write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    """Write a message. Raises CannotWrite."""
    if out.recipient.startswith(WAYBILL):
        return (_result(out=out, settings=settings, token=token),)
    if not out.in_window:
        return (_template(out=out, settings=settings, token=token),)
    return tuple(
        _post(
            settings,
            "/cgi-bin/message/custom/send",
            token,
            {"touser": out.recipient, "msgtype": "text", "text": {"content": part}},
        )
        for part in split_bytes(text=out.text, most=BYTES, parts=out.left, link=out.link)
    )


def _result(*, out: Outgoing, settings: Settings, token: str) -> Call:
    if out.purpose != "reply":
        raise CannotWrite(
            zh="物流助手的投诉只回填处理结果，不发通知",
            en="complaints of the logistics assistant take a result, no notices",
        )
    _, number, order = (*out.recipient.split("|", 2), "", "")[:3]
    return _post(
        settings,
        "/cgi-bin/express/delivery/scatter/update_complaint_result",
        token,
        {
            "token": order,
            "waybill_id": number,
            "result": settings.get("waybill_result") or "已处理",
            "desc": out.text,
        },
    )


def _template(*, out: Outgoing, settings: Settings, token: str) -> Call:
    template = str(settings.get("template_id", ""))
    if not template:
        raise CannotWrite(
            zh="超过 48 小时或已发满 5 条，且没有设置模板消息",
            en="48 hours or five messages are over, and no template is set",
        )
    return _post(
        settings,
        "/cgi-bin/message/template/send",
        token,
        {
            "touser": out.recipient,
            "template_id": template,
            "url": out.link,
            # the same at every try: WeChat sends one with it once
            "client_msg_id": out.id,
            "data": template_values(
                rows=str(settings.get("template_fields", "")),
                number=out.number,
                text=out.text,
                at=out.at,
            ),
        },
    )


def template_values(
    *, rows: str, number: str, text: str, at: datetime
) -> dict[str, dict[str, str]]:
    """Return the values of a template by its fields, each as long as its kind takes."""
    fillings = {
        "{number}": number,
        "{text}": " ".join(text.split()),
        "{time}": at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M"),
    }
    values = {}
    for row in rows.splitlines():
        name, equals, content = row.partition("=")
        name = name.strip()
        if not equals or not name:
            continue
        for mark, filling in fillings.items():
            content = content.replace(mark, filling)
        room = _ROOM.get(name.rstrip("0123456789"))
        content = content.strip()
        if room and len(content) > room:
            content = content[: room - 1] + "…"
        values[name] = {"value": content}
    return values


def ask_media(settings: Settings, token: str, remote: str) -> Call:
    """Return the call for a file: ``media:`` with its id, or ``url:`` with its address."""
    kind, _, name = remote.partition(":")
    if kind == "url":
        return Call(method="GET", url=name, timeout=60)
    return Call(
        method="GET",
        url=_address(settings, "/cgi-bin/media/get", access_token=token, media_id=name),
        timeout=60,
    )


def read_media(response: Response) -> Media:
    """Read a file. Raises CannotRead."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status != 200 or kind in {"application/json", "text/plain", "text/html"}:
        zh, en = _told(data=response.json_object(), status=response.status)
        raise CannotRead(zh=f"文件取不到：{zh}", en=f"the file cannot be had: {en}")
    if not response.body:
        raise CannotRead(zh="文件是空的", en="the file is empty")
    return Media(name="", content_type=kind, content=response.body)


def probe(settings: Settings, token: str) -> Call:
    """Return a harmless call that only a good token makes work."""
    return Call(method="GET", url=_address(settings, "/cgi-bin/getcallbackip", access_token=token))


def menu(settings: Settings, token: str) -> Call:
    """Return the call that sets the menu. Raises CannotWrite."""
    own = str(settings.get("menu", "")).strip()
    buttons: Any = {
        "button": [
            {"type": "click", "name": "我要投诉", "key": COMPLAIN},
            {"type": "click", "name": "查进度", "key": PROGRESS},
        ]
    }
    if own:
        try:
            buttons = json.loads(own)
        except (ValueError, RecursionError) as error:
            raise CannotWrite(zh="菜单不是 JSON", en="the menu is no JSON") from error
    return _post(settings, f"/cgi-bin/menu/create?access_token={quote(token)}", "", buttons)
