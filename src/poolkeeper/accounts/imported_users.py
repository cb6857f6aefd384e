"""How does a file make many users at once? Their names are looked up, claimed and written, with one round trip for each step.

What users.insert does for one user is done for each of these. Names are judged in the order of the rows: the first row that has
a name gets it, within a batch too.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from poolkeeper.accounts import own_word
from poolkeeper.accounts.imported import Ready
from poolkeeper.accounts.users import tally_shard
from poolkeeper.model.factors import SMS_MFA
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Mfa
from poolkeeper.store import aliases, imported_users, search, tallies
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.store.imported_users import ImportedUser

_SMS = Mfa(enabled=(SMS_MFA,), preferred=SMS_MFA)


async def taken(tx: Transaction, pool: Pool, rows: Sequence[Ready]) -> list[str | None]:
    """Return for each row the kind of its first name that is taken, the user's own name first; None where all are free."""
    taken_keys = await aliases.taken(tx, pool.pool_id, sorted({key for row in rows for key in _names(row)}))
    taken_kinds: list[str | None] = []
    for row in rows:
        names = _names(row)
        of_another = next((kind for key, kind in names.items() if key in taken_keys), None)
        taken_kinds.append(of_another)
        if of_another is None:
            taken_keys |= names.keys()
    return taken_kinds


async def insert(tx: Transaction, pool: Pool, rows: Sequence[Ready], *, now: int) -> None:
    """Write users whose names were free a moment ago, all or none of them. Raises Conflict where a name is taken by now."""
    claims = [(key, kind, row.new.sub) for row in rows for key, kind in {row.new.sub: "sub", **_names(row)}.items()]
    if await aliases.claim_each(tx, pool_id=pool.pool_id, names=claims, now=now) < len(claims):
        raise Conflict
    written = [_written(row) for row in rows]
    await imported_users.insert_each(tx, pool_id=pool.pool_id, users=written, now=now)
    searched = [(user.user_id, search.Searchable(user.username, user.attributes)) for user in written]
    await search.add_each(tx, pool_id=pool.pool_id, users=searched)
    await tallies.add_each(tx, pool.pool_id, Counter(tally_shard(user.user_id) for user in written))


def _names(row: Ready) -> dict[str, str]:
    """Return the kinds of a user's names by their keys, the user's own name first; of two equal keys the first counts."""
    names: dict[str, str] = {}
    for kind, key in sorted(row.new.claims, key=lambda claim: claim[0] != row.name_kind):
        if kind != "sub":
            names.setdefault(key, kind)
    return names


def _written(row: Ready) -> ImportedUser:
    credential = row.credential
    return ImportedUser(
        user_id=row.new.sub,
        username=row.new.username,
        status=row.status,
        attributes=msgspec.json.encode(row.new.attributes).decode(),
        password_hash=credential.password_hash if credential else None,
        password_set_at=credential.set_at if credential else None,
        own_word=own_word.text(()),
        mfa=_SMS.text if row.sms_mfa else None,
    )
