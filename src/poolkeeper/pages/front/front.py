"""What is at `/`? In development a page of what is here and how programs come to it; otherwise one line.

The page is for names of this machine alone. Under any other name, and to a script of another site, the answer is the
line.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import groupby
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from poolkeeper import __version__, lookup
from poolkeeper.call import House
from poolkeeper.decoding import client_of
from poolkeeper.model import address
from poolkeeper.model.client import CLIENT_ID, Client
from poolkeeper.model.message import CapturedMessage
from poolkeeper.model.pool import Pool
from poolkeeper.own_machine import OwnNames, foreign_host
from poolkeeper.pages.front.recent import Recent, Seen
from poolkeeper.pages.front.snippets import SNIPPETS, Snippet, Target
from poolkeeper.pages.headers import CONSOLE_PAGE, DATA
from poolkeeper.pages.inbox.letters import Sieve, row
from poolkeeper.settings import Settings
from poolkeeper.store import clients, overview, users
from poolkeeper.tokens.issuer import issuer_of

PATH = "/"
MOST_POOLS, MOST_CLIENTS, MOST_ROWS, MOST_LETTERS, MOST_NAMES = 20, 200, 40, 5, 20
LINE = "An API answers POST requests at this address.\n"

_CONNECT = "connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the page needs. `letters` returns what the pools have sent, newest last."""

    house: House
    templates: Environment
    recent: Recent
    letters: Callable[[], Awaitable[Sequence[CapturedMessage]]]
    own_names: OwnNames

    async def show(self, request: Request) -> Response:
        """GET /?client=&show=: the app client that programs are connected to, and the kind of program."""
        settings = self.house.settings
        if not _is_for_us(request, settings, self.own_names):
            return neutral_line()
        listed = await overview.newest_pools(self.house.db, pools=MOST_POOLS, clients=MOST_CLIENTS)
        client_id = request.query_params.get("client", "")
        pool, client = await self._chosen(
            client_id or next((listing.client_id for listing in listed if listing.client_id), None) or ""
        )
        snippet = SNIPPETS.get(request.query_params.get("show", "")) or next(iter(SNIPPETS.values()))
        target = await self._target(pool, client) if pool and client else None
        captured = await self.letters()
        page = self.templates.get_template("front.html").render(
            facts=_facts(settings),
            pools=_listed(listed, client, snippet),
            cut=len(listed) >= MOST_CLIENTS,
            target=target,
            pool=pool,
            client=client,
            gone=bool(client_id) and client is None,
            sign_in_page=_sign_in_page(settings, pool, client) if pool and client else "",
            tabs=[(tab.name, _href(client, tab), tab is snippet) for tab in SNIPPETS.values()] if target else [],
            snippet=snippet,
            text=snippet.text(target) if target else "",
            warnings=_warnings(pool, client, snippet) if pool and client else [],
            seen=[_row(request_seen) for request_seen in self.recent.newest_first()[:MOST_ROWS]],
            letters=[row(message, Sieve()) for message in reversed(captured[-MOST_LETTERS:])],
            count=len(captured),
            address=settings.issuer_base,
            region=settings.region,
            several=settings.workers > 1,
        )
        return HTMLResponse(page, headers=CONSOLE_PAGE)

    async def _chosen(self, client_id: str) -> tuple[Pool | None, Client | None]:
        """Return an app client and its pool as they are now, None where there is no such client."""
        house = self.house
        pool_id = await lookup.pool_of_client(house, client_id) if CLIENT_ID.fullmatch(client_id) else None
        pool = None if pool_id is None else await lookup.find_pool(house, pool_id)
        client_row = None if pool is None else await clients.find(house.db, pool.pool_id, client_id)
        return (None, None) if client_row is None else (pool, client_of(house, client_row))

    async def _target(self, pool: Pool, client: Client) -> Target:
        username, email = await self._newcomer(pool)
        return Target(
            address=self.house.settings.issuer_base,
            region=pool.region,
            pool_id=pool.pool_id,
            client_id=client.client_id,
            username=username,
            email=email,
            issuer=issuer_of(self.house.settings, pool),
        )

    async def _newcomer(self, pool: Pool) -> tuple[str, str]:
        """Return a user name that is free in a pool, and an address: an earlier run of these lines, or a seed, may have taken the first."""
        for number in range(1, MOST_NAMES + 1):
            ada = "ada" if number == 1 else f"ada{number}"
            names = {frozenset({"phone_number"}): f"+4420794600{17 + number}", frozenset(): ada}
            email = f"{ada}@lovelace.example"
            username = names.get(pool.username_attributes, email)
            row = await users.by_name(self.house.db, pool.pool_id, pool.named(username).key)
            if row is None or row.user is None:
                break
        return username, email


def front_routes(front: Front) -> list[Route]:
    """Return the routes of development mode: the page, and the addresses that people try who look for it."""
    return [
        Route(PATH, front.show, methods=["GET"]),
        *(Route(path, _to_the_page, methods=["GET"]) for path in ("/_dev", "/_dev/")),
    ]


