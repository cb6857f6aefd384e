"""Which CSS values of strangers are passed on? Words, numbers, colours and pictures; what would ask a server is refused.

A declaration is written anew from what the parser of CSS understood, token by token, so that no byte of the text goes through.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tinycss2
from tinycss2 import ast

# Functions of numbers and colours alone; every other function is refused, above all those that run or fetch something.
_PURE = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "linear-gradient", "radial-gradient", "calc", "min", "max", "clamp", "cubic-bezier"}
)
_BETWEEN_NUMBERS = frozenset({"+", "-", "*", "/", ","})
_IDENT = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]{0,63}")
_UNIT = re.compile(r"(?:px|em|rem|ch|ex|pt|pc|cm|mm|in|vh|vw|vmin|vmax|deg|s|ms)", re.IGNORECASE)
_FAMILY = re.compile(r"[\w .,'-]{1,64}")
_HEX = re.compile(r"[0-9a-fA-F]{3,8}")
_DATA = re.compile(r"data:image/[a-z.+-]{1,20};base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_LARGEST = 10_000.0
MOST_TOKENS = 64
_MOST_NESTED = 3

# A node of the parser: its many kinds are told apart by `type`, which a type checker does not see.
Token = Any
# Takes a picture that stands in the sheet itself, and returns the address from which our own origin serves it.
Keep = Callable[[bytes], str]


class BadValue(Exception):  # noqa: N818 - what is said of the value, not of us
    """A value that asks a server, runs code or cannot be written safely. The message is for its uploader."""


def written(value: Sequence[Token], *, keep: Keep | None = None) -> str:
    """Return the value of a declaration, written anew.

    `keep` takes the pictures in it, where its property may have one. Raises BadValue.
    """
    return "".join(_tokens(value, keep, inside=0)).strip()


def _tokens(value: Sequence[Token], keep: Keep | None, *, inside: int) -> Iterator[str]:
    if len(value) > MOST_TOKENS or inside > _MOST_NESTED:
        raise BadValue("a value of many parts")
    for token in value:
        if token.type == "function" and token.lower_name in _PURE:
            arguments = "".join(_tokens(token.arguments, None, inside=inside + 1))
            yield f"{token.lower_name}({arguments.strip()})"
        elif token.type == "literal" and token.value in (_BETWEEN_NUMBERS if inside else {",", "/"}):
            yield str(token.value)
        elif token.type != "comment":
            yield _token(token, keep)


def _token(token: Token, keep: Keep | None) -> str:
    plain = _PLAIN.get(token.type)
    text = "" if plain is None else plain(token)
    if text:
        return text
    if token.type == "url":
        return _picture(token.value, keep)
    if token.type == "function" and token.lower_name == "url":
        strings = [argument.value for argument in token.arguments if argument.type == "string"]
        return _picture(strings[0] if len(strings) == 1 else "", keep)
    name = getattr(token, "lower_name", "") or getattr(token, "value", "") or token.type
    raise BadValue(f"{str(name)[:40]!r} is not a value that is taken")


def _number(token: Token) -> str:
    if not -_LARGEST <= token.value <= _LARGEST:
        raise BadValue("a number that is too large")
    return f"{token.int_value}" if token.int_value is not None else f"{token.value:.4f}".rstrip("0").rstrip(".")


# kind of token -> what writes it, empty where it is not taken
_PLAIN: Mapping[str, Callable[[Token], str]] = {
    "whitespace": lambda _: " ",
    "ident": lambda token: str(token.value) if _IDENT.fullmatch(token.value) else "",
    "number": _number,
    "percentage": lambda token: f"{_number(token)}%",
    "dimension": lambda token: f"{_number(token)}{token.unit.lower()}" if _UNIT.fullmatch(token.unit) else "",
    "hash": lambda token: f"#{token.value}" if _HEX.fullmatch(token.value) else "",
    "string": lambda token: f'"{token.value}"' if _FAMILY.fullmatch(token.value) else "",
}


def _picture(address: str, keep: Keep | None) -> str:
    """Return the address of a picture that stands in the sheet. Raises BadValue for every other address."""
    match = _DATA.fullmatch(address)
    if match is None or keep is None:
        raise BadValue("an address: of them data:image/...;base64 is taken, in backgrounds")
    try:
        return f'url("{keep(b64decode("".join(match[1].split()), validate=True))}")'
    except (NotBase64, ValueError):
        raise BadValue("a picture that is not base64") from None


def declarations(content: Sequence[Token] | str) -> Iterator[ast.Declaration]:
    """Yield the declarations of a block. Raises BadValue for what is no declaration."""
    for declaration in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if declaration.type != "declaration":
            raise BadValue(getattr(declaration, "message", "") or "something else than a declaration stands in a rule")
        yield declaration
