"""``huiyin verify``: is the ledger whole, is nothing lost, does the money balance?"""

from __future__ import annotations

import json
import sys

import click


@click.command("verify")
def command() -> None:
    """Check the hash chain of every complaint, the balance of the inbox and the money journal."""
    from huiyin.config.start import prepare

    prepare()
    from huiyin.store.read import audit, books, conduct, operations

    faults = [
        *audit.broken_links(),
        *conduct.broken_links(),
        *audit.balance_faults(),
        *books.faults(),
    ]
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
                "journal": books.balances(),
            }
        )
    )
    sys.exit(1 if faults else 0)
