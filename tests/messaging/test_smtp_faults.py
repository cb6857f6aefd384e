"""What does a mail server do to us that hangs, lies or breaks off? And mail arrives that is not as usual."""

import asyncio
import email
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from messaging.postbox import MESSAGE, FixedClock, Postbox, serving
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders import mime as mails
from poolkeeper.messaging.senders.mime import as_text, compose, is_html
from poolkeeper.messaging.senders.smtp import SmtpSender
from poolkeeper.messaging.senders.table import smtp_sender
from poolkeeper.model.message import Message
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import SmtpTransport
from poolkeeper.server import devtls

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
HANGS = 0.2


def sender(port: int, *, security: str = "none", seconds: float = 5.0, **more: Any) -> SmtpSender:
    known: dict[str, Any] = {"user": "", "password": Secret(""), "mail_from": "no-reply@poolkeeper.example"}
    return SmtpSender(
        host="localhost",
        port=port,
        security=security,
        clock=FixedClock(),
        step_seconds=seconds,
        total_seconds=seconds,
        **(known | more),
    )


def failure(work: Coroutine[Any, Any, None]) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        asyncio.run(work)
    return caught.value


async def to_liar(talk: Talk, message: Message = MESSAGE, **more: Any) -> None:
    """Send a message to a server that speaks as it is told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "localhost", 0)
    try:
        await sender(server.sockets[0].getsockname()[1], **more).send(message, message_id="1")
    finally:
        server.close()
        await asyncio.sleep(0.01)  # The last connection's transport closes in the loop's next turns.


async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *lines: str) -> None:
    """Answer each line of the client with one of ours; the first is the greeting."""
    writer.write(f"{lines[0]}\r\n".encode())
    for line in lines[1:]:
        if not await reader.readline():
            return
        writer.write(f"{line}\r\n".encode())


async def takes_the_mail_and_says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await say(reader, writer, "220 mail.example", "250 mail.example", "250 OK", "250 OK", "354 go on")
    await reader.read()


async def breaks_off_in_the_mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await say(reader, writer, "220 mail.example", "250 mail.example", "250 OK", "250 OK", "354 go on")


async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:  # Each step moves, and none ends: the whole has a bound too.
        writer.write(b"220-wait\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def talks_without_end(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"2" * 65_536)
        await writer.drain()


async def speaks_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize(
    "talk", [takes_the_mail_and_says_nothing, breaks_off_in_the_mail, drips, talks_without_end, speaks_http]
)
def test_a_server_that_hangs_lies_or_breaks_off_loses_nothing(talk: Talk) -> None:
    """Half-open connections and endless answers end in time, and the mail is tried again."""
    fault = failure(to_liar(talk, seconds=HANGS))
    assert not fault.permanent
    assert "590318" not in fault.reason


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_handshake_that_never_ends_is_given_up(security: str) -> None:
    """A port that takes connections and says no word of TLS."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if security == "starttls":
            await say(reader, writer, "220 mail.example", "250-mail.example\r\n250 STARTTLS", "220 go")
        await reader.read()

    assert not failure(to_liar(mute, security=security, seconds=HANGS)).permanent


def test_what_is_slipped_in_before_tls_is_not_believed() -> None:
    """Words in clear behind the answer to STARTTLS would be taken for those of the server that proves itself (CVE-2021-38371)."""
    heard = bytearray()

    async def slip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        slipped = "220 go\r\n250 mail.example\r\n250 OK\r\n250 OK\r\n354 go on\r\n250 OK"
        await say(reader, writer, "220 mail.example", "250-mail.example\r\n250 STARTTLS", slipped)
        heard.extend(await reader.read(65_536))

    assert not failure(to_liar(slip, security="starttls", seconds=HANGS)).permanent
    assert b"MAIL FROM" not in heard
    assert b"590318" not in heard


