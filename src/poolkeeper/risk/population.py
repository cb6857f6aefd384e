"""How common is a value among everybody? It is counted under a keyed hash, so that the counts tell nobody who was where.

Counts are in ROWS rows, by the first digit of the hash. A process counts in memory and hands over `deltas()` now and then;
whoever stores them adds each to its row by `added`. Only the commonest values are kept: a missing value is rare.
"""

from collections.abc import Callable, Mapping

from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.traits import NAMED, TRAITS, Traits, traits_of

ROWS = 16
# A row may grow to MOST values; then only the KEPT commonest are left.
KEPT, MOST = 1_024, 2_048
# At how many counted values of a trait a row is halved, so that values out of use fade.
HALVED_AT = 1 << 20
# The weight of the first guess beside the counts, in sign-ins, spread evenly over the values the world may have.
PRIOR = 50
_TOTAL = "="

Row = dict[str, int]


class Population:
    """Counts of values over all users of one pool. `hashed` is a keyed hash of text, in hexadecimal digits.

    Beside its values each row counts the values of each trait that fell into it, under `=` and the trait's name.
    """

    __slots__ = ("_fresh", "_hashed", "_rows", "_totals")

    def __init__(self, hashed: Callable[[str], str], rows: Mapping[int, Mapping[str, int]] | None = None) -> None:
        self._hashed = hashed
        self._fresh: dict[int, Row] = {}
        self._rows: dict[int, Row] = {number: dict(row) for number, row in (rows or {}).items()}
        self._totals: Row = {}
        self._sum_up()

    def note(self, observation: Observation, place: Place | None) -> None:
        """Count a sign-in that was allowed."""
        self.count(traits_of(observation, place))

    def count(self, traits: Traits) -> None:
        """Count the traits of one sign-in."""
        for trait in TRAITS:
            if value := traits.of(trait.name):
                row, digits = self._row_and_digits(trait.name, value)
                for name in (digits, _TOTAL + trait.name):
                    for rows in (self._rows, self._fresh):
                        counts = rows.setdefault(row, {})
                        counts[name] = counts.get(name, 0) + 1
                self._totals[trait.name] = self._totals.get(trait.name, 0) + 1
                self._bound(row)

    def share(self, name: str, value: str) -> float:
        """Return how likely a sign-in of anybody has a value: never 0, and below 1 while few are counted."""
        row, digits = self._row_and_digits(name, value)
        count = self._rows.get(row, {}).get(digits, 0)
        return (count + PRIOR / NAMED[name].values) / (self._totals.get(name, 0) + PRIOR)

    def deltas(self) -> dict[int, Row]:
        """Return the counts of this process since the last call, by row, and begin anew."""
        fresh, self._fresh = self._fresh, {}
        return fresh

    def merge(self, deltas: Mapping[int, Mapping[str, int]]) -> None:
        """Add the counts of another process."""
        for number, delta in deltas.items():
            self._rows[number] = added(self._rows.get(number, {}), delta)
        self._sum_up()

    def replaced(self, rows: Mapping[int, Mapping[str, int]]) -> "Population":
        """Return the population of the stored rows, with the counts of this process that were not handed over yet."""
        anew = Population(self._hashed, rows)
        anew.merge(self._fresh)
        anew._fresh = self._fresh
        return anew

    def _row_and_digits(self, name: str, value: str) -> tuple[int, str]:
        digits = self._hashed(f"{name}\0{value}")[:16]
        return int(digits[0], 16), digits

    def _bound(self, row: int) -> None:
        if len(self._fresh[row]) > MOST + len(TRAITS):
            self._fresh[row] = added(self._fresh[row], {})
        if len(self._rows[row]) > MOST + len(TRAITS):
            self._rows[row] = added(self._rows[row], {})
            self._sum_up()

    def _sum_up(self) -> None:
        self._totals = {}
        for row in self._rows.values():
            for name, count in row.items():
                if name.startswith(_TOTAL):
                    trait = name.removeprefix(_TOTAL)
                    self._totals[trait] = self._totals.get(trait, 0) + count


def added(row: Mapping[str, int], delta: Mapping[str, int]) -> Row:
    """Return a row with a delta added: at most MOST values, beside the totals."""
    counts = dict(row)
    for name, count in delta.items():
        counts[name] = counts.get(name, 0) + count
    totals = {name: count for name, count in counts.items() if name.startswith(_TOTAL)}
    values = {name: count for name, count in counts.items() if name not in totals}
    if max(totals.values(), default=0) >= HALVED_AT:
        totals = {name: count // 2 for name, count in totals.items()}
        values = {name: count // 2 for name, count in values.items() if count > 1}
    if len(values) > MOST:
        commonest = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:KEPT]
        values = dict(commonest)
    return totals | values
