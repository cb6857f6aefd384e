"""Does a mail arrive as it was written, once, and does a failure say whether to try again? A real server on loopback."""

import asyncio
import dataclasses
import re
import socket
import ssl
from collections.abc import Coroutine
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from messaging.postbox import MESSAGE, FixedClock, Postbox, serving
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.smtp import SmtpSender
from poolkeeper.messaging.senders.table import smtp_sender
from poolkeeper.model.message import Message
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import SmtpTransport
from poolkeeper.server import devtls
from poolkeeper.settings import Settings


def _like(message: Message, **other: Any) -> Message:
    """Return `message` with other values."""
    return Message(**({name: getattr(message, name) for name in message.__struct_fields__} | other))


def _words(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def _sender(port: int, **other: Any) -> SmtpSender:
    plain = SmtpSender(
        host="localhost",
        port=port,
        security="none",
        user="",
        password=Secret(""),
        mail_from="no-reply@poolkeeper.example",
        clock=FixedClock(),
        step_seconds=5.0,
    )
    return dataclasses.replace(plain, **other)


async def _deliver(postbox: Postbox, message: Message = MESSAGE, **options: Any) -> None:
    async with serving(postbox, **options) as port:
        await _sender(port).send(message, message_id="0b5c-1")


def _failure(delivery: Coroutine[Any, Any, None]) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        asyncio.run(delivery)
    return caught.value


def test_a_mail_arrives_as_written() -> None:
    """The whole of it, header by header; the Message-ID is made from the given id."""
    postbox = Postbox()

    asyncio.run(_deliver(postbox))

    (envelope,) = postbox.envelopes
    assert envelope.content == (
        b"From: no-reply@poolkeeper.example\r\n"
        b"To: ada@lovelace.example\r\n"
        b"Subject: Your password reset code\r\n"
        b"Date: Wed, 25 Nov 2026 10:01:07 +0000\r\n"
        b"Message-ID: <0b5c-1@poolkeeper.example>\r\n"
        b"Auto-Submitted: auto-generated\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"MIME-Version: 1.0\r\n"
        b"\r\n"
        b"Your code is 590318.\r\n"
    )
    assert envelope.mail_from == "no-reply@poolkeeper.example"
    assert envelope.rcpt_tos == ["ada@lovelace.example"]


def test_a_second_attempt_carries_the_same_message_id() -> None:
    """Whoever got both can tell that they are one."""
    first, second = Postbox(), Postbox()

    asyncio.run(_deliver(first))
    asyncio.run(_deliver(second))

    assert first.mail()["Message-ID"] == second.mail()["Message-ID"]


def test_html_arrives_with_a_text_beside_it() -> None:
    """A body with tags is multipart/alternative: text first, HTML untouched."""
    body = (
        "<style>p{color:red}</style><p>Hello Ada &amp; Grace,</p>\n<p>your code is <b>590318</b>.</p>"
        '<p><a href="https://id.example/confirm?code=1">Confirm</a> it.</p>'
    )
    postbox = Postbox()

    asyncio.run(_deliver(postbox, _like(MESSAGE, body=body)))

    text, html = postbox.mail().iter_parts()
    assert postbox.mail().get_content_type() == "multipart/alternative"
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content_type() == "text/plain"
    assert _words(text) == (
        "Hello Ada & Grace,\n\nyour code is 590318.\n\nConfirm (https://id.example/confirm?code=1) it.\n"
    )
    assert html.get_content_type() == "text/html"
    assert _words(html) == body + "\n"


def test_a_sender_of_the_pool_and_words_beyond_ascii_arrive() -> None:
    """A name in From, a subject and a body in any script survive the way."""
    message = _like(
        MESSAGE,
        sender='"Bücher, Zoë" <no-reply@juniper.example>',
        subject="Ihr Prüfcode 🔑",
        body="Код: 590318\n" * 200,
    )
    postbox = Postbox()

    asyncio.run(_deliver(postbox, message))

    assert postbox.mail()["From"].addresses[0].addr_spec == "no-reply@juniper.example"
    assert postbox.mail()["Subject"] == "Ihr Prüfcode 🔑"
    assert _words(postbox.mail()) == "Код: 590318\n" * 200
    assert postbox.envelopes[0].mail_from == "no-reply@juniper.example"
    content = postbox.envelopes[0].content
    assert isinstance(content, bytes)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998  # RFC 5322 2.1.1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "Hello\r\nBcc: eve@evil.example"),
        ("subject", "Hello\nBcc: eve@evil.example"),
        ("subject", "Hello\x00"),
        ("subject", "Hello\x85Bcc: eve@evil.example"),
        ("subject", "Hello\u2028Bcc: eve@evil.example"),
        ("subject", "Hello\u2029"),
        ("subject", "Hello \ud800"),
        ("sender", "no-reply@x.example\r\nBcc: eve@evil.example"),
        ("sender", '"Juniper\r\nBcc: eve@evil.example" <no-reply@x.example>'),
        ("sender", "Juniper Books"),
        ("to", "ada@lovelace.example\r\nBcc: eve@evil.example"),
        ("to", "ada@lovelace.example, eve@evil.example"),
        ("to", "ada@lovelace.example;eve@evil.example"),
        ("to", "<ada@lovelace.example> SIZE=1"),
        ("to", "a b@lovelace.example"),
        ("to", "ada"),
        ("to", ""),
    ],
)
def test_no_value_becomes_a_header_or_a_second_recipient(name: str, value: str) -> None:
    """Line breaks, other controls and anything but one address are refused for good; the server hears of nothing."""
    postbox = Postbox()

    failure = _failure(_deliver(postbox, _like(MESSAGE, **{name: value})))

    assert failure.permanent
    assert postbox.envelopes == []


