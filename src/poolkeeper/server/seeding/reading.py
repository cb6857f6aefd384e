"""What does a seed file ask for? TOML whose tables are requests of AWS's operations, with ids of one's own choosing.

    [[user_pools]]
    id = "us-east-1_Books"                  # what AWS would choose stands in lower case,
    PoolName = "books"                      # what CreateUserPool takes as it takes it

    [[user_pools.clients]]
    id = "bookshop"
    ClientName = "shop"

`{region}` in an id is the region of the settings. docs/seeds.md has all kinds.
"""

import contextlib
import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from poolkeeper.aws import constraints, json_1_1
from poolkeeper.aws.shape import Shape
from poolkeeper.errors import ServiceError
from poolkeeper.server.seeding.kinds import KINDS, Kind
from poolkeeper.server.seeding.sources import with_sources

# What tomllib reads as one piece whatever is in it: a comment, or a text (TOML 1.0, "Comment" and "String").
_PIECE = re.compile(r'''#[^\n]*|"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|''' r"""'''.*?'''|'[^'\n]*'""", re.DOTALL)
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*([\w. \t-]+?)[ \t]*\]\]", re.MULTILINE)
_LONGEST = 1_048_576
_POOL, _ANY = "UserPoolId", "us-east-1_x"
_CLIENT, _ANY_CLIENT = "ClientId", "x"
_WORDS: Mapping[Any, str] = {str: "text", dict: "table", list: "list"}


class StillGoing(Exception):  # noqa: N818 - a state of what is there
    """The former owner of an entry's id is deleted, and the worker has not removed its rows yet."""


class SeedError(Exception):
    """A seed file that cannot be taken; `faults` are all that is wrong with it, each with its line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def at_line(file: object, line: int, fault: str) -> str:
    """Return a fault with its place; the line of what is written inline is not known, and 0."""
    return f"{file}:{line}: {fault}" if line else f"{file}: {fault}"


@contextlib.contextmanager
def gathered(faults: list[str], *, before: str = "") -> Iterator[None]:
    """Add what is refused in the block to the faults of an entry, so that the next thing is looked at too."""
    try:
        yield
    except ServiceError as fault:
        faults.append(f"{before}{fault.message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One table of a seed file: its kind as in its header, its line, the request, and what else it says.

    `later` are the requests of the operations that follow, None where nothing is said of what they set.
    """

    kind: str
    line: int
    request: Any
    own: Mapping[str, Any]
    later: Sequence[Any] = ()
    children: Sequence["Entry"] = ()


def in_pool(entry: Entry, pool_id: str) -> Any:
    """Return the request of an entry, for the pool that it belongs to."""
    return msgspec.structs.replace(entry.request, user_pool_id=pool_id)


