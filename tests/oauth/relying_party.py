"""How does a test stand where the OpenID conformance suite stands? A relying party that believes nothing that it has not checked.

It configures itself by discovery alone, goes through the pages as a person's browser does, and verifies ID tokens with joserfc,
an implementation of the same RFCs that shares no code with ours (OpenID Connect Core 3.1.2.5, 3.1.2.6, 3.1.3.3, 3.1.3.7, 5.1).
"""

import base64
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from api.world import PASSWORD, ClientOfTests, World
from hosted.places_of_tests import CERTIFICATE
from oauth.browsing import CALLBACK, Browser, Page, app_client
from oauth.hosted import Answer, basic, of_client, post, read
from pages.walking import Shown, Walk
from poolkeeper.clock import SECOND
from poolkeeper.server.upkeep import set_preferences

NAME = "ada"
PERSON: dict[str, Any] = {
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "middle_name": "King",
    "nickname": "ada",
    "preferred_username": "ada.lovelace",
    "profile": "https://people.example/ada",
    "picture": "https://people.example/ada.png",
    "website": "https://ada.example",
    "gender": "female",
    "birthdate": "1815-12-10",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "updated_at": "1700000000",
    "email": "ada@example.com",
    "email_verified": "true",
    "phone_number": "+442012345678",
    "phone_number_verified": "true",
    "address": "12 St James's Square, London",
}
# What OpenID Connect Core 5.4 has for each scope.
OF_SCOPES: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
    "profile": frozenset(PERSON) - {"email", "email_verified", "phone_number", "phone_number_verified", "address"},
}
_ERROR_TEXT = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
_MOST_SKEW = 300


