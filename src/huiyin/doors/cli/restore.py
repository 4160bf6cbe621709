"""``huiyin restore``: a backup into an empty installation, of either database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Put the backup FILE into an empty database, all or nothing, and verify it."""
    from huiyin.config.start import prepare

    prepare()
    from django.conf import settings

    from huiyin.config.secret_key import secret_key
    from huiyin.store import backup
    from huiyin.store.read import audit

    try:
        done = backup.restore(path=file, say=_say)
    except backup.CannotRestore as error:
        raise click.ClickException(str(error)) from error
    # the key that is in force from the next start on: the backup's, where none is set
    secret = secret_key(settings=settings.HUIYIN)
    faults = [
        *audit.broken_links(),
        *audit.balance_faults(),
        *audit.broken_seals(secret=secret),
    ]
    for fault in faults[:100]:
        click.echo(fault, err=True)
    click.echo(json.dumps({"rows": done.rows, "files": done.files, "faults": len(faults)}))
    sys.exit(1 if faults else 0)


def _say(name: str, rows: int) -> None:
    if rows:
        click.echo(f"{name}: {rows}", err=True)
