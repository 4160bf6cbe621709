"""``huiyin evaluate``: how right is the sorting on labelled texts?"""

from __future__ import annotations

import json
from typing import Any

import click

from huiyin.core.triage import CATEGORIES, URGENCIES, CannotLoadLanguage, triage_batch
from huiyin.core.triage.score import Agreement, Judged, TriageScore, score
from huiyin.doors.cli.jsonl import UnreadableLine, read_lines


@click.command("evaluate")
@click.argument("file", default="-")
@click.option("--worst", default=10, show_default=True, help="How many wrong rows to show.")
def command(file: str, worst: int) -> None:
    """Compare the sorting with labelled JSON lines {"id","text","category","urgency"?}.

    Tables go to standard error, one JSON object to standard output.
    """
    from huiyin.store import triage_model

    rows = _labelled(file)
    if not rows:
        raise click.ClickException("no labelled rows")
    try:
        language, model = triage_model.ready()
    except CannotLoadLanguage as error:
        raise click.ClickException(str(error)) from error
    found = triage_batch(texts=[r["text"] for r in rows], model=model, language=language)
    judged = [
        Judged(
            id=str(row.get("id")),
            category=said.category,
            urgency=said.urgency,
            confidence=said.confidence,
            true_category=row["category"],
            true_urgency=row.get("urgency") or "",
        )
        for row, said in zip(rows, found, strict=True)
    ]
    report = score(judged=judged)
    texts = {str(row.get("id")): row["text"] for row in rows}
    _print(report, texts, worst)
    click.echo(json.dumps(as_line(report=report), ensure_ascii=False))


def _labelled(file: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, data in read_lines(source=file):
        wrong = ""
        if isinstance(data, UnreadableLine):
            wrong = str(data)
        elif not isinstance(data.get("text"), str):
            wrong = f'line {number}: missing field "text", or it is not a string'
        elif data.get("category") not in CATEGORIES:
            wrong = f"line {number}: no such category {data.get('category')!r}"
        elif data.get("urgency") and data["urgency"] not in URGENCIES:
            wrong = f"line {number}: no such urgency {data['urgency']!r}"
        else:
            rows.append(data)
        if wrong:
            click.echo(wrong, err=True)
    return rows


def as_line(*, report: TriageScore) -> dict[str, Any]:
    """Return the report as the one JSON object of the last line."""
    category = report.category.as_json()
    out: dict[str, Any] = {
        "rows": report.category.rows,
        "accuracy": category["accuracy"],
        "macro_f1": category["macro_f1"],
        "category": category,
    }
    if report.urgency is not None:
        out["urgency"] = report.urgency.as_json()
    if report.grave_recall is not None:
        out["high_critical_recall"] = round(report.grave_recall, 4)
    out["calibration_error"] = round(report.calibration_error, 4)
    out["reliability"] = [
        {
            "from": one.low,
            "to": one.high,
            "rows": one.rows,
            "said": round(one.said, 4),
            "right": round(one.right, 4),
        }
        for one in report.reliability
    ]
    wrong = ((pair, n) for pair, n in report.category.confusion.items() if pair[0] != pair[1])
    out["confusion"] = {
        f"{true}>{said}": many
        for (true, said), many in sorted(wrong, key=lambda one: (-one[1], one[0]))[:20]
    }
    return out


def _print(report: TriageScore, texts: dict[str, str], worst: int) -> None:
    for name, found in (("category", report.category), ("urgency", report.urgency)):
        if found is not None:
            _print_classes(name, found)
    if report.grave_recall is not None:
        click.echo(f"high and critical found: {report.grave_recall:.3f}", err=True)
    _print_confusion(report.category)
    click.echo("confidence  rows  said  right", err=True)
    for one in report.reliability:
        click.echo(
            f"{one.low:.1f}-{one.high:.1f}     {one.rows:5}  {one.said:.2f}  {one.right:.2f}",
            err=True,
        )
    for row in report.worst[:worst]:
        click.echo(
            f"{row.true_category} > {row.category} {row.confidence:.2f}  {texts[row.id][:60]}",
            err=True,
        )


def _print_classes(name: str, found: Agreement) -> None:
    click.echo(
        f"{name}: accuracy {found.accuracy:.3f}, macro-F1 {found.macro_f1:.3f}, {found.rows} rows",
        err=True,
    )
    for label, one in found.per_class.items():
        click.echo(
            f"  {label:<10}P {one.precision:.2f}  R {one.recall:.2f}  F1 {one.f1:.2f}"
            f"  n {one.rows}",
            err=True,
        )


def _print_confusion(found: Agreement) -> None:
    """Print true kinds down, said kinds across."""
    labels = [name for name in CATEGORIES if any(name in pair for pair in found.confusion)]
    click.echo("true \\ said " + " ".join(f"{name[:6]:>6}" for name in labels), err=True)
    for true in labels:
        counts = (found.confusion.get((true, said), 0) for said in labels)
        click.echo(f"{true:<11} " + " ".join(f"{many or '.':>6}" for many in counts), err=True)
