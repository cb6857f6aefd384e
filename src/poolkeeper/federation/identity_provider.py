"""What is an identity provider of a pool? Its name and settings, read once into the form that its protocol needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from poolkeeper.federation import provider_details
from poolkeeper.federation.saml import metadata
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.upstream import Upstream

# The names that mappings and links use for the provider's own id of a person.
USERNAME, SUBJECT = "username", "Cognito_Subject"


@dataclass(frozen=True, kw_only=True)
class SamlUpstream:
    """A SAML provider as it was set up, and its metadata: `document`, fetched or uploaded at `fetched_at`.

    `signs_requests`: our AuthnRequests are signed; `signs_out`: we send it a LogoutRequest; `begins`: a sign-in may begin
    there, without our request; `only_encrypted`: an assertion that is not encrypted is refused.
    """

    entity_id: str
    document: str
    fetched_at: int
    signs_requests: bool
    signs_out: bool
    begins: bool
    only_encrypted: bool

    def provider(self, now: int) -> metadata.Provider:
        """Return the provider by its metadata. Raises BadMessage where they are no longer valid."""
        provider = self._provider
        if provider.valid_until is not None and provider.valid_until <= now:
            raise BadMessage(Fault.TIME, "metadata that have expired, and newer ones cannot be had")
        return provider

    @cached_property
    def _provider(self) -> metadata.Provider:
        # The metadata were valid when they were stored; `provider` judges whether they still are.
        return metadata.read(self.document.encode(), now=0, pinned=self.entity_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """An identity provider of a pool. `type` is AWS's ProviderType.

    `mapping` has the name of the provider's claim by pool attribute, `acr_mapping` the provider's `acr` by level (a level that
    is left out has none); `identifiers` are its other names. `details` are its ProviderDetails with defaults filled in
    and without secrets. Times are milliseconds since the epoch.
    """

    pool_id: str
    name: str
    type: str
    upstream: Upstream | SamlUpstream
    details: Mapping[str, str]
    mapping: Mapping[str, str]
    identifiers: tuple[str, ...]
    acr_mapping: Mapping[str, str]
    version: int
    created_at: int
    updated_at: int

    @property
    def is_saml(self) -> bool:
        return self.type == "SAML"

    @property
    def wanted(self) -> tuple[str, ...]:
        """The claims that the mapping asks for."""
        return tuple(dict.fromkeys(self.mapping.values()))

    @property
    def words(self) -> Mapping[int, str]:
        """The provider's own `acr` for each of our levels of authentication that is mapped."""
        return {int(name.removeprefix("Level")): word for name, word in self.acr_mapping.items()}

    def level_of(self, acr: object) -> int:
        """Return the level that the provider's `acr` means, the lowest for an unknown `acr` (oauth-federation.md 6)."""
        return max((level for level, word in self.words.items() if word == acr), default=1)

    @property
    def issuer(self) -> str | None:
        """The `issuer` of identities of this provider: the entity id of a SAML provider, None for all others."""
        return self.upstream.entity_id if isinstance(self.upstream, SamlUpstream) else None


def saml_upstream(details: Mapping[str, str], *, entity_id: str, document: str, fetched_at: int) -> SamlUpstream:
    """Return a SAML provider as the protocol needs it, from details that `provider_details.complete` returned."""
    return SamlUpstream(
        entity_id=entity_id,
        document=document,
        fetched_at=fetched_at,
        signs_requests=bool(details.get("RequestSigningAlgorithm")),
        signs_out=_says_yes(details, "IDPSignout"),
        begins=_says_yes(details, "IDPInit"),
        only_encrypted=_says_yes(details, "EncryptedResponses"),
    )


def upstream_of(
    provider_type: str, details: Mapping[str, str], stored: tuple[str, str, int] | None
) -> Upstream | SamlUpstream:
    """Return a provider as its protocol needs it; `stored` are (entity id, metadata, fetched at) of a SAML provider.

    Nobody can sign in at a SAML provider without metadata (attacks.md 126).
    """
    if provider_type != "SAML":
        return provider_details.upstream(provider_type, details)
    entity_id, document, fetched_at = stored or ("", "", 0)
    return saml_upstream(details, entity_id=entity_id, document=document, fetched_at=fetched_at)


def _says_yes(details: Mapping[str, str], name: str) -> bool:
    return details.get(name, "").lower() == "true"
