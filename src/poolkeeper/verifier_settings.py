"""Who may ask who signed a request? The tables `[verifiers.<name>]` of poolkeeper.toml, read and checked entry by entry.

The operator alone says which proxy or application asks, for which service and which hosts, and by which secret it is known.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.secret import Secret

PROXIES = ("nginx", "caddy", "traefik", "envoy", "python")
"""How a verifier tells of the request that it asks for; `python` is the package poolkeeper.verify."""
S3, EXECUTE_API = "s3", "execute-api"
OURS = frozenset({"cognito-identity", "cognito-idp", "iam", "kms", "poolkeeper", "sts", "tagging"})
"""What clients sign for the server itself: nobody else may ask about it, let alone be given the key."""
SHORTEST_SECRET = 16
HOST = re.compile(r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
"""A host as clients sign it, in lower case, with a port or without."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_SERVICE = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")
_API_ID, _STAGE = re.compile(r"[A-Za-z0-9_-]{1,64}"), re.compile(r"[A-Za-z0-9_$-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierSetting:
    """One entry. `hosts` are what clients sign as Host, in lower case; two `secrets` where one takes the other's place.

    `region` is that of conditions and ARNs, empty: the server's. `virtual_hosts`: buckets are also names below the hosts.
    `api_id` and `stage` are in the ARNs of execute-api.
    """

    name: str
    service: str
    hosts: tuple[str, ...]
    secrets: tuple[Secret, ...]
    proxy: str
    region: str
    virtual_hosts: bool
    api_id: str
    stage: str


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of an entry: what would be right, in words for the operator, and whether a value is that."""

    right: str
    fits: Callable[[Any], bool]
    required: bool = True


def read_verifiers(tables: Any) -> tuple[tuple[VerifierSetting, ...], list[str]]:
    """Return the entries of the table `verifiers` and everything that is wrong with it, a sentence each."""
    if not isinstance(tables, dict):
        return (), ["verifiers: holds tables, [verifiers.<name>]"]
    faults = [f"verifiers.{name}: {fault}" for name, entry in tables.items() for fault in _faults(name, entry)]
    if faults:
        return (), faults
    return tuple(_entry(name, entry) for name, entry in tables.items()), []


def _is_list(value: Any, fits: Callable[[str], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and fits(item) for item in value)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_secret(text: str) -> bool:
    return len(text) >= SHORTEST_SECRET and text.isascii() and text.isprintable() and " " not in text


_KEYS: Mapping[str, _Key] = {
    "service": _Key(
        "the service that clients sign for, such as s3 or execute-api, and none that this server answers itself",
        lambda value: _matches(_SERVICE)(value) and value not in OURS,
    ),
    "hosts": _Key(
        "a list of the hosts that clients sign, in lower case, with the port where it is in the address",
        lambda value: _is_list(value, lambda host: HOST.fullmatch(host) is not None),
    ),
    "secrets": _Key(
        f"a list of one secret, or of two while one takes the other's place: {SHORTEST_SECRET} characters or more, no spaces",
        lambda value: _is_list(value, _is_secret) and len(value) <= 2,
    ),
    "proxy": _Key(f"one of {', '.join(PROXIES)}", lambda value: isinstance(value, str) and value in PROXIES),
    "region": _Key("a region as AWS writes them, such as eu-west-1", _matches(_REGION), required=False),
    "virtual_hosts": _Key("true or false", lambda value: isinstance(value, bool), required=False),
    "api_id": _Key("letters, digits, - and _", _matches(_API_ID), required=False),
    "stage": _Key("letters, digits, -, _ and $", _matches(_STAGE), required=False),
}
# The keys that one service alone understands.
_OF_SERVICE = {"virtual_hosts": S3, "api_id": EXECUTE_API, "stage": EXECUTE_API}


def _faults(name: str, entry: Any) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield "a name has lower-case letters, digits and hyphens"
    if not isinstance(entry, dict):
        yield "must be a table"
        return
    for given in entry:
        if given not in _KEYS:
            yield f"there is no key {given}; a verifier takes {', '.join(_KEYS)}"
        elif given in _OF_SERVICE and entry.get("service") != _OF_SERVICE[given]:
            yield f"{given} is for the service {_OF_SERVICE[given]} alone"
    for key, rule in _KEYS.items():
        if key not in entry and rule.required:
            yield f"{key} is missing: {rule.right}"
        if key in entry and not rule.fits(entry[key]):
            yield f"{key} must be {rule.right}"


def _entry(name: str, entry: Mapping[str, Any]) -> VerifierSetting:
    return VerifierSetting(
        name=name,
        service=entry["service"],
        hosts=tuple(entry["hosts"]),
        secrets=tuple(Secret(secret) for secret in entry["secrets"]),
        proxy=entry["proxy"],
        region=entry.get("region", ""),
        virtual_hosts=entry.get("virtual_hosts", False),
        api_id=entry.get("api_id", name),
        stage=entry.get("stage", "$default"),
    )
