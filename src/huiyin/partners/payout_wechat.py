"""WeChat Pay: 商家转账 to the payee's balance, asked about by our number, its callback opened.

Sources: pay.weixin.qq.com, API v3: 商家转账 (发起转账, 商户单号查询转账单, 商家转账回调通知),
签名生成, 签名验证, 敏感信息加解密, 证书和回调报文解密. An answer other than 200 says nothing of the
payment itself: the bill is asked about, and our number never changes before its end is known.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from huiyin.channels import paying, rsa
from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotTake,
    CannotWrite,
    Channel,
    Field,
    PayoutWay,
    Request,
    Response,
    Settings,
    Taken,
    fresh,
)
from huiyin.core.remedy.transfer import State, Told, Transfer

BILLS: Final = "/v3/fund-app/mch-transfer/transfer-bills"
_SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
_STATES: Final[dict[str, State]] = {
    "ACCEPTED": "processing", "PROCESSING": "processing", "WAIT_USER_CONFIRM": "processing",
    "TRANSFERING": "processing", "CANCELING": "processing", "SUCCESS": "paid", "FAIL": "failed",
    "CANCELLED": "failed",
}  # fmt: skip
_WAITING: Final = {
    "WAIT_USER_CONFIRM": ("等收款人在微信里确认收款", "the payee must confirm in WeChat"),
    "PROCESSING": ("微信支付处理中，请留意商户余额", "being worked; mind the balance"),
}
_ABSENT: Final = frozenset({"NOT_FOUND", "RESOURCE_NOT_EXISTS", "RECORD_NOT_EXISTS"})
_OURS: Final = frozenset(
    {"NOT_ENOUGH", "SIGN_ERROR", "NO_AUTH", "ACCOUNT_ERROR", "REQUEST_BLOCKED"}
)
"""Refusals that are the merchant's own affair: put right there, the same number goes again."""
_PATIENCE: Final = 1800


def _signed(*, transfer: Transfer, settings: Settings, method: str, path: str, body: str) -> Call:
    url = str(settings["base"]).rstrip("/") + path
    stamp = str(int(transfer.at.timestamp()))
    target = urlsplit(url).path
    message = f"{method}\n{target}\n{stamp}\n{transfer.nonce}\n{body}\n".encode()
    try:
        key = rsa.private_key(text=str(settings["private_key"]))
    except rsa.CannotUseKey as error:
        raise CannotWrite(zh=error.zh, en=error.en) from error
    proof = (
        f'mchid="{settings["mch_id"]}",nonce_str="{transfer.nonce}",'
        f'signature="{rsa.sign(key=key, message=message)}",timestamp="{stamp}",'
        f'serial_no="{settings["serial"]}"'
    )
    return Call(
        method=method,
        url=url,
        headers={
            "Authorization": f"{_SCHEME} {proof}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "Huiyin",
            "Wechatpay-Serial": str(settings["platform_serial"]),
        },
        body=body.encode(),
    )


def _send(transfer: Transfer, settings: Settings) -> Call:
    if not transfer.address:
        raise CannotWrite(
            zh="不知道收款人在这个公众号或小程序里的 openid，请改走批次或请客户换收款方式",
            en="the payee's openid with this account is not known: use the batch or another method",
        )
    said: dict[str, Any] = {
        "appid": settings["app_id"],
        "out_bill_no": transfer.plain,
        "transfer_scene_id": settings["scene_id"],
        "openid": transfer.address,
        "transfer_amount": transfer.amount,
        "transfer_remark": transfer.reason[:32],
        "notify_url": transfer.hook,
        "transfer_scene_report_infos": _reported(str(settings["scene_infos"])),
    }
    if settings.get("perception"):
        said["user_recv_perception"] = settings["perception"]
    named = paying.fen(settings=settings, name="name_from")
    if transfer.payee and named and transfer.amount >= named:
        try:
            key = rsa.public_key(text=str(settings["platform_key"]))
        except rsa.CannotUseKey as error:
            raise CannotWrite(zh=error.zh, en=error.en) from error
        said["user_name"] = rsa.encrypt(key=key, text=transfer.payee)
    return _signed(
        transfer=transfer,
        settings=settings,
        method="POST",
        path=BILLS,
        body=json.dumps(said, ensure_ascii=False),
    )


