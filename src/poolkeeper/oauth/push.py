"""/oauth2/par: an app sends its authorize request itself, and its browser brings no more than a name for it (RFC 9126)."""

from starlette.responses import Response

from poolkeeper.clock import SECOND
from poolkeeper.forms import Form
from poolkeeper.hosted import authorize, pushed
from poolkeeper.hosted.authorize import CARRIED, CODE, Refused, Untrusted
from poolkeeper.hosted.visit import Visit
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import authenticated
from poolkeeper.oauth.dpop import next_nonce, with_key

# What is kept of a pushed form: neither the client's proof nor what no authorize request has.
_KEPT = (*(name for name in CARRIED if name != "request_uri"), "id_token_hint")
_REDIRECT_MISMATCH = "redirect_mismatch"


async def push(visit: Visit) -> Response:
    """Answer a request that is pushed. Client authentication and faults are those of the token endpoint. Raises Refusal.

    A DPoP proof says as `dpop_jkt` does to which key the code is bound (RFC 9449 10.1). It is not spent: whoever pushes it again
    gets nothing without the key, and nobody fills a table by pushing.
    """
    client = await authenticated(visit, beginning=True)
    visit = with_key(visit)
    for name in ("request", "request_uri"):
        if name in visit.form:
            raise Refusal("invalid_request", f"{name} is not taken here")
    fields = {name: visit.form[name] for name in _KEPT if name in visit.form}
    if visit.call.jkt and fields.setdefault("dpop_jkt", visit.call.jkt) != visit.call.jkt:
        raise Refusal("invalid_request", "dpop_jkt is not the key of the DPoP proof")
    form = Form({**fields, "client_id": client.shown_id}, visit.form.resources)
    try:
        request = await authorize.check(visit.call, visit.place, form)
    except Untrusted as fault:
        description = "redirect_uri is not one of the client" if fault.code == _REDIRECT_MISMATCH else ""
        raise Refusal("invalid_request", description, detail=f"{fault.code} {fault.detail}") from None
    except Refused as fault:
        raise Refusal(fault.error, fault.description) from None
    if request.response_type == CODE and not client.secrets and not request.challenge:
        raise Refusal("invalid_request", "code_challenge is missing")
    uri = pushed.push(visit.call, visit.place.pool.pool_id, client.shown_id, form)
    if len(uri) > pushed.LONGEST:
        raise Refusal("invalid_request", "The request is too long")
    named = {"request_uri": uri, "expires_in": pushed.LIFE // SECOND}
    return answer(named, status=201, headers=next_nonce(visit))
