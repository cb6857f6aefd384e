"""At which identity providers may a person continue from a sign-in page? At those of the client, by a button or an address.

A provider is a button. One that has identifiers and is an organisation's own has none: an address says whose people it is for
(oauth-federation.md 5, `/login`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.responses import Response

from poolkeeper.accounts.identity_providers import provider_by_identifier, provider_by_name
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.upstream import FederationRefused
from poolkeeper.hosted.federated_departure import leave_for, offered
from poolkeeper.pages.managed_login.parts import ProviderButton
from poolkeeper.pages.managed_login.sitting import AtClient

# The names of these are their types, and not what people call them.
_SOCIAL: Mapping[str, str] = {
    "Google": "Google",
    "Facebook": "Facebook",
    "LoginWithAmazon": "Amazon",
    "SignInWithApple": "Apple",
}
_LONGEST_ADDRESS = 254


class Unreachable(Exception):  # noqa: N818 - what is said of the provider
    """A provider to which nobody can be sent just now."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page offers beside the pool's own sign-in."""

    buttons: tuple[ProviderButton, ...]
    asks_domain: bool


async def choice_of(s: AtClient) -> Choice:
    """Return the providers that a page offers, in the order of the app client.

    Cognito asks for an address instead of showing SAML providers as soon as all of the client's have identifiers.
    """
    there = await offered(s.visit, s.request)
    by_address = {provider.name for provider in there if provider.is_saml}
    all_have = all(provider.identifiers for provider in there if provider.is_saml)
    if s.look.asks_domain:  # federation.interfaceStyle: whoever can be found by an address has no button
        by_address, all_have = {provider.name for provider in there if provider.identifiers}, True
    asks = bool(by_address) and all_have
    with_button = [provider for provider in there if not (asks and provider.name in by_address)]
    return Choice(
        tuple(ProviderButton(provider.name, label_of(provider), provider.type in _SOCIAL) for provider in with_button),
        asks,
    )


def label_of(provider: IdentityProvider) -> str:
    """Return what people call a provider."""
    return _SOCIAL.get(provider.type, provider.name)


async def of_name(s: AtClient, name: str) -> IdentityProvider | None:
    """Return the provider of a button, None where it is not the app's any more."""
    provider = await provider_by_name(s.call.house, s.pool, name)
    return provider if provider is not None and provider.name in s.client.providers else None


async def of_address(s: AtClient, address: str) -> IdentityProvider | None:
    """Return the provider for whose people an address is: an identifier is its domain, or the whole of it."""
    if len(address) > _LONGEST_ADDRESS:
        return None
    domain = address.rpartition("@")[2]
    for identifier in dict.fromkeys((domain, domain.lower(), address)):
        provider = await provider_by_identifier(s.call.house, s.pool, identifier)
        if provider is not None and provider.name in s.client.providers:
            return provider
    return None


async def leave(s: AtClient, provider: IdentityProvider, *, hint: str = "") -> Response:
    """Return the redirect to a provider, with the address that was typed as a hint. Raises Unreachable, Refused."""
    request = replace(s.request, login_hint=hint) if hint else s.request
    try:
        return await leave_for(s.visit, request, provider)
    except FederationRefused as refused:
        s.call.trace.refuse("temporarily_unavailable", f"{provider.name}: {refused.reason}: {refused}")
        raise Unreachable from refused
