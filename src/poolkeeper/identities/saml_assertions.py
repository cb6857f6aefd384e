"""Does a SAML provider of IAM's vouch for somebody? Its response, verified by the metadata that IAM keeps of it.

Identity pools and sts take the same response (IAM User Guide, "Configure SAML assertions for the authentication
response"). One response is good for several calls within five minutes, as at AWS: GetId and GetCredentialsForIdentity
send the same, and so does whoever takes several roles.
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
    """Return what a response in base64 says, by a provider's keys, to AWS's sign-in address or to ours, now.

    Whom it answers is not looked at: nobody here has asked. Raises BadMessage, also for metadata that are none;
    TooManyRequestsException.
    """
    # UNVERIFIED: that AWS takes a response that answers somebody's request, and how far it lets clocks differ; responses
    # of each kind against AssumeRoleWithSAML would settle it.
    known = await call.house.heavy.run(call.asker, _known, provider.metadata or "")
    if known.valid_until is not None and known.valid_until <= call.now:
        raise BadMessage(Fault.TIME, "the provider's metadata have expired")
    addresses = _addresses(call)
    expected = Expected(
        issuer=known.entity_id,
        audiences=(_AUDIENCE, *addresses),
        addresses=addresses,
        request_id=None,
        asked_by_others=True,
        now=call.now,
        skew=_SKEW,
        most_age=_MOST_AGE,
    )
    message, trust = bindings.from_post(response), responses.Trust(certificates=known.certificates)
    return await call.house.heavy.run(call.asker, responses.accept, message, trust, expected)


def roles_of(assertion: Assertion, arn: str) -> list[str]:
    """Return the ARNs of the roles that an assertion gives its user with the provider of an ARN, in its order.

    Each value is two ARNs with a comma, the role's and the provider's, whichever is first.
    """
    pairs = [value.split(",") for value in assertion.attributes.get(ROLE, ())]
    named = [{one.strip() for one in pair} - {arn} for pair in pairs if len(pair) == 2 and arn in map(str.strip, pair)]
    return list(dict.fromkeys(role for roles in named for role in roles))


def _addresses(call: Call) -> tuple[str, ...]:
    """Return where a response may be sent: to AWS's sign-in, or to an address of ours that stands for it."""
    return (
        "https://signin.aws.amazon.com/saml",
        f"https://{call.region}.signin.aws.amazon.com/saml",
        f"{call.settings.issuer_base}/saml",
    )


@lru_cache(maxsize=32)
def _known(text: str) -> metadata.Provider:
    """Return a provider by its metadata, whenever they are valid; raises BadMessage."""
    return metadata.read(text.encode(), now=0)
