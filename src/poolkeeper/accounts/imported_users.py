"""How do many users of a file come into being at once? Their names are looked for, claimed and written, a round trip each.

What is true of one who comes alone (users.insert) is true of each of these. Names are judged in the order of the rows: who comes
first has it, within a batch too.
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
    """Return of each row which of its names somebody has already, its own before others; None where all are free."""
    held = await aliases.taken(tx, pool.pool_id, sorted({key for one in rows for key in _names(one)}))
    found: list[str | None] = []
    for one in rows:
        names = _names(one)
        of_another = next((kind for key, kind in names.items() if key in held), None)
        found.append(of_another)
        if of_another is None:
            held |= names.keys()
    return found


async def insert(tx: Transaction, pool: Pool, rows: Sequence[Ready], *, now: int) -> None:
    """Write users, all or nothing, whose names were free a moment ago; raises Conflict where one is not any more."""
    claims = [(key, kind, one.new.sub) for one in rows for key, kind in {one.new.sub: "sub", **_names(one)}.items()]
    if await aliases.claim_each(tx, pool_id=pool.pool_id, names=claims, now=now) < len(claims):
        raise Conflict
    written = [_written(one) for one in rows]
    await imported_users.insert_each(tx, pool_id=pool.pool_id, users=written, now=now)
    searched = [(one.user_id, search.Searchable(one.username, one.attributes)) for one in written]
    await search.add_each(tx, pool_id=pool.pool_id, users=searched)
    await tallies.add_each(tx, pool.pool_id, Counter(tally_shard(one.user_id) for one in written))


def _names(one: Ready) -> dict[str, str]:
    """Return the kinds of a user's names by their keys, that which stands for it first; of two alike the first counts."""
    names: dict[str, str] = {}
    for kind, key in sorted(one.new.claims, key=lambda claim: claim[0] != one.name_kind):
        if kind != "sub":
            names.setdefault(key, kind)
    return names


def _written(one: Ready) -> ImportedUser:
    credential = one.credential
    return ImportedUser(
        user_id=one.new.sub,
        username=one.new.username,
        status=one.status,
        attributes=msgspec.json.encode(one.new.attributes).decode(),
        password_hash=credential.password_hash if credential else None,
        password_set_at=credential.set_at if credential else None,
        own_word=own_word.text(()),
        mfa=_SMS.text if one.sms_mfa else None,
    )
