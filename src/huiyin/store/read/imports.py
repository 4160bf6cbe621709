"""Import runs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huiyin.store import models


def run(*, id: UUID) -> models.ImportRun | None:
    """Return an import run."""
    return models.ImportRun.objects.filter(id=id).first()


def runs() -> Sequence[models.ImportRun]:
    """Return the newest import runs."""
    return list(models.ImportRun.objects.order_by("-created_at").defer("rejected")[:50])
