"""How does a test get a code, and what does it send to the OAuth endpoints? Sign-ins in the server's process, forms by HTTP.

A person signs in by a flow of the API's table with the pages' door behind it (hosted/arrival.py), so that nothing here
depends on what a page looks like.
"""

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.responses import Response

from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from poolkeeper.auth import flow
from poolkeeper.auth.challenge import Challenge
from poolkeeper.auth.flow import Entrance
from poolkeeper.auth.sign_in import Proven
from poolkeeper.call import Call
from poolkeeper.forms import Form
from poolkeeper.hosted import arrival, authorize, places
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import BY_PASSWORD

CALLBACK = "https://app.example/callback"
NAME = "ada"
ADMIN = "aws.cognito.signin.user.admin"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPES = ["openid", "email", "phone", "profile", ADMIN]
CODE_CLIENT: Mapping[str, Any] = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": SCOPES,
    "CallbackURLs": [CALLBACK],
    "SupportedIdentityProviders": ["COGNITO"],
}


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered: status, headers by lower-case name, and the JSON of the body, {} for none."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def error(self) -> tuple[int, str]:
        """Status and error."""
        return self.status, str(self.body.get("error"))


def code_client(pool: PoolOfTests, **settings: Any) -> ClientOfTests:
    """Make an app client that exchanges codes."""
    return pool.client(**{**CODE_CLIENT, **settings})


def code_for(client: ClientOfTests, name: str = NAME, **given: str) -> str:
    """Sign a user in for an app that asks for `given` beside the usual; return the code."""
    location = urlsplit(arrive(client, name, **given).headers["location"])
    answer = {field: values[0] for field, values in parse_qs(location.query).items()}
    assert "code" in answer, answer
    return answer["code"]


def arrive(client: ClientOfTests, name: str = NAME, *, password: str = PASSWORD, **given: str) -> Response:
    """Sign a user in as the pages would; return the redirect to the app, with the cookie of the browser session."""
    world = client.world
    fields = {"client_id": client.client_id, "response_type": "code", "redirect_uri": CALLBACK, **given}

    async def signing_in() -> Challenge | Response:
        house = world.house
        call = Call(
            house=house,
            caller=None,
            region=house.settings.region,
            client_address="127.0.0.1",
            user_agent="tests",
            request_id=house.entropy.uuid(),
            now=world.clock.now(),
        )
        place = await places.place_of_pool(house, client.pool.pool_id, origin=world.url)
        assert place is not None
        resources = (fields["resource"],) if "resource" in fields else ()
        request = await authorize.read(call, place, Form(fields, resources))
        visit = Visit(call=call, place=place, method="POST", path="/login")

        async def door(proven: Proven) -> Response:
            return await arrival.arrive(visit, request, proven, began=BY_PASSWORD)

        return await flow.begin(
            call,
            door,
            entrance=Entrance.API,
            flow="USER_PASSWORD_AUTH",
            client_id=client.client_id,
            given={"USERNAME": name, "PASSWORD": password, **secret_hash_of(client, name)},
            metadata={},
        )

    answer = world.run(signing_in)
    assert isinstance(answer, Response)
    return answer


def code_by_cookie(client: ClientOfTests, cookie: str, **given: str) -> str:
    """Ask /oauth2/authorize for a code with the cookie of a browser session."""
    fields = {"client_id": client.client_id, "response_type": "code", "redirect_uri": CALLBACK, **given}
    connection = http.client.HTTPConnection(urlsplit(client.world.url).netloc, timeout=30)
    connection.request("GET", f"/oauth2/authorize?{urlencode(fields)}", headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def secret_hash_of(client: ClientOfTests, name: str) -> dict[str, str]:
    """Return SECRET_HASH where the client has a secret."""
    if client.secret is None:
        return {}
    mac = hmac.digest(client.secret.encode(), (name + client.client_id).encode(), "sha256")
    return {"SECRET_HASH": base64.b64encode(mac).decode()}


def post(
    world: World, path: str, fields: Mapping[str, str] | bytes, headers: Mapping[str, str] | None = None
) -> Answer:
    """POST a form; return the answer."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    known = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return read(*world.http("POST", path, body=body, headers=known))


def read(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return an answer whose body is JSON or empty."""
    return Answer(status, headers, json.loads(body) if body else {})


def exchange(client: ClientOfTests, code: str, **more: str) -> Answer:
    """Exchange a code as the client does, its secret in the form where it has one."""
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **of_client(client), **more}
    return post(client.world, "/oauth2/token", fields)


def refresh(client: ClientOfTests, refresh_token: str, **more: str) -> Answer:
    """Ask for the next tokens."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, **of_client(client), **more}
    return post(client.world, "/oauth2/token", fields)


def tokens_for(client: ClientOfTests, name: str = NAME, **given: str) -> dict[str, Any]:
    """Sign a user in and exchange the code; return the tokens."""
    answer = exchange(client, code_for(client, name, **given))
    assert answer.status == 200, answer
    return dict(answer.body)


def of_client(client: ClientOfTests) -> dict[str, str]:
    """Return what names a client in a form."""
    return {"client_id": client.client_id, **({"client_secret": client.secret} if client.secret else {})}


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header of Basic, with id and secret encoded as RFC 6749 section 2.3.1 has them."""
    text = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def user_info(world: World, token: str, path: str = "/oauth2/userInfo") -> Answer:
    """Ask who the bearer is."""
    return read(*world.get(path, {"Authorization": f"Bearer {token}"}))
