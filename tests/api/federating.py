"""Who comes from an identity provider in these tests? Somebody whose word was verified, at the gate as the pages bring them."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.forge import claims_of
from api.world import ClientOfTests, PoolOfTests, World
from federation.saml import keys
from poolkeeper import lookup
from poolkeeper.accounts.identity_providers import provider_by_name
from poolkeeper.auth import federated, gate
from poolkeeper.auth.sign_in import Proven
from poolkeeper.call import Call, own_call
from poolkeeper.errors import ServiceError
from poolkeeper.federation.saml.statements import Assertion, NameId
from poolkeeper.federation.upstream import Profile
from poolkeeper.model.admission import Want
from poolkeeper.model.tokens import Tokens

OIDC = {
    "client_id": "our-client",
    "client_secret": "a secret of ours",
    "authorize_scopes": "openid email",
    "oidc_issuer": "https://idp.example.com",
    "attributes_request_method": "GET",
}
EMAIL = {"email": "email", "email_verified": "email_verified"}


def add_oidc(pool: PoolOfTests, name: str = "Corporate", **more: Any) -> dict[str, Any]:
    """Create an OIDC provider, mapped to e-mail addresses and their marks."""
    known = {"ProviderType": "OIDC", "ProviderDetails": OIDC, "AttributeMapping": EMAIL, **more}
    made: dict[str, Any] = pool.world.signed.create_identity_provider(
        UserPoolId=pool.pool_id, ProviderName=name, **known
    )["IdentityProvider"]
    return made


def metadata(entity_id: str = "https://idp.example.com/entity", *, at: str = "https://idp.example.com") -> str:
    """Return the metadata of a SAML provider."""
    certificate = b64encode(keys.certificate(keys.rsa_key()).public_bytes(Encoding.DER)).decode()
    redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        f'</md:KeyDescriptor><md:SingleLogoutService Binding="{redirect}" Location="{at}/slo"/>'
        f'<md:SingleSignOnService Binding="{redirect}" Location="{at}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    )


def apple_key(curve: Any = SECP256R1) -> tuple[EllipticCurvePrivateKey, str]:
    """Return a key as Apple gives one, and its file."""
    made = generate_private_key(curve())
    return made, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def supporting(pool: PoolOfTests, *providers: str, **more: Any) -> ClientOfTests:
    """Make an app client at which these providers' people sign in."""
    return pool.client(SupportedIdentityProviders=list(providers), **more)


@dataclass
class Person:
    """Somebody at a provider: `subject` is the id there, `claims` are what it says of them."""

    client: ClientOfTests
    provider: str = "Corporate"
    subject: str = "user-1"
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.client.world

    @property
    def said(self) -> Profile:
        claims = {"sub": self.subject, **self.claims}
        return Profile(
            subject=self.subject,
            claims=claims,
            id_token=claims,
            user_info={},
            token_response={"access_token": "an-access-token", "token_type": "Bearer"},
        )

    def saying(self, **claims: Any) -> "Person":
        """Return the same person, of whom the provider says something else."""
        return replace(self, claims=claims)

    def prove(self, said: Profile | Assertion | None = None) -> Proven:
        """Come to the gate."""
        proven: Proven = self._run(lambda call: self._proven(call, said))
        return proven

    def tokens(self, said: Profile | Assertion | None = None) -> Tokens:
        """Sign in."""

        async def work(call: Call) -> Tokens:
            proven = await self._proven(call, said)
            want = Want(scopes=("openid",), source="TokenGeneration_HostedAuth", by_pages=True)
            return await gate.issue(call, await gate.admit(proven, want))

        tokens: Tokens = self._run(work)
        return tokens

    def id_token(self) -> dict[str, Any]:
        """Sign in and return the claims of the ID token."""
        token = self.tokens().id
        assert token is not None
        return claims_of(token)

    def refused(self) -> tuple[str, str]:
        """Sign in and return what that is refused with."""
        try:
            self.tokens()
        except ServiceError as fault:
            return type(fault).__name__, fault.message
        raise AssertionError("this should have been refused")

    async def _proven(self, call: Call, said: Profile | Assertion | None) -> Proven:
        pool, client = await lookup.require_client(call, self.client.client_id)
        provider = await provider_by_name(call.house, pool, self.provider)
        assert provider is not None
        return await federated.prove(call, pool, client, provider, said or self.said)

    def _run(self, work: Callable[[Call], Awaitable[Any]]) -> Any:
        return self.world.run(lambda: work(own_call(self.world.house)))


def assertion(subject: str, **attributes: tuple[str, ...]) -> Assertion:
    """Return what a SAML provider says, verified."""
    return Assertion(
        id="_1",
        issuer="https://idp.example.com/entity",
        name_id=NameId(value=subject),
        attributes=attributes,
        session_index=None,
        session_expires=None,
        authenticated_at=0,
        expires=0,
    )