def test_a_refusal_is_told_without_the_address_and_on_one_line() -> None:
    """Servers quote whom they refuse; a line break of theirs begins no line of the log."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refusal = f"550-no <{MESSAGE.to}>\r\n550 code 590318 \x1b[31m"
        await say(reader, writer, "220 mail.example", "250 mail.example", "250 OK", refusal, "250 OK")

    fault = failure(to_liar(refuse))
    assert fault.permanent
    assert fault.reason.isprintable()
    assert MESSAGE.to not in fault.reason
    assert "590318" not in fault.reason


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (MESSAGE.to, f"550 {'x' * 292} 590318 is no code"),
        ("Ada@Lovelace.Example", "550 no <ada@lovelace.example>"),
        ("ada@bücher.example", "550 no <ada@xn--bcher-kva.example>"),
    ],
)
def test_a_refusal_shows_no_part_and_no_other_spelling_of_a_secret(to: str, said: str) -> None:
    """Neither where a long line is cut, nor where a server writes the address its own way."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(reader, writer, "220 mail.example", "250 mail.example", "250 OK", said, "250 OK")

    reason = failure(to_liar(refuse, msgspec.structs.replace(MESSAGE, to=to))).reason.lower()
    assert not any(part in reason for part in ("590", "ada", "lovelace", "bcher"))


def test_a_greeting_steers_no_terminal() -> None:
    """Whoever is on the way speaks before TLS does."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(reader, writer, "554-no\r\n554 \x1b[2Jmail.example can be written to")

    assert failure(to_liar(greet)).reason.isprintable()


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@пример.example", "ada@xn--e1afmkfd.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_a_domain_of_any_alphabet_is_reached_by_any_server(address: str, written: str) -> None:
    """Written as DNS has it (RFC 5890), no server need know SMTPUTF8; the sender's domain and that of the reply too."""
    postbox = Postbox()
    message = msgspec.structs.replace(MESSAGE, to=address, sender=f"Pool <{address}>", reply_to=address)

    async def deliver() -> None:
        async with serving(postbox) as port:
            await sender(port).send(message, message_id="1")

    asyncio.run(deliver())
    (envelope,) = postbox.envelopes
    assert envelope.rcpt_tos == [written]
    assert envelope.mail_from == written
    assert postbox.mail()["Reply-To"] == written
    assert postbox.mail()["Message-ID"] == f"<1@{written.partition('@')[2]}>"


@pytest.mark.parametrize(
    "domain", ["\u2024.example", "a\u200db.example", "-ü.example", "ü..example", "ü" * 64 + ".example"]
)
def test_a_domain_that_is_none_is_refused_for_good(domain: str) -> None:
    """No name in DNS is written so: neither look-alikes of dots nor joiners nor labels that are too long."""
    fault = failure(sender(1).send(msgspec.structs.replace(MESSAGE, to=f"ada@{domain}"), message_id="1"))
    assert fault.permanent


@pytest.mark.parametrize(
    "reply_to", ["a@b.example\r\nBcc: eve@evil.example", "a@b.example, eve@evil.example", "a\x00@b"]
)
def test_an_address_to_reply_to_is_one_address(reply_to: str) -> None:
    """attacks.md 97: it comes by the API, and stands in the head."""
    fault = failure(sender(1).send(msgspec.structs.replace(MESSAGE, reply_to=reply_to), message_id="1"))
    assert fault.permanent


def test_an_address_to_reply_to_that_few_servers_take_is_left_out() -> None:
    """The mail with its code matters more: it goes out by a server without SMTPUTF8."""
    postbox = Postbox()

    async def deliver() -> None:
        async with serving(postbox) as port:
            await sender(port).send(msgspec.structs.replace(MESSAGE, reply_to="zoë@lovelace.example"), message_id="1")

    asyncio.run(deliver())
    assert postbox.mail()["Reply-To"] is None


# What a pool's own template may hold, at its longest (userpools.md 1.4: 20,000 signs).
HUGE = [
    "x" * 20_000,
    "é" * 20_000,
    "🔑" * 20_000,
    ".\r\n" * 6_666,
    "<b>" * 6_666,
    "<a " * 6_666,
    "<" * 20_000,
    "<!--" * 5_000,
    "<![CDATA[" * 2_200,
    "<?" * 10_000,
    "&" * 20_000,
    "&#" * 10_000,
    "&a" * 10_000 + ";",
    "<a href='" * 2_200,
    "<script>" * 2_500,
    "</" * 10_000,
    "<b " + " " * 19_990,
]


