"""What does a provider's word make of a user's attributes? The mapping, and what pool and app client let it write.

Source: oauth-federation.md 7.2; attacks.md 100 (an address is verified where a mapped claim says so, and not else), 109.
"""

import logging
from collections.abc import Mapping

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.federation.identity_provider import USERNAME, IdentityProvider
from poolkeeper.model.attributes import SYSTEM_NAMES, VERIFIED, require_writable
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool

_ADDRESS = {mark: address for address, mark in VERIFIED.items()}
_MARKS = frozenset(_ADDRESS)
_log = logging.getLogger("poolkeeper.federation")


def claimed(provider: IdentityProvider, claims: Mapping[str, str]) -> dict[str, str]:
    """Return what claims say of a user's attributes, an empty text where a claim is blank.

    A mark of an address is true for the text `true` alone.
    """
    said = {name: claims[claim] for name, claim in provider.mapping.items() if name != USERNAME and claim in claims}
    return {name: _mark(value) if name in _MARKS else value for name, value in said.items()}


def writable(
    call: Call, pool: Pool, client: Client, provider: IdentityProvider, said: Mapping[str, str]
) -> dict[str, str]:
    """Return of what was claimed what the app client may write; the log tells of the rest, and the sign-in goes on.

    The mark of an address that it may not write is left out too: it would be taken for one of the address that is held.
    """
    kept = {name: value for name, value in said.items() if _may_write(name, pool, client)}
    kept = {name: value for name, value in kept.items() if _ADDRESS.get(name, name) in kept}
    if left_out := sorted(said.keys() - kept.keys()):
        words = "request %s: %s of %s may not be written by client %s"
        _log.info(words, call.request_id, ", ".join(left_out), provider.name, client.client_id)
    return kept


def of_new_user(pool: Pool, said: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes that a user begins with. Raises InvalidParameterException for missing and unfit ones."""
    given = {name: value for name, value in said.items() if value}
    for address, mark in VERIFIED.items():
        given.pop(mark, None)
        if given.get(address):
            given[mark] = said.get(mark) or "false"
    pool.schema.check_values(given)
    if missing := pool.schema.missing(given):
        sentence = f"attributes required: [{', '.join(missing)}]"
        raise InvalidParameterException(sentence, detail=sentence)
    return given


def of_user(pool: Pool, held: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Return what a sign-in changes of a user that has `held`; an empty text removes.

    An attribute that is not mutable ends it, with the same value too (oauth-federation.md 7.2). An address that changes is
    not verified unless a mapped mark says so; a mark without its address says nothing of the one that is held. Raises
    InvalidParameterException.
    """
    for name in said:
        if not pool.schema.attributes[name].mutable:
            sentence = f"user.{name}: Attribute cannot be updated."
            raise InvalidParameterException(f"{sentence}\n", detail=sentence)
    writes = {name: value for name, value in said.items() if name not in _MARKS}
    for address, mark in VERIFIED.items():
        value = writes.get(address, held.get(address, ""))
        moved = value != held.get(address, "")
        if not value:
            writes |= {mark: ""} if moved else {}
        elif moved or (mark in said and address in said):
            writes[mark] = said.get(mark) or "false"
    changed = {name: value for name, value in writes.items() if value != held.get(name, "")}
    pool.schema.check_changes(held, changed)
    return changed


def _may_write(name: str, pool: Pool, client: Client) -> bool:
    if name in SYSTEM_NAMES or name not in pool.schema.attributes:
        return False
    if name in _MARKS:
        return True
    try:
        require_writable((name,), client.writable, pool.schema)
    except NotAuthorizedException:
        return False
    return True


def _mark(value: str) -> str:
    return "true" if value == "true" else "false"
