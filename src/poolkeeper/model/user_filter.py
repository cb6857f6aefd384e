"""Whom does ListUsers look for? Its filter, read by hand, and the folded values that it is compared with.

`attribute OP "value"` with one condition, OP `=` or `^=` (begins with); programs in use put the name into quotes too.
Nothing of it becomes a pattern or SQL text: it ends as a range of the folded value (attacks.md 151 and part 4, rule 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.names import fold, fold_beginning, stream_safe

# What has a row in the index of searchable attributes, in the order of the statement that writes it.
INDEXED = ("username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username")
SUB = "sub"
USER_STATUS = "cognito:user_status"
STATUS = "status"
# An index row ends at about 2,700 bytes in PostgreSQL; a character takes at most four.
KEPT = 256

_SEARCHABLE = frozenset({*INDEXED, SUB, USER_STATUS, STATUS})
_CASE_SENSITIVE = frozenset({"username", STATUS})
_LAST = "\U0010ffff"
_BLANKS = " \t"
_UNREADABLE = "Error while parsing filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """One condition. `value` is folded as the attribute's values are; `prefix` says whether it is their beginning."""

    attribute: str
    prefix: bool
    value: str

    @property
    def bounds(self) -> tuple[str, str]:
        """The first and the last of the indexed values that may fulfil the condition, both included."""
        kept = self.value[:KEPT]
        return kept, kept + _LAST * (KEPT - len(kept)) if self.prefix else kept

    @property
    def exact(self) -> bool:
        """Whether `bounds` say it all: a value as long as what is kept of one leaves the rest to `matches`."""
        return len(self.value) < KEPT

    def matches(self, text: str) -> bool:
        """Say whether a value, as it was typed, fulfils the condition."""
        folded = folded_value(self.attribute, text)
        return folded.startswith(self.value) if self.prefix else folded == self.value


def parse(text: str | None) -> UserFilter | None:
    """Return the condition that a Filter states, None for an empty one: all users.

    Raises InvalidParameterException.
    """
    rest = (text or "").strip(_BLANKS)
    if not rest:
        return None
    attribute, rest = _named(rest)
    prefix = rest.startswith("^=")
    if not attribute or not (prefix or rest.startswith("=")):
        raise InvalidParameterException(_UNREADABLE)
    value = _quoted(rest[2 if prefix else 1 :].lstrip(_BLANKS))
    if attribute not in _SEARCHABLE:
        raise InvalidParameterException(f"Invalid search attribute: {attribute}")
    return UserFilter(attribute=attribute, prefix=prefix, value=folded_value(attribute, value))


def folded_value(attribute: str, value: str) -> str:
    """Return a value as it is compared: `username` and `status` by case, all others without (userpools.md 5.5).

    This is the search's own fold, whatever case rule the pool has for signing in, and whatever an attribute holds.
    """
    folded = fold(stream_safe(value), case_sensitive=attribute in _CASE_SENSITIVE)
    return folded.upper() if attribute == USER_STATUS else folded


def indexed(username: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """Return what the index keeps of a user, by attribute; one that is not there or empty is left out."""
    values = {**attributes, "username": username}
    return {name: _beginning(name, values[name]) for name in INDEXED if values.get(name)}


def _beginning(attribute: str, value: str) -> str:
    """Return the first KEPT signs of a folded value; an attribute may be longer than what is worth its folding."""
    if attribute in _CASE_SENSITIVE or value.isascii():
        return folded_value(attribute, value)[:KEPT]
    return fold_beginning(value, kept=KEPT)


def _named(text: str) -> tuple[str, str]:
    """Return the attribute that a condition begins with, and the rest of it; the name may stand in quotes."""
    if text.startswith('"'):
        attribute, _, rest = text[1:].partition('"')
        return attribute, rest.lstrip(_BLANKS)
    end = next((position for position, character in enumerate(text) if character in _BLANKS + '^="'), len(text))
    return text[:end], text[end:].lstrip(_BLANKS)


def _quoted(text: str) -> str:
    r"""Return what stands between the quotes that `text` consists of; `\"` is a quote in it, `\\` a backslash.

    UNVERIFIED: a backslash before anything else, which stands for itself here; `name = "a\b"` on AWS would settle it.
    """
    if not text.startswith('"'):
        raise InvalidParameterException(_UNREADABLE)
    value, position = [], 1
    while position < len(text) and text[position] != '"':
        if text[position] == "\\" and text[position + 1 : position + 2] in ('"', "\\"):
            position += 1
        value.append(text[position])
        position += 1
    if position != len(text) - 1:
        raise InvalidParameterException(_UNREADABLE)
    return "".join(value)
