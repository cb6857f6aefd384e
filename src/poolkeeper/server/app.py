"""The whole server on one screen: what is mounted where, in which order.

POST /, OPTIONS /                       the AWS API (aws/endpoint.py): signed or public, JSON 1.1 and query
GET  /<pool id>/.well-known/...         keys and metadata, in RFC 8414's forms too (oauth/discovery.py)
GET  /.well-known/...                   those of the issuer of identity pools (oauth/identity_discovery.py)
.../oauth2/..., /login, ...             sign-in pages and OAuth endpoints, by domain or client (hosted/reception.py)
PUT  /imports/<job>                      the file of an import job, to an address that is signed (uploads/endpoint.py)
ANY  /verify/<name>                      who signed a request of somebody else's (verifiers/endpoint.py)
GET  /health                            200 when it can serve, else 503 within 2 s, nothing more
GET  /favicon.ico                       204: a sign-in page has the customer's look, and they gave no icon
GET  /_brand/...                        the sheets and pictures of these looks (pages/brand_files.py)
GET  /                                  development mode: what is here and how to come to it (pages/front/front.py); else one line
GET  /_dev/outbox, /_dev/inbox          development mode only: captured messages (pages/inbox/inbox.py); /_dev leads to /
POST /_dev/reset                        development mode only: back to the seed (dev_reset.py)
"""

import asyncio
from collections.abc import MutableMapping
from http import HTTPStatus
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, Router

from poolkeeper.accounts.upload_urls import PATH as IMPORTS
from poolkeeper.aws import constraints, misdirected
from poolkeeper.aws.endpoint import Endpoint, Outcome, Receive, Scope, Send
from poolkeeper.call import Call, House
from poolkeeper.client_address import client_address
from poolkeeper.hosted import paths
from poolkeeper.hosted.limited import limited
from poolkeeper.hosted.outcomes import SUCCESS
from poolkeeper.hosted.reception import Reception
from poolkeeper.jobs.counts import Counts
from poolkeeper.jobs.worker import Worker
from poolkeeper.key_uses import KeyUses
from poolkeeper.messaging.senders.outbox import DevelopmentOutbox
from poolkeeper.messaging.senders.table import make_senders
from poolkeeper.model.event import Event
from poolkeeper.model.message import Message
from poolkeeper.oauth import discovery, identity_discovery
from poolkeeper.oauth.endpoints import make_endpoints as make_oauth_endpoints
from poolkeeper.operations import chosen_ids
from poolkeeper.operations.judge import judge
from poolkeeper.operations.tables import SERVICES
from poolkeeper.pages.assets import Assets, load_assets
from poolkeeper.pages.brand_files import brand_routes
from poolkeeper.pages.front.front import Front, front_routes, neutral_route
from poolkeeper.pages.front.recent import Recent, Seen
from poolkeeper.pages.headers import own_machine_only
from poolkeeper.pages.inbox.inbox import Inbox, inbox_routes
from poolkeeper.pages.managed_login.endpoints import make_endpoints as make_pages
from poolkeeper.pages.managed_login.rendering import make_render
from poolkeeper.pages.templating import make_templates
from poolkeeper.rights.signers import SignerFinder
from poolkeeper.sender_settings import OUTBOX
from poolkeeper.server.audit import open_audit
from poolkeeper.server.dev_doors import DevelopmentKey, own_names
from poolkeeper.server.dev_reset import reset
from poolkeeper.server.fallbacks import accident, nowhere
from poolkeeper.server.health import Health
from poolkeeper.server.logs import RequestLog, printable
from poolkeeper.server.metrics import Metrics
from poolkeeper.store.db import Unavailable
from poolkeeper.uploads.endpoint import Uploads
from poolkeeper.verifiers.endpoint import PATH as VERIFY
from poolkeeper.verifiers.endpoint import Verifiers

_HEALTH = "/health"
_LONGEST_SENTENCE = 1_000
_LAST_WORDS_SECONDS = 3.0
_STRAYS = {404: "Nothing is served at this address.", 405: "This address does not answer this method."}


