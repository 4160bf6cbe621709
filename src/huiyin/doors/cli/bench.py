"""``huiyin bench``: one benchmark on a database of its own."""

from __future__ import annotations

import json
import os
import sys
import tempfile

import click


@click.command("bench")
@click.argument("name")
@click.option("--rows", type=int, help="How many complaints.")
@click.option("--database", default="", help="Address of an EMPTY database; a SQLite file if not.")
def command(name: str, rows: int | None, database: str) -> None:
    """Run one benchmark; the last line is one JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HUIYIN_DATA"] = folder
        if database:
            os.environ["HUIYIN_DATABASE"] = database
        from huiyin.config.start import prepare

        prepare()
        from huiyin.doors.bench import BENCHES
        from huiyin.doors.bench.yardstick import yardstick
        from huiyin.store.read import office

        if name not in BENCHES:
            raise click.ClickException(f"unknown benchmark; known are {', '.join(BENCHES)}")
        if office.company_exists():
            raise click.ClickException("the database is not empty: a benchmark writes and deletes")
        if rows is not None and rows < 1:
            raise click.ClickException("--rows must be at least 1")
        call, usual = BENCHES[name]
        before = yardstick()
        measured = call(rows=rows or usual)
        click.echo(json.dumps({**measured, "yardstick": [before, yardstick()]}))
        sys.stdout.flush()
