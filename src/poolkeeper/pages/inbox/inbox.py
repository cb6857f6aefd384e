"""How does a developer read what the pools would send? `/_dev/outbox` for programs, `/_dev/inbox` for people.

These routes exist in development mode alone; whoever assembles the server mounts them with `--dev` and not otherwise.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from poolkeeper.messaging.senders.mime import is_html
from poolkeeper.model.message import CapturedMessage
from poolkeeper.own_machine import OwnNames
from poolkeeper.pages.headers import (
    CAPTURED_MAIL,
    CONSOLE_PAGE,
    DATA,
    Endpoint,
    known_host_only,
    own_machine_only,
    same_site_only,
)
from poolkeeper.pages.inbox.letters import INBOX, OutboxEntry, Sieve, Wanted, entry, letter, news, row
from poolkeeper.pages.watching import Watchers

MOST_ROWS = 200
POLL_SECONDS = 1.0
MOST_WAIT_SECONDS = 30
WAIT_POLL_SECONDS = 0.05
# A comment now and then finds out that a reader is gone; the browser of one that stays opens the stream anew.
POLLS_TO_COMMENT = 15
POLLS_TO_END = 600


class Outbox(Protocol):
    """Where development mode keeps messages. A message is there before the call that caused it is answered."""

    async def list(self) -> Sequence[CapturedMessage]:
        """Return every message, newest last."""
        ...

    async def get(self, message_id: str) -> CapturedMessage | None:
        """Return one message, None when it is gone."""
        ...

    async def clear(self) -> None:
        """Forget all messages."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What the inbox needs.

    `own_names` are those that it answers under, `address` is the server's own (`http://localhost:7665`); `region` and
    `client_id` are for the call that an empty inbox proposes; `stopping`, once set, ends the open streams, so that they do not
    hold up a shutdown.
    """

    outbox: Outbox
    templates: Environment
    stopping: asyncio.Event
    address: str
    own_names: OwnNames = field(default_factory=OwnNames)
    region: str = "us-east-1"
    client_id: str = ""
    watchers: Watchers = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "watchers", Watchers(self.outbox.list))

    async def tell(self, request: Request) -> Response:
        """GET /_dev/outbox?to=&kind=&wait=: the contract with programs.

        `to` is a whole address or user name, `kind` that of a message; with `wait`, in seconds up to MOST_WAIT_SECONDS,
        the answer comes as soon as there is such a message, else empty at the end.
        """
        try:
            wanted = _wanted(request)
        except ValueError as fault:
            return PlainTextResponse(f"{fault}\n", status_code=400, headers=DATA)
        ends_at = asyncio.get_running_loop().time() + wanted.wait
        while not (entries := [entry for entry in await self._entries() if wanted.is_met_by(entry)]):
            seconds_left = ends_at - asyncio.get_running_loop().time()
            if seconds_left <= 0 or await _set_within(self.stopping, min(seconds_left, WAIT_POLL_SECONDS)):
                break
        return Response(msgspec.json.encode(entries), media_type="application/json", headers=DATA)

    async def _entries(self) -> list[OutboxEntry]:
        return [entry(captured) for captured in await self.outbox.list()]

    async def forget(self, _request: Request) -> Response:
        """DELETE /_dev/outbox: what a test does before it begins."""
        await self.outbox.clear()
        return Response(status_code=204, headers=DATA)

    async def clear(self, _request: Request) -> Response:
        """POST /_dev/outbox/clear."""
        await self.outbox.clear()
        return RedirectResponse(INBOX, status_code=303, headers=DATA)

    async def browse(self, request: Request) -> Response:
        """GET /_dev/inbox: the list, the newest message beside it where there is room."""
        sieve = _sieve(request)
        captured = await self.outbox.list()
        newest = next((message for message in reversed(captured) if sieve.lets_through(message)), None)
        return self._page(captured, sieve, shown=newest, listing=True)

    async def read(self, request: Request) -> Response:
        """GET /_dev/inbox/{id}: one message, the list beside it where there is room."""
        chosen = await self.outbox.get(request.path_params["message_id"])
        return self._page(await self.outbox.list(), _sieve(request), shown=chosen, listing=False)

    async def body(self, request: Request) -> Response:
        """GET /_dev/inbox/{id}/body: a mail's body as it would arrive, in a sandbox of its own."""
        captured = await self.outbox.get(request.path_params["message_id"])
        if captured is None:
            return Response("This message is gone.\n", status_code=404, media_type="text/plain", headers=DATA)
        message = captured.message
        if is_html(message.body) and "<html" in message.body.lower():
            return HTMLResponse(message.body, headers=CAPTURED_MAIL)
        page = self.templates.get_template("inbox-body.html").render(message=message, html=is_html(message.body))
        return HTMLResponse(page, headers=CAPTURED_MAIL)

    async def events(self, request: Request) -> Response:
        """GET /_dev/inbox/events?after=<id>: new messages as server-sent events (HTML standard 9.2)."""
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        stream = self.watchers.stream(self._watch(_sieve(request), after), headers=DATA)
        if stream is None:
            return PlainTextResponse("Too many windows listen to this inbox.\n", status_code=503, headers=DATA)
        return stream

    async def _watch(self, sieve: Sieve, after: str) -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        for poll in range(1, POLLS_TO_END):
            captured = await self.watchers.messages(not_older_than=POLL_SECONDS / 2)
            for message in captured:
                if message.message_id > after and sieve.lets_through(message):
                    yield self._event(message, sieve, count=len(captured))
                    await asyncio.sleep(0)  # Others are served between two of many messages.
            after = max([after, *(message.message_id for message in captured[-1:])])
            if poll % POLLS_TO_COMMENT == 0:
                yield ": still here\n\n"
            if await _set_within(self.stopping, POLL_SECONDS):
                return

    def _event(self, captured: CapturedMessage, sieve: Sieve, *, count: int) -> str:
        macros = self.templates.get_template("inbox-row.html").make_module({})
        html = str(macros.letter_row(row(captured, sieve)))  # type: ignore[attr-defined]  # a template's macro
        data = json.dumps({"row": html, "news": news(captured), "count": count})
        return f"id: {captured.message_id}\nevent: letter\ndata: {data}\n\n"

    def _page(
        self, captured: Sequence[CapturedMessage], sieve: Sieve, *, shown: CapturedMessage | None, listing: bool
    ) -> Response:
        passed = [message for message in reversed(captured) if sieve.lets_through(message)]
        newest = captured[-1].message_id if captured else ""
        gone = shown is None and not listing
        page = self.templates.get_template("inbox.html").render(
            rows=[row(message, sieve, current=message == shown) for message in passed[:MOST_ROWS]],
            letter=letter(shown, address=self.address) if shown else None,
            listing=listing,
            gone=gone,
            count=len(captured),
            cut=len(passed) > MOST_ROWS,
            sieve=sieve,
            list_href=INBOX + sieve.query(),
            events_href=f"{INBOX}/events{sieve.query(after=newest)}",
            address=self.address,
            region=self.region,
            client_id=self.client_id or "YOUR_APP_CLIENT_ID",
        )
        return HTMLResponse(page, status_code=404 if gone else 200, headers=CONSOLE_PAGE)


