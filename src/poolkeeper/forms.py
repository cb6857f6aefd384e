"""What did a browser or an OAuth client send? The one strict reader of queries and forms."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, overload
from urllib.parse import quote_plus, unquote_to_bytes

T = TypeVar("T")

MOST_BYTES = 64 * 1024
# Of what SAML providers post: a response of 100,000 characters, and its RelayState.
MOST_SAML_BYTES = 256 * 1024
MOST_FIELDS = 50
# The one parameter that may come several times (RFC 8707 section 2).
REPEATABLE = "resource"
# What is written as it is (RFC 3986 section 2.3): most ids, codes and scopes.
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")


class BadForm(Exception):  # noqa: N818 - what is said of the form
    """A query or form that two readers could understand in two ways, or that is too large. The message may be shown."""


@dataclass(frozen=True, slots=True)
class Form(Mapping[str, str]):
    """The fields of a query or a form, each once; `resources` are all values of `resource`, in order."""

    fields: Mapping[str, str]
    resources: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    # Mapping's own of these two raise and catch an exception for a field that is not there, as most are not.
    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str) -> str: ...
    @overload
    def get(self, name: str, /, default: T) -> str | T: ...
    def get(self, name: str, /, default: str | T | None = None) -> str | T | None:
        return self.fields.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


NOTHING = Form({})


def read(text: bytes, *, most: int = MOST_BYTES) -> Form:
    """Read `application/x-www-form-urlencoded` bytes: a query without its question mark, or a body.

    An empty value is there; a `+` is a blank. Raises BadForm for more than `most` bytes or 50 fields, for what is no UTF-8,
    for a NUL, and for a field that comes twice: whoever looks at the first and whoever looks at the last would
    understand two requests (RFC 6749 section 3.1).
    """
    if not text:
        return NOTHING
    if len(text) > most:
        raise BadForm(f"The request has more than {most} bytes.")
    if text.count(b"&") >= MOST_FIELDS:
        raise BadForm(f"The request has more than {MOST_FIELDS} parameters.")
    try:
        pairs = [_pair(piece) for piece in text.decode("ascii").split("&") if piece]
    except UnicodeError:
        raise BadForm("The request is not UTF-8.") from None
    if b"%00" in text or b"\x00" in text:
        raise BadForm("The request holds a NUL character.")

    fields = dict(pairs)
    resources = tuple(value for name, value in pairs if name == REPEATABLE)
    if len(fields) != len(pairs) - max(0, len(resources) - 1):
        raise BadForm("The request has a parameter twice.")
    return Form(fields, resources)


def write(fields: Iterable[tuple[str, str]]) -> str:
    """Return fields as `application/x-www-form-urlencoded` text, which `read` reads."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields)


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    if "%" in piece or "+" in piece:  # most pieces need no more than to be parted
        return _unquoted(name), _unquoted(value)
    return name, value


def _unquoted(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode()


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote_plus(text)
