"""Which app clients are told that a browser has signed out? The tables `[backchannel_logout.<client id>]` of poolkeeper.toml.

AWS's model has no member for such an address, and the operator alone says where the server calls (attacks.md 107).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from poolkeeper.broker_settings import is_plain_here

_KEYS = frozenset({"url", "private"})
_CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackchannelSetting:
    """One entry: where logout tokens for an app client go; `private`: an address in a private network is meant."""

    client_id: str
    url: str
    private: bool

    @property
    def plain_http(self) -> bool:
        """Whether it is http on this machine."""
        return is_plain_here(self.url)


def read_backchannels(tables: Any, *, folder: Path) -> tuple[tuple[BackchannelSetting, ...], list[str]]:  # noqa: ARG001 - as all readers of tables have it
    """Return the entries of the table `backchannel_logout` and everything that is wrong with it, a sentence each."""
    if not isinstance(tables, dict):
        return (), ["backchannel_logout: holds tables, [backchannel_logout.<client id>]"]
    faults = [f"backchannel_logout.{name}: {fault}" for name, entry in tables.items() for fault in _faults(name, entry)]
    if faults:
        return (), faults
    return tuple(_entry(name, entry) for name, entry in tables.items()), []


def _entry(name: str, entry: Mapping[str, Any]) -> BackchannelSetting:
    url = str(entry["url"])
    return BackchannelSetting(client_id=name, url=url, private=entry.get("private", False) or is_plain_here(url))


def _faults(name: str, entry: Any) -> list[str]:
    if not _CLIENT_ID.fullmatch(name):
        return ["is called by the id of an app client"]
    if not isinstance(entry, dict):
        return ["is a table"]
    faults = [f"there is no key {key}" for key in entry if key not in _KEYS]
    if not _is_address(entry.get("url")):
        faults.append(
            "url: the https:// address that takes logout tokens, without a fragment; http:// on this machine alone"
        )
    if not isinstance(entry.get("private", False), bool):
        faults.append("private: true or false")
    return faults


def _is_address(url: Any) -> bool:
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or is_plain_here(url))
    except ValueError:
        return False
