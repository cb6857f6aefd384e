"""Where does a row of a CSV file end, and which values are in it? Read piece by piece, in bounded memory.

As AWS has it (userpools.md 5.6): UTF-8, commas, a backslash before a comma that belongs to a value.
Values in double quotes are taken too, as spreadsheets write them (RFC 4180); they may hold line breaks.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

# AWS takes 16,000 characters; in UTF-8 they are at most four times as many bytes.
LONGEST_ROW = 16_000
_MOST_BYTES = 4 * LONGEST_ROW
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What is in quotes, up to the one that closes them; what is not, up to the comma behind it; values with the commas behind them.
_QUOTED = re.compile(rb'(?:[^"]+|"")*+')
_BARE = re.compile(rb"(?:[^,\\]+|\\+,?)*+")
_VALUES = re.compile(rb'(?:(?:"%b"|(?!"))%b,)*+' % (_QUOTED.pattern, _BARE.pattern))


@dataclass(frozen=True, slots=True)
class Row:
    """The bytes of one row without its line break, None where it is longer than a row may be; `end` is where the next begins."""

    raw: bytes | None
    end: int


class _State(Enum):
    """Where in a row a byte comes: before a value, in one without quotes, behind a backslash in it, in quotes, behind a quote there."""

    BEFORE = auto()
    BARE = auto()
    BACKSLASH = auto()
    QUOTED = auto()
    QUOTE = auto()


@dataclass(slots=True)
class Rows:
    """Cuts a file into rows as its bytes come, from a row's beginning on. Blank lines are none.

    A row that is too long is one row to its end: lines in its quotes are no rows, or whoever wrote a value could write
    rows.
    """

    at: int = 0
    _buffer: bytearray = field(default_factory=bytearray)
    _begun: bytearray = field(default_factory=bytearray)  # lines of a row whose last quote is open
    _state: _State = _State.BEFORE
    _too_long: bool = False

    def feed(self, data: bytes) -> list[Row]:
        """Return the rows that are whole by now."""
        if self.at == 0 and not self._begun and not self._buffer and data.startswith(_BYTE_ORDER_MARK):
            data, self.at = data[len(_BYTE_ORDER_MARK) :], len(_BYTE_ORDER_MARK)
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(b"\n")
        rows = list[Row]()
        for line in lines:
            if not line and self._state is _State.BEFORE and not self._too_long:
                self.at += 1  # A file of blank lines has a hundred million of them: nothing else is done for each.
            elif (row := self._line(line, ended=True)) is not None:
                rows.append(row)
        self._buffer = bytearray(rest)
        if len(rest) > _MOST_BYTES:  # a line without an end: what it holds is forgotten, its length counts on
            self.at += len(rest)
            self._buffer.clear()
            self._state = _behind(rest, self._state)
            self._forget()
        return rows

    def close(self) -> list[Row]:
        """Return the last row, which may lack its line break, or the end of its quotes."""
        last, self._buffer = bytes(self._buffer), bytearray()
        row = self._line(last, ended=False) if last else None
        if row is None and (self._too_long or self._state is _State.QUOTED):
            row = Row(None if self._too_long else bytes(self._begun), self.at)
        self._begun.clear()
        self._state, self._too_long = _State.BEFORE, False
        return [] if row is None else [row]

    def _line(self, line: bytes, *, ended: bool) -> Row | None:
        self.at += len(line) + ended
        if self._state is not _State.BEFORE or b'"' in line:
            self._state = _behind(line, self._state)
            if self._state is _State.QUOTED:
                self._go_on(line)
                return None
            self._state = _State.BEFORE
        if self._too_long:
            self._too_long = False
            return Row(None, self.at)
        raw = bytes(self._begun) + line if self._begun else line
        self._begun.clear()
        raw = raw.removesuffix(b"\r")
        return Row(raw if len(raw) <= _MOST_BYTES else None, self.at) if raw else None

    def _go_on(self, line: bytes) -> None:
        """Keep a line behind which its row goes on, while the row is not too long."""
        if not self._too_long:
            self._begun += line + b"\n"
            if len(self._begun) > _MOST_BYTES:
                self._forget()

    def _forget(self) -> None:
        self._begun.clear()
        self._too_long = True


def values(raw: bytes) -> list[str]:
    """Return the values of a row.

    Raises ValueError (UnicodeDecodeError is one) for what is no UTF-8, and for quotes that are not closed.
    """
    if b'"' not in raw and b"\\" not in raw:
        return raw.decode().split(",")
    fields, at = list[bytes](), 0
    while at <= len(raw):
        value, at = _quoted(raw, at + 1) if raw[at : at + 1] == b'"' else _bare(raw, at)
        fields.append(value)
        if at == len(raw):
            break
        at += 1
        if at == len(raw):
            fields.append(b"")
            break
    return [value.decode() for value in fields]


def _quoted(raw: bytes, at: int) -> tuple[bytes, int]:
    """Return a value in quotes that begins at `at`, and where the comma behind it is, or the end."""
    parts = list[bytes]()
    while (quote := raw.find(b'"', at)) >= 0:
        parts.append(raw[at:quote])
        follows = raw[quote + 1 : quote + 2]
        if follows == b'"':
            parts.append(b'"')
            at = quote + 2
        elif follows in {b",", b""}:
            return b"".join(parts), quote + 1
        else:
            break
    raise ValueError("quotes that are not closed before a comma")


def _bare(raw: bytes, at: int) -> tuple[bytes, int]:
    """Return a value without quotes, and where the comma behind it is, or the end."""
    parts = list[bytes]()
    while (comma := raw.find(b",", at)) >= 0:
        if raw[comma - 1 : comma] != b"\\" or comma == at:
            return b"".join([*parts, raw[at:comma]]), comma
        parts.append(raw[at : comma - 1] + b",")
        at = comma + 1
    return b"".join([*parts, raw[at:]]), len(raw)


def _behind(piece: bytes, state: _State) -> _State:
    """Return the state behind a piece of a row, before which it was `state`: by the rules that `values` reads by."""
    if not piece:
        return state
    at = 0
    if state is _State.BACKSLASH:
        state, at = _State.BARE, int(piece.startswith(b","))
    if state is _State.QUOTE:
        state, at = (_State.QUOTED, 1) if piece.startswith(b'"') else (_State.BARE, 0)
    if state is _State.QUOTED:
        at = _end(_QUOTED, piece, at)
        if at >= len(piece) - 1:
            return _State.QUOTED if at == len(piece) else _State.QUOTE
        state, at = _State.BARE, at + 1
    if state is _State.BARE:
        at = _end(_BARE, piece, at) + 1
    return _behind_values(piece, at)


def _behind_values(piece: bytes, at: int) -> _State:
    """Return the state at the end of a piece in which a value begins at `at`; if that is behind the piece, its last value has no end."""
    at = _end(_VALUES, piece, at) if at <= len(piece) else at
    if at == len(piece):
        return _State.BEFORE
    if piece[at : at + 1] == b'"':
        quote = _end(_QUOTED, piece, at + 1)
        if quote >= len(piece) - 1:
            return _State.QUOTED if quote == len(piece) else _State.QUOTE
    return _State.BACKSLASH if piece.endswith(b"\\") else _State.BARE


def _end(pattern: re.Pattern[bytes], piece: bytes, at: int) -> int:
    match = pattern.match(piece, at)
    assert match is not None, "each of them matches nothing, too"
    return match.end()