class App:
    """The server as an ASGI application, over a house that is open; `close` gives the house back.

    `metrics` is None where nobody counts.
    """

    def __init__(self, house: House, log: RequestLog, metrics: Metrics | None = None) -> None:
        self.house = house
        self.stopping = asyncio.Event()
        self._log = log
        self._health_of = Health(house)
        self._metrics = metrics
        self._recent = Recent() if house.settings.dev else None
        self._audit = open_audit(house.settings, house.clock, house.egress, on_drop=self._audit_line_dropped)
        house.log_delivery.begin(write=log.delivered, count=None if metrics is None else metrics.log_events)
        self._outbox = DevelopmentOutbox(house, self._tell_of_message)
        self.worker = self._make_worker()
        self._resetting = asyncio.Lock()
        self._working: asyncio.Task[None] | None = None
        find_signer, note_use = SignerFinder(house), KeyUses(house)
        self._verifiers = Verifiers(
            house,
            find_signer=find_signer,
            make_call=self._call,
            record=self._record,
            failed=self._failed,
            address_of=self._address_of,
            admit=DevelopmentKey(house.settings),
            note_use=note_use,
        )
        self._uploads = Uploads(house, record=self._record, failed=self._failed, address_of=self._address_of)
        self._endpoint = Endpoint(
            services=SERVICES,
            find_signer=find_signer,
            make_call=self._call,
            clock=house.clock,
            entropy=house.entropy,
            record=self._record,
            address_of=self._address_of,
            unavailable=(Unavailable,),
            public_host=urlsplit(house.settings.issuer_base).netloc,
            permit=judge(house.settings),
            check=chosen_ids.check if house.settings.dev else constraints.check,
            admit=DevelopmentKey(house.settings),
            note_use=note_use,
        )
        assets = load_assets()
        # A router that mends a slash would say so with an address of the Host's making (attacks.md 95).
        self._router = Router(routes=self._routes(assets), redirect_slashes=False, default=nowhere)
        pages = make_pages(make_render(assets), house.clock)
        self._reception = Reception(
            house,
            limited(house.settings, {**make_oauth_endpoints(pages[paths.ERROR]), **discovery.WELL_KNOWN, **pages}),
            make_call=self._call,
            record=self._record_visit,
            failed=self._failed,
            address_of=self._address_of,
            otherwise=self._by_route,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: the API at once, everything else through the router."""
        if scope["path"] == "/" and scope["method"] in {"POST", "OPTIONS"}:
            await self._endpoint(scope, receive, send)
        elif scope["path"].startswith(VERIFY):
            await self._verifiers(scope, receive, send)
        elif scope["path"].startswith(IMPORTS):
            await self._uploads(scope, receive, send)
        elif (sentence := misdirected.sentence(scope, address=self.house.settings.issuer_base)) is not None:
            await self._misdirected(scope, sentence)(scope, receive, send)
        else:
            await self._by_address(scope, receive, send)

    def _misdirected(self, scope: Scope, sentence: str) -> Response:
        """Return the answer to an AWS client that came to the wrong door; the log has it too."""
        request_id = self.house.entropy.uuid()
        content, kind = misdirected.body(scope, sentence)
        self._record(self._of_no_endpoint(scope, request_id, 404, "UnknownOperationException", detail=sentence))
        headers = {"x-amzn-requestid": request_id, "cache-control": "no-store"}
        return Response(content, 404, headers, media_type=kind)

    async def _by_address(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the reception and the router; after an accident with the id under which the log has more (attacks.md 156)."""
        begun = False

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._reception(scope, receive, watched)
        except Exception as fault:
            request_id = self.house.entropy.uuid()
            self._failed(request_id, fault)
            if begun:
                raise
            await accident(scope["path"], request_id, fault)(scope, receive, send)

    async def _by_route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the router; what it refuses stands in the log, where a mistyped address is looked for."""
        begun = perf_counter_ns()

        async def watched(message: MutableMapping[str, Any]) -> None:
            status = message.get("status", 0)
            if status >= HTTPStatus.BAD_REQUEST and scope["path"] != _HEALTH:
                self._record_stray(scope, status, (perf_counter_ns() - begun) // 1_000)
            await send(message)

        await self._router(scope, receive, watched)

    def start_worker(self) -> None:
        """Begin to do what is due."""
        self._working = asyncio.create_task(self.worker.run())

    async def _reset(self, _request: Request) -> Response:
        """POST /_dev/reset: go back to the seed, while nothing is done behind the answers."""
        async with self._resetting:
            self.worker.stop()
            if self._working is not None:
                await self._working
            try:
                return await reset(self.house)
            finally:
                self.worker = self._make_worker()
                self.start_worker()

    async def close(self) -> None:
        """End the worker after its job, then let go of functions, connections, threads and database."""
        self.stopping.set()
        self.worker.stop()
        try:
            if self._working is not None:
                await self._working
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        if self._audit is not None:
            await self._audit.close()
        await self._health_of.close()
        await self.house.functions.close()
        await self.house.log_delivery.close(_LAST_WORDS_SECONDS)
        await self.house.providers.close()
        await self.house.known_passwords.close()
        await self.house.egress.close()
        await asyncio.to_thread(self.house.heavy.close)
        await self.house.db.close()

    def _make_worker(self) -> Worker:
        metrics = self._metrics
        counts = None if metrics is None else Counts(sent=metrics.message, oldest=metrics.oldest_message)
        # In development nothing leaves this machine.
        senders = {OUTBOX: self._outbox} if self.house.settings.dev else make_senders(self.house)
        return Worker(self.house, senders, self._happened, counts)

    def _routes(self, assets: Assets) -> list[BaseRoute]:
        routes: list[BaseRoute] = [
            Route(_HEALTH, self._health),
            *discovery.routes(self.house),
            *identity_discovery.routes(self.house),
            *assets.routes(),
            *brand_routes(self.house),
        ]
        if self._recent is None:
            routes.append(neutral_route())
        else:
            templates = make_templates(assets)
            names = own_names(self.house.settings)
            front = Front(
                house=self.house,
                templates=templates,
                recent=self._recent,
                letters=self._outbox.list,
                own_names=names,
            )
            inbox = Inbox(
                outbox=self._outbox,
                templates=templates,
                stopping=self.stopping,
                address=self.house.settings.issuer_base,
                own_names=names,
                region=self.house.settings.region,
            )
            guarded = own_machine_only(self._reset, names)
            routes += [*front_routes(front), *inbox_routes(inbox), Route("/_dev/reset", guarded, methods=["POST"])]
        return routes

    async def _health(self, _request: Request) -> Response:
        if await self._health_of.can_serve():
            return PlainTextResponse("ok\n")
        return PlainTextResponse("unavailable\n", 503)

    def _call(self, *, region: str | None, **members: Any) -> Call:
        return Call(house=self.house, region=region or self.house.settings.region, **members)

    def _address_of(self, scope: Scope) -> str:
        return client_address(scope, trusted_proxies=self.house.settings.trusted_proxies)

    def _record(self, outcome: Outcome) -> None:
        self._log.record(outcome)
        for event in outcome.events:
            self._log.happened(event, request_id=outcome.request_id, client_address=outcome.client_address)
        self._note(outcome)
        if self._audit is not None:
            self._audit.record(outcome)
        if self._metrics is not None:
            self._metrics.record(outcome)

    def _record_stray(self, scope: Scope, status: int, microseconds: int) -> None:
        """Tell the log of a request that no endpoint of the API, of pages or of OAuth has counted."""
        name, detail = HTTPStatus(status).phrase.replace(" ", ""), _STRAYS.get(status, "")
        request_id = self.house.entropy.uuid()
        stray = self._of_no_endpoint(scope, request_id, status, name, detail=detail, microseconds=microseconds)
        self._log.record(stray)
        self._note(stray)

    def _of_no_endpoint(
        self, scope: Scope, request_id: str, status: int, name: str, *, detail: str, microseconds: int = 0
    ) -> Outcome:
        return Outcome(
            request_id=request_id,
            service="http",
            operation=f"{scope['method']} {scope['path']}",
            pool_id="",
            outcome=name,
            status=status,
            microseconds=microseconds,
            client_address=self._address_of(scope),
            detail=detail,
        )

    def _note(self, outcome: Outcome) -> None:
        """Keep a request for the page at `/`, where there is one."""
        if self._recent is not None:
            self._recent.note(
                Seen(
                    at=self.house.clock.now(),
                    status=outcome.status,
                    service=outcome.service,
                    operation=printable(outcome.operation),
                    pool_id=outcome.pool_id,
                    outcome=printable(outcome.outcome),
                    sentence=printable(outcome.sentence or outcome.detail, longest=_LONGEST_SENTENCE),
                    microseconds=outcome.microseconds,
                )
            )

    def _audit_line_dropped(self) -> None:
        if self._metrics is not None:
            self._metrics.audit_line_dropped()

    def _failed(self, request_id: str, fault: Exception) -> None:
        # It is a state of the database: the place in our code that asked explains nothing.
        if isinstance(fault, Unavailable):
            self._log.fault(f"request {request_id} was not served: {fault}", request_id=request_id)
            return
        self._log.fault(f"request {request_id} failed", error=fault, request_id=request_id)

    def _record_visit(self, call: Call, service: str, path: str, status: int, microseconds: int) -> None:
        self._record(
            Outcome(
                request_id=call.request_id,
                service=service,
                operation=path,
                pool_id=call.trace.pool_id,
                outcome=call.trace.outcome or SUCCESS,
                status=status,
                microseconds=microseconds,
                client_address=call.client_address,
                detail=call.trace.detail,
                events=call.trace.events,
            )
        )

    def _tell_of_message(self, message: Message) -> None:
        """Say on a terminal what has come to the inbox: whoever develops need not look for the code."""
        code_text = f"code {message.code}" if message.code else "no code"
        self._log.tell_people(
            f"{message.kind} to {message.to}: {code_text}, {self.house.settings.issuer_base}/_dev/inbox"
        )

    def _happened(self, event: Event, request_id: str) -> None:
        """Tell of an event that comes after an answer, or of no request, in the log and in the metrics."""
        self._log.happened(event, request_id=request_id, client_address="")
        if self._metrics is not None:
            self._metrics.happened(event)
