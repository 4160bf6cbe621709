"""``huiyin verify``: is the ledger whole, and is nothing lost?"""

from __future__ import annotations

import json
import sys

import click


@click.command("verify")
def command() -> None:
    """Check the hash chain of every complaint and the balance of the inbox."""
    from huiyin.config.start import prepare

    prepare()
    from huiyin.store.read import audit, operations

    faults = [*audit.broken_links(), *audit.balance_faults()]
    for fault in faults[:100]:
        click.echo(fault, err=True)
    balance = operations.recounted()
    click.echo(
        json.dumps(
            {
                "ok": not faults,
                "faults": len(faults),
                "events": audit.events(),
                "received": balance.received,
                "duplicates": balance.duplicates,
                **{s: getattr(balance, s) for s in operations.STATES},
            }
        )
    )
    sys.exit(1 if faults else 0)
