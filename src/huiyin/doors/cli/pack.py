"""``huiyin pack``: the evidence pack of a complaint, made from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("pack")
@click.argument("number")
@click.option("--by", "username", required=True, help="Login name of who makes it.")
@click.option("--reason", required=True, help="What it is for; recorded.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
def command(number: str, username: str, reason: str, out: Path | None) -> None:
    """Write the evidence pack of complaint NUMBER and record who made it and why."""
    from huiyin.config.start import prepare

    prepare()
    from django.utils import timezone, translation

    from huiyin.doors.packing import summary
    from huiyin.flows import journey, pack
    from huiyin.store.read import complaint
    from huiyin.store.read.viewer import viewer_named

    viewer = viewer_named(username=username)
    if viewer is None:
        raise click.ClickException(f"no active person is called {username!r}")
    complaint_id = complaint.id_of(viewer=viewer, number=number)
    if complaint_id is None:
        raise click.ClickException(f"{username} sees no complaint {number}")
    goal = out or Path(f"{number}-evidence.zip")
    if goal.exists():
        raise click.ClickException(f"{goal} is there already")
    now = timezone.now()
    try:
        with (
            translation.override(viewer.language),
            journey.writing(now=now, actor=f"user:{viewer.id}") as pen,
        ):
            packed = pack.make(
                pen=pen,
                complaint_id=complaint_id,
                viewer=viewer,
                reason=reason,
                summary=lambda whole: summary(whole=whole, now=now, made_by=viewer.name),
            )
    except PermissionError as error:
        raise click.ClickException(f"{username} may not make packs: {error}") from error
    except pack.CannotPack as error:
        raise click.ClickException(error.en) from error
    with goal.open("xb") as file:
        file.write(packed.content)
    click.echo(
        json.dumps(
            {
                "file": str(goal),
                "number": packed.number,
                "size": len(packed.content),
                "sha256": packed.sha256,
                "manifest_sha256": packed.manifest_sha256,
            }
        )
    )
