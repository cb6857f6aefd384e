"""What is left of everybody's rows when their owner goes? In every table that there is, it should be nothing.

A chapter fills all tables, lets somebody go by the statements that the tables have now, and returns in which tables something is
left that should have gone. It fails where anything else went.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import msgspec

from jobs.rows import Columns, fill, whole_schema
from poolkeeper.accounts import user_data
from poolkeeper.call import House, own_call
from poolkeeper.clock import DAY, MINUTE
from poolkeeper.model.identity_pool import provider_of_pool
from poolkeeper.model.message import Message
from poolkeeper.store import (
    after_restore,
    cleaning,
    due,
    emptying,
    ghosts,
    groups,
    identity_pools,
    leftovers,
    pools,
    sealed,
)
from poolkeeper.store.cleaning import Expired
from poolkeeper.store.db import Database, Transaction
from poolkeeper.store.table import Key, Walk

Chapter = Callable[[House], Awaitable[set[str]]]

POOL, OTHER_POOL = "us-east-1_gone", "us-east-1_other"
IDENTITY_POOL, OTHER_IDENTITY_POOL = "us-east-1:gone", "us-east-1:other"
# By which columns a row is somebody's; they are one owner's where a table has two of them.
OWNERS: Mapping[str, tuple[str, ...]] = {
    "user": ("user_id", "subject_id"),
    "client": ("client_id", "branding_id"),
    "group": ("group_id", "group_name"),
}
GONE, OTHER, GHOST = "0000000a-gone", "0000000b-other", "0000000c-ghost"
# What does not go with its owner. A conversation is over in minutes, and goes with who is forgotten; a challenge of an app client
# is over in minutes too, and needs a token of its; a session is dead with its app client, and has a user. A policy outlives its
# app client, as at AWS (CIMDPolicyType).
APART = {
    ("user", "conversations"),
    ("client", "sessions"),
    ("client", "passkey_challenges"),
    ("client", "cimd_policies"),
}
# Rows that no statement touches, and that the story needs.
STAYS = {"schema_migrations", "iam_changes"}
# At a reset these stay, and of these what is not so.
KEPT = {"key_stock", "identity_keys", "signing_keys", *STAYS}
PARTLY_KEPT = {"access_keys": "root = 0", "server_facts": "name = 'seed_planted'"}
ENDED_BY_A_RESTORE = {
    "sessions",
    "browser_sessions",
    "authorization_codes",
    "codes",
    "passkey_challenges",
    "conversations",
    "device_sessions",
}
Made = tuple[str, int, dict[str, Any]]
"""A row: whose pool's, a number by which it differs from others, and what is known of it."""
SERVERS_OWN: Mapping[str, list[Made]] = {
    "directory": [
        *((POOL, 0, {"kind": "client", "value": one}) for one in (GONE, OTHER)),
        (POOL, 0, {"kind": "host", "value": f"{POOL}-name-000000"}),
        *((OTHER_POOL, 0, {"kind": kind, "value": "of another pool"}) for kind in ("client", "host")),
    ],
    "population": [("", 0, {"shard": shard}) for shard in (0, 16)],
    "server_facts": [("", 0, {"name": name}) for name in ("sealing_probe", "seed_planted")],
}
# All other columns of bytes hold what is sealed, in some tables of one row alone. What processes tell each other of refusals is over
# before a sealing key may go.
SEALED_ALONE = {"server_facts": " AND name = 'sealing_probe'", "population": " AND shard = 16"}
OPEN = {
    "auth_history.document",
    "shared_refusals.refusals",
    "branding_assets.given",
    "branding_assets.served",
    "codes.digest",
    "passkey_challenges.digest",
    "devices.salt",
    "identity_keys.certificate",
    "passkeys.public_key",
    "saml_keys.certificate",
    "ui_customizations.image",
    "users.srp_salt",
}


def variants(table: str, columns: Columns) -> list[dict[str, Any]]:
    """Return what is known of the rows of a pool's table: one of somebody else, and one for each owner that it can have."""
    own = {owner: [name for name in names if name in columns] for owner, names in OWNERS.items()}
    others: dict[str, Any] = {name: OTHER for names in own.values() for name in names}
    theirs = [names for owner, names in own.items() if names and (owner, table) not in APART]
    found = [others, *({**others, **dict.fromkeys(names, GONE)} for names in theirs)]
    for one in found:
        if table == "users":
            one |= {"username": one["user_id"], "attributes": "{}"}
        if table == "user_attributes":
            one |= {"attribute": "username", "folded_value": one["user_id"]}
    return found


