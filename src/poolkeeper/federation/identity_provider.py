"""What is an identity provider of a pool? Its settings read once into what each protocol goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from poolkeeper.federation import provider_details
from poolkeeper.federation.saml import metadata
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.upstream import Upstream

# The pool attribute that stands for the provider's own id of a person, in mappings and links.
USERNAME, SUBJECT = "username", "Cognito_Subject"


@dataclass(frozen=True, kw_only=True)
class SamlUpstream:
    """A SAML provider as it was set up, and what it says of itself: `document`, fetched or handed in at `fetched_at`.

    `signs_requests`: our AuthnRequests are signed; `signs_out`: a logout is told to it; `begins`: a sign-in may begin
    there, unasked; `only_encrypted`: an assertion that is not encrypted is refused.
    """

    entity_id: str
    document: str
    fetched_at: int
    signs_requests: bool
    signs_out: bool
    begins: bool
    only_encrypted: bool

    def provider(self, now: int) -> metadata.Provider:
        """Return what its metadata say. Raises BadMessage where they are not valid any more."""
        provider = self._provider
        if provider.valid_until is not None and provider.valid_until <= now:
            raise BadMessage(Fault.TIME, "metadata that have expired, and newer ones cannot be had")
        return provider

    @cached_property
    def _provider(self) -> metadata.Provider:
        # They were valid when they were kept; `provider` judges whether they still are.
        return metadata.read(self.document.encode(), now=0, pinned=self.entity_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """An identity provider of a pool. `type` is AWS's ProviderType.

    `mapping` is by pool attribute the name of the provider's claim, `acr_mapping` by level the provider's name of it (None
    of them is a level's where it is left out); `identifiers` are its other names. `details` are its
    ProviderDetails with what is filled in, and without secrets. Times are milliseconds since the epoch.
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
        """Its own words for our levels of authentication, of those that are mapped."""
        return {int(name.removeprefix("Level")): word for name, word in self.acr_mapping.items()}

    def level_of(self, acr: object) -> int:
        """Return the level that its `acr` is taken for: the lowest where nothing says more (oauth-federation.md 6)."""
        return max((level for level, word in self.words.items() if word == acr), default=1)

    @property
    def issuer(self) -> str | None:
        """The `issuer` of an identity that comes from here: a SAML provider's entity id, of all others nothing."""
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
    provider_type: str, details: Mapping[str, str], kept: tuple[str, str, int] | None
) -> Upstream | SamlUpstream:
    """Return a provider as its protocol needs it; `kept` are (entity id, metadata, fetched at) of a SAML provider.

    A SAML provider without metadata is none that anybody could come from (attacks.md 126).
    """
    if provider_type != "SAML":
        return provider_details.upstream(provider_type, details)
    entity_id, document, fetched_at = kept or ("", "", 0)
    return saml_upstream(details, entity_id=entity_id, document=document, fetched_at=fetched_at)


def _says_yes(details: Mapping[str, str], name: str) -> bool:
    return details.get(name, "").lower() == "true"
