"""What do the OAuth endpoints cost? Codes, refreshes and tokens of machines, for people who have signed in at a browser.

The browser session is a row that is written beside the server, so that no page is measured with it.
"""

import asyncio
import hashlib
import http.client
import json
import re
import time
import uuid
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from calls import Refused, answers, call, cycled, form, get
from flows import PEOPLE, Place, a_place, people
from world import PASSWORD, World

from poolkeeper.clock import MINUTE
from poolkeeper.entropy import Entropy
from poolkeeper.model import factors
from poolkeeper.settings import Settings
from poolkeeper.store import browser_sessions
from poolkeeper.store.browser_sessions import BrowserSessionRow
from poolkeeper.store.db import Transaction
from poolkeeper.store.open import open_database

_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')
_BRAND = Path(__file__).resolve().parents[1] / "examples" / "brands" / "bank"
CALLBACK = "https://app.example/callback"
SCOPE = "api/read"


@dataclass(frozen=True, slots=True)
class App:
    """An app client and the cookies of people who have signed in."""

    place: Place
    client_id: str
    names: tuple[str, ...]
    cookies: tuple[str, ...]

    def authorize(self) -> str:
        """Return the path of an authorize request."""
        return f"/oauth2/authorize?{self._request()}"

    def login(self) -> str:
        """Return the path of the sign-in page that it leads to."""
        return f"/login?{self._request()}"

    def _request(self) -> str:
        fields = {"client_id": self.client_id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
        return urlencode(fields)

    def sign_in(self, name: str, *, password: str = PASSWORD) -> bytes:
        """Fetch the sign-in page as a new browser and return the form that it sends. Raises Refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=30)
        connection.request("GET", self.login())
        page = connection.getresponse()
        text, cookie = page.read().decode(), page.headers.get("set-cookie", "").partition(";")[0]
        connection.close()
        token = _TOKEN.search(text)
        if token is None:
            raise Refused(f"/login: {page.status} without a form")
        fields = {"_csrf": token[1], "username": name, "password": password}
        return form(self.place.port, self.login(), fields, Cookie=cookie)

    def codes(self, count: int) -> list[str]:
        """Get codes, one after the other. Raises Refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=30)
        found = []
        for cookie in cycled([one.encode() for one in self.cookies], count):
            connection.request("GET", self.authorize(), headers={"Cookie": cookie.decode()})
            answer = connection.getresponse()
            answer.read()
            code = parse_qs(urlsplit(answer.headers.get("location", "")).query).get("code")
            if code is None:
                raise Refused(f"/oauth2/authorize: {answer.status} without a code")
            found.append(code[0])
        connection.close()
        return found

    def exchange(self, code: str) -> bytes:
        """Return the bytes of the exchange of a code."""
        fields = {"grant_type": "authorization_code", "client_id": self.client_id, "code": code}
        return form(self.place.port, "/oauth2/token", {**fields, "redirect_uri": CALLBACK})


def machines(world: World, count: int) -> list[bytes]:
    """Ask for tokens of an app client's own."""
    port = world.server.port
    place = a_place(world)
    ids = {"UserPoolId": place.pool_id}
    scopes = [{"ScopeName": "read", "ScopeDescription": "read"}]
    call(port, "CreateResourceServer", {**ids, "Identifier": "api", "Name": "api", "Scopes": scopes}, signed=True)
    asked = {
        **ids,
        "ClientName": "machine",
        "GenerateSecret": True,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": [SCOPE],
    }
    made = call(port, "CreateUserPoolClient", asked, signed=True)["UserPoolClient"]
    fields = {"client_id": made["ClientId"], "client_secret": made["ClientSecret"], "scope": SCOPE}
    return cycled([form(port, "/oauth2/token", {"grant_type": "client_credentials", **fields})], count)


def authorize_requests(world: World, count: int) -> list[bytes]:
    """Ask for codes with a live browser session."""
    app = _app(world)
    return cycled([get(app.place.port, app.authorize(), Cookie=cookie) for cookie in app.cookies], count)


