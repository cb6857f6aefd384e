"""What does a SAML provider say of itself? Its metadata, fetched or handed in, are judged and kept until newer ones come.

An administrator names the address, but a stranger writes the document: one egress, no redirect, no private address unless
it is opened, an entity id that a later fetch cannot change (attacks.md 107, 134).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.call import House
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.errors import InvalidParameterException
from poolkeeper.federation.saml import metadata, names
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.metadata import Provider
from poolkeeper.providers import ProviderUnavailable
from poolkeeper.store import identity_providers
from poolkeeper.store.db import Transaction

FRESH = 6 * HOUR
AGAIN = 15 * MINUTE
# When metadata that were handed in are fetched again: the last moment of the year 9999.
_NEVER = 253_402_300_799_000
# What Describe adds to the details of a provider, and Update ignores.
SHOWN = frozenset({"ActiveEncryptionCertificate", "SSORedirectBindingURI", "SLORedirectBindingURI"})

_NO_REDIRECT = "No SingleSignOn Http redirect binding location found in metadata."
_NO_XML = "Unable to unmarshall metadata"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata that were judged: the text and its content."""

    document: str
    provider: Provider


async def read(house: House, details: Mapping[str, str], *, now: int, pinned: str | None = None) -> Metadata:
    """Return the metadata that details of a provider name or hold; `pinned` is the entity id that they must have.

    Raises InvalidParameterException, which names the fault.
    """
    url = details.get("MetadataURL")
    text = await _fetched(house, url) if url else details["MetadataFile"].encode()
    try:
        provider = metadata.read(text, now=now, pinned=pinned)
        document = text.decode()
    except BadMessage as fault:
        raise _refused(fault) from None
    except UnicodeDecodeError:
        # The reader knows other encodings; the database stores text.
        raise InvalidParameterException(_NO_XML, detail="not UTF-8") from None
    # AWS takes no metadata without an endpoint for redirects (_NO_REDIRECT); here a provider with forms alone is accepted.
    for endpoint in (*provider.sign_in.values(), *provider.logout.values()):
        for address in {endpoint.location, endpoint.response_location}:
            _require_address(house, address)
    return Metadata(document, provider)


async def keep(tx: Transaction, pool_id: str, name: str, judged: Metadata, *, fetched: bool, now: int) -> None:
    """Store metadata over the former ones; `fetched` ones are fetched again later."""
    await identity_providers.keep_metadata(
        tx,
        pool_id=pool_id,
        name=name,
        entity_id=judged.provider.entity_id,
        document=judged.document,
        asked_at=now if fetched else _NEVER,
        now=now,
    )


def addresses(provider: Provider) -> dict[str, str]:
    """Return the addresses of a provider that Describe shows: those for redirects."""
    places = {"SSORedirectBindingURI": provider.sign_in, "SLORedirectBindingURI": provider.logout}
    return {
        name: by_binding[names.HTTP_REDIRECT].location
        for name, by_binding in places.items()
        if names.HTTP_REDIRECT in by_binding
    }


async def _fetched(house: House, url: str) -> bytes:
    try:
        headers = {"Accept": "application/samlmetadata+xml, application/xml, text/xml"}
        response = await house.providers.call("GET", url, headers=headers, max_bytes=metadata.MOST_BYTES)
    except ProviderUnavailable as fault:
        # The cause is for the log alone: it names private addresses, and may quote another kind of server there.
        # UNVERIFIED: the words; a MetadataURL that nobody answers at would settle them.
        raise InvalidParameterException(f"Unable to retrieve metadata from {url}", detail=str(fault)) from None
    if response.status != 200:
        raise InvalidParameterException(
            f"Non-ok status code {response.status} returned from remote metadata source {url}"
        )
    return response.body


def _require_address(house: House, address: str) -> None:
    try:
        house.providers.require_web_address(address)
    except ProviderUnavailable as fault:
        # UNVERIFIED: whether AWS takes metadata with plain http in them.
        raise InvalidParameterException(f"Invalid metadata: {address[:200]}: {fault}") from None


def _refused(fault: BadMessage) -> InvalidParameterException:
    """Return the refusal of metadata: AWS's error message where one is known, else the fault itself."""
    if fault.fault is Fault.XML:
        return InvalidParameterException(_NO_XML, detail=str(fault))
    if fault.fault is Fault.NO_PROVIDER:  # The answer may be any document: none of it is quoted.
        return InvalidParameterException("Invalid metadata: no IDPSSODescriptor for SAML 2.0", detail=str(fault))
    if fault.fault is Fault.NO_ADDRESS and "SingleSignOnService" in str(fault):
        return InvalidParameterException(_NO_REDIRECT, detail=str(fault))
    # UNVERIFIED: the words of all others; metadata without a certificate, and with two providers, would settle them.
    return InvalidParameterException(f"Invalid metadata: {str(fault).partition(': ')[2]}")
