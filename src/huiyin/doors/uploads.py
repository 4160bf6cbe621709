"""Files that people hand in on a page: checked, kept, and served again safely."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from PIL import Image

from huiyin.store import files

ALLOWED: frozenset[str] = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "application/pdf",
        "audio/mpeg", "audio/amr", "audio/mp4", "audio/m4a", "audio/x-m4a", "video/mp4",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)  # fmt: skip
MOST_FILES = 9


def most_mb() -> int:
    """Return how many MB the files of one form may have together."""
    return settings.HUIYIN.max_upload_mb


class CannotAcceptUpload(ValueError):
    """A file is too large or of a kind that is not taken; the text says which."""


def keep_uploads(*, uploads: Iterable[UploadedFile[Any]]) -> list[dict[str, Any]]:
    """Check files by their bytes, keep them, and return what a contact names them by.

    Raises CannotAcceptUpload.
    """
    out: list[dict[str, Any]] = []
    total = 0
    for upload in uploads:
        content = upload.read()
        total += len(content)
        name = str(upload.name or "file")[-120:]
        if not content:
            continue
        if total > most_mb() * 1024 * 1024:
            raise CannotAcceptUpload(_("附件合计不能超过 %(n)s MB") % {"n": most_mb()})
        if len(out) >= MOST_FILES:
            raise CannotAcceptUpload(_("一次最多上传 %(n)s 个文件") % {"n": MOST_FILES})
        kind = filetype.guess_mime(content)
        if kind not in ALLOWED:
            raise CannotAcceptUpload(
                _("“%(name)s”的格式不支持，请上传照片、PDF、录音或 Office 文件") % {"name": name}
            )
        if _fills_the_memory(content=content):
            raise CannotAcceptUpload(_("“%(name)s”的尺寸太大，打不开") % {"name": name})
        out.append(
            {
                "name": name,
                "content_type": kind,
                "sha256": files.keep(content=content),
                "size": len(content),
            }
        )
    return out


def _fills_the_memory(*, content: bytes) -> bool:
    """Tell of a picture of few bytes that whoever looks at it would have to unpack to gigabytes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.open(io.BytesIO(content)).close()
    except Image.DecompressionBombError:
        return True
    except Exception:
        # no picture, or one that is looked into elsewhere
        return False
    return False


def serve(*, name: str, content_type: str, sha256: str) -> HttpResponse:
    """Serve a kept file: images in the page, everything else as a download."""
    response = HttpResponse(files.fetch(sha256=sha256))
    image = content_type in {"image/jpeg", "image/png", "image/webp", "image/gif"}
    response["Content-Type"] = content_type if image else "application/octet-stream"
    plain = "".join(c for c in name if c.isalnum() or c in " ._-()[]") or "file"
    response["Content-Disposition"] = content_disposition_header(not image, plain) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