def sign_in_pages(world: World, count: int) -> list[bytes]:
    """Ask for the page on which a person of an app signs in, as a browser does that comes for the first time."""
    app = _app(world)
    return cycled([get(app.place.port, app.login())], count)


def branded_pages(world: World, count: int) -> list[bytes]:
    """Ask for that page where the app has a look of its own: a document of settings, bars, a logo, backgrounds."""
    app = _app(world)
    assets = [
        {**asset, "Bytes": b64encode((_BRAND / asset["Bytes"]["file"]).read_bytes()).decode()}
        for asset in json.loads((_BRAND / "assets.json").read_text())
    ]
    asked = {
        "UserPoolId": app.place.pool_id,
        "ClientId": app.client_id,
        "Settings": json.loads((_BRAND / "settings.json").read_text()),
        "Assets": assets,
    }
    call(app.place.port, "CreateManagedLoginBranding", asked, signed=True)
    return cycled([get(app.place.port, app.login())], count)


def form_sign_ins(world: World, count: int, *, of: int = PEOPLE) -> list[bytes]:
    """Fetch the sign-in page once for each `of` so many people, and return the forms that their browsers would send."""
    app = _app(world, of)
    return cycled([app.sign_in(name) for name in app.names], count)


def exchanges(world: World, count: int) -> list[bytes]:
    """Get `count` codes and return the requests that exchange them."""
    app = _app(world)
    return [app.exchange(code) for code in app.codes(count)]


def refreshes(world: World, count: int) -> list[bytes]:
    """Exchange a code for each person and return the requests that go on with their sessions."""
    app = _app(world)
    held = answers(app.place.port, [app.exchange(code) for code in app.codes(len(app.cookies))])
    known = {"grant_type": "refresh_token", "client_id": app.client_id}
    return cycled(
        [form(app.place.port, "/oauth2/token", {**known, "refresh_token": one["refresh_token"]}) for one in held], count
    )


def _app(world: World, count: int = PEOPLE) -> App:
    """Make an app and let people sign in at a browser."""
    place = a_place(world)
    asked = {
        "UserPoolId": place.pool_id,
        "ClientName": "app",
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "CallbackURLs": [CALLBACK],
    }
    made = call(place.port, "CreateUserPoolClient", asked, signed=True)["UserPoolClient"]
    names = people(place, count)
    found = answers(place.port, [place.admin("AdminGetUser", Username=name) for name in names])
    subs = [next(one["Value"] for one in user["UserAttributes"] if one["Name"] == "sub") for user in found]
    home = world.server.home
    settings = Settings(data=home.folder / "data", database=home.database_url)
    return App(place, made["ClientId"], tuple(names), asyncio.run(_signed_in(settings, place.pool_id, subs)))


async def _signed_in(settings: Settings, pool_id: str, subs: Sequence[str]) -> tuple[str, ...]:
    """Keep that people have signed in by password; return their cookies."""
    secret, now = "secret-of-a-browser", time.time_ns() // 1_000_000
    database = await open_database(settings, Entropy(), exclusive=False)
    try:
        found = await database.fetch("SELECT user_id, credential_version FROM users WHERE pool_id = $1", pool_id)
        versions = {row[0]: row[1] for row in found}
        rows = [
            BrowserSessionRow(
                session_id=str(uuid.uuid4()),
                digest=hashlib.sha256(secret.encode()).hexdigest(),
                user_id=sub,
                factors=factors.PASSWORD,
                began="password",
                auth_time=now,
                credential_version=versions[sub],
                opened_at=now,
                expires_at=now + 60 * MINUTE,
            )
            for sub in subs
        ]

        async def keep(tx: Transaction) -> None:
            for row in rows:
                await browser_sessions.insert(tx, pool_id=pool_id, row=row, address="127.0.0.1", user_agent="bench")

        await database.write(keep)
    finally:
        await database.close()
    return tuple(f"session-{pool_id}={row.session_id}.{secret}" for row in rows)
