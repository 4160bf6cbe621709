"""Every text of the interface is Chinese in the source and has its English."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_text_has_its_english() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 0, "\n".join([f"{len(lines)} problems:", *lines[:40]])
