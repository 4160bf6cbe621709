"""Keys and signatures of payment services: RSA with SHA-256, keys as PEM or as bare base64.

A field of one line loses the line breaks of a PEM text; what is left of it is read all the same.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)

_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


class CannotUseKey(ValueError):
    """A key or certificate that is none; ``zh`` and ``en`` say which."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _blocks(text: str) -> list[tuple[str, bytes]]:
    found = _BLOCK.findall(text) or [("", text)]
    try:
        return [
            (kind, base64.b64decode("".join(body.split()), validate=True)) for kind, body in found
        ]
    except (binascii.Error, ValueError) as error:
        raise CannotUseKey(zh="密钥或证书读不懂", en="the key cannot be read") from error


def private_key(*, text: str) -> RSAPrivateKey:
    """Return a private key of a text, PKCS#8 or PKCS#1. Raises CannotUseKey."""
    try:
        key = load_der_private_key(_blocks(text)[0][1], password=None)
    except (ValueError, TypeError) as error:
        raise CannotUseKey(zh="私钥读不懂", en="the private key cannot be read") from error
    if not isinstance(key, RSAPrivateKey):
        raise CannotUseKey(zh="私钥不是 RSA 密钥", en="the private key is no RSA key")
    return key


def public_key(*, text: str) -> RSAPublicKey:
    """Return the public key of a text: of a key or of a certificate. Raises CannotUseKey."""
    kind, raw = _blocks(text)[0]
    try:
        key = (
            x509.load_der_x509_certificate(raw).public_key()
            if kind == "CERTIFICATE"
            else load_der_public_key(raw)
        )
    except (ValueError, TypeError) as error:
        raise CannotUseKey(zh="公钥或证书读不懂", en="the public key cannot be read") from error
    if not isinstance(key, RSAPublicKey):
        raise CannotUseKey(zh="公钥不是 RSA 密钥", en="the public key is no RSA key")
    return key


def certificates(*, text: str) -> list[x509.Certificate]:
    """Return the certificates of a text, one after the other. Raises CannotUseKey."""
    try:
        return [
            x509.load_der_x509_certificate(raw)
            for kind, raw in _blocks(text)
            if kind == "CERTIFICATE"
        ]
    except ValueError as error:
        raise CannotUseKey(zh="证书读不懂", en="the certificate cannot be read") from error


def sign(*, key: RSAPrivateKey, message: bytes) -> str:
    """Return the base64 signature of a message, SHA-256 with RSA (PKCS #1 v1.5)."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode("ascii")


def genuine(*, key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether a base64 signature of a message is that of the key's owner."""
    try:
        key.verify(base64.b64decode(signature), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def encrypt(*, key: RSAPublicKey, text: str) -> str:
    """Return a text in base64 that only the key's owner can read: RSA-OAEP with SHA-1."""
    sealed = key.encrypt(text.encode(), OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None))
    return base64.b64encode(sealed).decode("ascii")
