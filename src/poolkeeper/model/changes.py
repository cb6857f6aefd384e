"""What does a change of attributes come to? What is written at once, and which addresses a code has yet to prove."""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.pool import Pool

_NOUNS = {"email": ("Email", "an email"), "phone_number": ("Phone Number", "a phone number")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that has been thought through. Pairs are (attribute, new address).

    `writes` are values by name, an empty one removes. `pending` addresses replace nothing until a code proves them;
    `unproved` ones stand in `writes` and nobody has vouched for them.
    """

    writes: Mapping[str, str]
    pending: tuple[tuple[str, str], ...]
    unproved: tuple[tuple[str, str], ...]


def plan(pool: Pool, held: Mapping[str, str], given: Mapping[str, str]) -> Change:
    """Return what `given` does to a user who has `held`; an empty value asks for removal.

    A new e-mail address or phone number is not verified unless the same call says so, which only administrators can; in
    pools that verify before an update it waits instead (userpools.md 5.4). Raises InvalidParameterException for
    a mark of an address that is not there.
    """
    marks = frozenset(VERIFIED.values())
    writes = {name: value for name, value in given.items() if name not in VERIFIED and name not in marks}
    pending, unproved = [], []
    for attribute, mark in VERIFIED.items():
        vouched = None if mark not in given else _truth(given[mark])
        value = given.get(attribute, held.get(attribute, ""))
        if value == held.get(attribute, ""):
            writes |= _mark_alone(attribute, value, vouched)
        elif not value:
            writes |= {attribute: "", mark: ""}
        elif vouched != "true" and attribute in pool.verified_first:
            pending.append((attribute, value))
        else:
            writes |= {attribute: value, mark: vouched or "false"}
            unproved += [(attribute, value)] if vouched is None else []
    return Change(writes=writes, pending=tuple(pending), unproved=tuple(unproved))


def at_creation(given: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes that a user begins with: an address is marked only where somebody said whether it is verified.

    Raises InvalidParameterException for a mark of an address that is not there.
    """
    marks: dict[str, str] = {}
    for attribute, mark in VERIFIED.items():
        vouched = _truth(given[mark]) if given.get(mark) else None
        marks |= _mark_alone(attribute, given.get(attribute, ""), vouched)
    return merged(given, marks)


def merged(held: Mapping[str, str], writes: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes after a write: empty values are gone, the others keep their places."""
    return {name: value for name, value in {**held, **writes}.items() if value}


def _mark_alone(attribute: str, value: str, vouched: str | None) -> dict[str, str]:
    if vouched is None:
        return {}
    if not value:
        noun, counterpart = _NOUNS[attribute]
        raise InvalidParameterException(f"{noun} is required to verify/un-verify {counterpart}")
    return {VERIFIED[attribute]: vouched}


def _truth(value: str) -> str:
    return "true" if value.lower() in {"true", "1"} else "false"
