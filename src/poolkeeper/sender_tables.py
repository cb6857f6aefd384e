"""What may a table `[senders.<name>]` hold? Its keys, read and checked entry by entry; all faults are told at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from poolkeeper.broker_settings import is_plain_here
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import (
    EMAIL,
    RESERVED,
    SMS,
    AwsKey,
    Endpoint,
    FileTransport,
    ReceiverTransport,
    SenderSetting,
    SesTransport,
    SmtpTransport,
    SnsTransport,
    Transport,
    TwilioTransport,
)

SHORTEST_SECRET = 16
_MEDIA = (EMAIL, SMS)
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9A-Fa-f:.]{2,45}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")
_POOL_ID = re.compile(r"[\w-]+_[0-9A-Za-z]+")
_SID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NUMBER = re.compile(r"\+?[A-Za-z0-9 ]{1,20}")
_FILE = "_file"


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of an entry: what would be right, in words for the operator, and whether a value is that.

    A `secret` may be in a file instead, which the key with `_file` at its end names.
    """

    right: str
    fits: Callable[[Any], bool]
    required: bool = True
    secret: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """A transport: its keys, what it sends, by which key it is chosen for a pool's account, and how it is made."""

    keys: Mapping[str, _Key]
    media: tuple[str, ...]
    make: Callable[[Mapping[str, Any], Path], Transport]


def read_senders(tables: Any, *, folder: Path) -> tuple[tuple[SenderSetting, ...], list[str]]:
    """Return the entries of the table `senders` and everything that is wrong with it, a sentence each.

    Paths are taken from `folder`, where poolkeeper.toml lies.
    """
    if not isinstance(tables, dict):
        return (), ["senders: holds tables, [senders.<name>]"]
    with_secrets = {name: _with_secrets(entry, folder) for name, entry in tables.items()}
    faults = [
        f"senders.{name}: {fault}"
        for name, (entry, unread) in with_secrets.items()
        for fault in (*unread, *([] if unread else _faults(name, entry)))
    ]
    if faults:
        return (), faults
    return tuple(_entry(name, entry, folder) for name, (entry, _) in with_secrets.items()), []


def _with_secrets(entry: Any, folder: Path) -> tuple[Any, list[str]]:
    """Return an entry with the secrets in it that it names files of, and why some cannot be read."""
    if not isinstance(entry, dict) or not isinstance(entry.get("transport"), str):
        return entry, []
    kind = _KINDS.get(entry["transport"])
    filled, faults = dict(entry), []
    for name in [] if kind is None else [name for name, key in kind.keys.items() if key.secret]:
        if (file := filled.pop(name + _FILE, None)) is None:
            continue
        if name in entry:
            faults.append(f"{name} and {name}{_FILE} are both there; one is enough")
            continue
        try:
            filled[name] = (folder / str(file)).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "it is no text"
            faults.append(f"{name}{_FILE}: {folder / str(file)} cannot be read: {why}")
            continue
        if not filled[name].strip():
            faults.append(f"{name}{_FILE}: {folder / str(file)} is empty: the secret was not put there")
    return filled, faults


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value)


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)


