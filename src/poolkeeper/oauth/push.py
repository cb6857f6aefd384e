"""/oauth2/par: an app sends its authorize request directly, and the browser brings no more than a name for it (RFC 9126)."""

from starlette.responses import Response

from poolkeeper.clock import SECOND
from poolkeeper.forms import Form
from poolkeeper.hosted import authorize, pushed
from poolkeeper.hosted.authorize import CARRIED, CODE, Refused, Untrusted
from poolkeeper.hosted.visit import Visit
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import authenticated_client
from poolkeeper.oauth.dpop import next_nonce_header, with_key_if_shown

# What is kept of a pushed form: the parameters of an authorize request, without the client's secret.
_KEPT = (*(name for name in CARRIED if name != "request_uri"), "id_token_hint")
_REDIRECT_MISMATCH = "redirect_mismatch"


async def push(visit: Visit) -> Response:
    """Answer a pushed authorize request with the `request_uri` that stands for it. Raises Refusal.

    Client authentication and errors are those of the token endpoint. A DPoP proof names the key to which the code will be
    bound, as `dpop_jkt` does (RFC 9449 10.1). It is not spent: whoever pushes it again gains nothing without the key, and nobody
    fills a table by pushing.
    """
    client = await authenticated_client(visit, at_sign_in=True)
    visit = with_key_if_shown(visit)
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
    members = {"request_uri": uri, "expires_in": pushed.LIFE // SECOND}
    return answer(members, status=201, headers=next_nonce_header(visit))
