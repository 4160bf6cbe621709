"""WeChat official accounts and mini programs: messages, menu, customer-service replies.

Sources: developers.weixin.qq.com, 公众号 (接收普通消息, 接收事件推送, 客服消息, 模板消息,
自定义菜单, 获取稳定版接口调用凭据) and 小程序 快递 (waybill_complaint, update_complaint_result).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from huiyin.channels import tencent
from huiyin.channels.protocol import (
    Answer,
    Asks,
    CannotTake,
    CannotWrite,
    Channel,
    Chore,
    Field,
    Limits,
    MediaWay,
    Piece,
    Request,
    Said,
    Settings,
    Taken,
    TokenWay,
    Window,
    fresh,
)
from huiyin.channels.wechat_out import (
    COMPLAIN,
    PROGRESS,
    ask_media,
    ask_token,
    fate,
    menu,
    probe,
    read_media,
    read_token,
    write,
)
from huiyin.channels.wechat_said import fields_of, id_of, read

_PROGRESS_WORDS: Final = frozenset({"查进度", "查询进度", "进度"})
_DONE: Final = Answer(body=b"success")


def _take(request: Request, settings: Settings) -> Taken:
    given = request.query
    stamp, nonce = given.get("timestamp", ""), given.get("nonce", "")
    token = str(settings["token"])
    if not tencent.genuine(given=given.get("signature", ""), parts=(token, stamp, nonce)):
        raise CannotTake(status=403, told="wrong signature")
    if not fresh(stamp=stamp, now=request.at.timestamp(), within=tencent.FRESH):
        raise CannotTake(status=403, told="the timestamp is too far off")
    if request.method == "GET":
        return Taken(answer=Answer(body=given.get("echostr", "").encode()))
    body, sealed = request.body, settings["mode"] == "safe"
    if sealed:
        body = _opened(request=request, settings=settings, token=token)
    try:
        said = fields_of(body=body)
    except tencent.CannotOpen:
        # genuine, but not readable: kept whole and put into quarantine when it is read
        return Taken(answer=_DONE, pieces=(_piece(_hash(body), body),))
    return _Heard(settings=settings, said=said, body=body, sealed=sealed).taken()


def _opened(*, request: Request, settings: Settings, token: str) -> bytes:
    given = request.query
    try:
        text = fields_of(body=request.body).get("Encrypt", "")
        parts = (token, given.get("timestamp", ""), given.get("nonce", ""), text)
        if not text or not tencent.genuine(given=given.get("msg_signature", ""), parts=parts):
            raise CannotTake(status=403, told="wrong signature of the sealed message")
        return tencent.open_sealed(
            text=text,
            key=tencent.key_of(text=str(settings["aes_key"])),
            owner=str(settings["app_id"]),
        )
    except tencent.CannotOpen as error:
        raise CannotTake(status=403, told=str(error)) from error


def _piece(id: str, raw: bytes, kind: str = "contact") -> Piece:
    return Piece(external_id=id, raw=raw, kind=kind)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class _Heard:
    """One genuine message or event."""

    def __init__(
        self, *, settings: Settings, said: Mapping[str, str], body: bytes, sealed: bool
    ) -> None:
        self.settings = settings
        self.said = said
        self.body = body
        self.sealed = sealed
        self.sender = said.get("FromUserName", "")
        self.id = id_of(said=said) or _hash(body)

    def taken(self) -> Taken:
        said = self.said
        if said.get("MsgType") == "event":
            return self._event(said.get("Event", "").lower())
        words = said.get("Content", "").strip()
        if said.get("MsgType") == "text" and words in _PROGRESS_WORDS:
            return self._progress()
        return Taken(answer=_DONE, pieces=(_piece(self.id, self.body),))

    def _event(self, event: str) -> Taken:
        said, settings = self.said, self.settings
        if event == "waybill_complaint":
            return Taken(
                answer=self._answer(
                    {"MsgType": "event", "Event": event, "ResultCode": 0, "ResultMsg": "success"}
                ),
                pieces=(_piece(self.id, self.body),),
            )
        if event in {"subscribe", "unsubscribe"}:
            left = self._signal(
                "left",
                address=self.sender,
                back=event == "subscribe",
                told="取消关注" if event == "unsubscribe" else "",
            )
            answer = self._words(str(settings["welcome"])) if event == "subscribe" else _DONE
            return Taken(answer=answer, pieces=(left,))
        if event == "templatesendjobfinish":
            status = said.get("Status", "")
            return Taken(
                answer=_DONE,
                pieces=(
                    self._signal(
                        "delivery",
                        reference=said.get("MsgID") or said.get("MsgId", ""),
                        state="delivered" if status == "success" else "failed",
                        told=status,
                    ),
                ),
            )
        if event == "click" and said.get("EventKey") == PROGRESS:
            return self._progress()
        pieces = (_piece(self.id, json.dumps(dict(said)).encode(), "other"),)
        if event == "click" and said.get("EventKey") == COMPLAIN:
            return Taken(answer=self._words(str(settings["ask_words"])), pieces=pieces)
        return Taken(answer=_DONE, pieces=pieces)

    def _progress(self) -> Taken:
        return Taken(
            answer=_DONE,
            pieces=(_piece(self.id, json.dumps(dict(self.said)).encode(), "other"),),
            asks=Asks(address=self.sender, say=self._words),
        )

    def _signal(self, kind: str, **what: Any) -> Piece:
        return _piece(self.id, json.dumps(what, ensure_ascii=False).encode(), kind)

    def _words(self, text: str) -> Answer:
        site = str(self.settings.get("site", ""))
        text = text.replace("{portal}", f"{site}/" if site else "").strip()
        return self._answer({"MsgType": "text", "Content": text}) if text else _DONE

    def _answer(self, values: Mapping[str, str | int]) -> Answer:
        said, settings = self.said, self.settings
        at = said.get("CreateTime", "0")
        whole: dict[str, str | int] = {
            "ToUserName": self.sender,
            "FromUserName": said.get("ToUserName", ""),
            "CreateTime": int(at) if at.isascii() and at.isdigit() else 0,
            **values,
        }
        as_json = self.body.lstrip().startswith(b"{")
        text = json.dumps(whole, ensure_ascii=False) if as_json else tencent.as_xml(values=whole)
        if self.sealed:
            text = tencent.sealed_answer(
                message=text,
                key=tencent.key_of(text=str(settings["aes_key"])),
                owner=str(settings["app_id"]),
                token=str(settings["token"]),
                as_json=as_json,
            )
        kind = "application/json" if as_json else "application/xml; charset=utf-8"
        return Answer(body=text.encode(), content_type=kind)


_FIELDS: Final = (
    Field(name="app_id", kind="text", label=("AppID", "AppID"), required=True),
    Field(name="secret", kind="secret", label=("AppSecret", "AppSecret"), required=True),
    Field(name="token", kind="secret", label=("令牌 Token", "Token"), required=True),
    Field(
        name="mode",
        kind="choice",
        label=("消息加解密方式", "Encryption of messages"),
        default="safe",
        choices=(
            ("safe", ("安全模式（推荐）", "Safe mode (recommended)")),
            ("plain", ("明文模式", "Plain mode")),
        ),
    ),
    Field(
        name="aes_key",
        kind="secret",
        label=("消息加解密密钥 EncodingAESKey", "EncodingAESKey"),
        help=("安全模式必填，43 个字符", "needed in safe mode, 43 characters"),
    ),
    Field(
        name="welcome",
        kind="long",
        label=("关注后的欢迎语", "Words of welcome"),
        help=("留空则不发送", "nothing is sent when empty"),
    ),
    Field(
        name="ask_words",
        kind="long",
        label=("点“我要投诉”后的话", "Words after “I want to complain”"),
        default="请直接在这里写下运单号和遇到的问题，可以发照片和语音。\n也可以在网页上填写：{portal}",
        help=(
            "{portal} 换成投诉页的网址",
            "{portal} becomes the address of the complaint page",
        ),
    ),
    Field(
        name="template_id",
        kind="text",
        label=("模板消息 ID", "Template id"),
        help=(
            "超过 48 小时或 5 条以后用它通知客户；留空则不通知",
            "tells the customer after 48 hours or 5 messages; nothing is sent when empty",
        ),
    ),
    Field(
        name="template_fields",
        kind="long",
        label=("模板字段", "Fields of the template"),
        default="character_string1={number}\nthing2={text}\ntime3={time}",
        help=(
            "每行一个：字段=内容。可用 {number} 投诉编号、{text} 正文、{time} 时间",
            "one a line: field=content, with {number}, {text} and {time}",
        ),
    ),
    Field(
        name="menu",
        kind="long",
        label=("自定义菜单（JSON）", "Menu (JSON)"),
        help=(
            "留空则为“我要投诉”“查进度”两个按钮；保存后点“设置菜单”，会替换公众号现有菜单",
            "two buttons when empty; “set the menu” replaces the menu there is",
        ),
    ),
    Field(
        name="waybill_result",
        kind="text",
        label=("物流投诉的处理结果", "Result of courier-side complaints"),
        default="已处理",
        help=(
            "微信物流助手转来的投诉办结时回填的 result；答复正文填入 desc",
            "sent as result for complaints by the logistics assistant; the answer goes as desc",
        ),
    ),
    Field(
        name="base",
        kind="url",
        label=("接口地址", "Address of the interface"),
        default="https://api.weixin.qq.com",
        required=True,
    ),
)


def _faults(settings: Settings) -> Mapping[str, Said]:
    found: dict[str, Said] = {}
    if settings["mode"] == "safe" or settings["aes_key"]:
        found.update(tencent.key_fault(text=str(settings["aes_key"])))
    try:
        menu(settings, "")
    except CannotWrite as error:
        found["menu"] = (error.zh, error.en)
    return found


CHANNEL: Final = Channel(
    code="wechat",
    name=("微信公众号", "WeChat official account"),
    about=(
        "公众号消息、菜单、客服回复；也接收物流助手的投诉",
        "Messages, menu and replies of an official account; complaints of its logistics assistant",
    ),
    guide="channel-wechat",
    fields=_FIELDS,
    limits=Limits(window=Window(hours=48, messages=5, source="客服消息：48 小时内 5 条")),
    take=_take,
    read=read,
    write=write,
    fate=fate,
    token=TokenWay(ask=ask_token, read=read_token),
    media=MediaWay(ask=ask_media, read=read_media),
    probe=probe,
    chores=(Chore(code="menu", name=("设置菜单", "Set the menu"), call=menu),),
    faults=_faults,
)
