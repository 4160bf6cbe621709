"""WeCom customer service (微信客服): a callback that only says "fetch", sync_msg, send_msg.

Sources: developer.work.weixin.qq.com, 回调配置; 微信客服 (接收消息和事件, 发送消息, 获取临时素材).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from huiyin.channels import tencent
from huiyin.channels.inbound import CannotRead, Inbound, InboundAttachment
from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotTake,
    CannotWrite,
    Channel,
    Fate,
    Field,
    Grant,
    Limits,
    Media,
    MediaWay,
    Outgoing,
    Piece,
    Pulled,
    PullWay,
    Request,
    Response,
    Settings,
    Taken,
    TokenWay,
    Window,
    fresh,
)
from huiyin.channels.protocol import CannotRead as CannotReadAnswer

_CUSTOMER: Final = 3
_KINDS: Final = {
    "image": ("图片.jpg", "image/jpeg"),
    "voice": ("语音.amr", "audio/amr"),
    "video": ("视频.mp4", "video/mp4"),
    "file": ("文件", "application/octet-stream"),
}
_FAILED: Final = {
    1: "客服账号已删除",
    2: "应用已关闭",
    4: "会话已过期，超过 48 小时",
    5: "会话已关闭",
    6: "超过 5 条",
    8: "主体未验证",
    10: "客户拒收",
    11: "企业未有成员登录企业微信",
    12: "客服组件禁发的消息类型",
}
_TOKEN: Final = frozenset({40001, 40014, 41001, 42001})
_CLOSED: Final = frozenset({95001, 95002})


def _take(request: Request, settings: Settings) -> Taken:
    given, token = request.query, str(settings["token"])
    stamp, nonce = given.get("timestamp", ""), given.get("nonce", "")
    try:
        text = given.get("echostr", "")
        if request.method != "GET":
            text = tencent.read_xml(body=request.body).get("Encrypt", "")
        if not text or not tencent.genuine(
            given=given.get("msg_signature", ""), parts=(token, stamp, nonce, text)
        ):
            raise CannotTake(status=403, told="wrong signature")
        if not fresh(stamp=stamp, now=request.at.timestamp(), within=tencent.FRESH):
            raise CannotTake(status=403, told="the timestamp is too far off")
        key = tencent.key_of(text=str(settings["aes_key"]))
        body = tencent.open_sealed(text=text, key=key, owner=str(settings["corp_id"]))
        if request.method == "GET":
            return Taken(answer=Answer(body=body))
        said = tencent.read_xml(body=body)
    except tencent.CannotOpen as error:
        raise CannotTake(status=403, told=str(error)) from error
    wanted = said.get("OpenKfId", "") in {"", str(settings["open_kfid"])}
    fetch = said.get("Event") == "kf_msg_or_event" and wanted
    return Taken(
        answer=Answer(body=b"success"),
        pieces=(
            Piece(
                external_id=hashlib.sha256(body).hexdigest(),
                raw=json.dumps({"token": said.get("Token", "")} if fetch else said).encode(),
                kind="pull" if fetch else "other",
            ),
        ),
    )


def _address(settings: Settings, path: str, **query: str) -> str:
    return f"{str(settings['base']).rstrip('/')}/cgi-bin{path}?{urlencode(query)}"


def _post(settings: Settings, path: str, token: str, data: Mapping[str, Any]) -> Call:
    return Call(
        method="POST",
        url=_address(settings, path, access_token=token),
        headers={"content-type": "application/json; charset=utf-8"},
        body=json.dumps(data, ensure_ascii=False).encode(),
    )


def _wrong(response: Response) -> str:
    data = response.json_object()
    return f"{data.get('errcode', response.status)} {data.get('errmsg', '')}".strip()


def _read_token(response: Response) -> Grant:
    data = response.json_object()
    if data.get("access_token"):
        return Grant(token=str(data["access_token"]), seconds=int(data.get("expires_in") or 7200))
    told = _wrong(response)
    raise CannotReadAnswer(zh=f"取不到访问令牌：{told}", en=f"no access token: {told}")


def _ask_messages(settings: Settings, token: str, cursor: str, hint: Mapping[str, Any]) -> Call:
    data: dict[str, Any] = {"limit": 1000, "voice_format": 0, "open_kfid": settings["open_kfid"]}
    if cursor:
        data["cursor"] = cursor
    if hint.get("token"):
        data["token"] = str(hint["token"])
    return _post(settings, "/kf/sync_msg", token, data)


def _pulled(response: Response) -> Pulled:
    data = response.json_object()
    rows = data.get("msg_list")
    if data.get("errcode") != 0 or not isinstance(rows, list):
        told = _wrong(response)
        raise CannotReadAnswer(zh=f"取消息失败：{told}", en=f"messages cannot be had: {told}")
    return Pulled(
        pieces=tuple(_piece(row) for row in rows if isinstance(row, dict)),
        cursor=str(data.get("next_cursor", ""))[:400],
        more=bool(data.get("has_more")),
    )


def _piece(row: Mapping[str, Any]) -> Piece:
    raw = json.dumps(row, ensure_ascii=False).encode()
    id = str(row.get("msgid") or hashlib.sha256(raw).hexdigest())
    event = row.get("event")
    if isinstance(event, dict) and event.get("event_type") == "msg_send_fail":
        why = event.get("fail_type")
        told = {
            "reference": str(event.get("fail_msgid", "")),
            "state": "failed",
            "told": _FAILED.get(why, f"发送失败 {why}") if isinstance(why, int) else "发送失败",
        }
        return Piece(external_id=id, raw=json.dumps(told).encode(), kind="delivery")
    # what a colleague wrote in WeCom, and events that ask for nothing
    mine = row.get("origin", _CUSTOMER) == _CUSTOMER and row.get("msgtype") != "event"
    return Piece(external_id=id, raw=raw, kind="contact" if mine else "other")


def read(raw: bytes) -> Inbound:
    """Read a customer's message. Raises inbound.CannotRead."""
    try:
        row = json.loads(raw)
        kind, sender = str(row["msgtype"]), str(row["external_userid"])
        at = datetime.fromtimestamp(int(row["send_time"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError) as error:
        raise CannotRead(zh="微信客服消息缺少字段", en="fields are missing") from error
    said = row.get(kind)
    text, files = _content(kind=kind, said=said if isinstance(said, dict) else {})
    if not text and not files:
        raise CannotRead(zh="微信客服消息没有内容", en="a message without content")
    return Inbound(
        channel="wecom",
        external_id=str(row.get("msgid", "")),
        sender=sender,
        text=text,
        at=at,
        attachments=files,
        branch="complaint" if files else "",
    )


def _content(*, kind: str, said: Mapping[str, Any]) -> tuple[str, tuple[InboundAttachment, ...]]:
    if kind in {"text", "msgmenu"}:
        return str(said.get("content") or said.get("head_content") or "").strip(), ()
    if kind in _KINDS and said.get("media_id"):
        name, content_type = _KINDS[kind]
        file = InboundAttachment(name=name, content_type=content_type, remote=said["media_id"])
        return f"[{name.partition('.')[0]}]", (file,)
    parts = {
        "location": ("[位置]", "name", "address"),
        "link": ("[链接]", "title", "desc", "url"),
        "miniprogram": ("[小程序]", "title"),
    }.get(kind)
    if parts is None:
        raise CannotRead(zh=f"不认识的微信客服消息：{kind}", en=f"unknown kind of message: {kind}")
    values = (str(said.get(name, "")).strip() for name in parts[1:])
    return "\n".join([parts[0], *(v for v in values if v)]), ()


def _write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    if not out.in_window:
        raise CannotWrite(
            zh="超过 48 小时或已发满 5 条，微信客服不能再发",
            en="48 hours or five messages are over",
        )
    parts = tencent.split_bytes(text=out.text, most=2048, parts=out.left, link=out.link)
    return tuple(
        _post(
            settings,
            "/kf/send_msg",
            token,
            {
                "touser": out.recipient,
                "open_kfid": settings["open_kfid"],
                # at most 32 signs, and the same at every try
                "msgid": f"{out.id[:30]}{number:02x}",
                "msgtype": "text",
                "text": {"content": part},
            },
        )
        for number, part in enumerate(parts)
    )


def _fate(response: Response) -> Fate:
    data, told = response.json_object(), _wrong(response)
    code = data.get("errcode")
    zh, en = f"企业微信：{told}", f"WeCom: {told}"
    if code == 0 and response.status == 200:
        return Fate(state="sent", reference=str(data.get("msgid") or ""))
    if code in _TOKEN:
        return Fate(state="token", zh=zh, en=en)
    if code in _CLOSED:
        return Fate(state="closed", zh=zh, en=en)
    if code == 45009:
        return Fate(state="later", zh=zh, en=en, wait=60)
    if code == -1 or code is None or response.status >= 500:
        return Fate(state="later", zh=zh, en=en)
    return Fate(state="refused", zh=zh, en=en)


def _read_media(response: Response) -> Media:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status != 200 or kind in {"application/json", "text/plain"} or not response.body:
        told = _wrong(response)
        raise CannotReadAnswer(zh=f"文件取不到：{told}", en=f"the file cannot be had: {told}")
    return Media(name="", content_type=kind, content=response.body)


CHANNEL: Final = Channel(
    code="wecom_kf",
    said_as="wecom",
    name=("企业微信客服", "WeCom customer service"),
    about=("微信用户与企业微信客服账号的会话", "WeChat users talking with a WeCom account"),
    guide="channel-wecom_kf",
    fields=(
        Field(name="corp_id", kind="text", label=("企业 ID", "Corp id"), required=True),
        Field(name="secret", kind="secret", label=("微信客服 Secret", "Secret"), required=True),
        Field(name="token", kind="secret", label=("回调 Token", "Callback token"), required=True),
        Field(name="aes_key", kind="secret", label=("EncodingAESKey", "EncodingAESKey"),
              required=True),
        Field(name="open_kfid", kind="text", label=("客服账号 ID（open_kfid）", "Service account"),
              required=True, help=("每个客服账号添加一次", "add one account for each")),
        Field(name="base", kind="url", label=("接口地址", "Address of the interface"),
              default="https://qyapi.weixin.qq.com", required=True),
    ),
    limits=Limits(window=Window(hours=48, messages=5, source="客户发消息后 48 小时内 5 条")),
    take=_take,
    read=read,
    write=_write,
    fate=_fate,
    token=TokenWay(
        ask=lambda given: Call(
            method="GET",
            url=_address(
                given, "/gettoken", corpid=str(given["corp_id"]), corpsecret=str(given["secret"])
            ),
        ),
        read=_read_token,
    ),
    # a callback that was missed is made good; without its token the provider lets few calls through
    pull=PullWay(ask=_ask_messages, read=_pulled, every=600),
    media=MediaWay(
        ask=lambda given, token, remote: Call(
            method="GET",
            url=_address(given, "/media/get", access_token=token, media_id=remote),
            timeout=60,
        ),
        read=_read_media,
    ),
    faults=lambda given: tencent.key_fault(text=str(given["aes_key"])),
)  # fmt: skip
