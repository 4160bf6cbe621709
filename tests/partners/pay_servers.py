"""Systems that pay, as their documentation says: they check every signature and keep a book.

Nothing of the product's own code is used: what is signed is built anew here.
"""

from __future__ import annotations

import base64
import datetime
import functools
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from channels.conformance.kit import Said
from channels.conformance.provider_server import Provider

API_KEY = "0123456789abcdef0123456789abcdef"
MERCHANT, APP, PLATFORM = "1900000001", "wx1234567890abcdef", "PUB_KEY_ID_0119000000012026"


@functools.cache
def key(name: str) -> rsa.RSAPrivateKey:
    """Return the private key of somebody, the same in all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(name: str) -> str:
    raw = key(name).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return raw.decode()


def public_pem(name: str) -> str:
    raw = (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return raw.decode()


@functools.cache
def certificate(name: str) -> x509.Certificate:
    parts = [
        (NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, "Ant Financial"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
        (NameOID.COMMON_NAME, f"Test {name}"),
    ]  # fmt: skip
    who = x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key(name).public_key())
        .serial_number(123456789012345)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key(name), hashes.SHA256())
    )


def certificate_pem(name: str) -> str:
    return certificate(name).public_bytes(serialization.Encoding.PEM).decode()


def sign(name: str, message: bytes) -> str:
    raw = key(name).sign(message, padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(raw).decode()


def is_signed(name: str, message: bytes, signature: str) -> bool:
    try:
        key(name).public_key().verify(
            base64.b64decode(signature), message, padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass
class Bank:
    """What every such system does: a number is paid once, whatever is sent again.

    ``mode``: paid, processing, failed, refused, down, limited, lost (takes the payment and breaks
    the line), or swallowed (breaks the line before it takes anything).
    """

    mode: str = "paid"
    there: Provider | None = None
    book: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forged: int = 0

    def paid(self) -> list[str]:
        """Return the numbers for which money has left."""
        return [n for n, row in self.book.items() if row["state"] in {"paid", "returned"}]

    def enter(self, number: str, amount: int, **more: Any) -> dict[str, Any]:
        state = self.mode if self.mode in {"paid", "processing", "failed"} else "paid"
        return self.book.setdefault(number, {"state": state, "amount": amount, **more})

    def last(self) -> tuple[str, str, Mapping[str, str], bytes]:
        assert self.there is not None
        return self.there.calls[-1]


class Lost(ConnectionError):
    """The line breaks."""


def hexed(secret: str, parts: list[str], body: bytes) -> str:
    message = b"".join(p.encode() + b"\n" for p in parts) + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


@dataclass
class Finance(Bank):
    """A company's finance system with our own contract."""

    secret: str = "a-long-secret"

    def settings(self, base: str) -> dict[str, Any]:
        return {"base": f"{base}/pay", "secret": self.secret}

    def answers(self, path: str, body: bytes, _state: str) -> Said:
        method, target, headers, _ = self.last()
        parts = [headers["x-huiyin-timestamp"], headers["x-huiyin-nonce"], method, target]
        given = headers["x-huiyin-signature"]
        if hexed(self.secret, parts, body) != given:
            self.forged += 1
            return Said(b"{}", status=401)
        status, said = self._act(method=method, path=path, body=body, headers=headers)
        text = json.dumps(said).encode()
        signed = {"X-Huiyin-Signature": hexed(self.secret, [given, str(status)], text)}
        more = {"Retry-After": "90"} if status == 429 else {}
        return Said(text, status=status, headers={**signed, **more})

    def _act(
        self, *, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        if self.mode == "down":
            return 503, {}
        if self.mode == "limited":
            return 429, {}
        if method == "GET":
            number = path.rpartition("/")[2]
            self.asked.append(number)
            row = self.book.get(number)
            return (200, self._row(number)) if row else (404, {"state": "absent"})
        if self.mode == "swallowed":
            raise Lost
        given = json.loads(body)
        number = given["number"]
        assert headers["idempotency-key"] == number
        if self.mode == "refused" and number not in self.book:
            return 422, {"reason": "收款账号不存在"}
        self.enter(number, given["amount"], payee=given["payee"])
        if self.mode == "lost":
            raise Lost
        return 200, self._row(number)

    def _row(self, number: str) -> dict[str, Any]:
        row = self.book[number]
        return {
            "number": number, "amount": row["amount"], "state": row["state"],
            "reference": f"F-{number}", "reason": row.get("reason", ""),
        }  # fmt: skip

    def callback(self, number: str, *, at: float, id: str = "cb-1", **change: Any) -> Any:
        body = json.dumps({"id": id, **self._row(number), **change}).encode()
        stamp = str(int(at))
        return body, {
            "X-Huiyin-Timestamp": stamp,
            "X-Huiyin-Nonce": "n1",
            "X-Huiyin-Signature": hexed(self.secret, [stamp, "n1"], body),
        }


_PROOF = re.compile(r'(\w+)="([^"]*)"')
WECHAT_STATES = {"paid": "SUCCESS", "processing": "WAIT_USER_CONFIRM", "failed": "FAIL"}


@dataclass
class WeChat(Bank):
    """WeChat Pay, API v3."""

    at: float = 0.0
    """What its clock shows, seconds."""

    def settings(self, base: str) -> dict[str, Any]:
        return {
            "base": base, "mch_id": MERCHANT, "app_id": APP,
            "serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
            "private_key": private_pem("merchant"), "api_key": API_KEY,
            "platform_serial": PLATFORM, "platform_key": public_pem("platform"),
            "scene_id": "1011", "scene_infos": "赔付原因=快递丢失赔付\n赔付类型=企业赔付",
            "perception": "", "name_from": 100,
        }  # fmt: skip

    def answers(self, path: str, body: bytes, _state: str) -> Said:
        method, target, headers, _ = self.last()
        scheme, _, rest = headers["authorization"].partition(" ")
        proof = dict(_PROOF.findall(rest))
        message = "\n".join(
            [method, target, proof["timestamp"], proof["nonce_str"], body.decode(), ""]
        )
        good = (
            scheme == "WECHATPAY2-SHA256-RSA2048"
            and proof["mchid"] == MERCHANT
            and is_signed("merchant", message.encode(), proof["signature"])
        )
        self.at = float(proof["timestamp"])
        if not good:
            self.forged += 1
            return self._said({"code": "SIGN_ERROR", "message": "签名错误"}, 401)
        if self.mode in {"down", "limited"}:
            status, code = (500, "SYSTEM_ERROR") if self.mode == "down" else (429, "RATE_LIMITED")
            return self._said({"code": code, "message": "稍后再试"}, status)
        if method == "GET":
            number = path.rpartition("/")[2]
            self.asked.append(number)
            if number not in self.book:
                return self._said({"code": "NOT_FOUND", "message": "记录不存在"}, 404)
            return self._said(self.row(number))
        return self._pay(json.loads(body), headers)

    def _pay(self, given: dict[str, Any], headers: Mapping[str, str]) -> Said:
        assert headers["wechatpay-serial"] == PLATFORM
        number = given["out_bill_no"]
        assert re.fullmatch(r"[0-9A-Za-z]{1,32}", number)
        if self.mode == "swallowed":
            raise Lost
        if self.mode == "refused":
            return self._said({"code": "PARAM_ERROR", "message": "openid 无效"}, 400)
        name = ""
        if "user_name" in given:
            oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
            name = key("platform").decrypt(base64.b64decode(given["user_name"]), oaep).decode()
        self.enter(number, given["transfer_amount"], payee=name, openid=given["openid"])
        if self.mode == "lost":
            raise Lost
        return self._said(self.row(number))

    def row(self, number: str) -> dict[str, Any]:
        row = self.book[number]
        return {
            "mch_id": MERCHANT, "out_bill_no": number, "transfer_bill_no": f"W{number}",
            "appid": APP, "state": WECHAT_STATES[row["state"]],
            "transfer_amount": row["amount"], "fail_reason": row.get("reason", ""),
        }  # fmt: skip

    def proof(self, body: bytes, at: float) -> dict[str, str]:
        stamp, nonce = str(int(at)), "5e6f"
        message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
        return {
            "Wechatpay-Timestamp": stamp, "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": PLATFORM, "Wechatpay-Signature": sign("platform", message),
        }  # fmt: skip

    def _said(self, said: dict[str, Any], status: int = 200) -> Said:
        body = json.dumps(said, ensure_ascii=False).encode()
        return Said(body, status=status, headers=self.proof(body, self.at))

    def callback(self, number: str, *, at: float, id: str = "EV-1", **change: Any) -> Any:
        text = json.dumps({**self.row(number), **change}).encode()
        sealed = AESGCM(API_KEY.encode()).encrypt(b"0123456789ab", text, b"mch_payment")
        body = json.dumps({
            "id": id, "create_time": "2026-11-03T13:29:35+08:00",
            "resource_type": "encrypt-resource", "event_type": "MCHTRANSFER.BILL.FINISHED",
            "resource": {
                "original_type": "mch_payment", "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(), "nonce": "0123456789ab",
                "associated_data": "mch_payment",
            },
        }).encode()  # fmt: skip
        return body, self.proof(body, at)


@dataclass
class Alipay(Bank):
    """Alipay's gateway."""

    app: str = "2021000000000001"

    def settings(self, base: str) -> dict[str, Any]:
        return {
            "base": f"{base}/gateway.do", "app_id": self.app,
            "private_key": private_pem("app"), "alipay_cert": certificate_pem("alipay"),
            "app_cert": certificate_pem("app"), "root_cert": certificate_pem("root"),
            "title": "快递赔付",
        }  # fmt: skip

    def answers(self, path: str, body: bytes, _state: str) -> Said:
        fields = dict(parse_qsl(body.decode()))
        given = fields.pop("sign")
        message = "&".join(f"{k}={fields[k]}" for k in sorted(fields))
        method = fields["method"]
        node = f"{method.replace('.', '_')}_response"
        if self.mode == "down":
            return Said(b"gateway time-out", status=504)
        if not is_signed("app", message.encode(), given):
            self.forged += 1
            return self._said(node, {"code": "40002", "sub_code": "isv.invalid-signature"})
        biz = json.loads(fields["biz_content"])
        number = biz["out_biz_no"]
        if method == "alipay.fund.trans.common.query":
            self.asked.append(number)
            if number not in self.book:
                return self._said(node, self._no("ORDER_NOT_EXIST", "转账订单不存在"))
            return self._said(node, self._row(number))
        assert method == "alipay.fund.trans.uni.transfer"
        if self.mode == "swallowed":
            raise Lost
        if self.mode == "limited":
            return self._said(node, self._no("PAYER_BALANCE_NOT_ENOUGH", "余额不足"))
        if self.mode == "refused":
            return self._said(node, self._no("PAYEE_NOT_EXIST", "收款账号不存在"))
        amount = round(float(biz["trans_amount"]) * 100)
        self.enter(number, amount, payee=biz["payee_info"])
        if self.mode == "lost":
            raise Lost
        return self._said(node, self._row(number))

    def _no(self, sub: str, told: str) -> dict[str, Any]:
        return {"code": "40004", "msg": "Business Failed", "sub_code": sub, "sub_msg": told}

    def _row(self, number: str) -> dict[str, Any]:
        row = self.book[number]
        states = {
            "paid": "SUCCESS",
            "processing": "DEALING",
            "failed": "FAIL",
            "returned": "REFUND",
        }
        return {
            "code": "10000", "msg": "Success", "out_biz_no": number, "order_id": f"A{number}",
            "status": states[row["state"]], "fail_reason": row.get("reason", ""),
        }  # fmt: skip

    def _said(self, node: str, said: dict[str, Any]) -> Said:
        text = json.dumps(said, ensure_ascii=False)
        signature = sign("alipay", text.encode())
        body = f'{{"{node}":{text},"alipay_cert_sn":"x","sign":"{signature}"}}'
        return Said(body.encode())

    def callback(
        self, number: str, *, at: float, id: str = "notify-1", charset: str = "utf-8", **change: Any
    ) -> Any:
        row = self.book[number]
        biz = {
            "out_biz_no": number, "order_id": f"A{number}", "status": self._row(number)["status"],
            "trans_amount": f"{row['amount'] / 100:.2f}", "action_type": "FINISH",
            "fail_reason": row.get("reason", ""), **change,
        }  # fmt: skip
        fields = {
            "app_id": self.app, "charset": charset, "version": "1.1", "notify_id": id,
            "msg_method": "alipay.fund.trans.order.changed", "sign_type": "RSA2",
            "utc_timestamp": str(int(at * 1000)),
            "biz_content": json.dumps(biz, ensure_ascii=False),
        }  # fmt: skip
        message = "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if k != "sign_type")
        fields["sign"] = sign("alipay", message.encode(charset))
        body = urlencode(fields, encoding=charset).encode()
        return body, {"Content-Type": "application/x-www-form-urlencoded"}
