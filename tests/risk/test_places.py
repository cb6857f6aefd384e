"""Do files of places say where an address is, are they taken up when replaced, and does no file break anything? The files are written by place_files.py."""

import os
from pathlib import Path

import maxminddb
import maxminddb.extension
import pytest

from poolkeeper.risk.places import Place, Places
from risk import place_files
from risk.place_files import city, provider

BERLIN = Place("DE", "Berlin", 64_500, 52.5, 13.4)
CITIES = {
    "198.51.100.0/24": city("DE", "Berlin", (52.5, 13.4)),
    "203.0.113.0/25": city("BR"),
    "2001:db8:7::/48": city("FR", "Paris", (48.9, 2.4)),
}
PROVIDERS = {"198.51.0.0/16": provider(64_500), "2001:db8::/32": provider(4_200_000_000)}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a City file and an ASN file."""
    cities, providers = tmp_path / "city.mmdb", tmp_path / "asn.mmdb"
    place_files.write(cities, CITIES)
    place_files.write(providers, PROVIDERS, "Test-ASN")
    return cities, providers


def renewed(file: Path, places: Places) -> None:
    """Make the file another one, and wait until it is taken up."""
    stat = file.stat()
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    places.find("198.51.100.1")
    places.settled()


def test_two_files_say_together_where_an_address_is(files: tuple[Path, Path]) -> None:
    """Country and city from one, the provider from the other, in either order; what one does not have is not made up."""
    for places in (Places(files), Places(reversed(files))):
        assert places.find("198.51.100.77") == BERLIN
        assert places.find("198.51.7.1") == Place(asn=64_500)
        assert places.find("203.0.113.1") == Place("BR")
        assert places.find("2001:db8:7::9") == Place("FR", "Paris", 4_200_000_000, 48.9, 2.4)
        assert places.find("192.0.2.1") is None
        assert places.faults == {}


@pytest.mark.parametrize("address", ["", "unknown", "fe80::1%eth0", "198.51.100.300", "\ud800"])
def test_what_is_no_address_is_nowhere(files: tuple[Path, Path], address: str) -> None:
    """A socket has none, and whoever forges one gets nothing."""
    assert Places(files).find(address) is None


def test_without_files_nobody_is_anywhere() -> None:
    """The judge goes by networks then."""
    assert Places().find("198.51.100.1") is None


def test_the_reader_is_that_of_c() -> None:
    """The one in Python takes forty times as long."""
    assert maxminddb.MODE_MMAP_EXT == 1
    assert maxminddb.extension.Reader is not None


def test_a_file_that_is_replaced_is_taken_up(files: tuple[Path, Path]) -> None:
    """By a file of another name that is moved in its place, or one written over it; the first question may still get the old answer."""
    places = Places(files[:1])
    other = files[0].with_suffix(".new")
    place_files.write(other, {"198.51.100.0/24": city("PL")})
    other.replace(files[0])
    assert places.find("198.51.100.1") in {Place("DE", "Berlin", 0, 52.5, 13.4), Place("PL")}
    places.settled()
    assert places.find("198.51.100.1") == Place("PL")
    place_files.write(files[0], {"198.51.100.0/24": city("IT", "Rome")})
    renewed(files[0], places)
    assert places.find("198.51.100.1") == Place("IT", "Rome")


def test_a_file_that_breaks_leaves_the_one_before_in_use(files: tuple[Path, Path]) -> None:
    """Cut short, emptied or taken away: the answers stay, and somebody is told."""
    places = Places(files[:1])
    whole = files[0].read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"nonsense" * 1_000):
        files[0].write_bytes(content)
        renewed(files[0], places)
        assert places.find("198.51.100.1") == Place("DE", "Berlin", 0, 52.5, 13.4)
        assert list(places.faults) == [str(files[0])]
    files[0].unlink()
    places.find("198.51.100.1")
    places.settled()
    assert places.find("198.51.100.1") == Place("DE", "Berlin", 0, 52.5, 13.4)
    assert "No such file" in places.faults[str(files[0])]


def test_the_log_tells_what_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the start, where a name may be mistyped, and when a file is replaced by what is none; nobody is told of a copy's name."""
    file = tmp_path / "city.mmdb"
    places = Places([file])
    assert "No such file" in caplog.messages[-1]
    file.write_bytes(b"nonsense" * 1_000)
    renewed(file, places)
    assert caplog.messages[-1] == f"place_files: {file} cannot be read: it is not in MaxMind's format"
    told = len(caplog.messages)
    place_files.write(file, CITIES)
    renewed(file, places)
    assert len(caplog.messages) == told


def test_a_file_that_is_not_there_yet_is_taken_up_when_it_comes(tmp_path: Path) -> None:
    """The server starts without it, and names it among the faults."""
    file = tmp_path / "city.mmdb"
    places = Places([file])
    assert places.find("198.51.100.1") is None
    assert list(places.faults) == [str(file)]
    place_files.write(file, CITIES)
    renewed(file, places)
    assert places.find("198.51.100.1") == Place("DE", "Berlin", 0, 52.5, 13.4)
    assert places.faults == {}


@pytest.mark.parametrize(
    "record",
    [
        {"country": "DE", "city": ["x"], "autonomous_system_number": "AS1"},
        {"country": {}, "city": {}, "location": {"latitude": 1.0}},
        {"country": {"iso_code": 7}, "city": {"names": "x"}, "location": "here"},
        {"city": {"names": {"de": "Berlin"}}},
    ],
)
def test_a_record_of_another_make_breaks_nothing(tmp_path: Path, record: dict[str, object]) -> None:
    """What is not as expected is not known."""
    place_files.write(tmp_path / "odd.mmdb", {"198.51.100.0/24": record})
    place = Places([tmp_path / "odd.mmdb"]).find("198.51.100.1")
    assert place is not None
    assert (place.city, place.asn, place.latitude, place.longitude) == ("", 0, None, None)
