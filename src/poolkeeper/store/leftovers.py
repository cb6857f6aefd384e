"""SQL that removes what a deleted pool or a deleted group leaves behind: table after table, in the order of the keys.

A walk goes on behind the key that it has come to. From the beginning it would meet on PostgreSQL, again at each batch, every
row that it has removed already: a dead row stays in table and index until they are vacuumed.
"""

from dataclasses import dataclass

from poolkeeper.store.db import Reader, Transaction

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through the rows of one table that are of one owner, a pool or (pool, group).

    `keys` takes the owner and a key, and returns up to 500 keys behind it; `start` is a key before all rows. `delete` takes
    the owner, a key and another, and removes what is behind the first up to the second; `first` does so with what names those
    rows elsewhere. Where the first column of a key is a user's, or nearly as fine, it stands for the whole: PostgreSQL's
    planner takes a comparison of whole rows to any index that has those columns, in whatever order.
    """

    table: str
    start: Key
    keys: str
    delete: str
    first: str = ""


# The users last: what is left of a pool by then is still theirs.
OF_A_POOL: tuple[Walk, ...] = (
    Walk(
        "clients",
        start=("",),
        keys="SELECT client_id FROM clients WHERE pool_id = $1 AND client_id > $2 ORDER BY client_id LIMIT 500",
        delete="DELETE FROM clients WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3",
        first="""DELETE FROM directory WHERE kind = 'client' AND value IN (
                 SELECT client_id FROM clients WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3)""",
    ),
    Walk(
        "signing_keys",
        start=("",),
        keys="SELECT kid FROM signing_keys WHERE pool_id = $1 AND kid > $2 ORDER BY kid LIMIT 500",
        delete="DELETE FROM signing_keys WHERE pool_id = $1 AND kid > $2 AND kid <= $3",
    ),
    Walk(
        "tallies",
        start=(-1,),
        keys="SELECT shard FROM tallies WHERE pool_id = $1 AND shard > $2 ORDER BY shard LIMIT 500",
        delete="DELETE FROM tallies WHERE pool_id = $1 AND shard > $2 AND shard <= $3",
    ),
    Walk(
        "resource_servers",
        start=("",),
        keys="""SELECT identifier FROM resource_servers WHERE pool_id = $1 AND identifier > $2
                ORDER BY identifier LIMIT 500""",
        delete="DELETE FROM resource_servers WHERE pool_id = $1 AND identifier > $2 AND identifier <= $3",
    ),
    Walk(
        "terms",
        start=("", ""),
        keys="""SELECT client_id, name FROM terms WHERE pool_id = $1 AND (client_id, name) > ($2, $3)
                ORDER BY client_id, name LIMIT 500""",
        delete="""DELETE FROM terms WHERE pool_id = $1 AND (client_id, name) > ($2, $3)
                  AND (client_id, name) <= ($4, $5)""",
    ),
    Walk(
        "pool_domains",
        start=("",),
        keys="SELECT name FROM pool_domains WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT 500",
        delete="DELETE FROM pool_domains WHERE pool_id = $1 AND name > $2 AND name <= $3",
        first="""DELETE FROM directory WHERE kind = 'host' AND pool_id = $1 AND value IN (
                 SELECT name FROM pool_domains WHERE pool_id = $1 AND name > $2 AND name <= $3)""",
    ),
    Walk(
        "ui_customizations",
        start=("",),
        keys="""SELECT client_id FROM ui_customizations WHERE pool_id = $1 AND client_id > $2
                ORDER BY client_id LIMIT 500""",
        delete="DELETE FROM ui_customizations WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3",
    ),
    Walk(
        "brandings",
        start=("",),
        keys="SELECT client_id FROM brandings WHERE pool_id = $1 AND client_id > $2 ORDER BY client_id LIMIT 500",
        delete="DELETE FROM brandings WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3",
    ),
    Walk(
        "branding_assets",
        start=("",),
        keys="""SELECT branding_id FROM branding_assets WHERE pool_id = $1 AND branding_id > $2
                ORDER BY branding_id LIMIT 500""",
        delete="DELETE FROM branding_assets WHERE pool_id = $1 AND branding_id > $2 AND branding_id <= $3",
    ),
    Walk(
        "identity_providers",
        start=("",),
        keys="SELECT name FROM identity_providers WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT 500",
        delete="DELETE FROM identity_providers WHERE pool_id = $1 AND name > $2 AND name <= $3",
    ),
    Walk(
        "provider_identifiers",
        start=("",),
        keys="""SELECT identifier FROM provider_identifiers WHERE pool_id = $1 AND identifier > $2
                ORDER BY identifier LIMIT 500""",
        delete="DELETE FROM provider_identifiers WHERE pool_id = $1 AND identifier > $2 AND identifier <= $3",
    ),
    Walk(
        "provider_metadata",
        start=("",),
        keys="SELECT name FROM provider_metadata WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT 500",
        delete="DELETE FROM provider_metadata WHERE pool_id = $1 AND name > $2 AND name <= $3",
    ),
    Walk(
        "saml_keys",
        start=("", ""),
        keys="""SELECT purpose, provider FROM saml_keys WHERE pool_id = $1 AND (purpose, provider) > ($2, $3)
                ORDER BY purpose, provider LIMIT 500""",
        delete="""DELETE FROM saml_keys WHERE pool_id = $1 AND (purpose, provider) > ($2, $3)
                  AND (purpose, provider) <= ($4, $5)""",
    ),
    Walk(
        "provider_answers",
        start=("",),
        keys="SELECT mark FROM provider_answers WHERE pool_id = $1 AND mark > $2 ORDER BY mark LIMIT 500",
        delete="DELETE FROM provider_answers WHERE pool_id = $1 AND mark > $2 AND mark <= $3",
    ),
    Walk(
        "provider_links",
        start=("", "", ""),
        keys="""SELECT provider, attribute, value FROM provider_links
                WHERE pool_id = $1 AND (provider, attribute, value) > ($2, $3, $4)
                ORDER BY provider, attribute, value LIMIT 500""",
        delete="""DELETE FROM provider_links WHERE pool_id = $1 AND (provider, attribute, value) > ($2, $3, $4)
                  AND (provider, attribute, value) <= ($5, $6, $7)""",
    ),
    Walk(
        "codes",
        start=("",),
        keys="SELECT subject_id FROM codes WHERE pool_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT 500",
        delete="DELETE FROM codes WHERE pool_id = $1 AND subject_id > $2 AND subject_id <= $3",
    ),
    Walk(
        "nonces",
        start=("",),
        keys="SELECT nonce FROM nonces WHERE pool_id = $1 AND nonce > $2 ORDER BY nonce LIMIT 500",
        delete="DELETE FROM nonces WHERE pool_id = $1 AND nonce > $2 AND nonce <= $3",
    ),
    Walk(
        "sessions",
        start=("",),
        keys="SELECT session_id FROM sessions WHERE pool_id = $1 AND session_id > $2 ORDER BY session_id LIMIT 500",
        delete="DELETE FROM sessions WHERE pool_id = $1 AND session_id > $2 AND session_id <= $3",
    ),
    Walk(
        "browser_sessions",
        start=("",),
        keys="""SELECT session_id FROM browser_sessions WHERE pool_id = $1 AND session_id > $2
                ORDER BY session_id LIMIT 500""",
        delete="DELETE FROM browser_sessions WHERE pool_id = $1 AND session_id > $2 AND session_id <= $3",
    ),
    Walk(
        "authorization_codes",
        start=("",),
        keys="SELECT code FROM authorization_codes WHERE pool_id = $1 AND code > $2 ORDER BY code LIMIT 500",
        delete="DELETE FROM authorization_codes WHERE pool_id = $1 AND code > $2 AND code <= $3",
    ),
    Walk(
        "conversations",
        start=("",),
        keys="""SELECT conversation_id FROM conversations WHERE pool_id = $1 AND conversation_id > $2
                ORDER BY conversation_id LIMIT 500""",
        delete="DELETE FROM conversations WHERE pool_id = $1 AND conversation_id > $2 AND conversation_id <= $3",
    ),
    Walk(
        "lockouts",
        start=("",),
        keys="SELECT subject_id FROM lockouts WHERE pool_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT 500",
        delete="DELETE FROM lockouts WHERE pool_id = $1 AND subject_id > $2 AND subject_id <= $3",
    ),
    Walk(
        "hourly",
        start=("",),
        keys="SELECT subject_id FROM hourly WHERE pool_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT 500",
        delete="DELETE FROM hourly WHERE pool_id = $1 AND subject_id > $2 AND subject_id <= $3",
    ),
    Walk(
        "destinations",
        start=("",),
        keys="""SELECT destination FROM destinations WHERE pool_id = $1 AND destination > $2
                ORDER BY destination LIMIT 500""",
        delete="DELETE FROM destinations WHERE pool_id = $1 AND destination > $2 AND destination <= $3",
    ),
    Walk(
        "password_history",
        start=("",),
        keys="SELECT user_id FROM password_history WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM password_history WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    Walk(
        "software_tokens",
        start=("",),
        keys="SELECT user_id FROM software_tokens WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM software_tokens WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    Walk(
        "devices",
        start=("",),
        keys="SELECT user_id FROM devices WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM devices WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    Walk(
        "passkeys",
        start=("",),
        keys="""SELECT credential_id FROM passkeys WHERE pool_id = $1 AND credential_id > $2
                ORDER BY credential_id LIMIT 500""",
        delete="DELETE FROM passkeys WHERE pool_id = $1 AND credential_id > $2 AND credential_id <= $3",
    ),
    Walk(
        "auth_history",
        start=("",),
        keys="SELECT user_id FROM auth_history WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM auth_history WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    Walk(
        "aliases",
        start=("",),
        keys="""SELECT folded_value FROM aliases WHERE pool_id = $1 AND folded_value > $2
                ORDER BY folded_value LIMIT 500""",
        delete="DELETE FROM aliases WHERE pool_id = $1 AND folded_value > $2 AND folded_value <= $3",
    ),
    Walk(
        "user_attributes",
        start=("", "", ""),
        keys="""SELECT attribute, folded_value, user_id FROM user_attributes
                WHERE pool_id = $1 AND (attribute, folded_value, user_id) > ($2, $3, $4)
                ORDER BY attribute, folded_value, user_id LIMIT 500""",
        delete="""DELETE FROM user_attributes WHERE pool_id = $1 AND (attribute, folded_value, user_id) > ($2, $3, $4)
                  AND (attribute, folded_value, user_id) <= ($5, $6, $7)""",
    ),
    Walk(
        "memberships",
        start=("",),
        keys="SELECT user_id FROM memberships WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM memberships WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    Walk(
        "groups",
        start=("",),
        keys="SELECT group_name FROM groups WHERE pool_id = $1 AND group_name > $2 ORDER BY group_name LIMIT 500",
        delete="DELETE FROM groups WHERE pool_id = $1 AND group_name > $2 AND group_name <= $3",
    ),
    Walk(
        "users",
        start=("",),
        keys="SELECT user_id FROM users WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM users WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
)

OF_A_GROUP: tuple[Walk, ...] = (
    Walk(
        "memberships",
        start=("",),
        keys="""SELECT user_id FROM memberships WHERE pool_id = $1 AND group_id = $2 AND user_id > $3
                ORDER BY user_id LIMIT 500""",
        delete="DELETE FROM memberships WHERE pool_id = $1 AND group_id = $2 AND user_id > $3 AND user_id <= $4",
    ),
)


async def keys(reader: Reader, walk: Walk, *, owner: Key, after: Key) -> list[Key]:
    """Return the next keys of a table from behind `after`, none at its end."""
    return [tuple(row) for row in await reader.fetch(walk.keys, *owner, *after)]


async def delete(tx: Transaction, walk: Walk, *, owner: Key, after: Key, last: Key) -> None:
    """Remove the rows from behind `after` up to `last`, and what names them elsewhere."""
    if walk.first:
        await tx.execute(walk.first, *owner, *after, *last)
    await tx.execute(walk.delete, *owner, *after, *last)
