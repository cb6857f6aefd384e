"""What is a pool's issuer? The `iss` of its tokens, and every form of it that is accepted on the way in."""

from poolkeeper.model.pool import Pool
from poolkeeper.settings import Settings


def own_issuer(settings: Settings, pool_id: str) -> str:
    """Return the issuer under our own address, where the keys and the discovery document are."""
    return f"{settings.issuer_base}/{pool_id}"


def issuer_of(settings: Settings, pool: Pool) -> str:
    """Return the `iss` of new tokens: the pool's own setting, else the server's (clients.md 1).

    AWS's form has two addresses, between which the pool's IssuerConfiguration chooses; ours has one, whatever that says.
    """
    if (pool.issuer_form or settings.issuer) != "aws":
        return own_issuer(settings, pool.pool_id)
    original, updated = _aws_issuers(pool.region, pool.pool_id)
    return updated if pool.document.get("IssuerConfiguration", {}).get("Type") == "UPDATED" else original


def accepted_issuers(settings: Settings, pool: Pool) -> tuple[str, ...]:
    """Return every `iss` under which a token of this pool is accepted; they are compared whole (attacks.md 59)."""
    former = tuple(f"{base.rstrip('/')}/{pool.pool_id}" for base in settings.former_base_urls)
    return (own_issuer(settings, pool.pool_id), *_aws_issuers(pool.region, pool.pool_id), *former)


def _aws_issuers(region: str, pool_id: str) -> tuple[str, str]:
    return (
        f"https://cognito-idp.{region}.amazonaws.com/{pool_id}",
        f"https://issuer-cognito-idp.{region}.amazonaws.com/{pool_id}",
    )
