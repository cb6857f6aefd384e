"""Where do the logs of user pools go? The tables `[log_delivery."<arn>"]` of poolkeeper.toml, read and checked entry by entry.

The operator alone says which address an ARN stands for: nothing that comes by the API names a server (attacks.md 107).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from poolkeeper.broker_settings import is_plain_here
from poolkeeper.secret import Secret

SHORTEST_SECRET = 16
_ARN = re.compile(r"arn:aws[a-z-]*:(logs|s3|firehose):[^\s*]*\*?")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")
_POOL_ID = re.compile(r"[\w-]+_[0-9A-Za-z]+")
_PREFIX = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*")
_FILE = "_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTransport:
    """The server's own log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAddress:
    """Where calls go; `private` may be one in a private network, `plain_http` one without TLS."""

    url: str
    private: bool
    plain_http: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpTransport:
    """A collector of OTLP logs over HTTP; `authorization` is what it is sent as that header."""

    address: HttpAddress
    authorization: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Transport:
    """An endpoint of S3, or what speaks as it does; `prefix` begins the names of objects."""

    address: HttpAddress
    region: str
    access_key_id: str
    secret_access_key: Secret
    session_token: Secret
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkTransport:
    """A web server that takes what Firehose would bring. Two `secrets` where one takes the other's place: both sign."""

    address: HttpAddress
    secrets: tuple[Secret, ...]
    access_key: Secret


Transport = LogTransport | OtlpTransport | S3Transport | SinkTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDestination:
    """One entry. `arn` may end with `*` for any text; `pools` are those that may send there, None: all."""

    arn: str
    transport: Transport
    pools: tuple[str, ...] | None

    def means(self, arn: str, pool_id: str) -> bool:
        """Say whether the entry speaks of an ARN, for a pool."""
        if self.pools is not None and pool_id not in self.pools:
            return False
        return arn.startswith(self.arn[:-1]) if self.arn.endswith("*") else arn == self.arn


