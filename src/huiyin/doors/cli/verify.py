"""``huiyin verify``: is the ledger whole, is nothing lost, do the money and the key fit?"""

from __future__ import annotations

import json
import sys

import click


@click.command("verify")
def command() -> None:
    """Check the chains of complaints, the balance of the inbox, the money journal, the seals."""
    from huiyin.config.start import prepare

    prepare()
    from huiyin.store.read import audit, books, conduct, operations

    faults = [
        *audit.broken_links(),
        *conduct.broken_links(),
        *audit.balance_faults(),
        *books.faults(),
        *audit.broken_seals(),
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
