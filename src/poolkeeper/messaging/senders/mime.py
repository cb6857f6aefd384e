"""What does a mail look like on the wire? One Message becomes one MIME message, and no value becomes a header line."""

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.message import Message as ParsedMail
from email.parser import HeaderParser
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import Any

import idna

from poolkeeper.messaging.senders import Unwritable
from poolkeeper.messaging.templates import as_it_reads
from poolkeeper.model.message import Message
from poolkeeper.model.names import ENCODED_WORD

# One address and no more: a comma would be a second recipient. Quoted local parts (RFC 5321 4.1.2) are left out.
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f@,;:<>()\[\]\\\"]+@[^\s\x00-\x1f\x7f@,;:<>()\[\]\\\"]+")
_TAG = r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!(?:--|doctype)"
_REFERENCE = r"&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);"
_MARKUP = re.compile(f"{_TAG}|{_REFERENCE}", re.IGNORECASE)
# What a reader of HTML passes over: comments, declarations and the like.
_UNSAID = re.compile(r"<[!?][^<>]*+>")
# A `<` that opens no complete tag: the parser would search to the end of the text at each one. A tag that holds another in
# quotes is no tag here.
_NO_TAG = re.compile(r"""<(?!/?[a-zA-Z](?:[^<>"']|"[^"<]*+"|'[^'<]*+'){0,4000}+>)""")
_BLOCKS = frozenset(
    {"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
)
_UNSEEN = frozenset({"head", "script", "style", "title"})
_ADDRESSED = ("From", "To", "Reply-To")


def compose(message: Message, *, sender: str, message_id: str, now: int) -> EmailMessage:
    """Return the mail: text alone, or text and HTML where the body is HTML.

    `sender` is the From where the message names none; `now` is in milliseconds. Raises Unwritable when an address is
    none, when one of them or the subject holds a line break or another control character, and when the finished head
    would be read as anything but the lines that are set here. Domains beyond ASCII are written as DNS has them (RFC 5890).
    """
    author = _author(message.sender or sender)
    recipient = _recipient(message.to)

    mail = EmailMessage(policy=SMTP)
    mail["From"] = author
    mail["To"] = recipient
    if message.reply_to:
        answered = _address("reply-to", _one_line("reply-to", message.reply_to))
        if answered.username.isascii():  # Else a server without SMTPUTF8 would refuse the mail for it (RFC 6531).
            mail["Reply-To"] = answered
    mail["Subject"] = as_it_reads(_one_line("subject", message.subject))
    mail["Date"] = datetime.fromtimestamp(now // 1000, UTC)
    mail["Message-ID"] = f"<{_one_line('message id', message_id)}@{author.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 5: no holiday notice answers a code.

    if is_html(message.body):
        mail.set_content(as_text(message.body), cte="quoted-printable")
        mail.add_alternative(message.body, subtype="html", cte="quoted-printable")
    else:
        mail.set_content(message.body, cte="quoted-printable")
    _require_own_head(mail)
    return mail


def is_html(body: str) -> bool:
    """Say whether a body is HTML, as Amazon Cognito's mails are: it holds a tag or a character reference."""
    return _MARKUP.search(body) is not None


def as_text(body: str) -> str:
    """Return what a reader of HTML `body` sees, for programs that show text: links keep their address."""
    reader = _Reader()
    reader.feed(_NO_TAG.sub("&lt;", _UNSAID.sub("", _without_comments(body))))
    reader.close()
    return reader.text()


def _without_comments(body: str) -> str:
    """Leave out comments; one that does not end goes on to the end."""
    parts, position = [], 0
    while (begins := body.find("<!--", position)) >= 0:
        parts.append(body[position:begins])
        ends = body.find("-->", begins + 2)  # HTML standard 13.2.5.43: <!--> is a whole one.
        position = len(body) if ends < 0 else ends + 3
    return "".join([*parts, body[position:]])


class _Reader(HTMLParser):
    """Collects the words of an HTML body, line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._unseen = 0
        self._target = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS:
            self._parts.append("\n")
        elif tag == "a":
            self._target = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._parts.append("\n")
        elif tag == "a" and self._target:
            self._parts.append(f" ({self._target}) ")
            self._target = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _author(text: str) -> Address:
    name, address = parseaddr(_one_line("sender", text))
    return _address("sender", address, name=as_it_reads(_decoded(name)))


def _recipient(text: str) -> Address:
    return _address("recipient", _one_line("recipient", text))


def _address(part: str, text: str, *, name: str = "") -> Address:
    if not _ADDRESS.fullmatch(text) or ENCODED_WORD in text or not text.isprintable():
        raise Unwritable(f"the {part} is not an address", part=part)
    local, _, domain = text.partition("@")
    return Address(display_name=name, username=local, domain=_in_dns(part, domain))


def _in_dns(part: str, domain: str) -> str:
    """Return a domain as DNS has it: any mail server takes it so, whatever it knows of other alphabets."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise Unwritable(f"the {part} is not an address", part=part) from None


def _one_line(part: str, text: str) -> str:
    """Refuse what ends a line (attack: CRLF injection), other controls, and lone surrogates, which no mail carries."""
    if any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF or c in "\u2028\u2029" for c in text):
        raise Unwritable(f"the {part} holds a control character", part=part)
    return text


def _decoded(name: str) -> str:
    """Return a sender's name as people read it: AWS wants one beyond ASCII to be given as encoded words.

    A control character in it becomes a blank.
    """
    try:
        text = str(make_header(decode_header(name)))
    except (HeaderParseError, LookupError, UnicodeError):
        return name
    return "".join(c if c.isprintable() else " " for c in text)


def _require_own_head(mail: EmailMessage) -> None:
    """Raise Unwritable unless the mail, as it goes out, has the lines that were set and no other recipient.

    The standard library parses what it is handed once more when it writes it, and decodes what it finds; what it makes
    of that differs between its releases (CVE-2024-6923). So the result is read as its recipient will.
    """
    within_ascii = all(address.addr_spec.isascii() for name in _ADDRESSED for address in _addresses(mail, name))
    flattened = mail.as_bytes(policy=SMTP if within_ascii else SMTPUTF8)
    parsed = HeaderParser(policy=SMTP).parsestr(flattened.decode())
    if parsed.keys() != mail.keys():
        raise Unwritable("the head would be read as other lines than ours", part="head")
    for name in _ADDRESSED:
        if [address.addr_spec for address in _addresses(parsed, name)] != [
            address.addr_spec for address in _addresses(mail, name)
        ]:
            raise Unwritable("the head would name somebody else", part="head")


def _addresses(mail: ParsedMail, name: str) -> tuple[Address, ...]:
    header: Any = mail[name]
    return () if header is None else tuple(header.addresses)