def _reported(text: str) -> list[dict[str, str]]:
    """Return the scene's report of lines "type=content"."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return [
        {"info_type": kind.strip()[:15], "info_content": content.strip()[:32]}
        for kind, _, content in pairs
    ]


def _ask(transfer: Transfer, settings: Settings) -> Call:
    path = f"{BILLS}/out-bill-no/{transfer.plain}"
    return _signed(transfer=transfer, settings=settings, method="GET", path=path, body="")


def _proved(*, headers: Any, body: bytes, settings: Settings, now: float) -> str:
    """Return why a text is not proved to be WeChat Pay's, "" where it is."""
    stamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
    if headers.get("wechatpay-serial", "") != str(settings["platform_serial"]):
        return "signed with another key than the one that is set"
    if not fresh(stamp=stamp, now=now, within=paying.FRESH):
        return "the timestamp is more than 5 minutes off"
    try:
        key = rsa.public_key(text=str(settings["platform_key"]))
    except rsa.CannotUseKey as error:
        return error.en
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    good = rsa.genuine(key=key, message=message, signature=headers.get("wechatpay-signature", ""))
    return "" if good else "wrong signature"


def _read(transfer: Transfer, settings: Settings, call: Call, response: Response) -> Told:
    said = response.json_object()
    code = str(said.get("code") or "")
    if 200 <= response.status < 300:
        wrong = _proved(
            headers=response.headers,
            body=response.body,
            settings=settings,
            now=transfer.at.timestamp(),
        )
        if wrong:
            return Told(state="unclear", zh="微信支付的答复没有通过验签", en=f"not proved: {wrong}")
        if said.get("out_bill_no") != transfer.plain:
            return Told(state="unclear", zh="答复读不懂", en="the answer cannot be read")
        return _told(said)
    words = str(said.get("message") or f"HTTP {response.status}")[:160]
    zh, en = f"微信支付：{words}（{code}）", f"WeChat Pay: {words} ({code})"
    if call.method == "GET" and response.status == 404 and code in _ABSENT:
        return Told(state="absent", zh="微信支付没有这一笔", en="WeChat Pay has no such bill")
    if code in _OURS or response.status in {401, 403, 429}:
        wait = 60 if response.status == 429 else _PATIENCE
        return Told(state="unclear", zh=zh, en=en, wait=wait)
    if call.method == "POST" and response.status == 400 and code and code != "ALREADY_EXISTS":
        return Told(state="refused", zh=zh, en=en)
    return Told(state="unclear", zh=zh, en=en)


def _told(said: dict[str, Any]) -> Told:
    word = str(said.get("state") or "")
    zh, en = _WAITING.get(word, ("", ""))
    if why := str(said.get("fail_reason") or ("CANCELLED" if word == "CANCELLED" else "")):
        zh, en = f"微信支付：{why}"[:200], f"WeChat Pay: {why}"[:200]
    return Told(
        state=_STATES.get(word, "unclear"),
        reference=str(said.get("transfer_bill_no") or "")[:80],
        amount=paying.sum_of(said.get("transfer_amount")),
        zh=zh,
        en=en,
    )


