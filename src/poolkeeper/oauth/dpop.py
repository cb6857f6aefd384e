"""Which key does the sender of a request hold? That of the DPoP proof, if it was made for this very request (RFC 9449 4.3).

    exactly one header --> a JWT of a key --> this method, this address, now, our nonce --> this access token --> its signature

Cheap checks come first. Whether the proof was used before is checked only where it would earn an answer (tokens/dpop.py).
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

# How old a proof may be, by a slow clock or on a long way, and how far a client's clock may be ahead of ours.
BEHIND, AHEAD = 5 * MINUTE, MINUTE

_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class NonceWanted(BadDpop):
    """A proof without the nonce that the pool demands, or with a nonce that is not the pool's or too old."""


def with_key_if_shown(visit: Visit) -> Visit:
    """Return the visit with the key that its sender proved to hold, unchanged if no proof came.

    Raises Refusal with the errors of the token endpoint (RFC 9449 5 and 8).
    """
    if not visit.proofs:
        return visit
    try:
        return with_key_proof(visit)
    except NonceWanted as fault:
        raise Refusal("use_dpop_nonce", str(fault), headers=nonce_header(visit)) from None
    except BadDpop as fault:
        raise Refusal("invalid_dpop_proof", str(fault)) from None


def nonce_header(visit: Visit) -> dict[str, str]:
    """Return the header that hands out the nonce for the next proof (RFC 9449 8.2)."""
    return {"dpop-nonce": nonce_of(visit.place.pool, visit.call.now)}


def next_nonce_header(visit: Visit) -> dict[str, str]:
    """Return that header if a proof was accepted and the pool demands nonces, else no header."""
    return nonce_header(visit) if visit.call.jkt and visit.place.pool.dpop_nonces else {}


def with_key_proof(visit: Visit, *, token: str = "") -> Visit:
    """Return the visit with the key that its one proof shows; `token` is the access token beside it, empty for none.

    Raises BadDpop, of which NonceWanted is one.
    """
    if len(visit.proofs) != 1:
        raise BadDpop("A request has one DPoP header")
    claimed = dpop.read(visit.proofs[0])
    _require_for_this_request(visit, claimed.claims)
    if token and not hmac.compare_digest(claimed.claims.ath.encode(), _hash_of(token).encode()):
        raise BadDpop("ath is not the hash of the access token")
    claimed.verify()
    key_proof = KeyProof(
        jkt=claimed.jkt,
        spent_as=f"dpop {_hash_of(f'{claimed.jkt}.{claimed.claims.jti}')}",
        expires_at=int(claimed.claims.iat * SECOND) + BEHIND,
    )
    return msgspec.structs.replace(visit, call=msgspec.structs.replace(visit.call, key_proof=key_proof))


def _require_for_this_request(visit: Visit, claims: DpopClaims) -> None:
    """Pass for a proof that was made for this request, just now. Raises BadDpop.

    One from before a restore is too old: it may have been spent in rows that the restore undid.
    """
    call, pool = visit.call, visit.place.pool
    made_at = int(claims.iat * SECOND)
    address = visit.place.url(visit.path)
    rows = (
        (claims.htm != visit.method, "htm is another method"),
        (
            _normalized(claims.htu) is None or _normalized(claims.htu) != _normalized(address),
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


def _normalized(address: str) -> tuple[str, str, int, str] | None:
    """Return (scheme, host, port, path), the same for all spellings of one address (RFC 3986 6.2.2, 6.2.3).

    Query and fragment do not count (RFC 9449 4.3). None for what is not an address of a web server.
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
    path = _ESCAPE.sub(_unescaped, parts.path)
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port, path or "/"


def _unescaped(escape: re.Match[str]) -> str:
    """Return the character of an escape that none needs, else the escape in upper case (RFC 3986 6.2.2)."""
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _hash_of(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode()).digest())
