"""What receives mail in the tests? A real mail server on loopback that keeps what it takes, or refuses as it was told."""

import asyncio
import contextlib
import email
import email.policy
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from poolkeeper.model.message import Message

NOON = 1_795_600_867_042
MESSAGE = Message(
    to="ada@lovelace.example",
    medium="EMAIL",
    kind="ForgotPassword",
    subject="Your password reset code",
    body="Your code is 590318.",
    code="590318",
    pool_id="us-east-1_Kx81mQ0zP",
    username="ada.lovelace",
)


class FixedClock:
    def now(self) -> int:
        return NOON


class Postbox:
    """What a mail server does with a mail: keep it, or answer with the refusal that it was given; `refused` by recipient."""

    def __init__(
        self,
        *,
        at_recipient: str = "",
        at_data: str = "",
        at_sender: str = "",
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self._refused = refused or {}
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []
        self._answers = {"sender": at_sender, "recipient": at_recipient, "data": at_data}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answers["sender"] or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._refused.get(address) or self._answers["recipient"] or "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._answers["data"]:
            return self._answers["data"]
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return "250 OK"

    def mail(self) -> EmailMessage:
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@contextlib.asynccontextmanager
async def serving(
    postbox: Postbox, *, port: int = 0, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """Run a mail server on a port of loopback, any where it is 0; `tls` speaks TLS from the first byte."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(postbox, loop=loop, hostname="mail.example", **options), "127.0.0.1", port, ssl=tls
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)  # The last connection's transport closes in the loop's next turns.


@contextlib.contextmanager
def served(postbox: Postbox, **options: Any) -> Iterator[int]:
    """Run a mail server in a thread of its own, for servers in other processes and other loops; hand out its port."""
    ready, found = threading.Event(), list[Any]()

    async def run() -> None:
        stop = asyncio.Event()
        async with serving(postbox, **options) as port:
            found.extend([port, asyncio.get_running_loop(), stop])
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="mail-server-of-tests")
    thread.start()
    assert ready.wait(30)
    port, loop, stop = found
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
