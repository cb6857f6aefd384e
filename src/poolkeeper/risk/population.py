"""How common is a value among everybody? Counted under a keyed hash, so that the counts tell nobody who was where.

Counts lie in ROWS rows, by the first digit of the hash. A process counts in memory, hands over `deltas()` now and then, and
whoever stores them adds each to its row by `added`. Only the commonest values are kept: what is not held is rare.
"""

from collections.abc import Callable, Mapping

from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.traits import NAMED, TRAITS, Traits, traits_of

ROWS = 16
# A row may grow to the second number; then the commonest of the first number are left.
KEPT, MOST = 1_024, 2_048
# A row that has counted so much of a trait is halved: what nobody uses any more fades.
HALVED_AT = 1 << 20
# How much a guess weighs beside what was counted: as many sign-ins, spread evenly over the values the world may have.
PRIOR = 50
_TOTAL = "="

Row = dict[str, int]


class Population:
    """Counts of values over all users of one pool. `hashed` is a keyed hash of text, in hexadecimal digits.

    Beside its values each row has how many values of a trait fell into it, under `=` and the trait's name.
    """

    __slots__ = ("_fresh", "_hashed", "_rows", "_totals")

    def __init__(self, hashed: Callable[[str], str], rows: Mapping[int, Mapping[str, int]] | None = None) -> None:
        self._hashed = hashed
        self._fresh: dict[int, Row] = {}
        self._rows: dict[int, Row] = {number: dict(row) for number, row in (rows or {}).items()}
        self._totals: Row = {}
        self._sum_up()

    def note(self, observation: Observation, place: Place | None) -> None:
        """Count a sign-in that was let in."""
        self.count(traits_of(observation, place))

    def count(self, traits: Traits) -> None:
        """Count the traits of one sign-in."""
        for trait in TRAITS:
            if value := traits.of(trait.name):
                row, digits = self._place(trait.name, value)
                for name in (digits, _TOTAL + trait.name):
                    for rows in (self._rows, self._fresh):
                        counts = rows.setdefault(row, {})
                        counts[name] = counts.get(name, 0) + 1
                self._totals[trait.name] = self._totals.get(trait.name, 0) + 1
                self._bound(row)

    def share(self, name: str, value: str) -> float:
        """Return how likely everybody's next sign-in has a value: never 0, and below 1 while few are counted."""
        row, digits = self._place(name, value)
        counted = self._rows.get(row, {}).get(digits, 0)
        return (counted + PRIOR / NAMED[name].values) / (self._totals.get(name, 0) + PRIOR)

    def deltas(self) -> dict[int, Row]:
        """Return what was counted here since the last time, by row, and begin anew."""
        fresh, self._fresh = self._fresh, {}
        return fresh

    def merge(self, deltas: Mapping[int, Mapping[str, int]]) -> None:
        """Add what another process counted."""
        for number, delta in deltas.items():
            self._rows[number] = added(self._rows.get(number, {}), delta)
        self._sum_up()

    def replaced(self, rows: Mapping[int, Mapping[str, int]]) -> "Population":
        """Return the counts as they are stored by now, with what was counted here and not handed over yet."""
        anew = Population(self._hashed, rows)
        anew.merge(self._fresh)
        anew._fresh = self._fresh
        return anew

    def _place(self, name: str, value: str) -> tuple[int, str]:
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
            for name, counted in row.items():
                if name.startswith(_TOTAL):
                    trait = name.removeprefix(_TOTAL)
                    self._totals[trait] = self._totals.get(trait, 0) + counted


def added(row: Mapping[str, int], delta: Mapping[str, int]) -> Row:
    """Return a row with a delta in it, bounded: at most MOST values, beside the totals."""
    counts = dict(row)
    for name, counted in delta.items():
        counts[name] = counts.get(name, 0) + counted
    totals = {name: counted for name, counted in counts.items() if name.startswith(_TOTAL)}
    values = {name: counted for name, counted in counts.items() if name not in totals}
    if max(totals.values(), default=0) >= HALVED_AT:
        totals = {name: counted // 2 for name, counted in totals.items()}
        values = {name: counted // 2 for name, counted in values.items() if counted > 1}
    if len(values) > MOST:
        commonest = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:KEPT]
        values = dict(commonest)
    return totals | values
