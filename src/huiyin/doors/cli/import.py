"""``huiyin import``: complaints from xlsx, csv or jsonl."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--map", "pairs", multiple=True, help="field=column, where the names do not tell.")
@click.option(
    "--as",
    "sort",
    type=click.Choice(["history", "appeal", "marketplace", "review"]),
    default="history",
    help="What the rows are: past complaints, appeals, after-sales cases, reviews.",
)
@click.option("--rejects", default="", help="Write rejected rows to this csv file.")
def command(file: str, pairs: tuple[str, ...], sort: str, rejects: str) -> None:
    """Take a file of complaints in, with a progress bar and a report of rejected rows."""
    from huiyin.config.start import prepare

    prepare()
    from django.utils import timezone

    from huiyin.channels.history import CannotReadHistory
    from huiyin.flows import take_over
    from huiyin.store.read import imports as import_read
    from huiyin.store.read import office

    if not office.company_exists():
        raise click.ClickException("no company yet: run 'huiyin up' and open the first-run page")
    path = Path(file)
    now = timezone.now()
    try:
        run_id = take_over.prepare(
            now=now, name=path.name, content=path.read_bytes(), user_id=None, sort=sort
        )
    except CannotReadHistory as error:
        raise click.ClickException(f"{error.zh} / {error.en}") from error
    run = import_read.run(id=run_id)
    assert run is not None
    mapping = dict(run.mapping)
    for pair in pairs:
        field, _equals, column = pair.partition("=")
        mapping[field] = column
    try:
        take_over.start(run_id=run_id, mapping=mapping)
    except take_over.CannotStartImport as error:
        raise click.ClickException(f"{error.zh} / {error.en}") from error
    with Progress(
        "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as bar:  # fmt: skip
        task = bar.add_task(path.name, total=run.total)
        take_over.go_on(
            run_id=run_id, now=now, progress=lambda done, _all: bar.update(task, completed=done)
        )
    run = import_read.run(id=run_id)
    assert run is not None
    if rejects and run.rejected:
        with open(rejects, "w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["row", "reason", "reason_en", "values"])
            for row in run.rejected:
                text = json.dumps(row["values"], ensure_ascii=False)
                writer.writerow([row["row"], row["zh"], row["en"], text])
    for row in run.rejected[:20]:
        click.echo(f"row {row['row']}: {row['zh']} / {row['en']}", err=True)
    seen = take_over.outlook(
        now=now, name=path.name, content=path.read_bytes(), sort=sort, mapping=mapping
    )
    for name, many in sorted(seen.unknown.items()):
        click.echo(f"category {name}: {many} rows, not known / 不认识的类别", err=True)
    click.echo(
        json.dumps(
            {
                "rows": run.total,
                "accepted": run.accepted,
                "repeated": run.repeated,
                "rejected": len(run.rejected),
            }
        )
    )
