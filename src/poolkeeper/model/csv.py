"""Where does a row of a CSV file end, and which values are in it? Read piece by piece, in bounded memory.

As AWS has it (userpools.md 5.6): UTF-8, commas, a backslash before a comma that belongs to a value.
Values in double quotes are taken too, as spreadsheets write them (RFC 4180); they may hold line breaks.
"""

from dataclasses import dataclass, field

# AWS takes 16,000 characters; in UTF-8 they are at most four times as many bytes.
LONGEST_ROW = 16_000
_MOST_BYTES = 4 * LONGEST_ROW
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """The bytes of one row without its line break, None where it is longer than a row may be; `end` is where the next begins."""

    raw: bytes | None
    end: int


@dataclass(slots=True)
class Rows:
    """Cuts a file into rows as its bytes come, from a row's beginning on. Blank lines are none."""

    at: int = 0
    _buffer: bytearray = field(default_factory=bytearray)
    _begun: bytearray = field(default_factory=bytearray)  # lines of a row whose last quote is open
    _open: bool = False
    _too_long: bool = False

    def feed(self, data: bytes) -> list[Row]:
        """Return the rows that are whole by now."""
        if self.at == 0 and not self._begun and not self._buffer and data.startswith(_BYTE_ORDER_MARK):
            data, self.at = data[len(_BYTE_ORDER_MARK) :], len(_BYTE_ORDER_MARK)
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(b"\n")
        rows = [row for line in lines if (row := self._line(line, ended=True)) is not None]
        self._buffer = bytearray(rest)
        if len(rest) > _MOST_BYTES:  # a line without an end: what it holds is forgotten, its length counts on
            self.at += len(rest)
            self._buffer.clear()
            self._too_long, self._open = True, False
            self._begun.clear()
        return rows

    def close(self) -> list[Row]:
        """Return the last row, which may lack its line break."""
        last, self._buffer = bytes(self._buffer), bytearray()
        row = self._line(last, ended=False) if last or self._too_long else None
        if row is None and self._open:  # a quote that nobody closed
            row = Row(bytes(self._begun), self.at)
            self._begun.clear()
            self._open = False
        return [] if row is None else [row]

    def _line(self, line: bytes, *, ended: bool) -> Row | None:
        self.at += len(line) + ended
        if self._too_long:
            self._too_long = False
            return Row(None, self.at)
        self._open = _ends_in_quotes(line, inside=self._open)
        if self._open:
            self._begun += line + b"\n"
            if len(self._begun) <= _MOST_BYTES:
                return None
            self._open = False
            self._begun.clear()
            return Row(None, self.at)
        raw = bytes(self._begun) + line if self._begun else line
        self._begun.clear()
        raw = raw.removesuffix(b"\r")
        return Row(raw if len(raw) <= _MOST_BYTES else None, self.at) if raw else None


def values(raw: bytes) -> list[str]:
    """Return the values of a row.

    Raises ValueError (UnicodeDecodeError is one) for what is no UTF-8, and for quotes that are not closed.
    """
    if b'"' not in raw and b"\\" not in raw:
        return raw.decode().split(",")
    found, at = list[bytes](), 0
    while at <= len(raw):
        value, at = _quoted(raw, at + 1) if raw[at : at + 1] == b'"' else _bare(raw, at)
        found.append(value)
        if at == len(raw):
            break
        at += 1
        if at == len(raw):
            found.append(b"")
            break
    return [value.decode() for value in found]


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


def _ends_in_quotes(line: bytes, *, inside: bool) -> bool:
    """Say whether a row goes on behind this line: a value in quotes is open at its end. `inside`: one was at its beginning."""
    if not inside and b'"' not in line:
        return False
    at = 0
    while True:
        if inside:
            at = _behind_quotes(line, at)
            if at < 0:
                return True
            inside = False
        if line[at : at + 1] == b'"':
            inside, at = True, at + 1
            continue
        comma = line.find(b",", at)
        if comma < 0:
            return False
        at = comma + 1


def _behind_quotes(line: bytes, at: int) -> int:
    """Return where a value in quotes, in which `at` is, ends: behind its quote; -1 where it does not end here."""
    while (quote := line.find(b'"', at)) >= 0:
        if line[quote + 1 : quote + 2] != b'"':
            return quote + 1
        at = quote + 2
    return -1
