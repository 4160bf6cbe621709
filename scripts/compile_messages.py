"""Compile the translations (.po to .mo): part of every build, so that a wheel speaks English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent


def compile_catalogs(*, package: Path) -> None:
    """Write django.mo beside every django.po below the package."""
    for source in sorted(package.glob("locale/*/LC_MESSAGES/*.po")):
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))


class CompileMessages(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; ``version`` (standard or editable) makes no difference."""
        compile_catalogs(package=Path(self.root) / "src" / "huiyin")
