"""/saml2/metadata: what a pool tells SAML providers about itself, with addresses of the form by which the request came.

We have an encryption key for each provider: its certificate is included if `identity_provider` names the provider.
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
    """Answer with the metadata of a pool, or 404 as long as it has no SAML provider."""
    call, pool = visit.call, visit.place.pool
    saml_providers = {
        name: provider for name, provider in (await providers_of(call.house, pool)).items() if provider.is_saml
    }
    if not saml_providers:
        call.trace.refuse("invalid_request", "the pool has no SAML provider")
        return Response("This user pool has no SAML provider.\n", 404, headers=NOT_KEPT, media_type="text/plain")
    signing_certificate = await saml_keys.signing_certificate(call, pool)
    named_provider = visit.query.get("identity_provider", "")
    encryption_certificates = (
        [await saml_keys.encryption_certificate(call, pool, named_provider)] if named_provider in saml_providers else []
    )
    document = own_metadata.write(
        own_metadata.ServiceProvider(
            entity_id=saml_word.entity_id(pool),
            acs=visit.place.url(paths.SAML_RESPONSE),
            logout=visit.place.url(paths.SAML_LOGOUT),
            signing=[x509.load_der_x509_certificate(signing_certificate)],
            encryption=[x509.load_der_x509_certificate(certificate) for certificate in encryption_certificates],
            signs_requests=any(saml_word.saml_of(provider).signs_requests for provider in saml_providers.values()),
        )
    )
    return Response(document, headers=NOT_KEPT, media_type=_TYPE)
