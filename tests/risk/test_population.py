"""Are everybody's counts the same in every process, bounded, and silent about who was where? One pool, as processes see it."""

import pytest

from poolkeeper.risk import population as counting
from poolkeeper.risk.places import Place
from poolkeeper.risk.population import KEPT, MOST, ROWS, Population, added
from poolkeeper.risk.traits import Traits
from risk.people import CHROME, FIREFOX, hashed, of_one, seen

CHROMES, FIREFOXES = "Chrome on Windows", "Firefox on Linux"


def counted(chromes: int, firefoxes: int) -> Population:
    """Return the counts of so many sign-ins."""
    population = of_one()
    for agent, count in ((CHROME, chromes), (FIREFOX, firefoxes)):
        for _ in range(count):
            population.note(seen(user_agent=agent), Place("DE", "Berlin", 64_500))
    return population


def test_a_share_is_what_was_counted_and_a_little_of_a_guess() -> None:
    """What nobody had is unlikely and never impossible; with nobody counted every value is as likely."""
    population = counted(9_000, 1_000)
    assert population.share("program", CHROMES) == pytest.approx(0.9, abs=0.01)
    assert population.share("program", FIREFOXES) == pytest.approx(0.1, abs=0.01)
    assert 0 < population.share("program", "Lynx on Haiku") < 0.001
    assert of_one().share("program", CHROMES) == pytest.approx(1 / 30)


def test_processes_put_their_counts_together() -> None:
    """Rows are stored as sums of deltas; a delta is handed over once; what was not handed over is still counted here."""
    one, other = counted(30, 0), counted(0, 10)
    rows: dict[int, dict[str, int]] = {}
    for process in (one, other):
        for number, delta in process.deltas().items():
            rows[number] = added(rows.get(number, {}), delta)
        assert process.deltas() == {}
    assert set(rows) <= set(range(ROWS))

    one.note(seen(user_agent=FIREFOX), None)
    whole = counted(30, 11)
    for process in (one.replaced(rows), one.replaced(rows).replaced(rows)):
        for name, value in (("program", CHROMES), ("program", FIREFOXES), ("network", "198.51.100.0/24")):
            assert process.share(name, value) == pytest.approx(whole.share(name, value))
    other.merge(counted(30, 1).deltas())
    assert other.share("program", CHROMES) == pytest.approx(whole.share("program", CHROMES))


def test_counts_do_not_say_what_was_counted() -> None:
    """Values are known by a keyed hash alone; totals name the trait."""
    rows = counted(3, 2).deltas()
    text = repr(rows)
    assert not any(word in text for word in ("198", "Chrome", "Berlin", "DE", "64500"))
    names = {name for row in rows.values() for name in row}
    assert all(name.startswith("=") or len(name) == 16 for name in names)


def test_only_the_commonest_are_kept() -> None:
    """A flood of values that come once leaves those that come often; totals are not lost."""
    population = counted(50, 0)
    for number in range(60_000):
        population.count(Traits(network=f"2001:db8:{number:x}::/48"))
    for row in population.deltas().values():
        values = [name for name in row if not name.startswith("=")]
        assert len(values) <= MOST
        assert len(row) <= MOST + 9
    assert population.share("network", "198.51.100.0/24") == pytest.approx(50 / 60_100, rel=0.02)


def test_a_row_keeps_its_commonest() -> None:
    """One value too many, and the half that is rarest goes."""
    row = {f"{number:016x}": number + 1 for number in range(MOST)} | {"=network": 7}
    left = added(row, {"f" * 16: 10 * MOST, "=network": 1})
    assert len(left) == KEPT + 1
    assert left["f" * 16] == 10 * MOST
    assert left["=network"] == 8
    assert min(count for name, count in left.items() if name != "=network") > MOST - KEPT


def test_old_counts_fade(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that counted enough is halved, values and totals alike."""
    monkeypatch.setattr(counting, "HALVED_AT", 100)
    assert added({"=network": 60, "a" * 16: 59, "b" * 16: 1}, {"=network": 40, "a" * 16: 40}) == {
        "=network": 50,
        "a" * 16: 49,
    }


def test_rows_of_an_older_version_may_lack_a_trait() -> None:
    """What is missing was not counted yet."""
    population = Population(hashed, {3: {"=program": 5}})
    assert population.share("network", "198.51.100.0/24") > 0
