"""SQL that removes everything that clients have made: development goes back to its seed.

What is the installation's stays: the keys of the account's root, the stock of signing keys and the key of identities' issuer,
the facts about the installation, and the number of changes, which counts on: what a process remembers by it is out of date.
A pool that the seed makes again has its signing keys again: verifiers keep a JWKS, and some do not look again for half a minute.
"""

from dataclasses import dataclass

from poolkeeper.store import iam_changes
from poolkeeper.store.db import Transaction

KEPT = ("schema_migrations", "key_stock", "identity_keys", "iam_changes", "signing_keys")


@dataclass(frozen=True, slots=True)
class Emptied:
    """How one table is emptied."""

    table: str
    delete: str


EVERYTHING: tuple[Emptied, ...] = (
    Emptied("directory", "DELETE FROM directory WHERE kind >= ''"),
    Emptied("due", "DELETE FROM due WHERE shard >= 0"),
    Emptied("captured", "DELETE FROM captured WHERE shard >= 0"),
    Emptied("population", "DELETE FROM population WHERE shard >= 0"),
    Emptied("shared_refusals", "DELETE FROM shared_refusals WHERE shard >= 0"),
    Emptied("iam_entities", "DELETE FROM iam_entities WHERE kind >= ''"),
    Emptied("iam_memberships", "DELETE FROM iam_memberships WHERE user_id >= ''"),
    Emptied("iam_inline_policies", "DELETE FROM iam_inline_policies WHERE owner_id >= ''"),
    Emptied("iam_policy_versions", "DELETE FROM iam_policy_versions WHERE policy_id >= ''"),
    Emptied("iam_attachments", "DELETE FROM iam_attachments WHERE owner_kind >= ''"),
    Emptied("iam_providers", "DELETE FROM iam_providers WHERE kind >= ''"),
    Emptied("access_keys", "DELETE FROM access_keys WHERE root = 0"),
    Emptied("server_facts", "DELETE FROM server_facts WHERE name = 'seed_planted'"),
    Emptied("pools", "DELETE FROM pools WHERE pool_id >= ''"),
    Emptied("tallies", "DELETE FROM tallies WHERE pool_id >= ''"),
    Emptied("clients", "DELETE FROM clients WHERE pool_id >= ''"),
    Emptied("users", "DELETE FROM users WHERE pool_id >= ''"),
    Emptied("user_attributes", "DELETE FROM user_attributes WHERE pool_id >= ''"),
    Emptied("groups", "DELETE FROM groups WHERE pool_id >= ''"),
    Emptied("memberships", "DELETE FROM memberships WHERE pool_id >= ''"),
    Emptied("aliases", "DELETE FROM aliases WHERE pool_id >= ''"),
    Emptied("password_history", "DELETE FROM password_history WHERE pool_id >= ''"),
    Emptied("lockouts", "DELETE FROM lockouts WHERE pool_id >= ''"),
    Emptied("hourly", "DELETE FROM hourly WHERE pool_id >= ''"),
    Emptied("codes", "DELETE FROM codes WHERE pool_id >= ''"),
    Emptied("sessions", "DELETE FROM sessions WHERE pool_id >= ''"),
    Emptied("nonces", "DELETE FROM nonces WHERE pool_id >= ''"),
    Emptied("software_tokens", "DELETE FROM software_tokens WHERE pool_id >= ''"),
    Emptied("devices", "DELETE FROM devices WHERE pool_id >= ''"),
    Emptied("passkeys", "DELETE FROM passkeys WHERE pool_id >= ''"),
    Emptied("auth_history", "DELETE FROM auth_history WHERE pool_id >= ''"),
    Emptied("conversations", "DELETE FROM conversations WHERE pool_id >= ''"),
    Emptied("destinations", "DELETE FROM destinations WHERE pool_id >= ''"),
    Emptied("resource_servers", "DELETE FROM resource_servers WHERE pool_id >= ''"),
    Emptied("terms", "DELETE FROM terms WHERE pool_id >= ''"),
    Emptied("pool_domains", "DELETE FROM pool_domains WHERE pool_id >= ''"),
    Emptied("ui_customizations", "DELETE FROM ui_customizations WHERE pool_id >= ''"),
    Emptied("brandings", "DELETE FROM brandings WHERE pool_id >= ''"),
    Emptied("branding_assets", "DELETE FROM branding_assets WHERE pool_id >= ''"),
    Emptied("browser_sessions", "DELETE FROM browser_sessions WHERE pool_id >= ''"),
    Emptied("authorization_codes", "DELETE FROM authorization_codes WHERE pool_id >= ''"),
    Emptied("identity_providers", "DELETE FROM identity_providers WHERE pool_id >= ''"),
    Emptied("provider_identifiers", "DELETE FROM provider_identifiers WHERE pool_id >= ''"),
    Emptied("provider_metadata", "DELETE FROM provider_metadata WHERE pool_id >= ''"),
    Emptied("provider_links", "DELETE FROM provider_links WHERE pool_id >= ''"),
    Emptied("provider_answers", "DELETE FROM provider_answers WHERE pool_id >= ''"),
    Emptied("saml_keys", "DELETE FROM saml_keys WHERE pool_id >= ''"),
    Emptied("identity_pools", "DELETE FROM identity_pools WHERE identity_pool_id >= ''"),
    Emptied("identities", "DELETE FROM identities WHERE identity_pool_id >= ''"),
    Emptied("logins", "DELETE FROM logins WHERE identity_pool_id >= ''"),
    Emptied("developer_links", "DELETE FROM developer_links WHERE identity_pool_id >= ''"),
)


async def empty(tx: Transaction) -> None:
    """Remove all pools, users, identities, roles, policies, messages and jobs."""
    await iam_changes.begin(tx)
    for one in EVERYTHING:
        await tx.execute(one.delete)


async def forget_keys(tx: Transaction) -> None:
    """Remove the signing keys of pools that are not there, once the seed has made its own again."""
    await tx.execute("DELETE FROM signing_keys WHERE pool_id NOT IN (SELECT pool_id FROM pools)")
