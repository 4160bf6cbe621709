"""``huiyin backup``: everything in one file."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path | None) -> None:
    """Write rows, files and key into FILE (default: huiyin-<time>.backup) while all runs on.

    The file holds personal data and the signing key: keep it where only you can read it.
    """
    from huiyin.config.start import prepare

    prepare()
    from django.utils import timezone

    from huiyin.store import backup

    now = timezone.now()
    to = file or Path(f"huiyin-{now:%Y%m%d-%H%M%S}.backup")
    try:
        done = backup.write(to=to, now=now, say=_say)
        backup.check(path=to)
    except OSError as error:
        raise click.ClickException(f"cannot write {to}: {error.strerror or error}") from error
    except backup.CannotRestore as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        json.dumps({"file": str(to), "rows": done.rows, "files": done.files, "bytes": done.size})
    )


def _say(name: str, rows: int) -> None:
    if rows:
        click.echo(f"{name}: {rows}", err=True)