def made(table: str, columns: Columns, *, state: str) -> list[Made]:
    """Return the rows that a table has: of two pools, of two identity pools, or of the server."""
    if table in SERVERS_OWN:
        return SERVERS_OWN[table]
    if table == "pools":
        return [(POOL, 0, {"state": state}), (OTHER_POOL, 0, {"state": "ACTIVE"})]
    if "identity_pool_id" in columns:
        return [(one, 0, {"identity_pool_id": one, "state": state}) for one in (IDENTITY_POOL, OTHER_IDENTITY_POOL)]
    if "pool_id" in columns and table != "due":
        return [(one, *row) for one in (POOL, OTHER_POOL) for row in enumerate(variants(table, columns))]
    return [("", number, {}) for number in range(2)]


async def refill(house: House, schema: dict[str, Columns], *, state: str = "ACTIVE", **known: object) -> None:
    """Leave no row but what is made here; `known` is what pools' rows have in common."""

    async def body(tx: Transaction) -> None:
        for table, columns in schema.items():
            if table in STAYS:
                continue
            await tx.execute(f"DELETE FROM {table}")
            for pool_id, number, own in made(table, columns, state=state):
                about: dict[str, Any] = {**own, **(known if pool_id else {})}
                await fill(tx, table, columns, pool_id=pool_id, rows=range(number, number + 1), **about)

    await house.db.write(body)


async def count(db: Database, table: str, where: str, *values: object) -> int:
    """Return how many rows of a table are so."""
    row = await db.fetch_one(f"SELECT COUNT(*) FROM {table} WHERE {where}", *values)
    assert row is not None
    return int(row[0])


async def owned(house: House, schema: dict[str, Columns], owner: str) -> dict[str, int]:
    """Return how many rows each table has of the one who goes."""
    found = {
        table: await count(house.db, table, f"pool_id = $1 AND {name} = $2", POOL, GONE)
        for table, columns in schema.items()
        for name in OWNERS[owner]
        if name in columns and "pool_id" in columns
    }
    if owner == "client":
        found["directory"] = await count(house.db, "directory", "kind = 'client' AND value = $1", GONE)
    return {table: number for table, number in found.items() if (owner, table) not in APART}


async def totals(house: House, schema: dict[str, Columns]) -> dict[str, int]:
    """Return how many rows each table has."""
    return {table: await count(house.db, table, "1 = 1") for table in schema}


async def _goes(house: House, owner: str, act: Callable[[Transaction], Awaitable[object]]) -> set[str]:
    """Let a user, an app client or a group go, and nothing else."""
    schema = await whole_schema(house.db)
    await refill(house, schema)
    before, theirs = await totals(house, schema), await owned(house, schema, owner)
    assert all(theirs.values())
    assert theirs
    await house.db.write(act)
    left = await owned(house, schema, owner)
    after = await totals(house, schema)
    assert {table: before[table] - theirs.get(table, 0) + left.get(table, 0) for table in schema} == after
    return {table for table, number in left.items() if number}


async def user(house: House) -> set[str]:
    """Let a user go."""
    return await _goes(house, "user", partial(leftovers.delete_user, pool_id=POOL, user_id=GONE))


async def forgotten(house: House) -> set[str]:
    """Let a user be forgotten: nothing names them any more, in whatever column, and whoever else is named stays so."""
    schema = await whole_schema(house.db)
    await refill(house, schema)
    await house.db.write(lambda tx: tx.execute("DELETE FROM captured WHERE shard >= 0"))
    for who in (GONE, OTHER):
        await _comes_elsewhere(house, schema, who)
    unnamed = {"conversations", "logins", "identities", *await owned(house, schema, "user")}
    assert unnamed <= {*await _naming(house, schema, POOL, GONE)}
    others = [(POOL, OTHER), (OTHER_POOL, GONE), (OTHER_POOL, OTHER)]
    before = [await _naming(house, schema, *one) for one in others]
    pool: Any = SimpleNamespace(pool_id=POOL)
    somebody: Any = SimpleNamespace(sub=GONE, username=GONE)
    await user_data.erase(own_call(house), pool, somebody)
    assert [await _naming(house, schema, *one) for one in others] == before
    return {*await _naming(house, schema, POOL, GONE)}