def neutral_route() -> Route:
    """Return the route of `/` outside of development."""
    return Route(PATH, _neutral, methods=["GET"])


def neutral_line() -> Response:
    """Return the one line that tells a stranger nothing but how this address is spoken to."""
    return PlainTextResponse(LINE, headers=DATA)


async def _neutral(_request: Request) -> Response:
    return neutral_line()


async def _to_the_page(_request: Request) -> Response:
    return RedirectResponse(PATH, status_code=HTTPStatus.SEE_OTHER, headers=DATA)


def _is_for_us(request: Request, settings: Settings, names: OwnNames) -> bool:
    """Say whether a request came by a name of this server, and from no script of another site (attacks.md 95, 157).

    Somebody who follows a link from elsewhere is shown the page: that site sees nothing of it.
    """
    shown_names = replace(names, hosts=(*names.hosts, settings.base_host))
    site = request.headers.get("sec-fetch-site", "none")
    visits = request.headers.get("sec-fetch-dest", "document") == "document"
    origin = request.headers.get("origin")
    ours = origin is None or origin.partition("://")[2] == request.headers.get("host")
    named = foreign_host(request.headers.items(), shown_names) is None
    return named and ours and (site in {"same-origin", "none"} or visits)


def _facts(settings: Settings) -> Sequence[tuple[str, str]]:
    tls = address.origin(settings, settings.base_host, by_dev_tls=True) if settings.dev_tls_port else ""
    rows = (
        ("Version", __version__),
        ("API and issuer", settings.issuer_base),
        ("With TLS", "" if tls == settings.issuer_base else tls),
        ("Region", settings.region),
        ("Account", settings.account_id),
        ("Database", "PostgreSQL" if settings.on_postgres else "SQLite"),
    )
    return [(name, text) for name, text in rows if text]


def _sign_in_page(settings: Settings, pool: Pool, client: Client) -> str:
    """Return the address of the client's sign-in page, empty where it has none."""
    base = address.main_address(settings, pool)
    callbacks = client.document.get("CallbackURLs")
    if base is None or not callbacks or not client.document.get("AllowedOAuthFlowsUserPoolClient"):
        return ""
    query = {"client_id": client.client_id, "response_type": "code", "redirect_uri": callbacks[0]}
    return f"{base}/login?{urlencode(query)}"


def _warnings(pool: Pool, client: Client, snippet: Snippet) -> list[str]:
    """Return why these lines would be refused as they stand."""
    reasons = (
        (
            client.confidential and snippet.word in {"amplify", "sdk", "boto3", "cli"},
            "This app client has a secret, so each call must give SECRET_HASH too. Applications in a browser want one without.",
        ),
        (
            snippet.passwords and "ALLOW_USER_PASSWORD_AUTH" not in client.flows,
            "This app client does not allow ALLOW_USER_PASSWORD_AUTH, so the last call is refused.",
        ),
        (
            snippet.word in {"amplify", "sdk", "boto3", "cli"} and pool.admin_only_sign_up,
            "Only administrators make users in this pool, so signing up is refused.",
        ),
        (
            snippet.word in {"amplify", "sdk", "boto3", "cli"} and "email" not in pool.auto_verified,
            "This pool verifies no email addresses by itself, so no code is sent.",
        ),
    )
    return [sentence for holds, sentence in reasons if holds]


def _listed(
    listed: Sequence[overview.ListedClient], chosen: Client | None, snippet: Snippet
) -> Sequence[Mapping[str, object]]:
    """Return the pools as the page lists them, each with its app clients."""
    pools = []
    for (pool_id, name), rows in groupby(listed, key=lambda listing: (listing.pool_id, listing.pool_name)):
        client_links = [
            {
                "id": listing.client_id,
                "name": listing.client_name,
                "href": f"/?{urlencode({'client': listing.client_id, 'show': snippet.word})}#{_CONNECT}",
                "current": chosen is not None and listing.client_id == chosen.client_id,
            }
            for listing in rows
            if listing.client_id is not None
        ]
        pools.append({"id": pool_id, "name": name, "clients": client_links})
    return pools


def _href(client: Client | None, snippet: Snippet) -> str:
    chosen = {"client": client.client_id} if client else {}
    return f"/?{urlencode({**chosen, 'show': snippet.word})}#{_CONNECT}"


def _row(request: Seen) -> Mapping[str, object]:
    moment = datetime.fromtimestamp(request.at // 1000, UTC)
    return {
        "at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "clock": f"{moment:%H:%M:%S}",
        "status": request.status,
        "refused": request.status >= HTTPStatus.BAD_REQUEST or request.outcome != "Success",
        "what": request.operation or "no operation",
        "service": request.service,
        "outcome": request.outcome,
        "sentence": request.sentence,
        "pool": request.pool_id,
        "milliseconds": f"{request.microseconds / 1000:.1f}",
    }
