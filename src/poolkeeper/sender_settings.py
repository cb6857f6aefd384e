"""Who sends mail and text messages, and for which pools? The tables `[senders.<name>]` of poolkeeper.toml.

The operator alone says where messages go: nothing that comes by the API names a server, an address of one or a folder. What
a pool's EmailConfiguration and SmsConfiguration name (an identity of SES, a role of SNS) chooses among the tables.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from poolkeeper.secret import Secret

EMAIL, SMS = "EMAIL", "SMS"
# What metrics call the ways that no table describes: the inbox, a pool's own function, and no way at all.
OUTBOX, CUSTOM, NOBODY = "outbox", "custom", "none"
# What the settings smtp_* are called as a sender.
OF_SETTINGS = "smtp"
RESERVED = frozenset({OUTBOX, CUSTOM, NOBODY})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTransport:
    """A mail server. `security` is starttls, tls or none; `ca_file` names who is believed in the machine's stead."""

    host: str
    port: int
    security: str
    user: str
    password: Secret
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where calls go. `url` is empty for the service's own address; `private` may be one in a private network."""

    url: str
    private: bool
    plain_http: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsKey:
    """The access key of a sender, used for its calls alone."""

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SesTransport:
    """Amazon SES, or what speaks as it does. `api` is v2 or v1."""

    api: str
    key: AwsKey
    region: str
    endpoint: Endpoint
    configuration_set: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsTransport:
    """Amazon SNS, or what speaks as it does. `region` empty: the pool's SnsRegion."""

    key: AwsKey
    region: str
    endpoint: Endpoint
    sender_id: str
    sms_type: str
    origination_number: str
    max_price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioTransport:
    """Twilio's Messages resource, or what speaks as it does. `number` or `messaging_service_sid` says who writes."""

    account_sid: str
    user: str
    password: Secret
    number: str
    messaging_service_sid: str
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverTransport:
    """A web server of the operator's. Two `secrets` where one takes the other's place: both sign."""

    endpoint: Endpoint
    secrets: tuple[Secret, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTransport:
    """A folder in which each message becomes a file."""

    folder: Path


Transport = SmtpTransport | SesTransport | SnsTransport | TwilioTransport | ReceiverTransport | FileTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSetting:
    """One entry. `media` are what it sends; `pools` those that it sends for, None: all.

    `accounts` are patterns of what a pool's configuration names (SourceArn, SnsCallerArn), with `*` for any text; None:
    whatever it names, and nothing.
    """

    name: str
    transport: Transport
    media: tuple[str, ...]
    pools: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    mail_from: str = ""

    def rank(self, medium: str, pool_id: str, account: str) -> tuple[bool, int] | None:
        """Return how nearly the entry speaks of a message, more is nearer; None where it does not speak of it at all."""
        if medium not in self.media or (self.pools is not None and pool_id not in self.pools):
            return None
        named = 0
        if self.accounts is not None:
            named = max((len(pattern) for pattern in self.accounts if _matches(pattern, account)), default=0)
            if not named:
                return None
        return self.pools is not None, named


def sender_of(
    senders: Iterable[SenderSetting], *, medium: str, pool_id: str, account: str = ""
) -> SenderSetting | None:
    """Return who sends a message of a pool, whose configuration names `account`; None where nobody does.

    An entry that names the pool goes before one that does not, then the one that names the account by more signs.
    """
    ranked = [(rank, sender) for sender in senders if (rank := sender.rank(medium, pool_id, account)) is not None]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def way_of(senders: Iterable[SenderSetting], *, dev: bool, medium: str, pool_id: str, account: str) -> str:
    """Return the name of the way by which a pool's message leaves, unless a custom sender takes it."""
    if dev:
        return OUTBOX
    entry = sender_of(senders, medium=medium, pool_id=pool_id, account=account)
    return NOBODY if entry is None else entry.name


def names_of(senders: Iterable[SenderSetting], *, dev: bool) -> tuple[str, ...]:
    """Return the names of all ways a message can leave, NOBODY for none among them."""
    return (OUTBOX, CUSTOM) if dev else (*(sender.name for sender in senders), CUSTOM, NOBODY)


def ambiguous(senders: Iterable[SenderSetting]) -> list[str]:
    """Return which senders nobody could choose between: two of one medium that speak of the same messages, a sentence each."""
    sentences: list[str] = []
    first_senders: dict[tuple[str, str, str], str] = {}
    for sender in senders:
        for medium in sender.media:
            for pool in sender.pools or ("",):
                for account in sender.accounts or ("",):
                    first = first_senders.setdefault((medium, pool, account), sender.name)
                    if first != sender.name:
                        whose = " and ".join(filter(None, (pool, account))) or "every pool"
                        sentences.append(f"senders: {first} and {sender.name} both send {medium} of {whose}")
    return sentences


def _matches(pattern: str, account: str) -> bool:
    parts = map(re.escape, pattern.split("*"))
    return bool(account) and re.fullmatch(".*".join(parts), account, re.DOTALL) is not None
