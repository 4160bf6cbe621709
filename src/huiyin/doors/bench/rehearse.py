"""How fast past complaints go through a draft playbook."""

from __future__ import annotations

import time
from typing import Any

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.doors.bench.ground import fill, found
from huiyin.store.read import office, rehearsing


def bench_rehearse(*, rows: int) -> dict[str, Any]:
    """Lead complaints through the playbook in force and a draft that changes a department."""
    found()
    fill(rows=rows, seed=13)
    text = playbooks.text(name="express-default")
    draft = load_playbook(text=text.replace("department: operations", "department: claims", 1))
    began = time.perf_counter()
    result = rehearsing.summary(
        rows=rehearsing.rehearse(current=office.current_playbook(), draft=draft, limit=rows)
    )
    took = time.perf_counter() - began
    return {
        "bench": "rehearse",
        "rows": rows,
        "rehearsed": result.total,
        "changed": result.changed,
        "seconds": round(took, 2),
        "per_second": round(result.total / took, 1),
    }