@dataclass
class RelyingParty:
    """One app client with its browser, at a pool that is configured as docs/conformance.md has it.

    `by_post`: it shows its secret in the form instead of by Basic. `provider` is the discovery document.
    """

    client: ClientOfTests
    browser: Browser
    provider: Mapping[str, Any]
    by_post: bool = False
    redirect_uri: str = CALLBACK
    _drawn: int = 0
    _keys: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.client.world

    def path(self, endpoint: str) -> str:
        """Return where an endpoint of the discovery document is on the host that the browser speaks to."""
        parts = urlsplit(str(self.provider[endpoint]))
        assert parts.hostname == self.browser.host, parts
        return parts.path

    def request(self, **more: str | None) -> dict[str, str]:
        """Return an authorize request with a `state` and a `nonce` of its own; None leaves a parameter out."""
        self._drawn += 1
        known: dict[str, str | None] = {
            "client_id": self.client.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": f"state-{self._drawn}-" + "s" * 20,
            "nonce": f"nonce-{self._drawn}-" + "n" * 20,
            "response_type": "code",
            **more,
        }
        return {name: value for name, value in known.items() if value is not None}

    def ask(self, request: Mapping[str, str], *, by_form: bool = False) -> Page:
        """Send the browser to the authorization endpoint; return what comes back."""
        path = self.path("authorization_endpoint")
        return self.browser.post(path, dict(request)) if by_form else self.browser.get(path, dict(request))

    def push(self, request: Mapping[str, str], **more: str) -> Answer:
        """Push an authorize request with the client's proof, Basic where it has a secret."""
        headers = {"Host": self.browser.host}
        if self.client.secret is not None:
            headers |= basic(self.client.client_id, self.client.secret)
        path = self.path("pushed_authorization_request_endpoint")
        return post(self.world, path, {**request, **more}, headers)

    def pushed(self, request: Mapping[str, str]) -> dict[str, str]:
        """Push an authorize request; return what the browser brings instead of it (RFC 9126 section 4)."""
        answer = self.push(request)
        assert answer.status == 201, answer
        return {"client_id": self.client.client_id, "request_uri": answer.body["request_uri"]}

    def shown(self, page: Page) -> Shown:
        """Take an answer as the page that the browser comes to."""
        return self._walk.follow(page)

    def sign_in(self, page: Page, name: str = NAME) -> Page:
        """Fill the sign-in page to which the authorization endpoint has led; return what comes back."""
        return self._walk.send(self.shown(page), "/login", username=name, password=PASSWORD)

    def press(self, page: Page, path: str) -> Page:
        """Press the one button of a page that a redirect leads to; return what comes back."""
        return self._walk.send(self.shown(page), path)

    @property
    def _walk(self) -> Walk:
        return Walk(self.browser, self.client)

    def answered(self, page: Page, request: Mapping[str, str]) -> dict[str, str]:
        """Return what came back to the app, in the query and once each; `state` and `iss` must be right (RFC 9207)."""
        assert page.status in {302, 303}, page
        address, _, query = page.location.partition("?")
        assert address == request["redirect_uri"], page.location
        assert "#" not in page.location
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
        parameters = dict(pairs)
        assert len(parameters) == len(pairs)
        assert parameters.get("state") == request.get("state")
        assert parameters["iss"] == self.provider["issuer"]
        return parameters

    def refused(self, page: Page, request: Mapping[str, str]) -> str:
        """Return the error that came back to the app, which must be one of RFC 6749 4.1.2.1 and have no code."""
        parameters = self.answered(page, request)
        assert parameters.keys() <= {"error", "error_description", "error_uri", "state", "iss"}
        assert _ERROR_TEXT.fullmatch(parameters.get("error_description", ""))
        return parameters["error"]

    def code(self, page: Page, request: Mapping[str, str]) -> str:
        """Return the code that came back, which nobody guesses (RFC 6749 10.10: 128 bits, here by the suite's measure)."""
        parameters = self.answered(page, request)
        assert parameters.keys() == {"code", "state", "iss"}, parameters
        code = parameters["code"]
        shares = [count / len(code) for count in Counter(code).values()]
        assert -sum(share * math.log2(share) for share in shares) * len(code) > 96
        return code

    def exchange(self, code: str, **more: str) -> Answer:
        """Exchange a code, as a confidential client does."""
        return self.token(grant_type="authorization_code", code=code, redirect_uri=self.redirect_uri, **more)

    def token(self, **form: str) -> Answer:
        """Post a form to the token endpoint with the client's proof; the answer must be JSON that nobody keeps."""
        assert self.client.secret is not None
        headers = {"Host": self.browser.host}
        if self.by_post:
            form |= of_client(self.client)
        else:
            headers |= basic(self.client.client_id, self.client.secret)
        answer = post(self.world, self.path("token_endpoint"), form, headers)
        assert answer.headers["content-type"].startswith("application/json")
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        return answer

    def tokens(self, page: Page, request: Mapping[str, str], **more: str) -> dict[str, Any]:
        """Exchange the code that came back; the answer and its ID token must be whole."""
        answer = self.exchange(self.code(page, request), **more)
        assert answer.status == 200, answer
        held = dict(answer.body)
        assert held["token_type"].lower() == "bearer"
        assert type(held["expires_in"]) is int
        assert held["expires_in"] > 0
        self.verified(held, nonce=request.get("nonce"))
        return held

    def signed_in(self, **more: str | None) -> dict[str, Any]:
        """Sign in with a request at a browser where nobody is; return the tokens."""
        request = self.request(**more)
        return self.tokens(self.sign_in(self.ask(request)), request)

    def verified(self, held: Mapping[str, Any], *, nonce: str | None = None) -> dict[str, Any]:
        """Return the claims of an ID token that is right in every point of OpenID Connect Core 2, 3.1.3.6, 3.1.3.7 and 5.1."""
        header = json.loads(base64.urlsafe_b64decode(held["id_token"].split(".")[0] + "=="))
        assert header["alg"] in self.provider["id_token_signing_alg_values_supported"]
        (signing_key,) = [jwk for jwk in self._jwks()["keys"] if jwk["kid"] == header["kid"]]
        assert signing_key["use"] == "sig"
        claims: dict[str, Any] = jwt.decode(
            held["id_token"], KeySet.import_key_set(self._jwks()), algorithms=["RS256"]
        ).claims
        now = self.world.clock.now() // SECOND
        assert claims["iss"] == self.provider["issuer"]
        assert claims["aud"] == self.client.client_id
        assert "azp" not in claims or claims["azp"] == self.client.client_id
        assert 0 < len(claims["sub"]) <= 255
        assert claims["sub"].isascii()
        assert all(type(claims[name]) is int for name in ("iat", "exp", "auth_time"))
        assert claims["auth_time"] <= claims["iat"] <= now + _MOST_SKEW
        assert now - claims["iat"] <= _MOST_SKEW
        assert now < claims["exp"] < now + 366 * 86_400
        assert claims.get("nonce") == nonce
        assert claims.get("acr") != ""
        assert "at_hash" not in claims or claims["at_hash"] == _half_hash(held["access_token"])
        require_standard(claims)
        return claims

    def user_info(self, access_token: str, way: str = "get") -> dict[str, Any]:
        """Ask who the bearer is: by `get`, `header` (POST) or `body`; the claims must be of the kinds of 5.1."""
        path, host = self.path("userinfo_endpoint"), {"Host": self.browser.host}
        bearer = {**host, "Authorization": f"Bearer {access_token}"}
        answer = {
            "get": lambda: read(*self.world.get(path, bearer)),
            "header": lambda: read(*self.world.http("POST", path, body=b"", headers=bearer)),
            "body": lambda: post(self.world, path, {"access_token": access_token}, host),
        }[way]()
        assert answer.status == 200, answer
        assert answer.headers["content-type"].startswith("application/json")
        require_standard(answer.body)
        return dict(answer.body)

    def is_signed_in(self) -> bool:
        """Say whether somebody is signed in at the browser, by `prompt=none`."""
        request = self.request(prompt="none")
        parameters = self.answered(self.ask(request), request)
        assert parameters.get("error", "login_required") == "login_required"
        return "code" in parameters

    def sign_out(self, **more: str | None) -> Page:
        """Send the browser to the end-session endpoint; None leaves a parameter out."""
        given = {name: value for name, value in more.items() if value is not None}
        return self.browser.get(self.path("end_session_endpoint"), given)

    def _jwks(self) -> Any:
        if not self._keys:
            path = urlsplit(str(self.provider["jwks_uri"])).path
            self._keys |= json.loads(self.world.get(path)[2])
            ids = [jwk["kid"] for jwk in self._keys["keys"]]
            assert len(set(ids)) == len(ids)
            assert not any({"d", "p", "q", "k"} & jwk.keys() for jwk in self._keys["keys"])
        return self._keys


