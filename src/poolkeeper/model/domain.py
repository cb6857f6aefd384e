"""What is a domain of a pool? A prefix below our own host, or a host name of the customer's; and what AWS refuses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from poolkeeper.errors import InvalidParameterException

PREFIX, CUSTOM = "prefix", "custom"
# Which pages a domain shows (AWS: ManagedLoginVersion): the classic ones, or those of managed login.
CLASSIC, MANAGED = 1, 2
# The members of a pool's document that name its domains (AWS: UserPoolType).
MEMBERS: Mapping[str, str] = {PREFIX: "Domain", CUSTOM: "CustomDomain"}

_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = frozenset({"aws", "amazon", "cognito"})
_LONGEST_HOST = 253
_CERTIFICATE = re.compile(r"arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:certificate/[\w+=/,.@-]+")

_BAD_CHARACTER = (
    "The domain name contains an invalid character. "
    "Domain names can only contain lower-case letters, numbers, and hyphens."
)
_NO_CERTIFICATE = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain."
)


class DomainSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is set of a domain: which pages it shows, its certificate, and what is only echoed."""

    managed_login_version: int = CLASSIC
    certificate_arn: str | None = None
    security_policy: str | None = None
    routing: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain of a pool, by its name: a prefix, or a fully qualified host name."""

    name: str
    kind: str
    pool_id: str
    settings: DomainSettings
    version: int


def kind_of(name: str, *, certificate_arn: str | None, custom: bool) -> str:
    """Return what a domain of that name is: custom where a CustomDomainConfig came with it.

    Raises InvalidParameterException with AWS's sentences (measured.md 9).
    """
    if not custom:
        _require_prefix(name)
        return PREFIX
    labels = name.split(".")
    if len(name) > _LONGEST_HOST or len(labels) < 3 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise InvalidParameterException("Custom domain is not a valid subdomain")
    require_certificate(certificate_arn)
    return CUSTOM


def require_pages(managed_login_version: int | None) -> None:
    """Pass for one of the two versions of the pages, or none; raises InvalidParameterException."""
    if managed_login_version not in {None, CLASSIC, MANAGED}:
        # UNVERIFIED: the words; a domain with ManagedLoginVersion 3 would settle them.
        raise InvalidParameterException("ManagedLoginVersion must be 1 or 2.")


def require_certificate(certificate_arn: str | None) -> None:
    """Pass for the name of a certificate; that there is one is the business of whoever ends TLS in front of us.

    Raises InvalidParameterException.
    """
    if certificate_arn is None or not _CERTIFICATE.fullmatch(certificate_arn):
        raise InvalidParameterException(_NO_CERTIFICATE)


def _require_prefix(name: str) -> None:
    if not _PREFIX.fullmatch(name):
        raise InvalidParameterException(_BAD_CHARACTER)
    reserved = sorted(_RESERVED.intersection(name.split("-")))
    if reserved:
        # UNVERIFIED: the words; CreateUserPoolDomain with the prefix `my-aws` would settle them.
        raise InvalidParameterException(f"Domain cannot contain reserved word: {reserved[0]}")
