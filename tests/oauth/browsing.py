"""How does a test browse? Requests without redirects, cookies that are kept, and a sign-in that needs no page."""

import http.client
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from starlette.responses import Response

from api.world import PASSWORD, ClientOfTests, PoolOfTests
from poolkeeper.auth import flow
from poolkeeper.auth.flow import Entrance
from poolkeeper.forms import Form
from poolkeeper.hosted import arrival, authorize, places
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import BY_PASSWORD

CALLBACK = "https://app.example/callback"
SIGNED_OUT = "https://app.example/bye"


def app_client(pool: PoolOfTests, **settings: Any) -> ClientOfTests:
    """Create an app client that may use the code flow and every scope of OpenID."""
    known = {
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"],
        "CallbackURLs": [CALLBACK],
        "LogoutURLs": [SIGNED_OUT],
        "SupportedIdentityProviders": ["COGNITO"],
        **settings,
    }
    return pool.client(**known)


def request_of(client: ClientOfTests, **more: str) -> dict[str, str]:
    """Return the parameters of an authorize request; an empty one is left out."""
    known = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": CALLBACK,
        "state": "state-of-the-app",
        "scope": "openid email aws.cognito.signin.user.admin",
        **more,
    }
    return {name: value for name, value in known.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def told(self) -> dict[str, str]:
        """The query or fragment of the address that it leads to."""
        parts = urlsplit(self.location)
        return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


@dataclass
class Browser:
    """A browser at one server: it keeps cookies and follows nothing by itself."""

    pool: PoolOfTests
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, query: dict[str, str] | str = "", **headers: str) -> Page:
        """GET a path."""
        text = query if isinstance(query, str) else urlencode(query)
        return self._send("GET", f"{path}?{text}" if text else path, None, headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Page:
        """POST a form."""
        return self._send("POST", path, urlencode(form).encode(), headers)

    def sign_in(self, client: ClientOfTests, name: str, **more: str) -> Page:
        """Sign in without a page, by the door that the pages have, and keep the cookie; return where it leads."""
        world = self.pool.world
        given = request_of(client, **more)

        async def arrive() -> Response:
            app = world.app
            place = await places.place_of_pool(world.house, self.pool.pool_id, origin=world.house.settings.issuer_base)
            assert place is not None
            call = app._call(
                region=None,
                caller=None,
                client_address="127.0.0.1",
                user_agent="tests",
                request_id=world.house.entropy.uuid(),
                now=world.house.clock.now(),
            )
            form = Form(given, (given["resource"],) if "resource" in given else ())
            visit = Visit(call=call, place=place, method="POST", path="/login", query=form)
            request = await authorize.read(call, place, form)
            answer = await flow.begin(
                call,
                lambda proven: arrival.arrive(visit, request, proven, began=BY_PASSWORD),
                entrance=Entrance.API,
                flow="USER_PASSWORD_AUTH",
                client_id=client.client_id,
                given={"USERNAME": name, "PASSWORD": PASSWORD},
                metadata={},
            )
            assert isinstance(answer, Response)
            return answer

        response = world.run(arrive)
        page = Page(response.status_code, {name.decode(): value.decode() for name, value in response.raw_headers}, b"")
        self._keep([page.headers["set-cookie"]])
        return page

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Page:
        netloc = urlsplit(self.pool.world.url).netloc
        connection = http.client.HTTPConnection(netloc, timeout=30)
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.host:
            known["Host"] = self.host
        if self.cookies:
            known["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            known.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection.request(method, path, body, known)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self._keep(answer.headers.get_all("set-cookie") or [])
        return Page(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def query_of(location: str) -> dict[str, str]:
    """Return the parameters that a redirect carries."""
    return dict(parse_qsl(urlsplit(location).query))