def relying_party(world: World, **settings: Any) -> RelyingParty:
    """Make the pool of docs/conformance.md: a domain, booleans in userInfo, `ada` with every attribute, a confidential client."""
    pool = world.pool()
    world.run(lambda: set_preferences(world.house, pool.pool_id, ["user_info_booleans=on"]))
    host = f"login.rp-{pool.pool_id[-9:].lower()}.example"
    world.signed.create_user_pool_domain(
        UserPoolId=pool.pool_id, Domain=host, CustomDomainConfig={"CertificateArn": CERTIFICATE}
    )
    pool.user(NAME, **PERSON)
    known = {"GenerateSecret": True, "AllowedOAuthScopes": ["openid", "email", "phone", "profile"], **settings}
    client = app_client(pool, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"], **known)
    provider = json.loads(world.get(f"/{pool.pool_id}/.well-known/openid-configuration")[2])
    return RelyingParty(client, Browser(pool, host=host), provider)


def another(party: RelyingParty, **changes: Any) -> RelyingParty:
    """Return a second client of the same pool, with a browser of its own."""
    client = app_client(
        party.client.pool,
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
        AllowedOAuthScopes=["openid", "email", "phone", "profile"],
    )
    return RelyingParty(client, Browser(party.client.pool, host=party.browser.host), party.provider, **changes)


def require_standard(claims: Mapping[str, Any]) -> None:
    """Fail for a standard claim of another kind than OpenID Connect Core 5.1 has it, or an empty one."""
    for name, value in claims.items():
        if name in {"email_verified", "phone_number_verified"}:
            assert type(value) is bool, name
        elif name == "updated_at":
            assert type(value) is int, name
        elif name == "address":
            assert isinstance(value, dict), name
        elif name in PERSON or name == "sub":
            assert isinstance(value, str), name
            assert value, name


def pkce(verifier: str) -> dict[str, str]:
    """Return the challenge of a verifier (RFC 7636 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return {"code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), "code_challenge_method": "S256"}


def _half_hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
