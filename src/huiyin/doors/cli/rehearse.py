"""``huiyin rehearse``: past complaints through a draft playbook, and what would change."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress

from huiyin.core.playbook import CannotLoadPlaybook, load_playbook

if TYPE_CHECKING:
    from huiyin.store.read.rehearsing import Rehearsed


@click.command("rehearse")
@click.argument("playbook")
@click.option("--rows", default=2000, show_default=True, help="How many of the latest complaints.")
@click.option("--export", default="", help="Write all differences to this xlsx file.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def command(playbook: str, rows: int, export: str, language: str) -> None:
    """Lead past complaints through PLAYBOOK (a file) and tell what would have been otherwise.

    One JSON line for each complaint that differs, then one with the sums. Nothing is changed.
    """
    run(file=playbook, rows=rows, export=export, language=language)


def run(*, file: str, rows: int, export: str, language: str) -> None:
    """Do what the command says; also ``huiyin playbook rehearse``."""
    if rows < 1:
        raise click.ClickException("--rows must be at least 1")
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise click.ClickException(f"cannot read {file}: {error}") from error
    from huiyin.config.start import prepare

    prepare()
    from django.utils import translation

    from huiyin.store.read import office, rehearsing
    from huiyin.store.read.checking import known_signals

    try:
        draft = load_playbook(text=text, language_signals=known_signals())
    except CannotLoadPlaybook as error:
        for problem in error.problems:
            click.echo(f"{file}:{problem}", err=True)
        sys.exit(1)
    if not office.company_exists():
        raise click.ClickException("no company yet: run 'huiyin up' and open the first-run page")
    current = office.current_playbook()
    with (
        translation.override("en" if language == "en" else "zh-hans"),
        Progress(
            "{task.description}", BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
        ) as bar,
    ):
        task = bar.add_task(file, total=rows)

        def counted() -> Iterator[Rehearsed]:
            for row in rehearsing.rehearse(current=current, draft=draft, limit=rows):
                bar.advance(task)
                yield row

        if export:
            content, many = rehearsing.workbook(rows=counted(), playbook=current, draft=draft)
            Path(export).write_bytes(content)
            click.echo(json.dumps({"changed": many, "file": export}, ensure_ascii=False))
            return
        total = changed = 0
        fields: dict[str, int] = {}
        for row in counted():
            total += 1
            told = rehearsing.lines(row=row, playbook=current, draft=draft)
            changed += bool(told)
            for one in {d.field for d in row.differences}:
                fields[one] = fields.get(one, 0) + 1
            if told:
                line = {
                    "number": row.number,
                    "differences": [
                        {"what": w, "before": b, "after": a, "because": y} for w, b, a, y in told
                    ],
                }
                click.echo(json.dumps(line, ensure_ascii=False))
        click.echo(json.dumps({"total": total, "changed": changed, "by": fields}))
