"""``huiyin evaluate``: how right is the sorting on labelled texts?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from huiyin.doors.cli.jsonl import UnreadableLine, read_lines


def _scores(*, true: Sequence[str], said: Sequence[str]) -> dict[str, Any]:
    classes = sorted(set(true))
    hits = Counter(t for t, s in zip(true, said, strict=True) if t == s)
    meant, given = Counter(true), Counter(said)
    table = {}
    for name in classes:
        precision = hits[name] / given[name] if given[name] else 0.0
        recall = hits[name] / meant[name]
        both = precision + recall
        table[name] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / both, 4) if both else 0.0,
            "rows": meant[name],
        }
    macro = sum(row["f1"] for row in table.values()) / len(table)
    return {
        "accuracy": round(sum(hits.values()) / len(true), 4),
        "macro_f1": round(macro, 4),
        "per_class": table,
    }


@click.command("evaluate")
@click.argument("file", default="-")
def command(file: str) -> None:
    """Compare the sorting with labelled JSON lines {"id","text","category","urgency"}."""
    from huiyin.core.triage import triage_batch
    from huiyin.store import triage_model

    rows: list[dict[str, Any]] = []
    for number, data in read_lines(source=file):
        if isinstance(data, UnreadableLine):
            click.echo(str(data), err=True)
        elif not isinstance(data.get("text"), str) or "category" not in data:
            click.echo(f"line {number}: text or category is missing", err=True)
        else:
            rows.append(data)
    if not rows:
        raise click.ClickException("no labelled rows")
    language, model = triage_model.ready()
    found = triage_batch(texts=[r["text"] for r in rows], model=model, language=language)
    out: dict[str, Any] = {"rows": len(rows)}
    category = _scores(true=[r["category"] for r in rows], said=[f.category for f in found])
    out.update(accuracy=category["accuracy"], macro_f1=category["macro_f1"], category=category)
    labelled = [(r, f) for r, f in zip(rows, found, strict=True) if r.get("urgency")]
    if labelled:
        true = [r["urgency"] for r, _f in labelled]
        said = [f.urgency for _r, f in labelled]
        out["urgency"] = _scores(true=true, said=said)
        grave = [(t, s) for t, s in zip(true, said, strict=True) if t in {"high", "critical"}]
        if grave:
            seen = sum(1 for _t, s in grave if s in {"high", "critical"})
            out["high_critical_recall"] = round(seen / len(grave), 4)
    out["confusion"] = dict(
        Counter(
            f"{r['category']}>{f.category}"
            for r, f in zip(rows, found, strict=True)
            if r["category"] != f.category
        ).most_common(20)
    )
    for name in ("category", "urgency"):
        for label, row in out.get(name, {}).get("per_class", {}).items():
            click.echo(
                f"{name:<9}{label:<10}P {row['precision']:.2f}  R {row['recall']:.2f}"
                f"  F1 {row['f1']:.2f}  n {row['rows']}",
                err=True,
            )
    click.echo(json.dumps(out, ensure_ascii=False))
