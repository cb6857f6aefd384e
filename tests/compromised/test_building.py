"""Does a list of any length and order become one sorted file? And what is no such list leave everything as it was."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compromised.range_service import digest
from poolkeeper.risk.compromised.building import UnusableList, build
from poolkeeper.risk.compromised.prefix_file import HEAD, MAGIC, WIDTH, PrefixFile


def built(path: Path, text: str | bytes, *, plain: bool = False, piece: int = 1 << 20) -> list[str]:
    """Build a file of a text, and return the prefixes in it in hexadecimal digits."""
    lines = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    count = build(lines, path, plain=plain, progress=lambda _: None, piece=piece)
    held = path.read_bytes()
    assert held[:HEAD] == MAGIC + count.to_bytes(WIDTH)
    found = [held[at : at + WIDTH].hex().upper() for at in range(HEAD, len(held), WIDTH)]
    assert len(found) == count
    return found


def prefixes(*passwords: str) -> list[str]:
    """Return what a file of these passwords holds."""
    return sorted({digest(one)[: WIDTH * 2] for one in passwords})


@settings(deadline=None, max_examples=40)
@given(
    numbers=st.lists(st.integers(0, 60), min_size=1, max_size=200), piece=st.integers(1, 40), ascending=st.booleans()
)
def test_every_list_is_sorted_and_each_password_there_once(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], piece: int, *, ascending: bool
) -> None:
    """In pieces of any size, that are merged once or several times; as passwords and as hashes."""
    passwords = [f"password-{one}" for one in numbers]
    hashes = [digest(one) for one in passwords]
    path = tmp_path_factory.mktemp("built") / "known"
    wanted = prefixes(*passwords)
    assert built(path, "\n".join(passwords), piece=piece) == wanted
    assert built(path, "\n".join(sorted(hashes) if ascending else hashes), piece=piece) == wanted
    assert [one.name for one in path.parent.iterdir()] == ["known"], "nothing is left beside it"


def test_a_list_in_many_pieces_is_merged_in_rounds(tmp_path: Path) -> None:
    """More pieces than files may be open at once."""
    passwords = [f"password-{number}" for number in range(5_000)]
    assert built(tmp_path / "known", "\n".join(passwords), piece=7) == prefixes(*passwords)


def test_lines_of_lists_of_breached_passwords_are_read(tmp_path: Path) -> None:
    """With counts or without, in either case; what was seen 0 times is padding, and blank lines are nothing."""
    one, two, three, padding = map(digest, ("one", "two", "three", "padding"))
    text = f"{one}:12\r\n{two.lower()}:1\r\n\r\n{padding}:0\r\n{three}"
    assert built(tmp_path / "known", text) == prefixes("one", "two", "three")


def test_a_password_is_its_bytes(tmp_path: Path) -> None:
    """Blanks count, an accent does, and the end of the line alone is cut."""
    assert built(tmp_path / "known", " a \nb\u00e9\r\n") == prefixes(" a ", "b\u00e9")


def test_a_line_longer_than_any_password_is_passed_over_and_not_held(tmp_path: Path) -> None:
    """A file without ends of lines would be held in whole."""
    assert built(tmp_path / "known", b"x" * 5_000_000 + b"\none\n" + b"y" * 4_096) == prefixes("one")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (digest("one") + ":1\nhallo\n", "line 2 is no SHA-1 hash"),
        (digest("one") + ":1\n" + digest("two")[:39] + ":1\n", "line 2 is no SHA-1 hash"),
        ("", "no password in it"),
        ("\n\r\n", "no password in it"),
    ],
)
def test_what_is_no_list_leaves_the_old_file(tmp_path: Path, text: str, says: str) -> None:
    """And nothing beside it."""
    path = tmp_path / "known"
    before = built(path, "old")
    with pytest.raises(UnusableList, match=says):
        built(path, text)
    assert PrefixFile(path).count == len(before) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["known"]


def test_a_list_of_passwords_may_begin_with_one_that_looks_like_a_hash(tmp_path: Path) -> None:
    """Whoever says so has every line taken for a password."""
    one = digest("one")
    assert built(tmp_path / "known", f"{one}\nhallo", plain=True) == prefixes(one, "hallo")


def test_progress_is_told_and_the_memory_is_that_of_a_piece(tmp_path: Path) -> None:
    """While it is read and while it is written."""
    told = list[str]()
    lines = io.BytesIO("\n".join(map(str, range(2_500))).encode())
    build(lines, tmp_path / "known", plain=True, progress=told.append, piece=1_000)
    assert told[:3] == ["1,000 passwords read", "2,000 passwords read", "2,500 passwords read"]
    assert told[-1] == "2,500 of 2,500 written"