def test_a_message_id_cannot_carry_a_header_either() -> None:
    """The id comes from our own rows, and is looked at all the same."""

    async def deliver() -> None:
        await _sender(1).send(MESSAGE, message_id="1@x>\r\nBcc: eve@evil.example")

    assert _failure(deliver()).permanent


def test_a_line_with_a_single_dot_does_not_end_the_mail() -> None:
    """SMTP smuggling: a body cannot end its own mail and begin another."""
    body = "one\n.\nMAIL FROM:<eve@evil.example>\r\n.\r\nRCPT TO:<eve@evil.example>\r.\rend"
    postbox = Postbox()

    asyncio.run(_deliver(postbox, _like(MESSAGE, body=body)))

    assert postbox.mail().get_content().split() == body.split()
    assert postbox.envelopes[0].rcpt_tos == ["ada@lovelace.example"]


def test_an_sms_is_not_for_a_mail_server() -> None:
    """A mistake in wiring is seen, not mailed."""
    assert _failure(_deliver(Postbox(), _like(MESSAGE, medium="SMS"))).permanent


@pytest.mark.parametrize(
    ("answers", "permanent"),
    [
        ({"at_recipient": "550 5.1.1 no such user"}, True),
        ({"at_recipient": "450 4.2.1 greylisted, try later"}, False),
        ({"at_sender": "553 5.7.1 not your address"}, True),
        ({"at_sender": "530 5.7.0 sign in first"}, False),
        ({"at_sender": "451 4.3.0 local trouble"}, False),
        ({"at_data": "554 5.7.1 looks like spam"}, True),
        ({"at_data": "452 4.3.1 disk full"}, False),
    ],
)
def test_a_refusal_is_permanent_or_temporary_as_the_server_says(answers: dict[str, Any], *, permanent: bool) -> None:
    """5xx about the mail is permanent, 4xx is temporary, and so is an answer about our own sign-in."""
    failure = _failure(_deliver(Postbox(**answers)))

    (answer,) = answers.values()
    assert failure.permanent is permanent
    assert answer in failure.reason
    assert "590318" not in failure.reason


def test_a_server_that_is_not_there_is_a_temporary_failure() -> None:
    """The mail waits for the server's return."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        failure = _failure(_sender(nobody.getsockname()[1]).send(MESSAGE, message_id="1"))

    assert not failure.permanent


def test_a_server_that_says_nothing_is_a_temporary_failure() -> None:
    """A hung server is given up, whether in one step or in all of them together."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        port = mute.getsockname()[1]
        by_step = _failure(_sender(port, step_seconds=0.05).send(MESSAGE, message_id="1"))
        in_all = _failure(_sender(port, total_seconds=0.05).send(MESSAGE, message_id="1"))

    assert not by_step.permanent
    assert not in_all.permanent


def test_a_server_that_hangs_up_is_a_temporary_failure() -> None:
    """An unexpected end in the middle of the conversation loses nothing."""

    async def deliver() -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            await reader.readline()
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            await _sender(server.sockets[0].getsockname()[1]).send(MESSAGE, message_id="1")

    assert not _failure(deliver()).permanent