def _like(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65_535


def _is_sender(value: Any) -> bool:
    if not _is_text(value):
        return False
    address = parseaddr(value)[1]
    return re.fullmatch(r"[^\s@<>,;:]+@[^\s@<>,;:]+", address) is not None


def _is_web_address(value: Any) -> bool:
    if not _is_text(value) or not value.isascii() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        rest = (parts.username, parts.password, parts.query, parts.fragment)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and not any(rest)
    except ValueError:
        return False


def _endpoint(entry: Mapping[str, Any], *, key: str = "endpoint") -> Endpoint:
    """Return where calls go; what is on this machine, and says so, is meant."""
    url = entry.get(key, "").rstrip("/") if key == "endpoint" else entry[key]
    here = bool(url) and is_plain_here(url)
    return Endpoint(
        url=url,
        private=entry.get("private_addresses", False) or here,
        plain_http=entry.get("plain_http", False) or here,
    )


def _aws_key(entry: Mapping[str, Any]) -> AwsKey:
    return AwsKey(
        access_key_id=entry["access_key_id"],
        secret_access_key=Secret(entry["secret_access_key"]),
        session_token=Secret(entry.get("session_token", "")),
    )


def _smtp(entry: Mapping[str, Any], folder: Path) -> Transport:
    security = entry.get("security", "starttls")
    return SmtpTransport(
        host=entry["host"],
        port=entry.get("port", 465 if security == "tls" else 587),
        security=security,
        user=entry.get("user", ""),
        password=Secret(entry.get("password", "")),
        ca_file=folder / entry["ca_file"] if "ca_file" in entry else None,
    )


def _ses(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return SesTransport(
        api=entry.get("api", "v2"),
        key=_aws_key(entry),
        region=entry["region"],
        endpoint=_endpoint(entry),
        configuration_set=entry.get("configuration_set", ""),
    )


def _sns(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return SnsTransport(
        key=_aws_key(entry),
        region=entry.get("region", ""),
        endpoint=_endpoint(entry),
        sender_id=entry.get("sender_id", ""),
        sms_type=entry.get("sms_type", "Transactional"),
        origination_number=entry.get("origination_number", ""),
        max_price=entry.get("max_price", ""),
    )


def _twilio(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return TwilioTransport(
        account_sid=entry["account_sid"],
        user=entry.get("api_key", entry["account_sid"]),
        password=Secret(entry["auth_token"]),
        number=entry.get("from", ""),
        messaging_service_sid=entry.get("messaging_service_sid", ""),
        endpoint=_endpoint(entry),
    )


def _receiver(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return ReceiverTransport(
        endpoint=_endpoint(entry, key="url"), secrets=tuple(Secret(secret) for secret in entry["secrets"])
    )


def _file(entry: Mapping[str, Any], folder: Path) -> Transport:
    return FileTransport(folder=folder / entry["folder"])


_URL = "an https:// address, or http:// on this machine, without a query"
_KEPT_APART = {
    "private_addresses": _Key("true or false", _is_flag, required=False),
    "plain_http": _Key("true or false", _is_flag, required=False),
}
_ENDPOINT = {"endpoint": _Key(_URL, _is_web_address, required=False), **_KEPT_APART}
_AWS = {
    "access_key_id": _Key("the id of an access key that may send", _is_text),
    "secret_access_key": _Key("that access key's secret", _is_text, secret=True),
    "session_token": _Key("the session token of a temporary access key", _is_text, required=False, secret=True),
    **_ENDPOINT,
}
_REGION_RIGHT = "a region as AWS writes them, such as eu-west-1"

_KINDS: Mapping[str, _Kind] = {
    "smtp": _Kind(
        {
            "host": _Key("a host name or an address alone, without a port", _like(_HOST)),
            "port": _Key("a port, from 1 to 65535", _is_port, required=False),
            "security": _Key("starttls, tls or none", _one_of("starttls", "tls", "none"), required=False),
            "user": _Key("the user name at the mail server", _is_text, required=False),
            "password": _Key("the password at the mail server", _is_text, required=False, secret=True),
            "ca_file": _Key("a file of certificates in PEM", _is_text, required=False),
        },
        (EMAIL,),
        _smtp,
    ),
    "ses": _Kind(
        {
            "region": _Key(_REGION_RIGHT, _like(_REGION)),
            "api": _Key("v2 or v1", _one_of("v2", "v1"), required=False),
            "configuration_set": _Key("the name of a configuration set", _is_text, required=False),
            **_AWS,
        },
        (EMAIL,),
        _ses,
    ),
    "sns": _Kind(
        {
            "region": _Key(_REGION_RIGHT, _like(_REGION), required=False),
            "sender_id": _Key("up to eleven letters and digits", _like(re.compile(r"[\w-]{1,11}")), required=False),
            "sms_type": _Key("Transactional or Promotional", _one_of("Transactional", "Promotional"), required=False),
            "origination_number": _Key("a number such as +12065550100", _like(_NUMBER), required=False),
            "max_price": _Key(
                "an amount in US dollars as text, such as 0.50",
                _like(re.compile(r"\d{1,3}(\.\d{1,5})?")),
                required=False,
            ),
            **_AWS,
        },
        (SMS,),
        _sns,
    ),
    "twilio": _Kind(
        {
            "account_sid": _Key("the account's id, such as AC...", _like(_SID)),
            "auth_token": _Key("the account's token, or the secret of api_key", _is_text, secret=True),
            "api_key": _Key("the id of an API key, such as SK...", _like(_SID), required=False),
            "from": _Key("a number of yours, or a name that writes", _like(_NUMBER), required=False),
            "messaging_service_sid": _Key("the id of a messaging service", _like(_SID), required=False),
            **_ENDPOINT,
        },
        (SMS,),
        _twilio,
    ),
    "webhook": _Kind(
        {
            "url": _Key(_URL, _is_web_address),
            "secrets": _Key(
                f"a list of one secret, or of two while one takes the other's place: {SHORTEST_SECRET} characters or more",
                lambda value: (
                    _is_text_list(value) and len(value) <= 2 and all(len(secret) >= SHORTEST_SECRET for secret in value)
                ),
            ),
            **_KEPT_APART,
        },
        _MEDIA,
        _receiver,
    ),
    "file": _Kind({"folder": _Key("the folder in which messages are kept", _is_text)}, _MEDIA, _file),
}
_TRANSPORT = _Key(f"one of {', '.join(_KINDS)}", lambda value: isinstance(value, str) and value in _KINDS)
_ARNS = _Key("a list of ARNs, with * for what may be anything", _is_text_list, required=False)
_OF_ALL = {
    "pools": _Key(
        "a list of the ids of the user pools that it sends for",
        lambda value: _is_text_list(value) and all(_POOL_ID.fullmatch(pool_id) for pool_id in value),
        required=False,
    ),
    "media": _Key(
        f"a list of {' and '.join(_MEDIA)}, or of one of them",
        lambda value: _is_text_list(value) and all(medium in _MEDIA for medium in value),
        required=False,
    ),
}
_OF_MAIL = {
    "source_arns": _ARNS,
    "mail_from": _Key("an address, or a name with one: Example <no-reply@example.com>", _is_sender, required=False),
}
_OF_TEXT = {"sns_caller_arns": _ARNS}


def _keys(kind: _Kind) -> dict[str, _Key]:
    """Return every key that an entry of a transport may have."""
    of_media = {**(_OF_MAIL if EMAIL in kind.media else {}), **(_OF_TEXT if SMS in kind.media else {})}
    common = _OF_ALL if len(kind.media) > 1 else {"pools": _OF_ALL["pools"]}
    return {"transport": _TRANSPORT, **kind.keys, **common, **of_media}


def _faults(name: str, entry: Any) -> Iterator[str]:
    if not _NAME.fullmatch(name) or name in RESERVED:
        yield f"a name has lower-case letters, digits and hyphens, and is none of {', '.join(sorted(RESERVED))}"
    if not isinstance(entry, dict):
        yield "must be a table"
        return
    if not _TRANSPORT.fits(entry.get("transport")):
        yield f"transport must be {_TRANSPORT.right}"
        return
    keys = _keys(_KINDS[entry["transport"]])
    for given in entry:
        if given not in keys:
            yield f"there is no key {given}; transport {entry['transport']} takes {', '.join(list(keys)[1:])}"
    for key, about in keys.items():
        if key not in entry and about.required:
            yield f"{key} is missing: {about.right}"
        if key in entry and not about.fits(entry[key]):
            yield f"{key} must be {about.right}"
    yield from _impossible(entry)


def _impossible(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what single keys do not show."""
    kind = entry["transport"]
    url = entry.get("url" if kind == "webhook" else "endpoint", "")
    if isinstance(url, str) and url.startswith("http:") and not (entry.get("plain_http") is True or _is_here(url)):
        yield "http:// off this machine shows codes to whoever is on the way: that wants plain_http = true"
    if kind == "twilio" and ("from" in entry) == ("messaging_service_sid" in entry):
        yield "one of from and messaging_service_sid says who writes"
    if kind == "smtp" and ("user" in entry) != ("password" in entry):
        yield "user and password: give both or neither"
    if "source_arns" in entry and "sns_caller_arns" in entry:
        yield "source_arns and sns_caller_arns: one table for mail, one for text messages"


def _is_here(url: str) -> bool:
    return _is_web_address(url) and is_plain_here(url)


def _entry(name: str, entry: Mapping[str, Any], folder: Path) -> SenderSetting:
    kind = _KINDS[entry["transport"]]
    accounts = entry.get("source_arns", entry.get("sns_caller_arns"))
    media = tuple(entry.get("media", kind.media))
    if accounts is not None and len(media) > 1:
        media = (EMAIL,) if "source_arns" in entry else (SMS,)
    return SenderSetting(
        name=name,
        transport=kind.make(entry, folder),
        media=media,
        pools=tuple(entry["pools"]) if "pools" in entry else None,
        accounts=None if accounts is None else tuple(accounts),
        mail_from=entry.get("mail_from", ""),
    )