async def _comes_elsewhere(house: House, schema: dict[str, Columns], who: str) -> None:
    """Let a user have an identity in two identity pools, with one that was merged into it, a conversation, and messages."""
    subject: dict[str, Any] = {"conversation_id": f"conversation-of-{who}", "subject_id": who}
    await fill(house.db, "conversations", schema["conversations"], pool_id=POOL, rows=1, **subject)
    for pool_id in (IDENTITY_POOL, OTHER_IDENTITY_POOL):
        known: dict[str, Any] = {"identity_pool_id": pool_id, "identity_id": f"{pool_id}:{who}"}
        login = {"provider": provider_of_pool(POOL), "subject": who}
        await fill(house.db, "logins", schema["logins"], pool_id="", rows=1, **known, **login)
        await fill(house.db, "identities", schema["identities"], pool_id="", rows=1, **known)
        merged = {"identity_id": f"{pool_id}:merged:{who}", "merged_into": f"{pool_id}:{who}"}
        await fill(house.db, "identities", schema["identities"], pool_id="", rows=1, **{**known, **merged})
    message = msgspec.json.encode(
        Message(to="a@mail.example", medium="EMAIL", kind="SignUp", body="", pool_id=POOL, username=who)
    )
    place = {"key": f"message-{who}", "column": "payload"}
    sealed_for = {table: house.sealer.seal_column(message, table=table, **place) for table in ("due", "captured")}

    async def body(tx: Transaction) -> None:
        message_id = f"message-{who}"
        await due.add(tx, job_id=message_id, kind="message", pool_id=POOL, now=0, payload=sealed_for["due"])
        await due.capture(tx, message_id=message_id, at=0, payload=sealed_for["captured"])

    await house.db.write(body)


async def _naming(house: House, schema: dict[str, Columns], pool_id: str, who: str) -> dict[str, int]:
    """Return how many rows name a user, by table, in any text that is not an app client's or a group's.

    What is of no pool is POOL's here.
    """
    not_users = {*OWNERS["client"], *OWNERS["group"]}
    found: dict[str, int] = {}
    for table, columns in schema.items():
        names = [name for name, kind in columns.items() if kind == "text" and name not in not_users]
        if names and table != "directory" and ("pool_id" in columns or pool_id == POOL):
            where = " OR ".join(f"{name} LIKE '%{who}'" for name in names)
            of_pool = f"pool_id = '{pool_id}' AND " if "pool_id" in columns else ""
            found[table] = await count(house.db, table, f"{of_pool}({where})")
    return {table: number for table, number in found.items() if number}


async def client(house: House) -> set[str]:
    """Let an app client go."""
    return await _goes(house, "client", partial(leftovers.delete_client, pool_id=POOL, client_id=GONE))


async def group(house: House) -> set[str]:
    """Let a group go: its row, and the memberships by the worker's hand."""

    async def act(tx: Transaction) -> None:
        assert await groups.delete(tx, pool_id=POOL, group_name=GONE) == GONE
        await _walk(tx, leftovers.of_a_group(), (POOL, GONE))

    return await _goes(house, "group", act)


async def _walk(tx: Transaction, walks: Mapping[str, Walk], owner: Key) -> None:
    for walk in walks.values():
        after = walk.start
        while keys := await leftovers.keys(tx, walk, owner=owner, after=after):
            await leftovers.delete(tx, walk, owner=owner, after=after, last=keys[-1])
            after = keys[-1]


async def pool(house: House) -> set[str]:
    """Let a user pool go."""

    async def act(tx: Transaction) -> None:
        await _walk(tx, leftovers.of_a_pool(), (POOL,))
        await pools.forget(tx, POOL)

    return await _pool_goes(house, "pool_id", (POOL, OTHER_POOL), act)


async def identity_pool(house: House) -> set[str]:
    """Let an identity pool go."""

    async def act(tx: Transaction) -> None:
        await _walk(tx, leftovers.of_an_identity_pool(), (IDENTITY_POOL,))
        await identity_pools.forget(tx, IDENTITY_POOL, mark="mark")

    return await _pool_goes(house, "identity_pool_id", (IDENTITY_POOL, OTHER_IDENTITY_POOL), act)


