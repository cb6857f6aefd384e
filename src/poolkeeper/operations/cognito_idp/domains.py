"""CreateUserPoolDomain, DescribeUserPoolDomain and their companions: the names by which a pool's pages are reached."""

from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    CreateUserPoolDomainRequest,
    CreateUserPoolDomainResponse,
    CustomDomainConfigType,
    DeleteUserPoolDomainRequest,
    DeleteUserPoolDomainResponse,
    DescribeUserPoolDomainRequest,
    DescribeUserPoolDomainResponse,
    DomainDescriptionType,
    RoutingType,
    UpdateUserPoolDomainRequest,
    UpdateUserPoolDomainResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import ConcurrentModificationException, InvalidParameterException, ResourceNotFoundException
from poolkeeper.lookup import require_pool, unknown_pool
from poolkeeper.model.address import can_be_reached
from poolkeeper.model.domain import (
    CLASSIC,
    CUSTOM,
    MEMBERS,
    Domain,
    DomainSettings,
    kind_of,
    require_certificate,
    require_pages,
)
from poolkeeper.model.pool import Pool
from poolkeeper.model.tiers import require_domain_in_tier
from poolkeeper.settings import Settings
from poolkeeper.store import domains, pools
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.store.domains import DomainRow

# UNVERIFIED: the words; a second prefix for one pool would settle them.
_HAS_ONE = "User pool already has a domain configured."
# UNVERIFIED: the words; one prefix for two pools would settle them.
_TAKEN = "Domain already associated with another user pool."
_decode = msgspec.json.Decoder(DomainSettings).decode


async def create_user_pool_domain(call: Call, req: CreateUserPoolDomainRequest) -> CreateUserPoolDomainResponse:
    """Give a pool a domain; it can have one prefix and one host name of the customer's.

    Raises InvalidParameterException, FeatureUnavailableInTierException.
    """
    pool = await require_pool(call, req.user_pool_id)
    custom = req.custom_domain_config
    kind = kind_of(
        req.domain, certificate_arn=None if custom is None else custom.certificate_arn, custom=custom is not None
    )
    _require_reachable(call.settings, req.domain, kind)
    require_pages(req.managed_login_version)
    _require_in_tier(call, pool, req.managed_login_version or CLASSIC)
    settings = DomainSettings(
        managed_login_version=req.managed_login_version or CLASSIC,
        certificate_arn=None if custom is None else custom.certificate_arn,
        security_policy=None if custom is None else custom.security_policy,
        routing=_builtins(req.routing),
    )

    async def create(tx: Transaction) -> None:
        fresh = await _document(tx, pool)
        if MEMBERS[kind] in fresh.settings:
            raise InvalidParameterException(_HAS_ONE)
        if not await domains.insert(
            tx, pool_id=pool.pool_id, name=req.domain, kind=kind, settings=_encoded(settings), now=call.now
        ):
            raise InvalidParameterException(_TAKEN)
        await _write(tx, call, pool, fresh, {**fresh.settings, MEMBERS[kind]: req.domain})

    await call.db.write(create)
    return CreateUserPoolDomainResponse(
        managed_login_version=settings.managed_login_version,
        cloud_front_domain=_front(call.settings) if kind == CUSTOM else None,
        routing=req.routing,
    )


async def describe_user_pool_domain(call: Call, req: DescribeUserPoolDomainRequest) -> DescribeUserPoolDomainResponse:
    """Return the settings of a domain, and nothing for one that leads nowhere, as AWS does."""
    domain = await _find(call, req.domain)
    described = DomainDescriptionType() if domain is None else _described(call.settings, domain)
    return DescribeUserPoolDomainResponse(domain_description=described)


