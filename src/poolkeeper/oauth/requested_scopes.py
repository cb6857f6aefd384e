"""Which scopes does a request to /oauth2/token name? Those of `scope`, each once."""

from poolkeeper.hosted.authorize import MOST_SCOPE_BYTES, MOST_SCOPES
from poolkeeper.hosted.visit import Visit
from poolkeeper.oauth.answers import Refusal


def requested_scopes(visit: Visit) -> tuple[str, ...]:
    """Return the scopes that the request names. Raises Refusal, before it splits them, for too many (attacks.md 98)."""
    text = visit.form.get("scope", "")
    if len(text) > MOST_SCOPE_BYTES or text.count(" ") >= MOST_SCOPES:
        raise Refusal("invalid_scope", detail="too many scopes")
    return tuple(dict.fromkeys(scope for scope in text.split(" ") if scope))