def destination_of(entries: tuple[LogDestination, ...], arn: str, pool_id: str) -> Transport | None:
    """Return what an ARN means for a pool: the entry that says most of it. A log group without one is the server's log."""
    arn = arn.removesuffix(":*")
    destination = max(
        (entry for entry in entries if entry.means(arn, pool_id)), key=lambda entry: len(entry.arn), default=None
    )
    if destination is not None:
        return destination.transport
    return LogTransport() if arn.split(":", 3)[2:3] == ["logs"] else None


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of an entry: what would be right, in words for the operator, and whether a value is that.

    A `secret` may be in a file instead, which the key with `_file` at its end names.
    """

    right: str
    fits: Callable[[Any], bool]
    required: bool = True
    secret: bool = False


def read_log_delivery(tables: Any, *, folder: Path) -> tuple[tuple[LogDestination, ...], list[str]]:
    """Return the entries of the table `log_delivery` and everything that is wrong with it, a sentence each.

    Paths are taken from `folder`, where poolkeeper.toml lies.
    """
    if not isinstance(tables, dict):
        return (), ['log_delivery: holds tables, [log_delivery."<arn>"]']
    with_secrets = {arn: _with_secrets(entry, folder) for arn, entry in tables.items()}
    faults = [
        f'log_delivery."{arn}": {fault}'
        for arn, (entry, unread) in with_secrets.items()
        for fault in (*unread, *([] if unread else _faults(arn, entry)))
    ]
    if faults:
        return (), faults
    return tuple(_entry(arn, entry) for arn, (entry, _) in with_secrets.items()), []


def _with_secrets(entry: Any, folder: Path) -> tuple[Any, list[str]]:
    """Return an entry with the secrets in it that it names files of, and why some cannot be read."""
    if not isinstance(entry, dict) or not isinstance(entry.get("transport"), str):
        return entry, []
    filled, faults = dict(entry), []
    for name in [name for name, key in _KINDS.get(entry["transport"], {}).items() if key.secret]:
        if (file := filled.pop(name + _FILE, None)) is None:
            continue
        if name in entry:
            faults.append(f"{name} and {name}{_FILE} are both there; one is enough")
            continue
        try:
            filled[name] = (folder / str(file)).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError):
            faults.append(f"{name}{_FILE}: {folder / str(file)} cannot be read")
    return filled, faults


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _like(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_list(value: Any, fits: Callable[[str], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(item) and fits(item) for item in value)


def _is_address(value: Any) -> bool:
    if not _is_text(value) or not value.isascii() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        rest = (parts.username, parts.password, parts.query, parts.fragment)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and not any(rest)
    except ValueError:
        return False


def _is_base(value: Any) -> bool:
    """Say whether it is an address with no path behind the host."""
    return _is_address(value) and urlsplit(value).path in {"", "/"}


_URL = "an https:// address, or http:// on this machine, without a query"
_APART = {
    "private_addresses": _Key("true or false", _is_flag, required=False),
    "plain_http": _Key("true or false", _is_flag, required=False),
}
_KINDS: Mapping[str, Mapping[str, _Key]] = {
    "log": {},
    "otlp": {
        "url": _Key(f"{_URL}, such as https://collector.example.com/v1/logs", _is_address),
        "authorization": _Key("what is sent as Authorization", _is_text, required=False, secret=True),
        **_APART,
    },
    "s3": {
        "url": _Key("the https:// address of an endpoint, without a path", _is_base, required=False),
        "region": _Key("a region as AWS writes them, such as eu-west-1", _like(_REGION)),
        "access_key_id": _Key("the id of an access key that may put objects", _is_text),
        "secret_access_key": _Key("that access key's secret", _is_text, secret=True),
        "session_token": _Key("the session token of a temporary access key", _is_text, required=False, secret=True),
        "prefix": _Key("names with / behind each, such as logs/pools/", _like(_PREFIX), required=False),
        **_APART,
    },
    "webhook": {
        "url": _Key(_URL, _is_address),
        "secrets": _Key(
            f"a list of one secret, or of two while one takes the other's place: {SHORTEST_SECRET} characters or more",
            lambda value: _is_list(value, lambda secret: len(secret) >= SHORTEST_SECRET) and len(value) <= 2,
        ),
        "access_key": _Key("what is sent as X-Amz-Firehose-Access-Key", _is_text, required=False, secret=True),
        **_APART,
    },
}
_OF_ALL = {
    "transport": _Key(f"one of {', '.join(_KINDS)}", lambda value: isinstance(value, str) and value in _KINDS),
    "pools": _Key(
        "a list of the ids of the user pools that may send there",
        lambda value: _is_list(value, lambda pool_id: _POOL_ID.fullmatch(pool_id) is not None),
        required=False,
    ),
}


def _faults(arn: str, entry: Any) -> Iterator[str]:
    if not _ARN.fullmatch(arn):
        yield "is no ARN of a log group, a bucket or a stream, and no beginning of one with * at its end"
    if not isinstance(entry, dict):
        yield "must be a table"
        return
    kind = entry.get("transport")
    if not _OF_ALL["transport"].fits(kind):
        yield f"transport must be {_OF_ALL['transport'].right}"
        return
    keys = {**_OF_ALL, **_KINDS[str(kind)]}
    for given in entry:
        if given not in keys:
            yield f"there is no key {given}; transport {kind} takes {', '.join(list(keys)[1:])}"
    for key, about in keys.items():
        if key not in entry and about.required:
            yield f"{key} is missing: {about.right}"
        if key in entry and not about.fits(entry[key]):
            yield f"{key} must be {about.right}"
    url = entry.get("url", "")
    if _is_address(url) and url.startswith("http:") and not (entry.get("plain_http") is True or is_plain_here(url)):
        yield "http:// off this machine shows logs to whoever is on the way: that wants plain_http = true"


def _address(entry: Mapping[str, Any], *, otherwise: str = "") -> HttpAddress:
    url = entry.get("url", otherwise)
    here = is_plain_here(url)
    return HttpAddress(
        url=url,
        private=entry.get("private_addresses", False) or here,
        plain_http=entry.get("plain_http", False) or here,
    )


def _entry(arn: str, entry: Mapping[str, Any]) -> LogDestination:
    pools = tuple(entry["pools"]) if "pools" in entry else None
    return LogDestination(arn=arn, transport=_MAKE[entry["transport"]](entry), pools=pools)


def _log(_entry: Mapping[str, Any]) -> Transport:
    return LogTransport()


def _otlp(entry: Mapping[str, Any]) -> Transport:
    return OtlpTransport(address=_address(entry), authorization=Secret(entry.get("authorization", "")))


def _s3(entry: Mapping[str, Any]) -> Transport:
    suffix = "amazonaws.com.cn" if entry["region"].startswith("cn-") else "amazonaws.com"
    return S3Transport(
        address=_address(entry, otherwise=f"https://s3.{entry['region']}.{suffix}"),
        region=entry["region"],
        access_key_id=entry["access_key_id"],
        secret_access_key=Secret(entry["secret_access_key"]),
        session_token=Secret(entry.get("session_token", "")),
        prefix=entry.get("prefix", ""),
    )


def _webhook(entry: Mapping[str, Any]) -> Transport:
    return SinkTransport(
        address=_address(entry),
        secrets=tuple(Secret(secret) for secret in entry["secrets"]),
        access_key=Secret(entry.get("access_key", "")),
    )


_MAKE: Mapping[str, Callable[[Mapping[str, Any]], Transport]] = {
    "log": _log,
    "otlp": _otlp,
    "s3": _s3,
    "webhook": _webhook,
}