def _take(request: Request, settings: Settings) -> Taken:
    wrong = _proved(
        headers=request.headers,
        body=request.body,
        settings=settings,
        now=request.at.timestamp(),
    )
    if wrong:
        raise CannotTake(status=401, told=wrong)
    try:
        event = json.loads(request.body)
        sealed = event["resource"]
        opened = AESGCM(str(settings["api_key"]).encode()).decrypt(
            str(sealed["nonce"]).encode(),
            base64.b64decode(sealed["ciphertext"]),
            str(sealed.get("associated_data") or "").encode(),
        )
        said = json.loads(opened)
        number, id = str(said["out_bill_no"]), str(event["id"])
    except (InvalidTag, binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotTake(status=400, told="the notice cannot be opened") from error
    if str(said.get("mch_id") or said.get("mchid") or settings["mch_id"]) != settings["mch_id"]:
        raise CannotTake(status=403, told="of another merchant")
    answer = Answer(
        body=json.dumps({"code": "SUCCESS", "message": "成功"}, ensure_ascii=False).encode(),
        content_type="application/json",
    )
    return Taken(answer=answer, pieces=(paying.piece(id=id, number=number, told=_told(said)),))


CHANNEL = Channel(
    code="payout_wechat",
    said_as="payout",
    name=("付款：微信支付商家转账", "Payouts: WeChat Pay transfers"),
    about=(
        "把赔付转到客户的微信零钱，结果由回调和查询入账",
        "pays remedies into the customer's WeChat balance; callback and query book them",
    ),
    guide="payouts",
    fields=(
        Field(name="base", kind="url", label=("接口地址", "Address"), required=True,
              default="https://api.mch.weixin.qq.com"),
        Field(name="mch_id", kind="text", label=("商户号", "Merchant id"), required=True),
        Field(name="app_id", kind="text", label=("AppID", "AppID"), required=True,
              help=("客户的 openid 属于这个公众号或小程序，它须已在“渠道”里接入",
                    "openids belong to it; the same AppID must be connected as a channel")),
        Field(name="serial", kind="text", required=True,
              label=("商户 API 证书序列号", "Serial of the merchant's certificate")),
        Field(name="private_key", kind="secret", required=True,
              label=("商户 API 私钥", "Merchant's private key"),
              help=("apiclient_key.pem 的全部内容", "all of apiclient_key.pem")),
        Field(name="api_key", kind="secret", label=("APIv3 密钥", "APIv3 key"), required=True,
              help=("32 个字符，用来解开回调", "32 characters; opens the callbacks")),
        Field(name="platform_serial", kind="text", required=True,
              label=("微信支付公钥 ID 或平台证书序列号", "Id of WeChat Pay's public key"),
              help=("以 PUB_KEY_ID_ 开头，或平台证书的序列号",
                    "PUB_KEY_ID_…, or the platform certificate's serial")),
        Field(name="platform_key", kind="long", required=True,
              label=("微信支付公钥或平台证书", "WeChat Pay's public key or certificate"),
              help=("pub_key.pem 的全部内容", "all of pub_key.pem")),
        Field(name="scene_id", kind="text", label=("转账场景 ID", "Scene id"), required=True,
              help=("商户平台 → 产品中心 → 商家转账里申请到的场景",
                    "as granted in the merchant platform")),
        Field(name="scene_infos", kind="long", label=("场景报备信息", "Scene report"),
              help=("每行一条：信息类型=内容，与商户平台上该场景的要求一致",
                    "a line each: type=content, as the scene asks for"), required=True),
        Field(name="perception", kind="text", label=("用户收款感知", "What the payee is shown"),
              help=("须是该场景允许的取值；不填用默认", "one the scene allows; empty for its own")),
        Field(name="name_from", kind="integer", default=2000, least=0,
              label=("多少元起传收款人姓名", "From this sum (yuan) the payee's name goes along"),
              help=("加密传送并由微信核对；微信支付规定 2000 元起必填，0 为从不传",
                    "sealed, checked by WeChat; required from 2,000 yuan on; 0 means never")),
        *paying.fields(methods=("wechat",)),
    ),
    take=_take,
    payout=PayoutWay(methods=("wechat",), send=_send, ask=_ask, read=_read, by_openid=True),
)  # fmt: skip
