"""Whom does a SAML provider of IAM vouch for? The subject of its response, verified by the metadata that IAM keeps.

Identity pools and sts take the same response (IAM User Guide, "Configure SAML assertions for the authentication
response"). A response is good for several calls within five minutes, as at AWS: GetId and GetCredentialsForIdentity
send the same response, and so does whoever takes several roles.
"""

from functools import lru_cache

from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.federation.saml import bindings, metadata, responses
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.statements import Assertion, Expected
from poolkeeper.model.iam import Provider, ProviderKind, provider_arn
from poolkeeper.store import iam_providers

_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"
ROLE, SESSION_NAME, SESSION_DURATION = (
    f"{_ATTRIBUTE}Role",
    f"{_ATTRIBUTE}RoleSessionName",
    f"{_ATTRIBUTE}SessionDuration",
)
SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS = f"{_ATTRIBUTE}SourceIdentity", f"{_ATTRIBUTE}TransitiveTagKeys"
TAG = f"{_ATTRIBUTE}PrincipalTag:"

_AUDIENCE = "urn:amazon:webservices"
_MOST_AGE = 5 * MINUTE
_SKEW = MINUTE


async def find_provider(call: Call, arn: str) -> Provider | None:
    """Return the SAML provider of IAM that an ARN names."""
    provider = await iam_providers.find(call.db, ProviderKind.SAML, arn.rpartition(":saml-provider/")[2])
    return provider if provider is not None and arn_of(call, provider) == arn else None


def arn_of(call: Call, provider: Provider) -> str:
    """Return the ARN of a SAML provider."""
    return provider_arn(call.settings.account_id, ProviderKind.SAML, provider.name)


async def accepted(call: Call, provider: Provider, response: str) -> Assertion:
    """Return the assertion of a response in base64, verified by a provider's keys, address and time.

    The address is AWS's sign-in address or ours. Which request it answers does not matter: nobody here sent one. Raises
    BadMessage, also for a text that is no metadata; TooManyRequestsException.
    """
    # UNVERIFIED: that AWS takes a response that answers somebody's request, and how far it lets clocks differ; responses
    # of each kind against AssumeRoleWithSAML would settle it.
    issuer = await call.house.heavy.run(call.asker, _provider_of, provider.metadata or "")
    if issuer.valid_until is not None and issuer.valid_until <= call.now:
        raise BadMessage(Fault.TIME, "the provider's metadata have expired")
    addresses = _addresses(call)
    expected = Expected(
        issuer=issuer.entity_id,
        audiences=(_AUDIENCE, *addresses),
        addresses=addresses,
        request_id=None,
        asked_by_others=True,
        now=call.now,
        skew=_SKEW,
        most_age=_MOST_AGE,
    )
    message, trust = bindings.from_post(response), responses.Trust(certificates=issuer.certificates)
    return await call.house.heavy.run(call.asker, responses.accept, message, trust, expected)


def roles_of(assertion: Assertion, arn: str) -> list[str]:
    """Return the ARNs of the roles that an assertion gives its user together with a provider's ARN, in its order.

    Each value is two ARNs with a comma, the role's and the provider's, in either order.
    """
    pairs = [value.split(",") for value in assertion.attributes.get(ROLE, ())]
    role_sets = [
        {member.strip() for member in pair} - {arn} for pair in pairs if len(pair) == 2 and arn in map(str.strip, pair)
    ]
    return list(dict.fromkeys(role for roles in role_sets for role in roles))


def _addresses(call: Call) -> tuple[str, ...]:
    """Return the addresses that a response may be sent to: those of AWS's sign-in, and ours in their place."""
    return (
        "https://signin.aws.amazon.com/saml",
        f"https://{call.region}.signin.aws.amazon.com/saml",
        f"{call.settings.issuer_base}/saml",
    )


@lru_cache(maxsize=32)
def _provider_of(text: str) -> metadata.Provider:
    """Return a provider by its metadata, valid at any time; raises BadMessage."""
    return metadata.read(text.encode(), now=0)
