"""SQL over everything that lies sealed: table by table, in pages, for rotation of the sealing keys."""

from dataclasses import dataclass

import msgspec

from poolkeeper.store.db import Database, Reader

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """One column that holds sealed values, with the statements to walk and to change it.

    `walk` takes the keys of the row before and a limit, and returns keys and value in the order of the keys; `start`
    are keys before all rows. `put` takes the keys, the new and the seen value, so that a value that changed meanwhile
    stays. The place of a seal is named by the keys joined by a slash, or by the last of them alone.
    """

    table: str
    column: str
    start: Keys
    walk: str
    put: str
    by_last_key: bool = False

    def place(self, keys: Keys) -> dict[str, str]:
        """Name the place that a row's value is sealed for."""
        key = str(keys[-1]) if self.by_last_key else "/".join(str(one) for one in keys)
        return {"table": self.table, "key": key, "column": self.column}


EVERYTHING: tuple[Sealed, ...] = (
    Sealed(
        "server_facts",
        "value",
        start=("",),
        walk="""SELECT name, value FROM server_facts
                WHERE name = 'sealing_probe' AND name > $1 ORDER BY name LIMIT $2""",
        put="UPDATE server_facts SET value = $2 WHERE name = $1 AND value = $3",
    ),
    Sealed(
        "population",
        "counts",
        start=(-1,),
        walk="SELECT shard, counts FROM population WHERE shard = 16 AND shard > $1 ORDER BY shard LIMIT $2",
        put="UPDATE population SET counts = $2 WHERE shard = $1 AND counts = $3",
    ),
    Sealed(
        "access_keys",
        "secret",
        start=("",),
        walk="""SELECT access_key_id, secret FROM access_keys
                WHERE access_key_id > $1 ORDER BY access_key_id LIMIT $2""",
        put="UPDATE access_keys SET secret = $2 WHERE access_key_id = $1 AND secret = $3",
    ),
    Sealed(
        "pools",
        "secret",
        start=("",),
        walk="SELECT pool_id, secret FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT $2",
        put="UPDATE pools SET secret = $2 WHERE pool_id = $1 AND secret = $3",
    ),
    Sealed(
        "signing_keys",
        "private_key",
        start=("", ""),
        walk="""SELECT pool_id, kid, private_key FROM signing_keys
                WHERE pool_id > $1 OR (pool_id = $1 AND kid > $2) ORDER BY pool_id, kid LIMIT $3""",
        put="UPDATE signing_keys SET private_key = $3 WHERE pool_id = $1 AND kid = $2 AND private_key = $4",
    ),
    Sealed(
        "key_stock",
        "private_key",
        start=(-1, ""),
        walk="""SELECT shard, kid, private_key FROM key_stock
                WHERE shard > $1 OR (shard = $1 AND kid > $2) ORDER BY shard, kid LIMIT $3""",
        put="UPDATE key_stock SET private_key = $3 WHERE shard = $1 AND kid = $2 AND private_key = $4",
        by_last_key=True,
    ),
    Sealed(
        "clients",
        "secret",
        start=("", ""),
        walk="""SELECT pool_id, client_id, secret FROM clients
                WHERE pool_id > $1 OR (pool_id = $1 AND client_id > $2) ORDER BY pool_id, client_id LIMIT $3""",
        put="UPDATE clients SET secret = $3 WHERE pool_id = $1 AND client_id = $2 AND secret = $4",
    ),
    Sealed(
        "users",
        "srp_verifier",
        start=("", ""),
        walk="""SELECT pool_id, user_id, srp_verifier FROM users
                WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2) ORDER BY pool_id, user_id LIMIT $3""",
        put="UPDATE users SET srp_verifier = $3 WHERE pool_id = $1 AND user_id = $2 AND srp_verifier = $4",
    ),
    Sealed(
        "software_tokens",
        "secret",
        start=("", ""),
        walk="""SELECT pool_id, user_id, secret FROM software_tokens
                WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2)
                ORDER BY pool_id, user_id LIMIT $3""",
        put="UPDATE software_tokens SET secret = $3 WHERE pool_id = $1 AND user_id = $2 AND secret = $4",
    ),
    Sealed(
        "software_tokens",
        "pending",
        start=("", ""),
        walk="""SELECT pool_id, user_id, pending FROM software_tokens
                WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2)
                ORDER BY pool_id, user_id LIMIT $3""",
        put="UPDATE software_tokens SET pending = $3 WHERE pool_id = $1 AND user_id = $2 AND pending = $4",
    ),
    Sealed(
        "devices",
        "verifier",
        start=("", "", ""),
        walk="""SELECT pool_id, user_id, device_key, verifier FROM devices
                WHERE pool_id > $1 OR (pool_id = $1 AND (user_id > $2 OR (user_id = $2 AND device_key > $3)))
                ORDER BY pool_id, user_id, device_key LIMIT $4""",
        put="UPDATE devices SET verifier = $4 WHERE pool_id = $1 AND user_id = $2 AND device_key = $3 AND verifier = $5",
    ),
    Sealed(
        "conversations",
        "document",
        start=("", ""),
        walk="""SELECT pool_id, conversation_id, document FROM conversations
                WHERE pool_id > $1 OR (pool_id = $1 AND conversation_id > $2)
                ORDER BY pool_id, conversation_id LIMIT $3""",
        put="UPDATE conversations SET document = $3 WHERE pool_id = $1 AND conversation_id = $2 AND document = $4",
    ),
    Sealed(
        "authorization_codes",
        "document",
        start=("", ""),
        walk="""SELECT pool_id, code, document FROM authorization_codes
                WHERE pool_id > $1 OR (pool_id = $1 AND code > $2) ORDER BY pool_id, code LIMIT $3""",
        put="UPDATE authorization_codes SET document = $3 WHERE pool_id = $1 AND code = $2 AND document = $4",
    ),
    Sealed(
        "identity_providers",
        "secrets",
        start=("", ""),
        walk="""SELECT pool_id, name, secrets FROM identity_providers
                WHERE pool_id > $1 OR (pool_id = $1 AND name > $2) ORDER BY pool_id, name LIMIT $3""",
        put="UPDATE identity_providers SET secrets = $3 WHERE pool_id = $1 AND name = $2 AND secrets = $4",
    ),
    Sealed(
        "saml_keys",
        "private_key",
        start=("", "", ""),
        walk="""SELECT pool_id, purpose, provider, private_key FROM saml_keys
                WHERE pool_id > $1 OR (pool_id = $1 AND (purpose > $2 OR (purpose = $2 AND provider > $3)))
                ORDER BY pool_id, purpose, provider LIMIT $4""",
        put="""UPDATE saml_keys SET private_key = $4
               WHERE pool_id = $1 AND purpose = $2 AND provider = $3 AND private_key = $5""",
    ),
    Sealed(
        "identity_keys",
        "private_key",
        start=(-1, ""),
        walk="""SELECT shard, kid, private_key FROM identity_keys
                WHERE shard > $1 OR (shard = $1 AND kid > $2) ORDER BY shard, kid LIMIT $3""",
        put="UPDATE identity_keys SET private_key = $3 WHERE shard = $1 AND kid = $2 AND private_key = $4",
    ),
    Sealed(
        "due",
        "payload",
        start=(-1, ""),
        walk="""SELECT shard, job_id, payload FROM due
                WHERE shard > $1 OR (shard = $1 AND job_id > $2) ORDER BY shard, job_id LIMIT $3""",
        put="UPDATE due SET payload = $3 WHERE shard = $1 AND job_id = $2 AND payload = $4",
        by_last_key=True,
    ),
    Sealed(
        "captured",
        "payload",
        start=(-1, ""),
        walk="""SELECT shard, message_id, payload FROM captured
                WHERE shard > $1 OR (shard = $1 AND message_id > $2) ORDER BY shard, message_id LIMIT $3""",
        put="UPDATE captured SET payload = $3 WHERE shard = $1 AND message_id = $2 AND payload = $4",
        by_last_key=True,
    ),
)


class SealedValue(msgspec.Struct, frozen=True):
    """A sealed value, None where the column may be empty, and the keys of its row."""

    keys: Keys
    value: bytes | None


async def page(reader: Reader, sealed: Sealed, *, after: Keys, limit: int) -> list[SealedValue]:
    """Return up to `limit` sealed values of one column, from behind the keys `after`."""
    keys = len(sealed.start)
    rows = map(tuple, await reader.fetch(sealed.walk, *after, limit))
    return [SealedValue(row[:keys], row[keys]) for row in rows]


async def put(db: Database, sealed: Sealed, keys: Keys, *, new: bytes, seen: bytes) -> int:
    """Put a value that was sealed anew in the place of the one that was seen; 0 when that changed meanwhile."""
    return await db.execute(sealed.put, *keys, new, seen)
