"""Who is it, by a SAMLAssertion of sts? The subject of the response, with their roles and what their session will carry.

Errors and sentences: STS API Reference, AssumeRoleWithSAML, and IAM User Guide, "Troubleshoot SAML federation with IAM".
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import ExpiredTokenException, IDPRejectedClaimException, InvalidIdentityTokenException
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.identities import saml_assertions
from poolkeeper.identities.principal_tags import is_tag_text
from poolkeeper.model.iam import TAGS, Provider
from poolkeeper.model.principal import SamlIdentity

_EXPIRED = "Token must be redeemed within 5 minutes of issuance"
_SENTENCES = {
    # UNVERIFIED: the sentence for ENCODING; a text that is no base64 would settle it.
    Fault.ENCODING: "Invalid base64 SAMLResponse",
    Fault.ISSUER: "Issuer not present in specified provider",
    Fault.UNSIGNED: "Response signature invalid",
    Fault.SIGNATURE: "Response signature invalid",
    Fault.AUDIENCE: "Response does not contain the required audience",
}
# UNVERIFIED: for which faults it stands; a response without a confirmation for its bearer would settle one.
_INVALID = "Your request included an invalid SAML response."
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_SHORTEST, _LONGEST = 900, 43_200
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
_SHORT_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_EDU = "urn:oid:1.3.6.1.4.1.5923.1."
_LDAP = "urn:oid:0.9.2342.19200300.100.1."

# The condition key of a trust policy for each attribute (IAM User Guide, "Mapping SAML attributes to trust policy context
# keys"): of eduPerson and eduOrg, of Active Directory, of X.500.
_KEYS: Mapping[str, str] = {
    f"{_EDU}1.1.1": "eduPersonAffiliation",
    f"{_EDU}1.1.2": "eduPersonNickname",
    f"{_EDU}1.1.3": "eduPersonOrgDN",
    f"{_EDU}1.1.4": "eduPersonOrgUnitDN",
    f"{_EDU}1.1.5": "eduPersonPrimaryAffiliation",
    f"{_EDU}1.1.6": "eduPersonPrincipalName",
    f"{_EDU}1.1.7": "eduPersonEntitlement",
    f"{_EDU}1.1.8": "eduPersonPrimaryOrgUnitDN",
    f"{_EDU}1.1.9": "eduPersonScopedAffiliation",
    f"{_EDU}1.1.10": "eduPersonTargetedID",
    f"{_EDU}1.1.11": "eduPersonAssurance",
    f"{_EDU}2.1.2": "eduOrgHomePageURI",
    f"{_EDU}2.1.3": "eduOrgIdentityAuthNPolicyURI",
    f"{_EDU}2.1.4": "eduOrgLegalName",
    f"{_EDU}2.1.5": "eduOrgSuperiorURI",
    f"{_EDU}2.1.6": "eduOrgWhitePagesURI",
    "urn:oid:2.5.4.3": "cn",
    f"{_CLAIMS}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonName",
    f"{_CLAIMS}givenname": "givenName",
    f"{_CLAIMS}surname": "surname",
    f"{_CLAIMS}emailaddress": "mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "primaryGroupSID",
    "urn:oid:2.5.4.4": "surname",
    "urn:oid:2.5.4.42": "givenName",
    "urn:oid:2.5.4.45": "x500UniqueIdentifier",
    f"{_LDAP}1": "uid",
    f"{_LDAP}3": "mail",
    f"{_LDAP}45": "organizationStatus",
}
# Keys with many values, for ForAnyValue and ForAllValues.
_LISTS = frozenset(key for key in _KEYS.values() if key.startswith("edu") or key == "cn") - {
    "eduPersonOrgDN",
    "eduPersonPrimaryAffiliation",
    "eduPersonPrimaryOrgUnitDN",
    "eduPersonPrincipalName",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a response vouches for.

    `context` are the condition keys that a trust policy may ask for. `seconds` is how long the response wants the session to
    last, None where it does not say, `most_seconds` how long it may. `audience` is the address that the response was sent to.
    """

    identity: SamlIdentity
    context: Mapping[str, str | tuple[str, ...]]
    issuer: str
    audience: str
    roles: tuple[str, ...]
    session_name: str
    seconds: int | None
    most_seconds: int | None
    tags: Mapping[str, str]
    transitive_tag_keys: tuple[str, ...]
    source_identity: str


async def vouched(call: Call, provider_arn: str, response: str) -> Subject:
    """Return whom a response vouches for, by the provider of that ARN.

    Raises InvalidIdentityTokenException, ExpiredTokenException, IDPRejectedClaimException.
    """
    provider = await saml_assertions.find_provider(call, provider_arn)
    if provider is None:
        raise InvalidIdentityTokenException("Specified provider doesn't exist")
    try:
        assertion = await saml_assertions.accepted(call, provider, response)
    except BadMessage as fault:
        if fault.fault is Fault.TIME:
            raise ExpiredTokenException(_EXPIRED, detail=str(fault)) from None
        if fault.fault is Fault.STATUS:
            # UNVERIFIED: the words; a response of a failed sign-in would settle them.
            raise IDPRejectedClaimException("The identity provider rejected the sign-in.", detail=str(fault)) from None
        raise InvalidIdentityTokenException(_SENTENCES.get(fault.fault, _INVALID), detail=str(fault)) from None

    identity = _identity(call, provider, assertion)
    tags = _tags(assertion)
    return Subject(
        identity=identity,
        context=_context(call, provider, assertion),
        issuer=assertion.issuer,
        audience=assertion.recipient,
        roles=tuple(saml_assertions.roles_of(assertion, provider_arn)),
        session_name=_session_name(assertion),
        seconds=_seconds(assertion),
        most_seconds=_most_seconds(call, assertion),
        tags=tags,
        transitive_tag_keys=_transitive(assertion, tags),
        source_identity=_source_identity(assertion),
    )


