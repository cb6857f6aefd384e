"""Is this an ID token of a provider that is trusted, and meant for us? Form, issuer, signature, audience, times; in this order.

Who is trusted, and for which clients, comes from settings: a token chooses neither (attacks.md 104, 105). Nothing of it leads
to an address; a token of an issuer that was not expected makes us fetch nothing.
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

Reason = Literal[
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
    """A token that is not taken. The message is for the log; whoever answers goes by `reason`.

    `malformed`: no JWT, or no ID token (docs/cognito/identity-security.md 1.2: Not a valid OpenId Connect identity token).
    `algorithm`, `unknown-key`, `signature`: Couldn't verify signed token. `issuer`: Issuer doesn't match providerName.
    `missing`: Missing a required claim: `claim`. `audience`: Incorrect token audience. `expired`: Token expired, with the
    seconds since the epoch of `expired_at` and the `now` that was given. `not-yet`, `subject`: times of the future, or a
    subject that is none, for which no sentence of AWS's is known. `unavailable`: its keys cannot be had, which is the
    provider's fault and not the token's (ExternalServiceException).
    """

    def __init__(self, reason: Reason, message: str, *, claim: str = "", expired_at: int = 0) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.claim = claim
        self.expired_at = expired_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """Whom to believe. `issuers` are compared with `iss` byte for byte; `audiences` are our clients at that provider.

    Most providers have one issuer; Google and Apple write two. With `jwks_uri` the keys are there, without it the discovery
    document of the first issuer says where. `access`: its access tokens are taken too (RFC 9068), and the caller tells them
    from ID tokens.
    """

    issuers: tuple[str, ...]
    audiences: Collection[str]
    jwks_uri: str = ""
    access: bool = False


async def verify(
    providers: Providers, token: str, trusted: Trusted, *, now: int, skew_seconds: int
) -> Mapping[str, Any]:
    """Return the claims of an ID token that a trusted provider made for one of our clients.

    `now` is milliseconds since the epoch, `skew_seconds` what the two clocks may differ by. Nonce, `azp` and `at_hash` belong to a
    sign-in and are its caller's to check. Raises ForeignTokenRefused. Source: OpenID Connect Core 3.1.3.7, RFC 8725.
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
    listed = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in audiences for one in listed):
        raise ForeignTokenRefused("audience", f"a token for {str(listed)[:200]}")


def _require_times(claims: Mapping[str, Any], now: int, skew: int) -> None:
    """Pass for a token of now, give or take. Seconds since the epoch, with a fraction or without (RFC 7519 2)."""
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
