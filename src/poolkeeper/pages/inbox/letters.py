"""What does the development inbox show of a message? Its row in the list, the open letter, its JSON, its words."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import msgspec

from poolkeeper.messaging.senders.mime import as_text, is_html
from poolkeeper.model.message import CapturedMessage, Message
from poolkeeper.pages.inbox import sms

INBOX = "/_dev/inbox"
PREVIEW = 60

_KINDS = {
    "SignUp": "Sign-up",
    "ResendCode": "Sign-up, sent again",
    "AdminCreateUser": "Invitation",
    "ForgotPassword": "Password reset",
    "Authentication": "Sign-in code",
    "UpdateUserAttribute": "Changed address",
    "VerifyUserAttribute": "Address to verify",
    "AccountTakeOverNotification": "Notice",
}


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One message as `GET /_dev/outbox` tells it: these nine members, in this order, none left out."""

    to: str
    medium: str
    kind: str
    code: str | None
    subject: str
    body: str
    pool_id: str
    username: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """What the list is filtered by: part of an address or user name, and a medium; empty is all."""

    to: str = ""
    medium: str = ""

    def lets_through(self, captured: CapturedMessage) -> bool:
        message, wanted = captured.message, self.to.strip().casefold()
        fits = wanted in message.to.casefold() or wanted in message.username.casefold()
        return fits and self.medium in {"", message.medium}

    def query(self, **other: str) -> str:
        """Return the part of an address behind the path, empty where there is nothing to say."""
        pairs = {"to": self.to, "medium": self.medium, **other}
        text = urlencode({name: value for name, value in pairs.items() if value})
        return f"?{text}" if text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages a program asks for: of one address or user name, of one kind; empty is any. `wait` is in seconds."""

    to: str = ""
    kind: str = ""
    wait: float = 0

    def is_met_by(self, candidate: OutboxEntry) -> bool:
        named = self.to.casefold()
        return named in {"", candidate.to.casefold(), candidate.username.casefold()} and self.kind in {
            "",
            candidate.kind,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list."""

    href: str
    medium: str
    to: str
    at: str
    clock: str
    what: str
    digits: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An open message. `facts` are pairs of a name and a text; `members` are the JSON's names and values as JSON."""

    subject: str
    medium: str
    code: str
    spoken: str
    facts: Sequence[tuple[str, str]]
    at: str
    sent: str
    text: str
    body_href: str
    members: Sequence[tuple[str, str]]
    test_line: str


def entry(captured: CapturedMessage) -> OutboxEntry:
    """Return the contract's form of a message."""
    message = captured.message
    return OutboxEntry(
        to=message.to,
        medium=message.medium,
        kind=message.kind,
        code=message.code,
        subject=message.subject,
        body=message.body,
        pool_id=message.pool_id,
        username=message.username,
        at=_iso(captured.at),
    )


def row(captured: CapturedMessage, sieve: Sieve, *, current: bool = False) -> Row:
    """Return the line that stands for a message."""
    message = captured.message
    kind = _KINDS.get(message.kind, message.kind)
    return Row(
        href=f"{INBOX}/{quote(captured.message_id, safe='')}{sieve.query()}",
        medium=message.medium,
        to=message.to,
        at=_iso(captured.at),
        clock=_iso(captured.at)[11:19],
        what=kind if message.code else f"{kind}: {_preview(message)}",
        digits=_grouped(message.code or ""),
        current=current,
    )


def letter(captured: CapturedMessage, *, address: str) -> Letter:
    """Return an open message; `address` is the server's, for the line that a test copies."""
    message = captured.message
    members = msgspec.structs.asdict(entry(captured))
    return Letter(
        subject=message.subject or _KINDS.get(message.kind, message.kind),
        medium=message.medium,
        code=message.code or "",
        spoken=" ".join(message.code or ""),
        facts=[(name, text) for name, text in _facts(message) if text],
        at=_iso(captured.at),
        sent=_sent(captured),
        text=message.body if message.medium == "SMS" else "",
        body_href=f"{INBOX}/{quote(captured.message_id, safe='')}/body",
        members=[(json.dumps(name), json.dumps(value, ensure_ascii=False)) for name, value in members.items()],
        test_line=_test_line(message.to, address),
    )


def news(captured: CapturedMessage) -> str:
    """Return what a screen reader says when a message arrives: a code digit by digit."""
    message = captured.message
    code = f", code {' '.join(message.code)}" if message.code else ""
    return f"New message to {message.to}{code}"


def _facts(message: Message) -> Sequence[tuple[str, str]]:
    length = ""
    if message.medium == "SMS":
        measured = sms.measure(message.body)
        plural = "" if measured.segments == 1 else "s"
        length = f"{measured.characters} characters, {measured.segments} segment{plural} ({measured.alphabet})"
    return (
        ("To", message.to),
        ("From", message.sender),
        ("Kind", message.kind),
        ("Pool and user", ", ".join(part for part in (message.pool_id, message.username) if part)),
        ("Length", length),
    )


def _preview(message: Message) -> str:
    text = message.subject or " ".join((as_text(message.body) if is_html(message.body) else message.body).split())
    return text if len(text) <= PREVIEW else text[:PREVIEW].rstrip() + "…"


def _grouped(code: str) -> str:
    """Return digits in threes, counted from the right as one reads numbers; a code with letters stays as it is."""
    if not (code.isascii() and code.isdecimal()):
        return code
    head = len(code) % 3
    return " ".join([code[:head], *(code[at : at + 3] for at in range(head, len(code), 3))]).strip()


def _test_line(to: str, address: str) -> str:
    """Return a shell line that is safe to paste whatever the address holds."""
    chosen = f"[.[]|select(.to=={json.dumps(to, ensure_ascii=False)})][-1].code"
    return f"curl -s {shlex.quote(f'{address}/_dev/outbox')} | jq -r {shlex.quote(chosen)}"


def _iso(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _sent(captured: CapturedMessage) -> str:
    moment = datetime.fromtimestamp(captured.at // 1000, UTC)
    sent = f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"
    if captured.message.code is None or captured.message.valid_until is None:
        return sent
    end = datetime.fromtimestamp(captured.message.valid_until // 1000, UTC)
    return f"{sent}, code good until {end:%H:%M}" + ("" if end.date() == moment.date() else f" on {end.day} {end:%b}")
