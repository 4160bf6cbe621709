"""What WeChat and WeCom have in common: signatures, sealed messages, XML that cannot bite.

Sources: developers.weixin.qq.com (消息加解密), developer.work.weixin.qq.com/document/path/90968.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import struct
import time
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from huiyin.channels.protocol import Said

FRESH: Final = 900
"""Seconds that a signed time may be away from ours; retries of the provider come sooner."""
MOST: Final = 1_000_000
_BLOCK: Final = 32
_JOINS: Final = frozenset("\u200d\ufe0f\u20e3")


class CannotOpen(ValueError):
    """A sealed message or a text that is not what it should be."""


def signature(*parts: str) -> str:
    """Return the signature of some values: SHA-1 of them sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def genuine(*, given: str, parts: tuple[str, ...]) -> bool:
    """Tell whether a signature is that of some values."""
    return hmac.compare_digest(signature(*parts).encode(), given.encode("utf-8", "replace"))


def key_of(*, text: str) -> bytes:
    """Return the key of an EncodingAESKey of 43 characters. Raises CannotOpen."""
    try:
        key = base64.b64decode(f"{text}=")
    except (binascii.Error, ValueError) as error:
        raise CannotOpen("the EncodingAESKey is not base64") from error
    if len(key) != 32:
        raise CannotOpen("the EncodingAESKey has not 43 characters")
    return key


def key_fault(*, text: str) -> Mapping[str, Said]:
    """Tell what is wrong with the EncodingAESKey of an account's settings."""
    try:
        key_of(text=text)
    except CannotOpen:
        told = ("应为 43 个字符，与对方后台一致", "has 43 characters, as the provider shows it")
        return {"aes_key": told}
    return {}


def open_sealed(*, text: str, key: bytes, owner: str) -> bytes:
    """Return the message that a sealed text holds for ``owner``. Raises CannotOpen."""
    try:
        sealed = base64.b64decode(text, validate=True)
        opener = Cipher(AES(key), CBC(key[:16])).decryptor()
        plain = opener.update(sealed) + opener.finalize()
    except (binascii.Error, ValueError) as error:
        raise CannotOpen("cannot be decrypted") from error
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= _BLOCK or len(plain) < 20 + pad:
        raise CannotOpen("cannot be decrypted")
    plain = plain[16:-pad]
    (length,) = struct.unpack(">I", plain[:4])
    if plain[4 + length :] != owner.encode():
        raise CannotOpen("sealed for somebody else")
    return plain[4 : 4 + length]


def seal(*, message: bytes, key: bytes, owner: str, noise: bytes) -> str:
    """Return a message sealed for the provider; ``noise`` are 16 random bytes."""
    plain = noise + struct.pack(">I", len(message)) + message + owner.encode()
    pad = _BLOCK - len(plain) % _BLOCK
    closer = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(closer.update(plain + bytes([pad]) * pad) + closer.finalize()).decode()


def sealed_answer(
    *, message: str, key: bytes, owner: str, token: str, as_json: bool = False
) -> str:
    """Return an answer in its sealed envelope."""
    text = seal(message=message.encode(), key=key, owner=owner, noise=secrets.token_bytes(16))
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    proof = signature(token, stamp, nonce, text)
    if as_json:
        whole = {"Encrypt": text, "MsgSignature": proof, "TimeStamp": int(stamp), "Nonce": nonce}
        return json.dumps(whole)
    return (
        f"<xml><Encrypt><![CDATA[{text}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{proof}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def as_xml(*, values: Mapping[str, str | int]) -> str:
    """Return values as the provider writes them."""
    return f"<xml>{''.join(_element(name, value) for name, value in values.items())}</xml>"


def _element(name: str, value: str | int) -> str:
    inside = str(value) if isinstance(value, int) else escape(value)
    return f"<{name}>{inside}</{name}>"


def read_xml(*, body: bytes) -> dict[str, str]:
    """Return the values below the root by their names; deeper ones as ``Outer.Inner``.

    No document type, no entities, nothing from elsewhere. Bytes that are not UTF-8 are read as
    GB18030 where that makes sense of them. Raises CannotOpen.
    """
    if len(body) > MOST:
        raise CannotOpen("too large")
    try:
        body.decode()
    except UnicodeDecodeError:
        try:
            body = body.decode("gb18030").encode()
        except UnicodeError as error:
            raise CannotOpen("neither UTF-8 nor GB18030") from error
    return _parsed(body)


def _parsed(body: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    path: list[str] = []
    words: list[str] = []

    def start(name: str, _attributes: object) -> None:
        path.append(name)
        words.clear()
        if len(path) > 8:
            raise CannotOpen("too deep")

    def end(_name: str) -> None:
        if len(path) > 1 and (words or ".".join(path[1:]) not in found):
            found.setdefault(".".join(path[1:]), "".join(words))
        words.clear()
        path.pop()

    def refuse(*_: object) -> None:
        raise CannotOpen("a document type is not taken")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words.append
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise CannotOpen("no XML") from error
    return found


def split_bytes(*, text: str, most: int, parts: int | None, link: str) -> list[str]:
    """Return a text in pieces of at most ``most`` bytes of UTF-8, cut between lines or sentences.

    Where more than ``parts`` pieces were needed, the last ends with ``link``, which shows it all.
    """
    pieces: list[str] = []
    rest = text.strip()
    while len(rest.encode()) > most:
        if parts is not None and len(pieces) + 1 == parts:
            tail = f"……\n全文请打开：{link}" if link else "……"
            room = most - len(tail.encode())
            pieces.append(_head(rest, room) + tail)
            return pieces
        head = _head(rest, most)
        pieces.append(head)
        rest = rest[len(head) :].lstrip("\n")
    return [*pieces, rest]


def _head(text: str, most: int) -> str:
    head = text.encode()[:most].decode("utf-8", "ignore")
    # what belongs to one sign on the screen stays together
    while head and len(head) < len(text) and (text[len(head)] in _JOINS or head[-1] == "\u200d"):
        head = head[:-1]
    for mark in ("\n", "。", "！", "？", "；", "，"):
        cut = head.rfind(mark)
        if cut > len(head) // 2:
            return head[: cut + 1]
    return head
