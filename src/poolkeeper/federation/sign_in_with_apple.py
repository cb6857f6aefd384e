"""What is special about Apple? We sign its client secret, it answers by POST, and it sends a person's name only once.

Source: Apple's Sign in with Apple REST API ("Creating a client secret", "Request an authorization", "Generate and validate tokens").
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from poolkeeper.clock import SECOND
from poolkeeper.crypto import base64url
from poolkeeper.federation.oidc import profile, verified_id_token
from poolkeeper.federation.upstream import (
    Endpoints,
    Exchanged,
    FederationRefused,
    Kind,
    Profile,
    Upstream,
    given_endpoints,
)
from poolkeeper.providers import Providers
from poolkeeper.secret import Secret

# Apple has begun to write its issuer in a second way (attacks.md 104).
ISSUERS = ("https://appleid.apple.com", "https://account.apple.com")
JWKS_URI = "https://appleid.apple.com/auth/keys"

_AUDIENCE = "https://appleid.apple.com"
_SECRET_SECONDS = 300  # Apple allows six months; this one serves once.
_MAX_NAME = 256


class _Name(msgspec.Struct, frozen=True):
    firstName: str = ""  # noqa: N815 - Apple's names
    lastName: str = ""  # noqa: N815


class _User(msgspec.Struct, frozen=True):
    """The name in `user`. We do not read its e-mail address, which nobody vouches for, unlike that of the ID token."""

    name: _Name = _Name()


_decode_user = msgspec.json.Decoder(_User).decode


async def endpoints(providers: Providers, upstream: Upstream, now: int) -> Endpoints:
    """Return Apple's endpoints, without PKCE, which Apple does not document."""
    return dataclasses.replace(await given_endpoints(providers, upstream, now), pkce=False)


def response_mode(upstream: Upstream) -> str:
    """Return how the answer comes: by POST where we ask for a name or an e-mail address, as Apple demands."""
    return "form_post" if upstream.scopes.split() else ""


def client_secret(upstream: Upstream, now: int) -> Secret:
    """Return a client secret: a JWT by the team's own key, good for five minutes. Raises FederationRefused for a bad key."""
    try:
        key = private_key(upstream.private_key)
    except ValueError:
        raise FederationRefused("exchange", "the private key is no ES256 key in PKCS #8") from None
    issued_at = now // SECOND
    claims = {
        "iss": upstream.team_id,
        "iat": issued_at,
        "exp": issued_at + _SECRET_SECONDS,
        "aud": _AUDIENCE,
        "sub": upstream.client_id,
    }
    header = {"alg": "ES256", "kid": upstream.key_id}
    signed = ".".join(base64url.encode(msgspec.json.encode(part)) for part in (header, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
    return Secret(f"{signed}.{base64url.encode(r.to_bytes(32) + s.to_bytes(32))}")


def private_key(key_text: Secret) -> EllipticCurvePrivateKey:
    """Return the key of a `.p8` file, with or without its first and last line, since AWS takes both. Raises ValueError."""
    lines = [line for line in key_text.reveal().replace("\\n", "\n").split("\n") if "-----" not in line]
    bare = "".join("".join(lines).split()).rstrip("=")
    der = base64url.decode(bare.replace("+", "-").replace("/", "_"))
    try:
        key = load_der_private_key(der, None)
    except (TypeError, UnsupportedAlgorithm):  # with a password, or of an unknown kind
        raise ValueError("not a key that can be read") from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a P-256 key")  # noqa: TRY004 - it is the text that is wrong
    return key


async def identify(exchanged: Exchanged) -> Profile:
    """Return who signed in, with the name that the browser brings the first time. Raises FederationRefused."""
    id_token = await verified_id_token(exchanged)
    return profile(exchanged, id_token, _name_claims(exchanged.answer.user))


def _name_claims(user: str) -> Mapping[str, Any]:
    """Return the name under AWS's attribute names. The browser brings it unsigned: people may call themselves anything."""
    if not user:
        return {}
    try:
        name = _decode_user(user).name
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return {}
    parts = {"firstName": name.firstName, "lastName": name.lastName}
    # UNVERIFIED: how Cognito joins firstName and lastName for `name`. A pool with Apple and `name` mapped would tell.
    parts["name"] = " ".join(filter(None, parts.values()))
    return {key: value for key, value in parts.items() if value and len(value) <= _MAX_NAME and value.isprintable()}


SIGN_IN_WITH_APPLE = Kind(
    endpoints=endpoints, identify=identify, secret=client_secret, response_mode=response_mode, hints=False
)
