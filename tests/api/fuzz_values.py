"""What does a fuzz send to an operation? Right, wrong and hostile values, drawn from the shapes of botocore's model.

All is drawn from one `Random`: the same seed makes the same requests, but for ids that a server makes anew.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any
from urllib.parse import urlencode

import regex
from botocore.model import Shape

Known = Callable[[str, str], Sequence[Any]]
"""Return the values that are known for (the member's name, where it stands); a map's keys and values are `Name#key`, `Name#value`."""

DEEPEST = 12
# Of more than this no body is made: what is too large for a door is refused before it is read.
LONGEST = 70_000
_ALPHABETS = ("a", "Z9", "é", "\u200b", "\U0001d518", "a b", "{####}", "\u202e", "Aa1!")
HOSTILE_TEXTS = (
    "",
    " ",
    "\t\n",
    "a\x00b",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\ufeffa",
    "\uffff",
    "é" * 3 + "e\u0301",
    "\ufb01",
    "İı",
    "ß",
    "\u202eevil",
    "a\u200d\u200d\u200d",
    "' OR '1'='1' --",
    "';DROP TABLE users;--",
    "%s%n%x",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "a\r\nX-Injected: 1",
    "$1",
    "\\",
    "%00",
    "null",
    "0",
    "-1",
    "1e400",
    "NaN",
    "true",
    "[]",
    "{}",
    '{"a":',
    "[" * 2000,
    '{"a":' * 500,
    "*",
    "arn:aws:iam::000000000000:",
    "arn:aws:::::::",
    "::::",
    "http://[::1",
    "https://" + "a" * 300 + ".example",
    "http://user:pw@host:99999/",
    "javascript:alert(1)",
    "0000-00-00T00:00:00Z",
    "99999-12-31",
    "a@b@c",
    "+0",
    "+1555" + "0" * 40,
    "٣٤٥",
    "cognito:groups",
    "custom:",
    "custom:" + "x" * 40,
    "aws:reserved",
    "us-east-1_",
    "us-east-1:" + "0" * 36,
    "x" * 129,
    "x" * 2049,
    "x" * 65_537,
)
HUGE = (-1, 0, 1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400)
WRONG_TYPES: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "text",
    [],
    [None],
    [[]],
    [{}],
    {},
    {"a": None},
    {"": ""},
    {"a": {"b": ["c"]}},
    *HUGE,
)
# What texts are tried on a pattern, until one fits.
_CANDIDATES = (
    "abc",
    "Swim-in-2-pools",
    "12345678",
    "/",
    "/team/",
    "Level1",
    "v1",
    "openid",
    "us-east-1_abcdefghi",
    "us-east-1:00000000-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-000000000000",
    "arn:aws:iam::000000000000:role/lifeguard",
    "arn:aws:s3:::pools",
    "Your code is {####}",
    "Follow {##this##}",
    "help@pool.example",
    "ABCDEF0123456789",
    "tkn" + "a" * 25,
    "import-abcdefgh",
    "terms-of-use",
    "cognito:default",
    "authenticated",
    "us-east-1_00000000-0000-4000-8000-000000000000",
    "x" * 64,
    "x" * 200,
    "",
)
_TYPES: Mapping[str, type] = {"structure": dict, "map": dict, "list": list}
_PAGING = frozenset({"NextToken", "PaginationToken", "Marker"})


class Maker:
    """Makes requests of one seed. `known` offers values that are good somewhere."""

    def __init__(self, random: Random, known: Known) -> None:
        self.random, self.known = random, known

    def right(self, shape: Shape, name: str, place: str, depth: int = 0) -> Any:
        """Return a value that the model takes: known ones where there are some, others from the limits."""
        kind = _TYPES.get(shape.type_name, str)
        offered = [value for value in self.known(name, place) if isinstance(value, kind)]
        if offered and self.random.random() < 0.95:
            return self.random.choice(offered)
        match shape.type_name:
            case "structure":
                return self.structure(shape, place, depth)
            case "list":
                wanted = max(int(shape.metadata.get("min", 0)), self.random.choice((0, 1, 1, 1, 2)))
                return [self.right(shape.member, name, place, depth + 1) for _ in range(min(wanted, 3))]
            case "map":
                return {
                    str(self.right(shape.key, f"{name}#key", place, depth + 1)): self.right(
                        shape.value, f"{name}#value", place, depth + 1
                    )
                    for _ in range(self.random.choice((0, 1, 1, 2)))
                }
        return self.scalar(shape)

    def structure(self, shape: Shape, place: str, depth: int = 0) -> dict[str, Any]:
        """Return a structure of all required members and some others."""
        some = self.random.choice((0.0, 0.3, 0.3, 0.8)) / (1 + depth)
        return {
            name: self.right(member, name, place, depth + 1)
            for name, member in shape.members.items()
            if name in shape.required_members
            or (depth < DEEPEST and self.random.random() < some and (name not in _PAGING or self.known(name, place)))
        }

    def scalar(self, shape: Shape) -> Any:
        """Return a text, number, time or the like within the limits."""
        low, high = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 2**31 - 1))
        match shape.type_name:
            case "boolean":
                return self.random.random() < 0.5
            case "integer" | "long":
                return self.random.choice((low, min(low + 1, high), min(low + 30, high), high))
            case "timestamp":
                return self.random.choice((1_700_000_000, 1_700_000_000.5, 0))
            case "blob":
                return self.random.choice(("", "YWJj", "AAAA" * 100))
        if shape.enum:
            return self.random.choice(shape.enum)
        return self.random.choice(fitting(shape.metadata.get("pattern", ""), low, high) or ("a" * max(1, low),))

    def hostile(self, shape: Shape) -> Any:
        """Return what the model forbids, or what is at its borders, or what is a trap somewhere behind them."""
        if self.random.random() < 0.35:
            return self.random.choice(WRONG_TYPES) if self.random.random() < 0.95 else nested(self.random)
        low, high = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 1000))
        borders = [n for n in (low - 1, low, high, high + 1) if 0 <= n <= LONGEST]
        match shape.type_name:
            case "string":
                value: Any = self._text(shape, borders)
            case "list":
                one = self.right(shape.member, "", "") if self.random.random() < 0.5 else self.hostile(shape.member)
                value = [one] * min(self.random.choice((1, 2, *borders)), 300)
            case "map":
                key, inner = self.hostile(shape.key), self.hostile(shape.value)
                size = min(self.random.choice((1, 2, *borders)), 60)
                value = {f"{key}{n or ''}"[:3000]: inner for n in range(size)}
            case "structure":
                value = {name: self.hostile(member) for name, member in list(shape.members.items())[:4]}
            case "integer" | "long":
                value = self.random.choice((*HUGE, low - 1, high, high + 1))
            case "blob":
                value = self.random.choice(("!", "YQ", "A" * 4001, "YWJj\n", "=" * 8, "A" * 40_000))
            case _:
                value = self.random.choice((-1, 1e18, "2020-01-01", "", 10**400))
        return value

    def _text(self, shape: Shape, borders: Sequence[int]) -> str:
        if self.random.random() < 0.4:
            letters = self.random.choice(_ALPHABETS)
            length = self.random.choice(borders or (1,))
            return (letters * (length // len(letters) + 1))[:length]
        if shape.enum and self.random.random() < 0.3:
            return str(self.random.choice((str.lower, str.upper, str.title))(self.random.choice(shape.enum)))
        return self.random.choice(HOSTILE_TEXTS)

    def spoil(self, value: Any, shape: Shape) -> Any:
        """Return a value with one place in it made hostile, which may be a member that it did not have."""
        kind = shape.type_name
        if kind == "structure" and isinstance(value, dict) and shape.members:
            return self._spoil_structure(value, shape)
        if self.random.random() < 0.7 and value:
            if kind == "list" and isinstance(value, list):
                at = self.random.randrange(len(value))
                return [*value[:at], self.spoil(value[at], shape.member), *value[at + 1 :]]
            if kind == "map" and isinstance(value, dict):
                key = self.random.choice(sorted(value))
                if self.random.random() < 0.3:
                    return {**value, self.random.choice(HOSTILE_TEXTS): value[key]}
                return {**value, key: self.spoil(value[key], shape.value)}
        return self.hostile(shape)

    def _spoil_structure(self, value: Mapping[str, Any], shape: Shape) -> Any:
        held = sorted(value.keys() & shape.members.keys()) if self.random.random() < 0.7 else []
        name = self.random.choice(held or list(shape.members))
        if name in value and self.random.random() < 0.8:
            return {**value, name: self.spoil(value[name], shape.members[name])}
        if self.random.random() < 0.1:
            return {inner: kept for inner, kept in value.items() if inner != name}
        return {**value, name: self.hostile(shape.members[name])}


def nested(random: Random) -> Any:
    """Return lists or objects in one another, some hundred deep."""
    value: Any = "deep"
    for _ in range(random.choice((50, 200, 500))):
        value = [value] if random.random() < 0.5 else {"a": value}
    return value


@cache
def fitting(pattern: str, low: int, high: int) -> tuple[str, ...]:
    """Return the texts of a small collection that fit a pattern and its lengths."""
    try:
        matcher = regex.compile(_as_regex(pattern), regex.DOTALL)
    except regex.error:
        return ()
    return tuple(text for text in _CANDIDATES if low <= len(text) <= high and matcher.fullmatch(text))


def _as_regex(pattern: str) -> str:
    return pattern.replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF") or ".*"


def as_json(request: Any, random: Random) -> bytes:
    """Write a request as JSON: escaped or not, numbers that JSON does not have as Python writes them."""
    text = json.dumps(request, ensure_ascii=random.random() < 0.7)
    return text.encode("utf-8", "surrogatepass")


def as_form(action: str, version: str, request: Any) -> bytes:
    """Write a request in the query protocol's way, whatever is where."""
    fields: list[tuple[str, str]] = [("Action", action), ("Version", version)]

    def write(path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                write(f"{path}.{name}" if path else str(name), inner)
        elif isinstance(value, list):
            for number, inner in enumerate(value, 1):
                write(f"{path}.member.{number}", inner)
            if not value:
                fields.append((path, ""))
        elif value is not None:
            fields.append((path, str(value).lower() if isinstance(value, bool) else str(value)))

    write("", request if isinstance(request, Mapping) else {"": request})
    return urlencode(fields, errors="surrogatepass").encode()


def damaged(body: bytes, random: Random) -> bytes:
    """Return a body that was cut, or has bytes of it changed, doubled or thrown in."""
    at = random.randrange(len(body) + 1)
    match random.randrange(5):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]
        case 2:
            return body[:at] + body
        case 3:
            return (
                body[:at]
                + random.choice((b"\xff\xfe", b"\\u0000", b"\\ud800", b"\x00", b'"', b"%", b"&", b"\xc0\x80"))
                + body[at:]
            )
    return b"\xef\xbb\xbf" + body
