"""The whole server on one screen: what is mounted where, in which order.

POST /, OPTIONS /                       the AWS API (aws/endpoint.py): signed or public, JSON 1.1 and query
GET  /<pool id>/.well-known/...         keys and discovery (oauth/discovery.py)
GET  /health                            200 when it can serve, else 503, nothing more
GET  /_dev/outbox, /_dev/inbox          development mode only: captured messages (pages/inbox.py)
"""

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, Router

from poolkeeper.access_keys import KeyFinder
from poolkeeper.aws.endpoint import Endpoint, Outcome, Receive, Scope, Send
from poolkeeper.call import Call, House
from poolkeeper.client_address import client_address
from poolkeeper.jobs import Worker
from poolkeeper.logs import RequestLog
from poolkeeper.messaging.senders import Sender, smtp
from poolkeeper.metrics import Metrics
from poolkeeper.oauth.discovery import Discovery
from poolkeeper.operations.tables import SERVICES
from poolkeeper.outbox import DevelopmentOutbox
from poolkeeper.pages.assets import load_assets
from poolkeeper.pages.inbox import Inbox, inbox_routes
from poolkeeper.pages.templating import make_templates
from poolkeeper.store import pools
from poolkeeper.store.db import Unavailable


class App:
    """The server as an ASGI application, over a house that is open; `close` gives the house back.

    `metrics` is None where nobody counts.
    """

    def __init__(self, house: House, log: RequestLog, metrics: Metrics | None = None) -> None:
        self.house = house
        self.stopping = asyncio.Event()
        self._log = log
        self._metrics = metrics
        outbox = DevelopmentOutbox(house)
        self.worker = Worker(house, _senders(house, outbox))
        self._working: asyncio.Task[None] | None = None
        self._endpoint = Endpoint(
            services=SERVICES,
            find_key=KeyFinder(house),
            make_call=self._call,
            clock=house.clock,
            entropy=house.entropy,
            record=self._record,
            address_of=self._address_of,
            unavailable=(Unavailable,),
            public_host=urlsplit(house.settings.issuer_base).netloc,
        )
        self._router = Router(routes=self._routes(outbox))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: the API at once, everything else through the router."""
        if scope["path"] == "/" and scope["method"] in {"POST", "OPTIONS"}:
            await self._endpoint(scope, receive, send)
        else:
            await self._by_address(scope, receive, send)

    async def _by_address(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the router; an accident tells its caller the id under which the log tells more (attacks.md 156)."""
        begun = False

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._router(scope, receive, watched)
        except Exception as fault:
            request_id = self.house.entropy.uuid()
            self._log.fault(f"request {request_id} failed", error=fault, request_id=request_id)
            if begun:
                raise
            text = f"Something went wrong here. The log tells more of request {request_id}.\n"
            await PlainTextResponse(text, 503 if isinstance(fault, Unavailable) else 500)(scope, receive, send)

    def start_worker(self) -> None:
        """Begin to do what is due."""
        self._working = asyncio.create_task(self.worker.run())

    async def close(self) -> None:
        """End the worker after its job, then let go of functions, connections, threads and database."""
        self.stopping.set()
        self.worker.stop()
        if self._working is not None:
            await self._working
        await self.house.functions.close()
        await self.house.egress.close()
        await asyncio.to_thread(self.house.heavy.close)
        await self.house.db.close()

    def _routes(self, outbox: DevelopmentOutbox) -> list[BaseRoute]:
        routes: list[BaseRoute] = [Route("/health", self._health), *Discovery(self.house).routes()]
        if self.house.settings.dev:
            assets = load_assets()
            inbox = Inbox(
                outbox=outbox,
                templates=make_templates(assets),
                stopping=self.stopping,
                address=self.house.settings.issuer_base,
                region=self.house.settings.region,
            )
            routes += [assets.route(), *inbox_routes(inbox)]
        return routes

    async def _health(self, _request: Request) -> Response:
        try:
            await pools.ids(self.house.db, after="", limit=1)
        except Unavailable:
            return PlainTextResponse("unavailable\n", 503)
        return PlainTextResponse("ok\n")

    def _call(self, *, region: str | None, **known: Any) -> Call:
        return Call(house=self.house, region=region or self.house.settings.region, **known)

    def _address_of(self, scope: Scope) -> str:
        return client_address(scope, trusted_proxies=self.house.settings.trusted_proxies)

    def _record(self, outcome: Outcome) -> None:
        self._log.record(
            request_id=outcome.request_id,
            service=outcome.service,
            operation=outcome.operation,
            pool_id=outcome.pool_id,
            outcome=outcome.outcome,
            status=outcome.status,
            microseconds=outcome.microseconds,
            client_address=outcome.client_address,
            detail=outcome.detail,
        )
        for event in outcome.events:
            self._log.happened(event, request_id=outcome.request_id, client_address=outcome.client_address)
        if self._metrics is not None:
            self._metrics.record(outcome)


def _senders(house: House, outbox: DevelopmentOutbox) -> Mapping[str, Sender]:
    """Return who delivers each medium. In development nothing leaves this machine."""
    settings = house.settings
    if settings.dev:
        return {"EMAIL": outbox, "SMS": outbox}
    mail = smtp.from_settings(settings, house.clock)
    return {} if mail is None else {"EMAIL": mail}
