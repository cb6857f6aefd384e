"""What may a trigger's ARN mean? The tables `[functions."<arn>"]` of poolkeeper.toml, read and checked entry by entry.

The operator alone says what is called or run for an ARN: nothing that comes by the API names a program, a path or a URL.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from poolkeeper.secret import Secret

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HANDLER = re.compile(r"python:(?P<module>\w+(?:\.\w+)*):(?P<function>\w+)|node:(?P<file>[^#]+)#(?P<export>[\w$]+)")
_POOL_ID = re.compile(r"[\w-]+_[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaTransport:
    """A function on AWS Lambda, or behind an emulator's `endpoint`; empty: Lambda of the ARN's region."""

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorTransport:
    """One function behind a Lambda runtime interface emulator."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTransport:
    """An HTTP receiver. Two `secrets` where one takes the other's place: both sign."""

    url: str
    secrets: tuple[Secret, ...]
    private_addresses: bool

    @property
    def is_plain_http(self) -> bool:
        return self.url.startswith("http:")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTransport:
    """A handler run on this machine. `source` is a Python module found from `folder`, or the path of a Node file."""

    language: str
    source: str
    function: str
    folder: Path
    environment: Mapping[str, Secret]


Transport = LambdaTransport | EmulatorTransport | WebhookTransport | LocalTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSetting:
    """One entry. `arn` may hold `*` for any text; `pools` are those that may call it, None: all."""

    arn: str
    transport: Transport
    pools: tuple[str, ...] | None

    @property
    def is_pattern(self) -> bool:
        return "*" in self.arn

    def matches(self, arn: str) -> bool:
        """Say whether the entry speaks of `arn`."""
        if not self.is_pattern:
            return arn == self.arn
        parts = self.arn.split("*")
        return re.fullmatch(".*".join(map(re.escape, parts)), arn, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of an entry: what would be right, in words for the operator, and whether a value is that."""

    right: str
    fits: Callable[[Any], bool]
    required: bool = True


@dataclass(frozen=True, slots=True)
class _Kind:
    keys: Mapping[str, _Key]
    make: Callable[[Mapping[str, Any], Path], Transport]


def read_functions(tables: Any, *, folder: Path) -> tuple[tuple[FunctionSetting, ...], list[str]]:
    """Return the entries of the table `functions` and everything that is wrong with it, a sentence each.

    Paths are taken from `folder`, where poolkeeper.toml lies.
    """
    if not isinstance(tables, dict):
        return (), ['functions: holds tables, [functions."<arn>"]']
    faults = [f'functions."{arn}": {fault}' for arn, entry in tables.items() for fault in _faults(arn, entry)]
    if faults:
        return (), faults
    return tuple(_entry(arn, entry, folder) for arn, entry in tables.items()), []


def impossible(function: FunctionSetting, *, dev: bool, local_functions: bool) -> list[str]:
    """Return what the other settings do not allow of an entry, a sentence each."""
    kind = function.transport
    rows = (
        (
            isinstance(kind, LocalTransport) and not (dev or local_functions),
            "runs a program on this machine: that wants local_functions = true, or --dev",
        ),
        (
            isinstance(kind, WebhookTransport) and kind.is_plain_http and not (dev and _is_loopback(kind.url)),
            "url must be https:// (http:// reaches loopback alone, and in development mode)",
        ),
    )
    return [f'functions."{function.arn}": {message}' for bad, message in rows if bad]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value)


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)


def _is_environment(value: Any) -> bool:
    return isinstance(value, dict) and all(
        name and "=" not in name and isinstance(text, str) and "\0" not in name + text for name, text in value.items()
    )


def _is_web_address(value: Any) -> bool:
    if not _is_text(value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK


def _lambda(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return LambdaTransport(
        access_key_id=entry["access_key_id"],
        secret_access_key=Secret(entry["secret_access_key"]),
        session_token=Secret(entry.get("session_token", "")),
        endpoint=entry.get("endpoint", "").rstrip("/"),
    )


def _emulator(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return EmulatorTransport(url=entry["url"])


def _webhook(entry: Mapping[str, Any], _folder: Path) -> Transport:
    return WebhookTransport(
        url=entry["url"],
        secrets=tuple(Secret(secret) for secret in entry["secrets"]),
        private_addresses=entry.get("private_addresses", False),
    )


def _local(entry: Mapping[str, Any], folder: Path) -> Transport:
    parts = _HANDLER.fullmatch(entry["handler"])
    assert parts is not None
    in_python = parts["module"] is not None
    file = folder / (parts["file"] or "")
    return LocalTransport(
        language="python" if in_python else "node",
        source=parts["module"] if in_python else str(file),
        function=parts["function"] if in_python else parts["export"],
        folder=folder / entry["folder"] if "folder" in entry else folder if in_python else file.parent,
        environment={name: Secret(value) for name, value in entry.get("environment", {}).items()},
    )


_KINDS: Mapping[str, _Kind] = {
    "lambda": _Kind(
        {
            "access_key_id": _Key("the id of an AWS access key that may invoke the function", _is_text),
            "secret_access_key": _Key("that access key's secret", _is_text),
            "session_token": _Key("the session token of a temporary access key", _is_text, required=False),
            "endpoint": _Key("the address of an emulator of Lambda", _is_web_address, required=False),
        },
        _lambda,
    ),
    "rie": _Kind({"url": _Key("the address of the emulator, http://.../invocations", _is_web_address)}, _emulator),
    "webhook": _Kind(
        {
            "url": _Key("the https:// address of the receiver", _is_web_address),
            "secrets": _Key(
                "a list of one secret, or of two while one takes the other's place",
                lambda value: _is_text_list(value) and len(value) <= 2,
            ),
            "private_addresses": _Key("true or false", lambda value: isinstance(value, bool), required=False),
        },
        _webhook,
    ),
    "local": _Kind(
        {
            "handler": _Key(
                "python:<module>:<function> or node:<file>#<exported name>",
                lambda value: _is_text(value) and _HANDLER.fullmatch(value) is not None,
            ),
            "folder": _Key("the folder in which the handler runs and finds its modules", _is_text, required=False),
            "environment": _Key("a table of texts, by names without an equals sign", _is_environment, required=False),
        },
        _local,
    ),
}
_TRANSPORT = _Key(f"one of {', '.join(_KINDS)}", lambda value: isinstance(value, str) and value in _KINDS)
_POOLS = _Key(
    "a list of the ids of the user pools that may call the function",
    lambda value: _is_text_list(value) and all(_POOL_ID.fullmatch(pool_id) for pool_id in value),
    required=False,
)


def _faults(arn: str, entry: Any) -> Iterator[str]:
    if not arn.startswith("arn:") and "*" not in arn:
        yield "no LambdaConfig can name it: an ARN begins with arn: (a pattern has a * for what may be anything)"
    if not isinstance(entry, dict):
        yield "must be a table"
        return
    if not _TRANSPORT.fits(entry.get("transport")):
        yield f"transport must be {_TRANSPORT.right}"
        return
    keys = {"transport": _TRANSPORT, **_KINDS[entry["transport"]].keys, "pools": _POOLS}
    for name in entry:
        if name not in keys:
            yield f"there is no key {name}; transport {entry['transport']} takes {', '.join(list(keys)[1:])}"
    for name, key in keys.items():
        if name not in entry and key.required:
            yield f"{name} is missing: {key.right}"
        if name in entry and not key.fits(entry[name]):
            yield f"{name} must be {key.right}"


def _entry(arn: str, entry: Mapping[str, Any], folder: Path) -> FunctionSetting:
    transport = _KINDS[entry["transport"]].make(entry, folder)
    return FunctionSetting(arn=arn, transport=transport, pools=tuple(entry["pools"]) if "pools" in entry else None)
