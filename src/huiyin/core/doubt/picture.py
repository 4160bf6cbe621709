"""The fingerprint of a picture from its bytes."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import imagehash
from PIL import Image, ImageOps

from huiyin.core.doubt.phash import is_plain

MOST_PIXELS = 60_000_000
SMALLEST_SIDE = 96
"""Smaller pictures are icons, logos of a signature, emoticons."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture is known by: its perceptual hash, its sides, and whether it is plain."""

    phash: str
    sides: str
    plain: bool


def picture_of(*, content: bytes) -> Picture | None:
    """Return a picture's fingerprint; None for what is no picture, too large or too small to tell.

    The picture is turned as its camera says, so that a turned copy has the same fingerprint as the
    original. Never raises: what customers send may be anything.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS or min(width, height) < SMALLEST_SIDE:
                    return None
                image.draft("L", (512, 512))
                upright = ImageOps.exif_transpose(image).convert("L")
                phash = str(imagehash.phash(upright))
    except Exception:
        # Pillow raises what its many readers raise: OSError, SyntaxError, struct.error and more.
        return None
    return Picture(phash=phash, sides=f"{width}x{height}", plain=is_plain(phash=phash))
