"""Who makes the credentials of an identity pool's identities? The tables `[brokers."<identity pool id>"]` of poolkeeper.toml.

The operator alone says whom identities' tokens are shown to: nothing that comes by the API names an endpoint.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EVERY_POOL = "*"
# What STS takes as the text of a session policy (identity-security.md 2.1).
LONGEST_POLICY = 2_048
_POOL_ID = re.compile(r"[\w-]+:[0-9a-f-]+", re.ASCII)
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSetting:
    """One entry. `kind` is `own`, `sts` or `aws`; an `endpoint` of `aws` is one in the place of the region's.

    `policy` is the text that narrows each session at an endpoint of kind `sts`, with the identity's id still a variable;
    empty: none.
    """

    identity_pool_id: str
    kind: str
    endpoint: str = ""
    region: str = ""
    policy: str = ""

    def url(self, region: str) -> str:
        """Return where sessions are asked for; `region` is the identity pool's, for entries that name none."""
        named = self.region or region
        return self.endpoint or f"https://sts.{named}.amazonaws.com{'.cn' if named.startswith('cn-') else ''}"


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of an entry: what would be right, in words for the operator, and whether a value is that."""

    right: str
    fits: Callable[[Any], bool]
    required: bool = True


def is_endpoint(value: Any) -> bool:
    """Say whether tokens may be sent to an address: https, or http that stays on this machine."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    rest = (parts.username, parts.password, parts.query, parts.fragment)
    return bool(host) and port != 0 and not any(rest) and (parts.scheme == "https" or is_plain_here(value))


def is_plain_here(url: str) -> bool:
    """Say whether an address is http:// on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return False
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


_ENDPOINT = "the https:// address of the endpoint; http:// on this machine alone"
_REGION_KEY = _Key(
    "a region, such as eu-central-1",
    lambda value: isinstance(value, str) and _REGION.fullmatch(value) is not None,
    required=False,
)
_KINDS: Mapping[str, Mapping[str, _Key]] = {
    "own": {},
    "sts": {
        "endpoint": _Key(_ENDPOINT, is_endpoint),
        "policy": _Key(
            "the path of a file with an IAM policy",
            lambda value: isinstance(value, str) and bool(value),
            required=False,
        ),
    },
    "aws": {"region": _REGION_KEY, "endpoint": _Key(_ENDPOINT, is_endpoint, required=False)},
}
_KIND = _Key(f"one of {', '.join(_KINDS)}", lambda value: isinstance(value, str) and value in _KINDS)


def read_brokers(tables: Any, *, folder: Path) -> tuple[tuple[BrokerSetting, ...], list[str]]:
    """Return the entries of the table `brokers` and everything that is wrong with it, a sentence each.

    Paths are taken from `folder`, where poolkeeper.toml lies.
    """
    if not isinstance(tables, dict):
        return (), ['brokers: holds tables, [brokers."<identity pool id>"]']
    faults = [f'brokers."{name}": {fault}' for name, entry in tables.items() for fault in _faults(name, entry, folder)]
    if faults:
        return (), faults
    return tuple(_entry(name, entry, folder) for name, entry in tables.items()), []


def broker_of(brokers: tuple[BrokerSetting, ...], identity_pool_id: str) -> BrokerSetting | None:
    """Return who makes an identity pool's credentials; None where Poolkeeper does."""
    named = {broker.identity_pool_id: broker for broker in brokers}
    broker = named.get(identity_pool_id, named.get(EVERY_POOL))
    return None if broker is None or broker.kind == "own" else broker


def _faults(name: str, entry: Any, folder: Path) -> Iterator[str]:
    if name != EVERY_POOL and not _POOL_ID.fullmatch(name):
        yield "names an identity pool by its id (us-east-1:...), or all others by *"
    if not isinstance(entry, dict):
        yield "must be a table"
        return
    if not _KIND.fits(entry.get("kind")):
        yield f"kind must be {_KIND.right}"
        return
    keys = {"kind": _KIND, **_KINDS[entry["kind"]]}
    for key in entry:
        if key not in keys:
            yield f"there is no key {key}; kind {entry['kind']} takes {', '.join(list(keys)[1:]) or 'none'}"
    for key, about in keys.items():
        if key not in entry and about.required:
            yield f"{key} is missing: {about.right}"
        if key in entry and not about.fits(entry[key]):
            yield f"{key} must be {about.right}"
    if isinstance(entry.get("policy"), str) and (fault := _policy_fault(folder / entry["policy"])):
        yield fault


def _policy_fault(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
        policy = json.loads(text)
    except (OSError, ValueError, RecursionError) as fault:
        return f"policy: {file} cannot be read: {fault}"
    if not isinstance(policy, dict) or "Statement" not in policy:
        return f"policy: {file} is no policy: it has no Statement"
    return ""


def _entry(name: str, entry: Mapping[str, Any], folder: Path) -> BrokerSetting:
    policy = (folder / entry["policy"]).read_text(encoding="utf-8") if "policy" in entry else ""
    return BrokerSetting(
        identity_pool_id=name,
        kind=entry["kind"],
        endpoint=entry.get("endpoint", "").rstrip("/"),
        region=entry.get("region", ""),
        policy=policy,
    )
