"""Is this a login at a SAML provider? Yes, if its response is good for the provider of IAM whose ARN is the key in Logins."""

from typing import Any

from poolkeeper.call import Call
from poolkeeper.federation.saml.faults import BadMessage
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.identities.login import VerifiedLogin, invalid, unsupported
from poolkeeper.identities.saml_assertions import accepted, find_provider, roles_of

# UNVERIFIED: the words, which may differ by what is wrong; responses of another audience, signer and time would settle them.
NOT_A_RESPONSE = "Not a valid SAML response."
# UNVERIFIED: what stands in `amr` between a provider and its user; a decoded token of such a login would settle it.
_WAY = "SAML"
# The longest persistent identifier is 256 characters (SAML core 8.3.7); mail addresses and X.509 names are no longer.
_LONGEST_NAME_ID = 256


async def verified(call: Call, arn: str, response: str) -> VerifiedLogin:
    """Return the login that a SAML response proves; raises NotAuthorizedException."""
    provider = await find_provider(call, arn)
    if provider is None:
        raise unsupported(f"IAM has no SAML provider {arn}")
    try:
        assertion = await accepted(call, provider, response)
    except BadMessage as fault:
        raise invalid(NOT_A_RESPONSE, str(fault)) from None
    subject = assertion.name_id.value
    if len(subject) > _LONGEST_NAME_ID or not subject.isprintable():
        raise invalid(NOT_A_RESPONSE, "a NameID that is too long or not printable")
    claims = _claims(assertion, arn)
    return VerifiedLogin(provider=arn, subject=subject, name=arn, mapping_key=arn, way=_WAY, claims=claims)


def _claims(assertion: Assertion, arn: str) -> dict[str, Any]:
    """Return the claims for rules and tags: each attribute by its Name, and the roles, which only we may set."""
    claims = {name: values[0] if len(values) == 1 else list(values) for name, values in assertion.attributes.items()}
    claims.pop("cognito:preferred_role", None)
    roles = roles_of(assertion, arn)
    return {**claims, "sub": assertion.name_id.value, "aud": assertion.recipient, "cognito:roles": roles}
