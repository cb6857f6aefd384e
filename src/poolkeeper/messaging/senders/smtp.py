"""How does a mail reach a mail server? Over SMTP, one connection a mail, with TLS unless the operator says otherwise."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from poolkeeper.clock import Clock
from poolkeeper.messaging.senders import DeliveryFailed, one_line, without_secrets
from poolkeeper.messaging.senders.mime import compose
from poolkeeper.model.message import Message
from poolkeeper.secret import Secret

# Answers about our own sign-in (RFC 4954 6): the operator mends them, so the mail waits instead of being lost.
_OUR_OWN_FAULT = frozenset({530, 534, 535, 538})


class Trust:
    """Who is believed to be a mail server: read once, at the first connection, and not for each mail."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """Return it; raises OSError where the file cannot be read, or holds no certificate."""
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca_file)
        return self._context


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSender:
    """A Sender for mail. `security` is starttls, tls or none; `mail_from` is the From of messages without a sender.

    `step_seconds` bounds each exchange with the server, `total_seconds` the whole delivery.
    """

    host: str
    port: int
    security: str
    mail_from: str
    clock: Clock
    user: str
    password: Secret
    tls: ssl.SSLContext | None = None
    trust: Trust = field(default_factory=Trust)
    step_seconds: float = 20.0
    total_seconds: float = 60.0

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hand one mail over; see Sender.send.

        Whatever goes wrong before the server has heard of the mail (no connection, no TLS, a wrong password) is
        temporary: an operator can mend it. Of what it says to the mail itself, 5xx is permanent (RFC 5321 4.2.1).
        """
        if message.medium != "EMAIL":
            raise DeliveryFailed("a mail server takes no SMS", permanent=True)
        mail = compose(message, sender=self.mail_from, message_id=message_id, now=self.clock.now())

        async with self._session(str(mail["From"].addresses[0].domain)) as client:
            await _hand_over(client, mail, message)

    async def check(self) -> str:
        """Connect, begin TLS and sign in as for a mail; see Reachable.check."""
        async with self._session("localhost"):
            pass
        how = {"none": "without TLS", "tls": "over TLS", "starttls": "over TLS"}[self.security]
        return f"{self.host}:{self.port} answers {how}" + (f" and knows {self.user}" if self.user else "")

    @contextlib.asynccontextmanager
    async def _session(self, our_name: str) -> AsyncIterator[SMTP]:
        """Hold a connection on which mail may be sent. Raises DeliveryFailed, for what is done on it too."""
        try:
            client = self._client(our_name)
            try:
                async with asyncio.timeout(self.total_seconds):
                    await _enter(client)
                    yield client
                await _say_goodbye(client)
            finally:
                client.close()
        except TimeoutError:
            raise DeliveryFailed("the mail server is too slow", permanent=False) from None
        except OSError as fault:
            raise DeliveryFailed(f"the connection to the mail server failed: {fault}", permanent=False) from fault

    def _client(self, our_name: str) -> SMTP:
        return SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=our_name if our_name.isascii() else "localhost",
            username=self.user or None,
            password=self.password.reveal() or None,
            timeout=self.step_seconds,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=None if self.security == "none" else self.tls or self.trust.context(),
        )


async def _enter(client: SMTP) -> None:
    try:
        await client.connect()
    except SMTPConnectError as fault:
        raise DeliveryFailed(
            f"there is no connection to the mail server: {one_line(_said(fault))}", permanent=False
        ) from fault
    except SMTPException as fault:
        raise DeliveryFailed(
            f"the mail server does not let us in: {one_line(_said(fault))}", permanent=False
        ) from fault


async def _hand_over(client: SMTP, mail: EmailMessage, message: Message) -> None:
    author, recipient = mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec
    try:
        await client.send_message(mail, sender=author, recipients=[recipient])
    except SMTPNotSupported as fault:  # An address beyond ASCII, and a server without SMTPUTF8 (RFC 6531).
        raise DeliveryFailed(one_line(_said(fault)), permanent=True) from fault
    except SMTPException as fault:
        answer = without_secrets(_said(fault), message, recipient=recipient)
        raise DeliveryFailed(f"the mail server said: {answer}", permanent=_is_permanent(fault)) from fault


async def _say_goodbye(client: SMTP) -> None:
    """End the session. The mail is taken by now, so a failure here changes nothing."""
    with contextlib.suppress(SMTPException, OSError):
        await client.quit(timeout=2)


def _is_permanent(fault: SMTPException) -> bool:
    answer = fault.recipients[0] if isinstance(fault, SMTPRecipientsRefused) else fault
    if not isinstance(answer, SMTPResponseException):
        return False
    return answer.code >= 500 and answer.code not in _OUR_OWN_FAULT


def _said(fault: SMTPException) -> str:
    """Return the server's words, all of them: what is to be hidden in them may not be cut in two before."""
    answer = fault.recipients[0] if isinstance(fault, SMTPRecipientsRefused) else fault
    if isinstance(answer, SMTPResponseException):
        return f"{answer.code} {answer.message}"
    return str(answer.message)
