"""Is this an ID token of a trusted provider, and meant for us? Form, issuer, signature, audience and times say so, in this order.

Settings say who is trusted, and for which clients: a token chooses neither (attacks.md 104, 105). Nothing in it is used as an
address, and a token of an unexpected issuer makes us fetch nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from poolkeeper.clock import SECOND
from poolkeeper.crypto import foreign_jws
from poolkeeper.crypto.foreign_jws import BadForeignToken, Claimed
from poolkeeper.providers import Providers, ProviderUnavailable

# What clocks may differ by, in seconds: signing in (attacks.md 105), and identity pools (identity-security.md 1.3).
FEDERATION_SKEW = 60
IDENTITY_POOL_SKEW = 300

_MAX_SUBJECT = 255  # OpenID Connect Core 2.
_MAX_TIME = 2**53

RefusalReason = Literal[
    "malformed",
    "algorithm",
    "unknown-key",
    "signature",
    "issuer",
    "missing",
    "audience",
    "expired",
    "not-yet",
    "subject",
    "unavailable",
]


class ForeignTokenRefused(Exception):  # noqa: N818 - what is said of the token, not of us
    """A token that is refused. The message is for the log; the caller chooses what to answer by `reason`.

    AWS's error messages, where they are known (docs/cognito/identity-security.md 1.2):

    - `malformed`, no JWT or no ID token: Not a valid OpenId Connect identity token.
    - `algorithm`, `unknown-key`, `signature`: Couldn't verify signed token.
    - `issuer`: Issuer doesn't match providerName. `audience`: Incorrect token audience.
    - `missing`: Missing a required claim: `claim`.
    - `expired`: Token expired, with `expired_at` and `now`, both in seconds since the epoch.
    - `not-yet`, a time in the future, and `subject`, a `sub` that cannot be one: not known.
    - `unavailable`, the keys cannot be fetched: the provider's fault, not the token's (ExternalServiceException).
    """

    def __init__(self, reason: RefusalReason, message: str, *, claim: str = "", expired_at: int = 0) -> None:
        super().__init__(message)
        self.reason: RefusalReason = reason
        self.claim = claim
        self.expired_at = expired_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A provider to believe. `issuers` are compared with `iss` byte for byte; `audiences` are our clients at that provider.

    Most providers have one issuer; Google and Apple have two. `jwks_uri` is where the keys are; if it is empty, the discovery
    document of the first issuer says where. `access`: access tokens are accepted too (RFC 9068), and the caller tells them from
    ID tokens.
    """

    issuers: tuple[str, ...]
    audiences: Collection[str]
    jwks_uri: str = ""
    access: bool = False


async def verify(
    providers: Providers, token: str, trusted: Trusted, *, now: int, skew_seconds: int
) -> Mapping[str, Any]:
    """Return the claims of an ID token that a trusted provider made for one of our clients.

    `now` is in milliseconds since the epoch; `skew_seconds` is how far the two clocks may differ. `nonce`, `azp` and `at_hash`
    belong to a sign-in, whose caller checks them. Raises ForeignTokenRefused. Source: OpenID Connect Core 3.1.3.7, RFC 8725.
    """
    try:
        claimed = foreign_jws.read(token, access=trusted.access)
        _require_issuer(claimed.claims, trusted.issuers)
        claimed.verify(await _keys(providers, trusted, claimed, now))
    except BadForeignToken as fault:
        raise ForeignTokenRefused(fault.fault, str(fault)) from None
    except ProviderUnavailable as fault:
        raise ForeignTokenRefused("unavailable", str(fault)) from None
    verified = claimed.claims
    _require_audience(verified, trusted.audiences)
    _require_times(verified, now // SECOND, skew_seconds)
    _require_subject(verified)
    return verified


async def _keys(providers: Providers, trusted: Trusted, claimed: Claimed, now: int) -> foreign_jws.Keys:
    jwks_uri = trusted.jwks_uri or (await providers.metadata(trusted.issuers[0], now)).jwks_uri
    return await providers.keys(jwks_uri, now, kid=claimed.kid)


def _require_issuer(claims: Mapping[str, Any], issuers: tuple[str, ...]) -> None:
    issuer = _required(claims, "iss")
    if issuer not in issuers:
        raise ForeignTokenRefused(
            "issuer", f"a token of the issuer {str(issuer)[:200]!r} and not of {' or '.join(issuers)}, to the letter"
        )


def _require_audience(claims: Mapping[str, Any], audiences: Collection[str]) -> None:
    audience = _required(claims, "aud")
    claimed_audiences = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(claimed, str) and claimed in audiences for claimed in claimed_audiences):
        raise ForeignTokenRefused("audience", f"a token for {str(claimed_audiences)[:200]}")


def _require_times(claims: Mapping[str, Any], now: int, skew: int) -> None:
    """Pass for a token that is valid at `now`. All are seconds, those of claims with a fraction or without (RFC 7519 2)."""
    expires = _time(claims, "exp")
    if now >= expires + skew:
        raise ForeignTokenRefused("expired", f"expired at {expires}, it is {now}", expired_at=int(expires))
    for name in ("iat", "nbf") if "nbf" in claims else ("iat",):
        if _time(claims, name) > now + skew:
            raise ForeignTokenRefused("not-yet", f"{name} is {claims[name]}, it is {now}")


def _require_subject(claims: Mapping[str, Any]) -> None:
    subject = _required(claims, "sub")
    if not isinstance(subject, str) or not subject or len(subject) > _MAX_SUBJECT or not subject.isprintable():
        raise ForeignTokenRefused("subject", "a sub that is no text, empty, longer than 255 or not printable")


def _time(claims: Mapping[str, Any], name: str) -> int | float:
    value = _required(claims, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MAX_TIME:
        raise ForeignTokenRefused("malformed", f"{name} is no time: {str(value)[:40]!r}")
    return value


def _required(claims: Mapping[str, Any], name: str) -> Any:
    value = claims.get(name)
    if value is None:
        raise ForeignTokenRefused("missing", f"no {name}", claim=name)
    return value