def _identity(call: Call, provider: Provider, assertion: Assertion) -> SamlIdentity:
    """Return how the session names its user as long as it lives (STS API Reference, NameQualifier, SubjectType)."""
    qualified = f"{assertion.issuer}{call.settings.account_id}/{provider.name}"
    return SamlIdentity(
        subject=assertion.name_id.value,
        subject_type=assertion.name_id.format.removeprefix(_SHORT_FORMAT),
        name_qualifier=b64encode(sha1(qualified.encode(), usedforsecurity=False).digest()).decode(),
    )


def _context(call: Call, provider: Provider, assertion: Assertion) -> dict[str, str | tuple[str, ...]]:
    context: dict[str, str | tuple[str, ...]] = {
        "saml:aud": assertion.recipient,
        "saml:iss": assertion.issuer,
        "saml:doc": f"{call.settings.account_id}/{provider.name}",
    }
    for name, values in assertion.attributes.items():
        key = _KEYS.get(name)
        if key is not None:
            context[f"saml:{key}"] = values[0] if len(values) == 1 and key not in _LISTS else values
    return context


def _session_name(assertion: Assertion) -> str:
    name = _only(assertion, saml_assertions.SESSION_NAME)
    if name is None:
        raise InvalidIdentityTokenException("RoleSessionName is required in AuthnResponse")
    if not _NAME.fullmatch(name):
        raise InvalidIdentityTokenException("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return name


def _source_identity(assertion: Assertion) -> str:
    source_identity = _only(assertion, saml_assertions.SOURCE_IDENTITY)
    if source_identity is not None and not _NAME.fullmatch(source_identity):  # _NAME has no colon, so no "aws:" either
        raise InvalidIdentityTokenException(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
        )
    return source_identity or ""


def _seconds(assertion: Assertion) -> int | None:
    # UNVERIFIED: that SessionDuration, which AWS's console reads, counts for the API where DurationSeconds is not given.
    duration = _only(assertion, saml_assertions.SESSION_DURATION)
    if duration is None:
        return None
    if not (duration.isascii() and duration.isdigit() and len(duration) < 9 and _SHORTEST <= int(duration) <= _LONGEST):
        raise InvalidIdentityTokenException(f"SessionDuration in AuthnResponse must be from {_SHORTEST} to {_LONGEST}")
    return int(duration)


def _most_seconds(call: Call, assertion: Assertion) -> int | None:
    """Return for how many seconds the provider's own session goes on; raises ExpiredTokenException where it has ended."""
    if assertion.session_expires is None:
        return None
    seconds_left = (assertion.session_expires - call.now) // SECOND
    if seconds_left <= 0:
        raise ExpiredTokenException(_EXPIRED, detail="the provider's session has ended")
    return seconds_left


def _tags(assertion: Assertion) -> dict[str, str]:
    """Return the session tags that the response brings (IAM User Guide, "Pass session tags in AWS STS").

    Raises InvalidIdentityTokenException for a key or a value that no tag can have (attacks.md 140).
    """
    # UNVERIFIED: the words; such responses against AWS would settle them.
    tags = {
        name.removeprefix(saml_assertions.TAG): values
        for name, values in assertion.attributes.items()
        if name.startswith(saml_assertions.TAG)
    }
    for key, values in tags.items():
        value = values[0] if len(values) == 1 else None
        fits = value is not None and len(value) <= _LONGEST_VALUE and is_tag_text(value)
        if not (fits and 0 < len(key) <= _LONGEST_KEY and is_tag_text(key)) or key.lower().startswith("aws:"):
            raise InvalidIdentityTokenException("A PrincipalTag in AuthnResponse is no valid tag", detail=key[:200])
    if len(tags) > TAGS or len({key.lower() for key in tags}) < len(tags):
        raise InvalidIdentityTokenException("PrincipalTags in AuthnResponse are too many, or one stands twice")
    return {key: values[0] for key, values in tags.items()}


def _transitive(assertion: Assertion, tags: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(assertion.attributes.get(saml_assertions.TRANSITIVE_TAG_KEYS, ())))
    if not tags.keys() >= set(keys):
        raise InvalidIdentityTokenException("TransitiveTagKeys in AuthnResponse must be keys of its PrincipalTags")
    return keys


def _only(assertion: Assertion, name: str) -> str | None:
    """Return the only value of an attribute, None where it is absent; raises InvalidIdentityTokenException for several."""
    values = assertion.attributes.get(name, ())
    if len(values) > 1:
        raise InvalidIdentityTokenException(_INVALID, detail=f"{name} has {len(values)} values")
    return values[0] if values else None
