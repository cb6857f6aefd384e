"""Is a password found in the operator's file? And what becomes of one that is broken, or replaced while a server runs."""

import hashlib
import io
import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.risk.compromised.building import build
from poolkeeper.risk.compromised.prefix_file import HEAD, MAGIC, WIDTH, PrefixFile, UnusableFile, WatchedFile


def prefix(password: str) -> bytes:
    """Return what a file has of a password."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).digest()[:WIDTH]


def made(path: Path, passwords: Iterable[str]) -> Path:
    """Make a file of passwords."""
    build(io.BytesIO("\n".join(passwords).encode()), path, plain=True, progress=lambda _: None)
    return path


def written(path: Path, prefixes: list[bytes], *, count: int | None = None) -> Path:
    """Write a file by hand, in whatever order and with whatever number in its head."""
    path.write_bytes(MAGIC + (len(prefixes) if count is None else count).to_bytes(WIDTH) + b"".join(prefixes))
    return path


def open_files() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@settings(deadline=None, max_examples=40)
@given(numbers=st.sets(st.integers(0, 500), min_size=1), asked=st.integers(0, 500))
def test_what_is_in_it_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, numbers: set[int], asked: int
) -> None:
    """At every place of files of every length."""
    file = made(tmp_path_factory.mktemp("file") / "known", (f"password-{one}" for one in numbers))
    assert PrefixFile(file).has(prefix(f"password-{asked}")) is (asked in numbers)


def test_the_first_and_the_last_are_found(tmp_path: Path) -> None:
    """The ends of the file, and what lies before and behind it."""
    prefixes = [bytes(7) + b"\x01", b"\x80" + bytes(7), b"\xff" * 7 + b"\xfe"]
    file = PrefixFile(written(tmp_path / "known", prefixes))
    assert all(file.has(one) for one in prefixes)
    assert not any(file.has(one) for one in (bytes(8), b"\xff" * 8, b"\x80" * 8))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cut", "are not the 3 passwords"),
        ("longer", "are not the 3 passwords"),
        ("disorder", "do not ascend"),
        ("twice", "do not ascend"),
        ("text", "was not made by"),
        ("nothing", "was not made by"),
    ],
)
def test_a_file_that_is_not_whole_or_not_in_order_is_refused(tmp_path: Path, name: str, says: str) -> None:
    """Said in words, before anything is looked up in it."""
    one, two, three = sorted(prefix(str(number)) for number in range(3))
    file = tmp_path / name
    match name:
        case "cut":
            written(file, [one, two], count=3)
        case "longer":
            written(file, [one, two, three, three], count=3)
        case "disorder":
            written(file, [two, one, three])
        case "twice":
            written(file, [one, two, two])
        case "text":
            file.write_text("password\n" * 9)
        case _:
            file.write_bytes(b"")
    with pytest.raises(UnusableFile, match=says):
        PrefixFile(file)


def test_a_new_file_is_taken_up_while_the_old_one_is_in_use(tmp_path: Path) -> None:
    """By the next look; the old one is closed."""
    path = made(tmp_path / "known", ["old"])
    watched = WatchedFile(path)
    before = open_files()
    assert (watched.has(prefix("old")), watched.has(prefix("new"))) == (True, False)
    for _ in range(20):
        made(path, ["new"])
        assert (watched.has(prefix("old")), watched.has(prefix("new"))) == (False, True)
    assert open_files() == before + 1


@pytest.mark.parametrize("broken", ["replaced", "gone"])
def test_a_broken_new_file_leaves_the_old_one_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    """The log says so once, and the next good one is taken up."""
    path = made(tmp_path / "known", ["old"])
    watched = WatchedFile(path)
    assert watched.has(prefix("old"))
    if broken == "replaced":
        (tmp_path / "other").write_text("no such file\n")
        (tmp_path / "other").replace(path)
    else:
        path.unlink()
    with caplog.at_level(logging.WARNING):
        assert [watched.has(prefix("old")) for _ in range(3)] == [True, True, True]
    assert len(caplog.records) == 1
    path.unlink(missing_ok=True)  # nothing but a list is written over
    made(path, ["new"])
    assert (watched.has(prefix("old")), watched.has(prefix("new"))) == (False, True)


def test_a_file_that_is_cut_off_under_a_server_kills_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A mapping of it would be a signal; so it is an answer that cannot be given, until the file is whole again."""
    path = made(tmp_path / "known", (f"password-{number}" for number in range(5_000)))
    watched = WatchedFile(path)
    assert watched.has(prefix("password-1"))
    os.truncate(path, HEAD + 800)
    with caplog.at_level(logging.WARNING):
        assert {watched.has(prefix(f"password-{number}")) for number in range(50)} == {None}
    assert len(caplog.records) == 1
    made(path, ["password-1"])
    assert watched.has(prefix("password-1"))


def test_a_read_that_comes_short_is_no_answer(tmp_path: Path) -> None:
    """Between the look at the file and the read it may be cut off."""
    file = PrefixFile(made(tmp_path / "known", (f"password-{number}" for number in range(5_000))))
    os.truncate(tmp_path / "known", HEAD + 800)
    with pytest.raises(UnusableFile, match="cut off"):
        file.has(prefix("password-1"))


def test_a_file_that_was_never_there_answers_nothing(tmp_path: Path) -> None:
    """Not that the password is clean."""
    assert WatchedFile(tmp_path / "known").has(prefix("old")) is None


def test_threads_look_while_it_is_replaced(tmp_path: Path) -> None:
    """What is in every version is found at every moment."""
    path = made(tmp_path / "known", ["always", "0"])
    watched, ended, wrong = WatchedFile(path), threading.Event(), list[object]()

    def look() -> None:
        while not ended.is_set():
            if (found := watched.has(prefix("always"))) is not True:
                wrong.append(found)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(100):
        made(path, ["always", *map(str, range(number))])
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
