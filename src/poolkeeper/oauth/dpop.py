"""Which key does the sender of a request hold? The one DPoP header read, and judged for this very request (RFC 9449 4.3).

    exactly one header --> a JWT of a key --> this method, this address, now, our nonce --> this access token --> its signature

What is cheap to refuse is refused first. Whether the proof was used before is judged where something is answered for it
(tokens/dpop.py).
"""

import hashlib
import hmac
import re
from urllib.parse import urlsplit

import msgspec

from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import base64url, dpop
from poolkeeper.crypto.dpop import BadDpop, DpopClaims
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.key_proof import KeyProof
from poolkeeper.oauth.answers import Refusal
from poolkeeper.tokens.dpop import is_nonce, nonce_of

# How far a client's clock may be behind ours, or a proof on its way, and how far ahead.
BEHIND, AHEAD = 5 * MINUTE, MINUTE

_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class NonceWanted(BadDpop):
    """A proof without a nonce where the pool demands one, or with one that is none of the pool's or too old."""


def with_key(visit: Visit) -> Visit:
    """Return a visit with the key that its sender has shown to hold, as it is where no proof came.

    Raises Refusal, as the token endpoint says it.
    """
    if not visit.proofs:
        return visit
    try:
        return proved(visit)
    except NonceWanted as fault:
        raise Refusal("use_dpop_nonce", str(fault), headers=nonce_header(visit)) from None
    except BadDpop as fault:
        raise Refusal("invalid_dpop_proof", str(fault)) from None


def nonce_header(visit: Visit) -> dict[str, str]:
    """Return the header that hands out the nonce for the next proof (RFC 9449 8.2)."""
    return {"dpop-nonce": nonce_of(visit.place.pool, visit.call.now)}


def next_nonce(visit: Visit) -> dict[str, str]:
    """Return that header for an answer to a proof that was taken, where the pool demands nonces."""
    return nonce_header(visit) if visit.call.jkt and visit.place.pool.dpop_nonces else {}


def proved(visit: Visit, *, token: str = "") -> Visit:
    """Return a visit with the key that its one proof shows; `token` is the access token beside it, empty for none.

    Raises BadDpop.
    """
    if len(visit.proofs) != 1:
        raise BadDpop("A request has one DPoP header")
    claimed = dpop.read(visit.proofs[0])
    _require_for(visit, claimed.claims)
    if token and not hmac.compare_digest(claimed.claims.ath.encode(), _hash_of(token).encode()):
        raise BadDpop("ath is not the hash of the access token")
    claimed.verify()
    shown = KeyProof(
        jkt=claimed.jkt,
        spent_as=f"dpop {_hash_of(f'{claimed.jkt}.{claimed.claims.jti}')}",
        expires_at=int(claimed.claims.iat * SECOND) + BEHIND,
    )
    return msgspec.structs.replace(visit, call=msgspec.structs.replace(visit.call, key_proof=shown))


def _require_for(visit: Visit, claims: DpopClaims) -> None:
    """Pass for a proof of this request and of now; one from before a restore may have been spent in what is gone. Raises BadDpop."""
    call, pool = visit.call, visit.place.pool
    made_at = int(claims.iat * SECOND)
    address = visit.place.url(visit.path)
    rows = (
        (claims.htm != visit.method, "htm is another method"),
        (
            _normal(claims.htu) is None or _normal(claims.htu) != _normal(address),
            f"htu is another address than {address}",
        ),
        (made_at > call.now + AHEAD, "iat is in the future"),
        (made_at <= max(call.now - BEHIND, call.house.restored_at), "iat is too long ago"),
    )
    for bad, why in rows:
        if bad:
            raise BadDpop(why)
    if claims.nonce is None and pool.dpop_nonces:
        raise NonceWanted("The proof must have a nonce")
    if claims.nonce is not None and not is_nonce(pool, claims.nonce, call.now):
        raise NonceWanted("The nonce is another one, or too old")


def _normal(address: str) -> tuple[str, str, int, str] | None:
    """Return scheme, host, port and path of an address, by which two spellings are one (RFC 3986 6.2.2, 6.2.3).

    Query and fragment do not count (RFC 9449 4.3); None for what is no address of a web server.
    """
    if not (address.isascii() and address.isprintable()) or " " in address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    path = _ESCAPE.sub(_plain, parts.path)
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port, path or "/"


def _plain(escape: re.Match[str]) -> str:
    sign = chr(int(escape[1], 16))
    return sign if _UNRESERVED.fullmatch(sign) else escape[0].upper()


def _hash_of(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode()).digest())
