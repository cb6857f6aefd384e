"""What does an app ask for? An authorize request: read, checked against the app client, and carried from page to page.

Source: RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707, RFC 9449 section 10, OpenID Connect Core 3.1.2.1;
oauth-federation.md 2.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.responses import Response

from poolkeeper import forms
from poolkeeper.accounts import client_documents
from poolkeeper.call import Call
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.forms import Form
from poolkeeper.hosted import pushed as pushing
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.places import Place
from poolkeeper.hosted.pushed import BadPushed, Pushed
from poolkeeper.hosted.redirects import redirect, with_query
from poolkeeper.hosted.registered import any_port_of_localhost, is_registered, shortened
from poolkeeper.lookup import require_client_and_scopes
from poolkeeper.model.admission import Want
from poolkeeper.model.client import CLIENT_ID, COGNITO, Client
from poolkeeper.model.client_metadata import BadDocument, is_client_url
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import OF_OPENID, OPENID, SIGN_IN_SCOPE
from poolkeeper.tokens.issuer import issuer_of

CODE, IMPLICIT = "code", "token"
SOURCE = "TokenGeneration_HostedAuth"
MOST_SCOPES = 50
MOST_SCOPE_BYTES = 2_048
LONGEST_STATE = 8_192
LONGEST_VALUE = 2_048

# response_type, and the flow that the app client must allow for it.
FLOWS = {CODE: "code", IMPLICIT: "implicit"}
# By SHA-256 in base64url: of a verifier, and of a key (RFC 7638).
_HASHES = (
    ("code_challenge", "code_challenge is not one of S256"),
    ("dpop_jkt", "dpop_jkt is not the thumbprint of a key"),
)
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
PROMPTS = frozenset({"none", "login", "select_account", "consent"})
MODES = frozenset({"query", "fragment"})
# What an authorize request may hold and every page hands on to the next one.
CARRIED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "identity_provider",
    "idp_identifier",
    "login_hint",
    "prompt",
    "resource",
    "acr_values",
    "max_age",
    "response_mode",
    "lang",
    "ui_locales",
    "dpop_jkt",
    "request_uri",
)
# What a page's address says beside a pushed request: in which language it speaks.
_BESIDE_PUSHED = ("lang", "ui_locales")
# All of them but those that have a bound of their own.
_BOUNDED_TOGETHER = frozenset(CARRIED) - {"state", "redirect_uri", "scope", "request_uri"}


class Untrusted(Exception):  # noqa: N818 - what is said of the request
    """A request whose redirect address nobody vouches for: its error is a page's.

    `detail` says more in the log.
    """

    def __init__(self, code: Fault, client_id: str = "", *, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.client_id = client_id
        self.detail = detail


class Refused(Exception):  # noqa: N818 - what is said of the request
    """A request that is answered at the app's own address, by an error of RFC 6749 section 4.1.2.1."""

    def __init__(self, back: "Back", error: str, description: str = "") -> None:
        super().__init__(f"{error} {description}")
        self.back = back
        self.error = error
        self.description = description

    def response(self) -> Response:
        """Return the redirect that tells the app."""
        return self.back.answer({"error": self.error, "error_description": self.description})


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """The way back to the app: an address of its own, how the answer gets there, and what proves whose answer it is."""

    redirect_uri: str
    mode: str
    state: str | None
    issuer: str

    def answer(self, given: dict[str, str]) -> Response:
        """Return the answer to the app with `given`, of which empty ones are left out, `state` and `iss` (RFC 9207)."""
        fields = {name: value for name, value in given.items() if value}
        if self.state is not None:
            fields["state"] = self.state
        fields["iss"] = self.issuer
        if self.mode == "fragment":
            return redirect(f"{self.redirect_uri}#{forms.write(fields.items())}")
        return redirect(with_query(self.redirect_uri, fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """What an app asks for, every part of it checked; `pool` and `client` are as they were read for it.

    `scopes` are those that the client has, all where none was named. `challenge` is that of PKCE by S256, `dpop_jkt` the
    key to which the code is bound, both empty without; `max_age` is seconds; `identity_provider` or `idp_identifier` is
    where its person shall sign in, both empty where that is theirs to choose. `given` is the request itself, `carrier`
    what the addresses of pages hold of it: the same, but for a request that was `pushed`.
    """

    pool: Pool
    client: Client
    response_type: str
    back: Back
    scopes: tuple[str, ...]
    challenge: str
    dpop_jkt: str
    nonce: str | None
    resource: str
    prompt: frozenset[str]
    login_hint: str
    acr_values: tuple[str, ...]
    max_age: int | None
    identity_provider: str
    idp_identifier: str
    given: Form
    carrier: Form
    pushed: Pushed | None = None

    @property
    def query(self) -> str:
        """The request as text, for the next page."""
        return forms.write((name, self.carrier[name]) for name in CARRIED if name in self.carrier)

    def takes(self, provider: str) -> bool:
        """Say whether the app takes who signed in at a provider, or at our own pages where it is empty.

        Where the app names a provider it takes its people alone (oauth-federation.md 4).
        """
        # UNVERIFIED: that a browser session of another provider is of no use then, whatever `prompt` says.
        named = provider or COGNITO
        if self.identity_provider not in {"", named}:
            return False
        return provider in self.client.providers if provider else self.client.serves_own_users

    def want(self) -> Want:
        """Return what the gate is asked for."""
        return Want(
            scopes=self.scopes,
            id_token=OPENID in self.scopes,
            refresh_token=self.response_type == CODE and self.client.refreshes,
            source=SOURCE,
            nonce=self.nonce,
            resource=self.resource,
            by_pages=True,
            client_url=self.client.url,
        )


async def read(call: Call, place: Place, form: Form, *, entering: bool = False) -> AuthorizeRequest:
    """Check an authorize request, one that was pushed too; `entering`: it may be one that no browser has come with yet.

    Raises Untrusted before client and redirect address are known to belong together, Refused after.
    """
    if not pushing.is_pushed(form):
        request = await check(call, place, form)
        if request.pool.pushed_requests_only:
            raise Refused(request.back, "invalid_request", "The request must be pushed")
        return request
    try:
        pushed = pushing.opened(call, place.pool.pool_id, form)
    except BadPushed as fault:
        raise Untrusted(Fault.INVALID_REQUEST, detail=str(fault)) from None
    if not (pushed.came or entering):
        raise Untrusted(Fault.INVALID_REQUEST, detail="a request_uri that passes the authorization endpoint by")
    request = await check(call, place, pushed.form)
    if pushed.expires_at <= call.now:
        raise Refused(request.back, "invalid_request_uri", "request_uri has expired")
    typed = form.get("login_hint") if pushed.came else None
    return replace(request, carrier=form, pushed=pushed, login_hint=(typed or request.login_hint)[:LONGEST_VALUE])


async def enter(call: Call, request: AuthorizeRequest) -> AuthorizeRequest:
    """Return a request with which a browser has come, as the pages go on with it: a pushed one is spent.

    Raises Refused for one that was spent before.
    """
    if request.pushed is None or request.pushed.came:
        return request
    further = await pushing.come(call, request.pushed)
    if further is None:
        raise Refused(request.back, "invalid_request_uri", "request_uri was used before")
    beside = {name: request.given[name] for name in _BESIDE_PUSHED if name in request.given}
    carrier = {"client_id": request.client.shown_id, "request_uri": further, **beside}
    return replace(request, carrier=Form(carrier))


async def check(call: Call, place: Place, form: Form) -> AuthorizeRequest:
    """Check the parameters of an authorize request.

    Raises Untrusted and Refused as `read` does.
    """
    pool, client, redirect_uri, of_servers = await _client_and_redirect(call, place, form)
    response_type = form.get("response_type", "")
    # UNVERIFIED: a response_mode that the client may not have; AWS knows none.
    mode = form.get("response_mode") or ("fragment" if response_type == IMPLICIT else "query")
    back = Back(
        redirect_uri=redirect_uri,
        mode=mode if mode in MODES else "query",
        state=form.get("state"),
        issuer=issuer_of(call.settings, pool),
    )
    _check(client, back, form, response_type)
    prompt = frozenset(form.get("prompt", "").split())
    return AuthorizeRequest(
        pool=pool,
        client=client,
        response_type=response_type,
        back=back,
        scopes=_scopes(client, back, form, of_servers),
        challenge=form.get("code_challenge", ""),
        dpop_jkt=form.get("dpop_jkt", ""),
        nonce=form.get("nonce"),
        resource=_resource(back, form),
        prompt=prompt,
        login_hint=form.get("login_hint", "")[:LONGEST_VALUE],
        acr_values=tuple(form.get("acr_values", "").split()),
        max_age=_max_age(back, form),
        identity_provider=form.get("identity_provider", ""),
        idp_identifier=form.get("idp_identifier", ""),
        given=form,
        carrier=form,
    )


async def _client_and_redirect(call: Call, place: Place, form: Form) -> tuple[Pool, Client, str, frozenset[str]]:
    """Return the pool and the client as they are now, the address that it has registered, and the pool's custom scopes."""
    client_id, redirect_uri = form.get("client_id", ""), form.get("redirect_uri", "")
    if not client_id:
        raise Untrusted(Fault.PARAMETERS_MISSING, detail="client_id")
    pool, client, of_servers = await _client(call, place, client_id)
    allowed = client.document.get("CallbackURLs", ())
    if not redirect_uri:
        # UNVERIFIED: AWS lets DefaultRedirectURI stand in where the client has exactly one provider.
        redirect_uri = client.document.get("DefaultRedirectURI", "")
        if not redirect_uri:
            raise Untrusted(Fault.PARAMETERS_MISSING, client_id, detail="redirect_uri")
    if not is_registered(allowed, redirect_uri, localhost=any_port_of_localhost(pool, client)):
        raise Untrusted(Fault.REDIRECT_MISMATCH, client_id, detail=shortened(redirect_uri))
    if len(form.get("state", "")) > LONGEST_STATE:
        raise Untrusted(Fault.STATE_TOO_LONG, client_id)
    return pool, client, redirect_uri, of_servers


async def _client(call: Call, place: Place, client_id: str) -> tuple[Pool, Client, frozenset[str]]:
    if is_client_url(client_id):
        try:
            return await client_documents.at_sign_in(call, place.pool.pool_id, client_id)
        except BadDocument as fault:
            raise Untrusted(Fault.UNKNOWN_CLIENT, detail=f"{shortened(client_id)}: {fault}") from None
    if not CLIENT_ID.fullmatch(client_id):
        raise Untrusted(Fault.UNKNOWN_CLIENT)
    try:
        pool, client, of_servers = await require_client_and_scopes(call, client_id)
    except ResourceNotFoundException:
        raise Untrusted(Fault.UNKNOWN_CLIENT, client_id) from None
    if pool.pool_id != place.pool.pool_id:
        raise Untrusted(Fault.UNKNOWN_CLIENT, client_id, detail="the client is of another pool")
    return pool, client, of_servers


def _check(client: Client, back: Back, form: Form, response_type: str) -> None:
    """Refuse what the client may not have, in the order in which AWS is known to look."""
    document = client.document
    if not document.get("AllowedOAuthFlowsUserPoolClient"):
        raise Refused(back, "invalid_request", "Client is not enabled for OAuth2.0 flows")
    for name in ("request", "request_uri"):
        if name in form:
            raise Refused(back, f"{name}_not_supported")
    if response_type not in FLOWS:
        raise Refused(back, "unsupported_response_type" if response_type else "invalid_request")
    unbound = response_type == IMPLICIT and client.dpop_bound
    if unbound or FLOWS[response_type] not in document.get("AllowedOAuthFlows", ()):
        raise Refused(back, "unauthorized_client")
    fault = _form_fault(form, response_type)
    if fault is None and client.registered_itself and "code_challenge" not in form:
        fault = "code_challenge is missing"
    if fault is None and response_type == IMPLICIT and "dpop_jkt" in form:
        fault = "dpop_jkt is for codes: a token in an address can be bound to no key"
    if fault is not None:
        raise Refused(back, "invalid_request", fault)


def _form_fault(form: Form, response_type: str) -> str | None:
    """Return what is wrong with the form of the other parameters."""
    mode = form.get("response_mode")
    if mode is not None and (mode not in MODES or (mode == "query" and response_type == IMPLICIT)):
        return "response_mode is not supported"
    if any(len(value) > LONGEST_VALUE and name in _BOUNDED_TOGETHER for name, value in form.fields.items()):
        return "A parameter is too long"
    challenge, method = form.get("code_challenge"), form.get("code_challenge_method")
    if (challenge is None) != (method is None) or method not in {None, "S256"}:
        return "code_challenge_method must be S256"
    for name, fault in _HASHES:
        if name in form and not _HASH.fullmatch(form[name]):
            return fault
    prompts = form.get("prompt", "").split()
    if not PROMPTS.issuperset(prompts) or ("none" in prompts and len(prompts) > 1):
        return "prompt is not supported"
    return None


def _scopes(client: Client, back: Back, form: Form, of_servers: frozenset[str]) -> tuple[str, ...]:
    """Return the scopes to give: those that were named, in that order, or all that the client has.

    A scope that its resource server has lost, and that the client still has, is left out in silence.
    """
    allowed = client.document.get("AllowedOAuthScopes", ())
    text = form.get("scope", "")
    if len(text) > MOST_SCOPE_BYTES:
        raise Refused(back, "invalid_scope")
    named = tuple(dict.fromkeys(text.split(" "))) if text.strip() else tuple(allowed)
    named = tuple(scope for scope in named if scope)
    if len(named) > MOST_SCOPES or not set(named) <= set(allowed):
        raise Refused(back, "invalid_scope")
    if OPENID not in named and OF_OPENID.intersection(named) and text.strip():
        raise Refused(back, "invalid_scope")
    return tuple(scope for scope in named if scope in OF_OPENID or scope == SIGN_IN_SCOPE or scope in of_servers)


def _resource(back: Back, form: Form) -> str:
    """Return the one resource that access tokens are bound to, empty for none (RFC 8707 section 2)."""
    if not form.resources:
        return ""
    resource = form.resources[0]
    if len(form.resources) > 1 or not _is_plain(resource):
        raise Refused(back, "invalid_target")
    return resource


def _is_plain(resource: str) -> bool:
    """Say whether an absolute address without a fragment stands there, which is http for `localhost` alone."""
    try:
        parts = urlsplit(resource)
        return bool(parts.scheme and not parts.fragment and (parts.scheme != "http" or parts.hostname == "localhost"))
    except ValueError:  # a bracket that is open, or what no host name can hold
        return False


def _max_age(back: Back, form: Form) -> int | None:
    text = form.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise Refused(back, "invalid_request", "max_age is not a number of seconds")
    return int(text)