def read(file: Path, *, region: str) -> Sequence[Entry]:
    """Return what a file asks for, in the order in which it is to be made. Raises SeedError with all faults."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise SeedError([f"{file} is larger than {_LONGEST} bytes"])
        text = content.decode()
        tables = tomllib.loads(text)
    except OSError as fault:
        raise SeedError([f"{file} cannot be read ({fault.strerror})"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SeedError([f"{file}: {fault}"]) from None
    reader = _Reader(file, _lines(text), region)
    entries = reader.entries(tables, KINDS, path="")
    if reader.faults:
        raise SeedError(reader.faults)
    return entries


def _members(request: type[Shape]) -> set[str]:
    return {member.wire for member in constraints.limits_of(request).structures[request.__name__]}


def _json(document: Mapping[str, Any]) -> str:
    return msgspec.json.encode(document).decode()


def _with_likely(name: str, known: Collection[str]) -> str:
    """Return an unknown name with the one that was probably meant: in another spelling, or without the name of its owner."""
    plain = {known_name.rpartition(".")[2].lower().replace("_", ""): known_name for known_name in sorted(known)}
    folded = name.lower().replace("_", "")
    likely = difflib.get_close_matches(folded, plain, n=1) or [
        known_name for known_name in plain if known_name.endswith(folded)
    ]
    return f"{name} (did you mean {plain[likely[0]]}?)" if likely else name


def _lines(text: str) -> Mapping[str, Iterator[int]]:
    """Return the line numbers of the headers of each kind: tomllib does not tell them, but keeps the order of the tables."""
    lines: dict[str, list[int]] = {}
    # A text of several lines may hold what looks like a header.
    text = _PIECE.sub(lambda piece: "\n" * piece[0].count("\n") or piece[0], text)
    for header in _HEADER.finditer(text):
        name = re.sub(r"\s", "", header[1])
        lines.setdefault(name, []).append(text.count("\n", 0, header.start()) + 1)
    return {name: iter(numbers) for name, numbers in lines.items()}


class _Reader:
    """Reads tables and gathers what is wrong with them."""

    def __init__(self, file: Path, lines: Mapping[str, Iterator[int]], region: str) -> None:
        self.faults: list[str] = []
        self._file = file
        self._lines = lines
        self._region = region
        self._ids: dict[tuple[str, str], int] = {}

    def entries(self, tables: Mapping[str, Any], kinds: Mapping[str, Kind], *, path: str) -> list[Entry]:
        """Return the entries of these kinds, in the order of the kinds."""
        entries: list[Entry] = []
        for name, kind in kinds.items():
            given = tables.get(name, [])
            if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
                self._tell(0, f"{path}{name} is written as [[{path}{name}]]")
                continue
            names: dict[tuple[str, str], int] = {}
            for table in given:
                entry = self._entry(f"{path}{name}", kind, table)
                entries.append(entry)
                key = entry.own.get("id") if kind.named in kind.own else table.get(kind.named, kind.unnamed or None)
                if kind.within and key is not None:
                    key = f"{key} of {table.get(kind.within)}"
                self._refuse_second(self._ids if kind.named in kind.own else names, f"{path}{name}", entry.line, key)
        if not path and (unknown := sorted(set(tables) - set(kinds))):
            nested = {f"{owner}.{name}" for owner, kind in kinds.items() for name in kind.children}
            likely = ", ".join(_with_likely(name, {*kinds, *nested}) for name in unknown)
            self._tell(0, f"there is no kind {likely}: there are {', '.join(kinds)}")
        return entries

    def _entry(self, path: str, kind: Kind, table: Mapping[str, Any]) -> Entry:
        line = next(self._lines.get(path, iter(())), 0)
        members = _members(kind.request) - {_POOL}  # An entry is of the pool that it stands under.
        later = {request: _members(request) - {_POOL} for request in kind.later}
        self._refuse_unknown(line, path, table, members.union(kind.own, kind.children, *later.values()))
        content, unread = with_sources(table, kind.elsewhere, folder=self._file.parent)
        for fault in unread:
            self._tell(line, fault)
        if kind.any_of and not unread and not any(content.get(name) for name in kind.any_of):
            self._tell(line, f"{path} needs {' or '.join(kind.any_of)}")
        return Entry(
            kind=path.rpartition(".")[2],
            line=line,
            request=self._request(
                line, kind.request, kind, {name: content[name] for name in content if name in members}
            ),
            own=self._own(line, path, kind, content, written_names=set(table)),
            later=[
                self._request(line, request, kind, {name: content[name] for name in content if name in theirs})
                if (theirs - members) & set(content)
                else None
                for request, theirs in later.items()
            ],
            children=self.entries(table, kind.children, path=f"{path}."),
        )

    def _refuse_second(self, first_lines: dict[tuple[str, str], int], path: str, line: int, name: object) -> None:
        """Tell of an entry that has the name of one before: it would be taken for the same, and dropped."""
        if not isinstance(name, str):
            return
        if (path, name) not in first_lines:
            first_lines[path, name] = line
            return
        first = first_lines[path, name]
        self._tell(line, f"{path} has {name!r} already" + (f", in line {first}" if first else ""))

    def _refuse_unknown(self, line: int, path: str, names: Iterable[str], known: set[str]) -> None:
        unknown = [_with_likely(name, known) for name in sorted(set(names) - known)]
        if unknown:
            self._tell(line, f"{path} does not take {', '.join(unknown)}")

    def _request(self, line: int, shape: type[Shape], kind: Kind, given: Mapping[str, Any]) -> Shape | None:
        texts = {name: _json(given[name]) for name in kind.documents if isinstance(given.get(name), dict)}
        # The pool and the app client of an entry are filled in when it is made; until then the checks get stand-ins.
        ids = {_POOL: _ANY} if "user_pool_id" in shape.__struct_fields__ else {}
        if shape in kind.later and "client_id" in shape.__struct_fields__:
            ids[_CLIENT] = _ANY_CLIENT
        try:
            request = json_1_1.decode(shape, msgspec.json.encode({**given, **texts, **ids}))
            constraints.check(request)
        except ServiceError as fault:
            self._tell(line, fault.message)
            return None
        return request

    def _own(
        self, line: int, path: str, kind: Kind, table: Mapping[str, Any], *, written_names: set[str]
    ) -> Mapping[str, Any]:
        for name in kind.needed:
            if name not in written_names:
                self._tell(line, f"{path} needs {name}")
        for name, value_type in kind.own.items():
            if name in table and not isinstance(table[name], value_type):
                self._tell(line, f"{name} of {path} is not a {_WORDS[value_type]}")
        own = {name: table[name] for name in kind.own if name in table}
        if isinstance(own.get("id"), str):
            own["id"] = own["id"].replace("{region}", self._region)
        return own

    def _tell(self, line: int, fault: str) -> None:
        self.faults.append(at_line(self._file, line, fault))
