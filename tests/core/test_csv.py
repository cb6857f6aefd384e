"""Are rows of a CSV file what they are, however its bytes come? Cut anywhere, in quotes, without an end, and in bounded memory."""

import csv as standard
import io
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolkeeper.model import csv
from poolkeeper.model.csv import Row, Rows, values


def rows_of(*pieces: bytes, at: int = 0) -> list[Row]:
    """Return the rows of a file that comes in pieces."""
    rows = Rows(at=at)
    return [row for piece in pieces for row in rows.feed(piece)] + rows.close()


def raws(rows: Iterable[Row]) -> list[bytes | None]:
    return [row.raw for row in rows]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"a,b,c", ["a", "b", "c"]),
        (b",,", ["", "", ""]),
        (b"a\\,b,c", ["a,b", "c"]),
        (b'"a,b","c ""d""",e', ["a,b", 'c "d"', "e"]),
        (b'"a",', ["a", ""]),
        (b'a"b,c', ['a"b', "c"]),
        (b"a\\b,c\\", ["a\\b", "c\\"]),
        ("ä,€".encode(), ["ä", "€"]),
    ],
)
def test_values_are_between_commas(raw: bytes, found: list[str]) -> None:
    """A backslash before a comma, and quotes, keep it in its value."""
    assert values(raw) == found


@pytest.mark.parametrize("raw", [b'"a', b'"a"b,c', b"\xff,a", b'"a,\xff"'])
def test_what_cannot_be_read_is_no_row(raw: bytes) -> None:
    """Quotes that do not close before a comma, and what is no UTF-8."""
    with pytest.raises(ValueError, match=r"."):
        values(raw)


def test_rows_end_with_their_line_and_know_where() -> None:
    """Blank lines are none; the last row may lack its end; a job goes on from any of them."""
    content = b'h\r\na,"x\ny"\n\nb\n"c""\n",d'
    found = rows_of(content)
    assert raws(found) == [b"h", b'a,"x\ny"', b"b", b'"c""\n",d']
    for row in found:
        assert raws(rows_of(content[row.end :], at=row.end)) == raws(found)[found.index(row) + 1 :]


@given(
    st.lists(st.lists(st.text(st.sampled_from('a",\\\nä '), max_size=6), min_size=2, max_size=4), max_size=6),
    st.lists(st.integers(0, 80), max_size=5),
)
def test_what_python_writes_is_read_however_it_is_cut(table: list[list[str]], cuts: list[int]) -> None:
    """The standard library quotes everything; no cut between two bytes makes a difference."""
    text = io.StringIO()
    standard.writer(text, quoting=standard.QUOTE_ALL, lineterminator="\n").writerows(table)
    content, edges = text.getvalue().encode(), sorted(cuts)
    pieces = [content[a:b] for a, b in zip([0, *edges], [*edges, len(content)], strict=True)]
    assert [values(row.raw) for row in rows_of(*pieces) if row.raw is not None] == table


def test_a_line_without_an_end_is_not_kept() -> None:
    """The next line is a row again."""
    rows = Rows()
    found: list[Row] = []
    for _ in range(100):
        found += rows.feed(b"a" * 50_000)
        assert len(rows._buffer) <= 64_000
    found += rows.feed(b"\nb\n")
    assert raws(found) == [None, b"b"]
    assert found[-1].end == 5_000_003


@pytest.mark.parametrize(
    "value", [b"x\n" * 40_000, b"x" * 70_000 + b"\n", b'x""\n' * 40_000], ids=["lines", "a line", "quotes"]
)
@pytest.mark.parametrize("size", [1_000, 65_536, 1_000_000])
def test_what_stands_in_quotes_is_no_row_however_long_it_is(value: bytes, size: int) -> None:
    """Or whoever wrote a long value in the old system could write rows of the file; nobody closes the last quote, and nothing is kept."""
    content = b'ada,"' + value + b'eve,mine\n",b\nbob,b\n"' + value
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    rows, found, most = Rows(), list[Row](), 0
    for piece in pieces:
        found += rows.feed(piece)
        most = max(most, len(rows._buffer) + len(rows._begun))
    assert raws(found + rows.close()) == [None, b"bob,b", None]
    assert most <= 2 * 64_000


@given(st.text(st.sampled_from('a",\\\n'), max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_a_row_that_is_too_long_ends_where_it_ends_however_it_is_cut(text: str, cuts: list[int]) -> None:
    """A job that goes on behind any row finds the rows that were counted when the file came."""
    content, edges = text.encode(), sorted(cuts)
    pieces = [content[a:b] for a, b in zip([0, *edges], [*edges, len(content)], strict=True)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv, "_MOST_BYTES", 7)
        whole = rows_of(content)
        assert rows_of(*pieces) == whole
        for number, row in enumerate(whole, 1):
            assert rows_of(content[row.end :], at=row.end) == whole[number:]


@pytest.mark.parametrize("raw", [b'a\\,"x,b', b'a\\,\\,"x'])
def test_a_quote_behind_a_comma_of_the_value_opens_nothing(raw: bytes) -> None:
    """Else such a name would take along the rows behind it."""
    assert raws(rows_of(raw + b"\neve,b\n")) == [raw, b"eve,b"]