@pytest.mark.parametrize("body", HUGE, ids=lambda body: repr(body[:9]))
def test_the_longest_template_arrives_whole(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is made of: no line is too long for SMTP, and the parser of HTML reads it once."""
    fed: list[int] = []
    parse = mails._Reader.goahead

    def counted(reader: Any, end: Any) -> None:
        fed.append(len(reader.rawdata))
        parse(reader, end)

    monkeypatch.setattr(mails._Reader, "goahead", counted)
    postbox = Postbox()

    async def deliver() -> None:
        async with serving(postbox) as port:
            await sender(port, seconds=60).send(msgspec.structs.replace(MESSAGE, body=body), message_id="1")

    asyncio.run(deliver())
    content = postbox.envelopes[0].content
    assert isinstance(content, bytes)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998  # RFC 5322 2.1.1
    assert len(fed) <= 2
    whole = email.message_from_bytes(content)
    parts = whole.get_payload() if whole.is_multipart() else [whole]
    assert isinstance(parts, list)
    last = parts[-1]
    assert isinstance(last, email.message.Message)
    held = last.get_payload(decode=True)
    assert isinstance(held, bytes)
    assert held.decode().replace("\r\n", "\n").rstrip("\n") == body.replace("\r\n", "\n").rstrip("\n")


def test_text_is_made_of_what_html_shows() -> None:
    """Entities become signs, links keep their address, what is not seen is left out."""
    assert as_text("<title>x</title><p>A&amp;B &lt;c&gt;</p><a href='https://x.example/?a=1&amp;b=2'>go</a>") == (
        "A&B <c>\ngo (https://x.example/?a=1&b=2)\n"
    )
    assert is_html("1 &lt; 2")
    assert not is_html("1 < 2 & 3 > 2")


@pytest.mark.parametrize("begun", ["<a ", "<a/", "<a x='", "</", "<?", "<!x", "<!["])
def test_tags_that_do_not_end_are_read_once(begun: str) -> None:
    """Each was looked at to the end of the text: a template of 20,000 characters held up all for seconds, this one for an hour."""
    text = as_text(begun * 100_000 + "<p>code</p>")
    assert text.endswith("code\n")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("1 < 2 &lt; 3 <b>x</b>", "1 < 2 < 3 x\n"),
        ("a<!-- <b>no</b> -->b<!-->c", "abc\n"),
        ("a<!-- no end <p>b</p>", "a\n"),
        ("<!doctype html><![if mso]>a<![endif]><![<!>b", "a<![b\n"),
        ("<a href='https://x.example/?a=1>2'>go</a>", "go (https://x.example/?a=1>2)\n"),
    ],
)
def test_what_is_no_tag_is_text(html: str, text: str) -> None:
    """Comments and declarations are not, whatever stands in them; a text with `<![` was an accident, and never sent."""
    assert as_text(html) == text


def test_the_head_holds_nothing_of_the_body() -> None:
    """Line breaks of a body stay in it, and a lone surrogate makes no mail."""
    mail = compose(
        msgspec.structs.replace(MESSAGE, body="\r\nBcc: eve@evil.example\r\n\r\nx"),
        sender="no-reply@poolkeeper.example",
        message_id="1",
        now=0,
    )
    assert mail["Bcc"] is None


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> devtls.DevTls:
    return devtls.ensure(tmp_path_factory.mktemp("tls"), now=SystemClock().now(), entropy=Entropy())


def _server_tls(certificates: devtls.DevTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert_file, certificates.key_file)
    return context


def of_table(port: int, security: str, ca_file: Path | None) -> SmtpSender:
    transport = SmtpTransport(
        host="localhost", port=port, security=security, user="", password=Secret(""), ca_file=ca_file
    )
    return smtp_sender(transport, FixedClock(), mail_from="no-reply@poolkeeper.example")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_authority_of_the_operator_s_own_is_believed(certificates: devtls.DevTls, security: str) -> None:
    """`ca_file` names it; the doctor's question goes the same way, and sends nothing."""
    postbox, tls = Postbox(), _server_tls(certificates)

    async def story() -> str:
        async with serving(
            postbox, tls=tls if security == "tls" else None, tls_context=tls if security == "starttls" else None
        ) as port:
            made = of_table(port, security, certificates.ca_file)
            told = await made.check()
            await made.send(MESSAGE, message_id="1")
            await made.send(MESSAGE, message_id="2")
            return told

    assert asyncio.run(story()).endswith("answers over TLS")
    assert len(postbox.envelopes) == 2


def test_a_file_of_authorities_that_is_none_keeps_the_mail_waiting(tmp_path: Path) -> None:
    """It may be mended; nothing goes out meanwhile."""
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate")
    for file in (broken, tmp_path / "none"):
        assert not failure(of_table(1, "tls", file).send(MESSAGE, message_id="1")).permanent
