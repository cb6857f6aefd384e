"""/saml2/metadata: what a pool says of itself to SAML providers, with the addresses in the form in which it was asked.

A provider encrypts for a key of its own: its certificate is there where `identity_provider` names it.
"""

from cryptography import x509
from starlette.responses import Response

from poolkeeper.accounts import saml_keys, saml_word
from poolkeeper.accounts.identity_providers import providers_of
from poolkeeper.federation.saml import own_metadata
from poolkeeper.hosted import paths
from poolkeeper.hosted.redirects import NOT_KEPT
from poolkeeper.hosted.visit import Visit

_TYPE = "application/samlmetadata+xml"


async def saml_metadata(visit: Visit) -> Response:
    """Answer with the metadata of a pool, which has some as soon as it has a SAML provider."""
    call, pool = visit.call, visit.place.pool
    saml_providers = {
        name: provider for name, provider in (await providers_of(call.house, pool)).items() if provider.is_saml
    }
    if not saml_providers:
        call.trace.refuse("invalid_request", "the pool has no SAML provider")
        return Response("This user pool has no SAML provider.\n", 404, headers=NOT_KEPT, media_type="text/plain")
    signing = x509.load_der_x509_certificate(await saml_keys.signing_certificate(call, pool))
    named = visit.query.get("identity_provider", "")
    encryption = [await saml_keys.encryption_certificate(call, pool, named)] if named in saml_providers else []
    document = own_metadata.write(
        own_metadata.ServiceProvider(
            entity_id=saml_word.entity_id(pool),
            acs=visit.place.url(paths.SAML_RESPONSE),
            logout=visit.place.url(paths.SAML_LOGOUT),
            signing=[signing],
            encryption=[x509.load_der_x509_certificate(certificate) for certificate in encryption],
            signs_requests=any(saml_word.saml_of(provider).signs_requests for provider in saml_providers.values()),
        )
    )
    return Response(document, headers=NOT_KEPT, media_type=_TYPE)
