"""Can people come in by the identity providers of a pool? What the doctor says of each, asked as the server asks it.

secrets     can be opened and are keys                   documents   discovery, keys and metadata are to be had now
metadata    are of the last hours and not past their end  app clients  one at least names the provider
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from poolkeeper.accounts import saml_metadata
from poolkeeper.accounts.identity_providers import decoded
from poolkeeper.call import House
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import InvalidParameterException
from poolkeeper.federation import sign_in_with_apple
from poolkeeper.federation.code_flow import KINDS
from poolkeeper.federation.identity_provider import IdentityProvider, SamlUpstream
from poolkeeper.federation.saml import instants
from poolkeeper.federation.saml.faults import BadMessage
from poolkeeper.federation.saml.metadata import Provider
from poolkeeper.federation.upstream import FederationRefused, Upstream
from poolkeeper.model.client import COGNITO
from poolkeeper.model.pool import Pool
from poolkeeper.providers import ProviderUnavailable, is_loopback
from poolkeeper.server.finding import Finding, ill, noted
from poolkeeper.store import clients, identity_providers
from poolkeeper.store.identity_providers import ProviderRow

_PAGE = 500
# Asked at once: a provider that hangs takes five seconds, and one host may be that of many.
_AT_ONCE = 16
# How late a refresh may be: it runs every five minutes and retries after fifteen.
_LATE = saml_metadata.FRESH + HOUR


async def of_pool(house: House, pool: Pool) -> tuple[int, list[Finding]]:
    """Return how many providers a pool has, and what is to be said of them."""
    rows = await identity_providers.of_pool(house.db, pool.pool_id)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def survey(row: ProviderRow) -> list[Finding]:
        async with turns:
            return await _of_provider(house, pool, row)

    lists = await asyncio.gather(*(survey(row) for row in rows))
    return len(rows), [*(finding for findings in lists for finding in findings), *await _of_clients(house, pool, rows)]


async def _of_provider(house: House, pool: Pool, row: ProviderRow) -> list[Finding]:
    who = f"the identity provider {row.name} of {pool.pool_id}"
    try:
        provider = decoded(house, pool.pool_id, row)
    except SealError as fault:
        return [ill(f"the secrets of {who} cannot be read: {fault}")]
    if isinstance(provider.upstream, SamlUpstream):
        return await _of_saml(house, who, provider, provider.upstream)
    return await _of_code_flow(house, who, provider, provider.upstream)


async def _of_code_flow(house: House, who: str, provider: IdentityProvider, upstream: Upstream) -> list[Finding]:
    """Say what is wrong with a provider of the code flow: its secret, its addresses or its keys."""
    findings = []
    if provider.type == "SignInWithApple":
        try:
            sign_in_with_apple.private_key(upstream.private_key)
        except ValueError:
            findings.append(ill(f"nobody comes in by {who}: its private_key is no P-256 key in PKCS #8"))
    elif not upstream.client_secret:
        findings.append(noted(f"{who} has no client_secret: only where it takes a public client does anybody come in"))
    where = upstream.jwks_uri or next(iter(upstream.issuers), "")
    if (instead := _not_asked(house, who, where)) is not None:
        return [*findings, *instead]
    if (fault := await _unreachable(house, provider, upstream)) is not None:
        findings.append(ill(f"nobody comes in by {who}: {fault}"))
    return findings


async def _unreachable(house: House, provider: IdentityProvider, upstream: Upstream) -> str | None:
    """Return why a provider cannot be asked, as far as that is known before somebody signs in."""
    now = house.clock.now()
    try:
        endpoints = await KINDS[provider.type].endpoints(house.providers, upstream, now)
        if not endpoints.authorize_url or not endpoints.token_url:
            return "its discovery document has no authorization_endpoint or no token_endpoint"
        if endpoints.jwks_uri and not await house.providers.keys(endpoints.jwks_uri, now, kid=""):
            return f"{endpoints.jwks_uri} has no key that verifies signatures in a way that is taken"
    except (FederationRefused, ProviderUnavailable) as fault:
        return str(fault)
    return None


async def _of_saml(house: House, who: str, provider: IdentityProvider, upstream: SamlUpstream) -> list[Finding]:
    """Say what is wrong with what a SAML provider says of itself."""
    now = house.clock.now()
    hours = (now - upstream.fetched_at) / HOUR
    findings = []
    try:
        findings += _of_certificates(who, upstream.provider(now), now)
    except BadMessage as fault:
        findings.append(ill(f"nobody comes in by {who}: {fault}"))
    if "MetadataURL" not in provider.details:
        return findings
    if (instead := _not_asked(house, who, provider.details["MetadataURL"])) is not None:
        return [*findings, *instead]
    try:
        await saml_metadata.read(house, provider.details, now=now, pinned=upstream.entity_id or None)
    except InvalidParameterException as fault:
        why = ": ".join(dict.fromkeys(filter(None, (fault.message, fault.detail))))
        findings.append(ill(f"{why}: {who} is held to the metadata of {hours:.1f} hours ago"))
    else:
        if now - upstream.fetched_at > _LATE:
            findings.append(noted(f"the metadata of {who} are {hours:.1f} hours old: no server has fetched them since"))
    return findings


def _not_asked(house: House, who: str, address: str) -> list[Finding] | None:
    """Return what is said of a provider that is not asked, None of one that is: in development nothing leaves this machine."""
    if house.settings.dev:
        return None if is_loopback(address) else []
    return (
        [noted(f"{who} is asked by plain http, which serve --dev alone does")]
        if address.startswith("http://")
        else None
    )


def _of_certificates(who: str, metadata: Provider, now: int) -> list[Finding]:
    ends = [int(certificate.not_valid_after_utc.timestamp()) * SECOND for certificate in metadata.certificates]
    over = [end for end in ends if end <= now]
    if not over:
        return []
    text = (
        f"{len(over)} of {len(ends)} certificates of {who} are past their date, the last since "
        f"{instants.write(max(over))[:10]}: what they sign is believed while its metadata name them"
    )
    return [noted(text)]


async def _of_clients(house: House, pool: Pool, rows: Sequence[ProviderRow]) -> list[Finding]:
    """Name the providers that no app client names, and the app clients that name one which is not there."""
    there, findings = {row.name for row in rows}, []
    named: set[str] = set()
    async for client_id, names in _named_by_clients(house, pool):
        named |= names
        findings += [
            noted(f"app client {client_id} of {pool.pool_id} names the identity provider {name}, which is not there")
            for name in sorted(names - there)
        ]
    unnamed = [
        noted(f"no app client names the identity provider {name} of {pool.pool_id}: nobody comes in by it")
        for name in sorted(there - named)
    ]
    return [*unnamed, *findings]


async def _named_by_clients(house: House, pool: Pool) -> AsyncIterator[tuple[str, set[str]]]:
    after = ""
    while page := await clients.documents(house.db, pool.pool_id, after=after, limit=_PAGE):
        after = page[-1].client_id
        for client in page:
            yield (
                client.client_id,
                set(msgspec.json.decode(client.document).get("SupportedIdentityProviders") or ()) - {COGNITO},
            )