async def _pool_goes(
    house: House, key: str, ids: tuple[str, str], act: Callable[[Transaction], Awaitable[None]]
) -> set[str]:
    schema = await whole_schema(house.db)
    await refill(house, schema, state="DELETED")
    of_pools = [table for table, columns in schema.items() if key in columns and table != "due"]
    others = {table: await count(house.db, table, f"{key} = $1", ids[1]) for table in of_pools}
    assert all(others.values())
    await house.db.write(act)
    assert {table: await count(house.db, table, f"{key} = $1", ids[1]) for table in of_pools} == others
    return {table for table in of_pools if await count(house.db, table, f"{key} = $1", ids[0])}


async def expiry(house: House) -> set[str]:
    """Let go what expired ten days ago, and a code that nobody came with."""
    schema, now = await whole_schema(house.db), house.clock.now()
    await refill(house, schema, expires_at=now - 10 * DAY, spent_at=now)
    unspent: dict[str, Any] = {"expires_at": now - 2 * MINUTE, "spent_at": None, "code": "unspent"}
    await fill(house.db, "authorization_codes", schema["authorization_codes"], pool_id=POOL, rows=1, **unspent)
    left = Expired(POOL, tuple(range(len(cleaning.expiring()))))
    while left.tables:
        left = await house.db.write(partial(cleaning.delete_expired, expired=left, now=now))
    expiring = [table for table, columns in schema.items() if "expires_at" in columns]
    assert len(expiring) > 5
    return {table for table in expiring if await count(house.db, table, "pool_id = $1", POOL)}


async def nobody(house: House) -> set[str]:
    """Let go what ids have that are no user's."""
    schema = await whole_schema(house.db)
    await refill(house, schema, purpose="ask:SignUp")
    subjects = [table for table, columns in schema.items() if "subject_id" in columns]
    for table in subjects:
        ghostly: dict[str, Any] = {"subject_id": GHOST, "purpose": "ask:SignUp"}
        await fill(house.db, table, schema[table], pool_id=POOL, rows=range(7, 8), **ghostly)
    before = await totals(house, schema)
    await ghosts.evict(house.db, POOL, most=0)
    left = {table: await count(house.db, table, "subject_id = $1", GHOST) for table in subjects}
    gone = {table: 1 - number for table, number in left.items()}
    assert await totals(house, schema) == {table: before[table] - gone.get(table, 0) for table in schema}
    return {table for table, number in left.items() if number}


async def restored(house: House) -> set[str]:
    """Let go what a restored database must not keep."""
    schema = await whole_schema(house.db)
    await refill(house, schema)
    before = await totals(house, schema)
    await house.db.write(lambda tx: after_restore.end_a_batch(tx, POOL))
    left = {table: await count(house.db, table, "pool_id = $1", POOL) for table in ENDED_BY_A_RESTORE}
    after = await totals(house, schema)
    assert {table for table in schema if before[table] != after[table]} <= ENDED_BY_A_RESTORE
    return {table for table, number in left.items() if number}


async def reset(house: House) -> set[str]:
    """Let go what clients have made."""
    schema = await whole_schema(house.db)
    await refill(house, schema)
    before = await totals(house, schema)
    await house.db.write(emptying.empty)
    after = await totals(house, schema)
    assert {table for table in KEPT if after[table] != before[table]} == set()
    assert [after[table] for table in PARTLY_KEPT if not after[table]] == []
    wheres = {table: PARTLY_KEPT.get(table, "1 = 1") for table in schema if table not in KEPT}
    return {table for table, where in wheres.items() if await count(house.db, table, where)}


async def sealed_anew(house: House) -> set[str]:
    """Put other values in the place of all that are sealed."""
    schema = await whole_schema(house.db)
    await refill(house, schema)
    new = b"sealed anew"
    for _, column in sealed.everything():
        for row in await sealed.page(house.db, column, after=column.start, limit=100):
            if row.value is not None:
                assert await sealed.put(house.db, column, row.keys, new=new, seen=bytes(row.value)) == 1
    columns = [(table, name) for table in schema for name, kind in schema[table].items() if kind in {"bytea", "blob"}]
    assert len(columns) > len(OPEN)
    found: set[str] = set()
    for table, name in columns:
        also = SEALED_ALONE.get(table, "")
        old = await count(house.db, table, f"{name} <> $1{also}", new)
        assert old or f"{table}.{name}" not in OPEN
        if old and f"{table}.{name}" not in OPEN:
            found.add(table)
    return found
