"""``huiyin verify-pack``: is an evidence pack whole and unchanged? Needs no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from huiyin.core.evidence.pack import check


@click.command("verify-pack")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--digest", default="", help="The manifest's SHA-256 as the complaint's page says.")
def command(file: Path, digest: str) -> None:
    """Check FILE: the hash of each file, each link of the chain, and whether all is there."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}") from error
    found = check(content=content)
    faults = [{"file": f.file, "fault": f.kind, "zh": f.zh, "en": f.en} for f in found.faults]
    if digest and digest.strip().lower() != found.manifest_sha256:
        faults.append(
            {"file": "manifest.json", "fault": "altered", "zh": "与给出的指纹不符",
             "en": "differs from the digest given"}
        )  # fmt: skip
    for fault in faults:
        click.echo(f"{fault['file'] or file.name}: {fault['en']}", err=True)
    click.echo(
        json.dumps(
            {
                "ok": not faults,
                "number": found.number,
                "made_at": found.made_at,
                "files": found.files,
                "events": found.events,
                "manifest_sha256": found.manifest_sha256,
                "faults": faults,
            },
            ensure_ascii=False,
        )
    )
    sys.exit(1 if faults else 0)