def inbox_routes(inbox: Inbox) -> list[Route]:
    """Return the routes of development mode, without the assets' (see assets.py)."""
    rows: tuple[tuple[str, str, Endpoint], ...] = (
        ("GET", "/_dev/outbox", inbox.tell),
        ("DELETE", "/_dev/outbox", own_machine_only(inbox.forget, inbox.own_names)),
        ("POST", "/_dev/outbox/clear", own_machine_only(inbox.clear, inbox.own_names)),
        ("GET", INBOX, inbox.browse),
        ("GET", f"{INBOX}/events", same_site_only(inbox.events)),
        ("GET", f"{INBOX}/{{message_id}}", inbox.read),
        ("GET", f"{INBOX}/{{message_id}}/body", inbox.body),
    )
    return [
        Route(path, known_host_only(endpoint, inbox.own_names, address=inbox.address), methods=[method])
        for method, path, endpoint in rows
    ]


def _wanted(request: Request) -> Wanted:
    """Return what a program asks for. Raises ValueError, in words for its author."""
    given = request.query_params
    if unknown := set(given) - {"to", "kind", "wait"}:
        raise ValueError(f"No such parameter: {', '.join(sorted(unknown))}. There are to, kind and wait.")
    try:
        wait = float(given.get("wait", "0"))
    except ValueError:
        wait = -1
    if not 0 <= wait <= MOST_WAIT_SECONDS:
        raise ValueError(f"wait is a number of seconds from 0 to {MOST_WAIT_SECONDS}.")
    return Wanted(to=given.get("to", ""), kind=given.get("kind", ""), wait=wait)


def _sieve(request: Request) -> Sieve:
    medium = request.query_params.get("medium", "")
    return Sieve(to=request.query_params.get("to", ""), medium=medium if medium in {"EMAIL", "SMS"} else "")


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
