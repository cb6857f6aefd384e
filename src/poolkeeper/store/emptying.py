"""SQL that removes everything that clients have made: development goes back to its seed.

What belongs to the installation stays: the keys of the account's root, the stock of signing keys and the key of identities'
issuer, the facts about the installation, and the number of changes, which counts on: what a process remembers by it is out
of date. A pool that the seed makes again has its signing keys again: verifiers keep a JWKS, and some do not look again for
half a minute.
"""

from poolkeeper.store import iam_changes, tables
from poolkeeper.store.db import Transaction


async def empty(tx: Transaction) -> None:
    """Remove all pools, users, identities, roles, policies, messages and jobs."""
    await iam_changes.begin(tx)
    for table in tables.TABLES:
        if table.at_reset:
            await tx.execute(table.at_reset)


async def forget_keys(tx: Transaction) -> None:
    """Remove the signing keys of pools that are not there, once the seed has made its own again."""
    await tx.execute("DELETE FROM signing_keys WHERE pool_id NOT IN (SELECT pool_id FROM pools)")