async def update_user_pool_domain(call: Call, req: UpdateUserPoolDomainRequest) -> UpdateUserPoolDomainResponse:
    """Change which pages a domain shows, or its certificate; each update of a custom domain must name the certificate.

    Version of the pages, policy and routing stay where they are left out.

    Raises InvalidParameterException, ResourceNotFoundException, FeatureUnavailableInTierException,
    ConcurrentModificationException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await domains.find(call.db, pool_id=pool.pool_id, name=req.domain)
    if row is None:
        raise _unknown(req.domain)
    before, custom = _domain(row), req.custom_domain_config
    require_pages(req.managed_login_version)
    _require_in_tier(call, pool, req.managed_login_version or CLASSIC)
    if custom is None and before.kind == CUSTOM:
        raise InvalidParameterException("Cannot convert custom domain to prefix domain.")  # measured.md 9
    if custom is not None:
        if before.kind != CUSTOM:
            # UNVERIFIED: the words; a certificate for a prefix domain would settle them.
            raise InvalidParameterException("CustomDomainConfig cannot be set for a prefix domain.")
        require_certificate(custom.certificate_arn)
    settings = DomainSettings(
        managed_login_version=req.managed_login_version or before.settings.managed_login_version,
        certificate_arn=None if custom is None else custom.certificate_arn,
        security_policy=(None if custom is None else custom.security_policy) or before.settings.security_policy,
        routing=before.settings.routing if req.routing is None else _builtins(req.routing),
    )

    async def replace(tx: Transaction) -> int:
        await pools.touch(tx, pool.pool_id)  # which pages are shown is cached by the version of the pool
        return await domains.replace(
            tx,
            pool_id=pool.pool_id,
            name=before.name,
            settings=_encoded(settings),
            expected_version=before.version,
        )

    if await call.db.write(replace) != 1:
        # UNVERIFIED: the words; two updates of one domain at once would settle them.
        raise ConcurrentModificationException("The domain was changed at the same time. Try again.")
    return UpdateUserPoolDomainResponse(
        managed_login_version=settings.managed_login_version,
        cloud_front_domain=_front(call.settings) if before.kind == CUSTOM else None,
        routing=_routing(settings),
    )


async def delete_user_pool_domain(call: Call, req: DeleteUserPoolDomainRequest) -> DeleteUserPoolDomainResponse:
    """Take a domain from a pool: its pages are not reached by it any more.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> None:
        row = await domains.find(tx, pool_id=pool.pool_id, name=req.domain)
        if row is None:
            raise _unknown(req.domain)
        await domains.delete(tx, pool_id=pool.pool_id, name=req.domain)
        fresh = await _document(tx, pool)
        remaining = {name: value for name, value in fresh.settings.items() if name != MEMBERS[row.kind]}
        await _write(tx, call, pool, fresh, remaining)

    await call.db.write(delete)
    return DeleteUserPoolDomainResponse()


def _require_reachable(settings: Settings, name: str, kind: str) -> None:
    """Pass for a domain that requests can reach.

    Raises InvalidParameterException.
    """
    if not can_be_reached(settings, name, kind):
        words = "Custom domain is not a valid subdomain" if kind == CUSTOM else _TAKEN
        raise InvalidParameterException(words, detail="it is a host of the server's own")


def _require_in_tier(call: Call, pool: Pool, managed_login_version: int) -> None:
    if call.settings.strict_tiers:
        require_domain_in_tier(managed_login_version, pool.document)


class _Document(msgspec.Struct, frozen=True):
    """A pool's settings as of a transaction."""

    name: str
    settings: dict[str, Any]
    version: int


async def _document(tx: Transaction, pool: Pool) -> _Document:
    row = await pools.find(tx, pool.pool_id)
    if row is None:
        raise unknown_pool(pool.pool_id)
    settings = msgspec.json.decode(row.document)
    return _Document(settings["Name"], settings, row.version)


async def _write(tx: Transaction, call: Call, pool: Pool, fresh: _Document, settings: dict[str, Any]) -> None:
    changed = await pools.replace(
        tx,
        pool_id=pool.pool_id,
        name=fresh.name,
        document=msgspec.json.encode(settings).decode(),
        expected_version=fresh.version,
        now=call.now,
    )
    if changed != 1:
        raise Conflict


async def _find(call: Call, name: str) -> Domain | None:
    pool_id = await domains.pool_of(call.db, name)
    row = None if pool_id is None else await domains.find(call.db, pool_id=pool_id, name=name)
    return None if row is None else _domain(row)


def _domain(row: DomainRow) -> Domain:
    return Domain(
        name=row.name, kind=row.kind, pool_id=row.pool_id, settings=_decode(row.settings), version=row.version
    )


def _described(settings: Settings, domain: Domain) -> DomainDescriptionType:
    custom = None
    if domain.kind == CUSTOM:
        custom = CustomDomainConfigType(
            certificate_arn=domain.settings.certificate_arn or "", security_policy=domain.settings.security_policy
        )
    return DomainDescriptionType(
        user_pool_id=domain.pool_id,
        aws_account_id=settings.account_id,
        domain=domain.name,
        cloud_front_distribution=_front(settings),
        version=str(domain.version),
        status="ACTIVE",
        custom_domain_config=custom,
        managed_login_version=domain.settings.managed_login_version,
        routing=_routing(domain.settings),
    )


def _front(settings: Settings) -> str:
    """Return the host that a customer's name must lead to, where AWS names a distribution."""
    return settings.domain_host


def _routing(settings: DomainSettings) -> RoutingType | None:
    return None if settings.routing is None else msgspec.convert(settings.routing, RoutingType)


def _builtins(routing: RoutingType | None) -> dict[str, Any] | None:
    return None if routing is None else msgspec.to_builtins(routing)


def _encoded(settings: DomainSettings) -> str:
    return msgspec.json.encode(settings).decode()


def _unknown(name: str) -> ResourceNotFoundException:
    # UNVERIFIED: the words; DeleteUserPoolDomain of a name that is not there would settle them.
    return ResourceNotFoundException(f"Domain {name} does not exist.")
