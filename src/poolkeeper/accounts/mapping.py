"""Which attributes does a provider's statement write? Those of the mapping, as far as pool and app client allow.

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
    """Return the attributes that claims map to, an empty text where a claim is blank.

    The mark of an address is true only for the text `true`.
    """
    mapped = {name: claims[claim] for name, claim in provider.mapping.items() if name != USERNAME and claim in claims}
    return {name: _mark(value) if name in _MARKS else value for name, value in mapped.items()}


def unproved(provider: IdentityProvider) -> dict[str, str]:
    """Return the marks that a mapping asks for, as they are of addresses that nobody proved."""
    return {mark: "false" for mark in VERIFIED.values() if mark in provider.mapping}


def writable(
    call: Call, pool: Pool, client: Client, provider: IdentityProvider, mapped: Mapping[str, str]
) -> dict[str, str]:
    """Return the mapped attributes that the app client may write; the log names the others, and the sign-in goes on.

    The mark of an address that it may not write is left out too: it would be taken for the mark of the present address.
    """
    writable_attributes = {name: value for name, value in mapped.items() if _may_write(name, pool, client)}
    writable_attributes = {
        name: value for name, value in writable_attributes.items() if _ADDRESS.get(name, name) in writable_attributes
    }
    if left_out := sorted(mapped.keys() - writable_attributes.keys()):
        words = "request %s: %s of %s may not be written by client %s"
        _log.info(words, call.request_id, ", ".join(left_out), provider.name, client.client_id)
    return writable_attributes


def of_new_user(pool: Pool, mapped: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a new user. Raises InvalidParameterException for missing and unfit ones."""
    attributes = {name: value for name, value in mapped.items() if value}
    for address, mark in VERIFIED.items():
        attributes.pop(mark, None)
        if attributes.get(address):
            attributes[mark] = mapped.get(mark) or "false"
    pool.schema.check_values(attributes)
    if missing := pool.schema.missing(attributes):
        sentence = f"attributes required: [{', '.join(missing)}]"
        raise InvalidParameterException(sentence, detail=sentence)
    return attributes


def of_user(pool: Pool, attributes: Mapping[str, str], mapped: Mapping[str, str]) -> dict[str, str]:
    """Return what a sign-in changes of a user's `attributes`; an empty text removes one.

    A mapped attribute that is not mutable ends the sign-in, even with the same value (oauth-federation.md 7.2). A changed
    address is not verified unless a mapped mark says so; a mark without its address is ignored. Raises
    InvalidParameterException.
    """
    for name in mapped:
        if not pool.schema.attributes[name].mutable:
            sentence = f"user.{name}: Attribute cannot be updated."
            raise InvalidParameterException(f"{sentence}\n", detail=sentence)
    writes = {name: value for name, value in mapped.items() if name not in _MARKS}
    for address, mark in VERIFIED.items():
        value = writes.get(address, attributes.get(address, ""))
        moved = value != attributes.get(address, "")
        if not value:
            writes |= {mark: ""} if moved else {}
        elif moved or (mark in mapped and address in mapped):
            writes[mark] = mapped.get(mark) or "false"
    changed = {name: value for name, value in writes.items() if value != attributes.get(name, "")}
    pool.schema.check_changes(attributes, changed)
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