def test_an_address_beyond_ascii_needs_a_server_for_it() -> None:
    """With SMTPUTF8 the mail arrives; without, no other attempt would help."""
    message = _like(MESSAGE, to="zoë@lovelace.example")
    postbox = Postbox()

    asyncio.run(_deliver(postbox, message, enable_SMTPUTF8=True))

    assert postbox.envelopes[0].rcpt_tos == ["zoë@lovelace.example"]
    assert _failure(_deliver(Postbox(), message)).permanent


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> devtls.DevTls:
    return devtls.ensure(tmp_path_factory.mktemp("tls"), now=SystemClock().now(), entropy=Entropy())


def _server_tls(certificates: devtls.DevTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert_file, certificates.key_file)
    return context


def _trust(file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_travels_inside_tls(certificates: devtls.DevTls, security: str) -> None:
    """By STARTTLS or from the first byte, with the server's certificate checked."""
    postbox = Postbox()
    server = _server_tls(certificates)

    async def deliver() -> None:
        async with serving(
            postbox,
            tls=server if security == "tls" else None,
            tls_context=server if security == "starttls" else None,
            require_starttls=security == "starttls",
        ) as port:
            await _sender(port, security=security, tls=_trust(certificates.ca_file)).send(MESSAGE, message_id="1")

    asyncio.run(deliver())

    assert postbox.mail()["Subject"] == MESSAGE.subject
    if security == "starttls":
        assert postbox.sessions[0].ssl is not None


@pytest.mark.filterwarnings(
    "ignore:.*SSL.*:ResourceWarning"
)  # aiosmtpd leaves a refused TLS transport to the collector.
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_stops_the_mail(certificates: devtls.DevTls, security: str) -> None:
    """The mail waits; it does not go to a server that cannot prove its name."""
    postbox = Postbox()
    server = _server_tls(certificates)

    async def deliver() -> None:
        async with serving(
            postbox,
            tls=server if security == "tls" else None,
            tls_context=server if security == "starttls" else None,
        ) as port:
            await _sender(port, security=security).send(MESSAGE, message_id="1")

    assert not _failure(deliver()).permanent
    assert postbox.envelopes == []


def test_starttls_that_the_server_does_not_offer_stops_the_mail() -> None:
    """A man in the middle who strips STARTTLS gets nothing."""
    postbox = Postbox()

    async def deliver() -> None:
        async with serving(postbox) as port:
            await _sender(port, security="starttls").send(MESSAGE, message_id="1")

    assert not _failure(deliver()).permanent
    assert postbox.envelopes == []


def _check_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"pool", b"right"), handled=False)


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_the_sender_signs_in(certificates: devtls.DevTls, password: str) -> None:
    """The right password delivers; a wrong one is the operator's to mend, so the mail waits."""
    postbox = Postbox()

    async def deliver() -> None:
        async with serving(
            postbox, tls_context=_server_tls(certificates), auth_required=True, authenticator=_check_password
        ) as port:
            sender = _sender(
                port,
                security="starttls",
                tls=_trust(certificates.ca_file),
                user="pool",
                password=Secret(password),
            )
            await sender.send(MESSAGE, message_id="1")

    if password == "right":
        asyncio.run(deliver())
        assert postbox.mail()["To"] == MESSAGE.to
    else:
        failure = _failure(deliver())
        assert not failure.permanent
        assert re.search(r"\b535\b", failure.reason)
        assert password not in failure.reason


def test_settings_make_the_sender() -> None:
    """Without a server there is none; with one, every smtp setting arrives."""
    settings = Settings(
        smtp_host="mail.example",
        smtp_port=465,
        smtp_security="tls",
        smtp_user="pool",
        smtp_password=Secret("right"),
        mail_from="hello@example.com",
    )

    (entry,) = settings.all_senders
    assert isinstance(entry.transport, SmtpTransport)
    sender = smtp_sender(entry.transport, FixedClock(), mail_from=settings.mail_from)

    assert Settings().all_senders == ()
    assert entry.name == "smtp"
    assert (sender.host, sender.port, sender.security, sender.user) == ("mail.example", 465, "tls", "pool")
    assert sender.password.reveal() == "right"
    assert sender.mail_from == "hello@example.com"
