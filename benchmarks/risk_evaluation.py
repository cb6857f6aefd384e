"""How well does the judge of risk tell people from attackers? `make risk`: ROC, and plain rules beside it.

Usage: python benchmarks/risk_evaluation.py [--people 10000] [--days 90] [--seed 1] [--data FILE] [--most 1000000] [--write FILE]

Without `--data` people and attackers are made up (risk_people.py); `--data` reads the public data set for risk-based
authentication. Everything is judged in the order of time, as a server would that asks for a second factor from Medium on:
honest people have one, attackers have not. The first third of the time is not counted: everybody has a history by then.
"""

import argparse
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from risk_people import ATTACKERS, MEANING, Login, World, read, write

from poolkeeper.risk.evaluation import Curve, curve
from poolkeeper.risk.judge import THRESHOLDS, Level, judge
from poolkeeper.risk.networks import Lists, network_of
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import NOBODY, Profile, learned
from poolkeeper.risk.refusals import Refusals
from poolkeeper.risk.traits import Traits, traits_of

WARM = 1 / 3
# (signal, the parts that it consists of)
SIGNALS = (
    ("everything", ()),
    ("network and place", ("country", "city", "asn", "network")),
    ("browser and system", ("system", "program")),
    ("time of day", ("hour",)),
    ("rules", ("failures", "network failures", "spray", "impossible travel", "dormant")),
)


class Sight(msgspec.Struct, frozen=True, gc=False):
    """What a plain rule sees: the traits that came, those that this person had before, the parts found, names refused."""

    now: Traits
    had: dict[str, set[str]]
    parts: frozenset[str]
    names: int

    def new(self, *names: str) -> bool:
        """Say whether one of these traits was never there before."""
        return any(self.now.of(name) not in self.had[name] for name in names)


# (plain rule, whether it asks for more)
PLAIN: tuple[tuple[str, Callable[[Sight], bool]], ...] = (
    ("a new country", lambda sight: sight.new("country")),
    ("a new city", lambda sight: sight.new("city")),
    ("a new network", lambda sight: sight.new("network")),
    ("a new browser or system", lambda sight: sight.new("program")),
    ("a new network and a new browser or system", lambda sight: sight.new("network") and sight.new("program")),
    ("a new country, or a new browser or system", lambda sight: sight.new("country", "program")),
    ("impossible travel", lambda sight: "impossible travel" in sight.parts),
    ("ten names refused from the network", lambda sight: sight.names >= 10),
)


class Case(msgspec.Struct, gc=False):
    """A sign-in that was judged: what it was, how often this person had signed in, the scores, and what plain rules say."""

    attacker: str
    history: int
    level: Level
    scores: tuple[float, ...]
    plain: tuple[bool, ...]


class Here:
    """Says where the row under judgement is, or nothing where nobody has a file of places."""

    def __init__(self, *, known: bool) -> None:
        self.known = known
        self.place: Place | None = None

    def find(self, _address: str, /) -> Place | None:
        return self.place if self.known else None


class Server:
    """What a server keeps: profiles, counts, refusals; it judges row after row."""

    def __init__(self, *, places: bool) -> None:
        self.here = Here(known=places)
        self.population = Population(lambda text: hmac.digest(b"key", text.encode(), hashlib.sha256).hex())
        self.lists = Lists()
        self.refusals = Refusals()
        self.profiles: dict[int, Profile] = {}
        self.had: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.history: dict[int, int] = defaultdict(int)

    def take(self, row: Login) -> Case | None:
        """Judge a row, and learn from it; None for a refused password, which nobody judges."""
        network = network_of(row.address)
        if not row.successful:
            self.refusals.note(network, str(row.user), now=row.at_ms)
            return None
        self.here.place = row.place
        observation = self._observation(row, network)
        profile = self.profiles.get(row.user, NOBODY)
        found = judge(observation, profile, self.population, self.lists, self.here)
        place = self.here.find(row.address)
        traits = traits_of(observation, place)
        had = self.had[row.user]
        sight = Sight(traits, had, frozenset(part.name for part in found.parts), observation.spray_names)
        plain = tuple(bool(had) and rule(sight) for _, rule in PLAIN)
        scores = tuple(
            sum(part.weight for part in found.parts if not names or part.name in names) for _, names in SIGNALS
        )
        case = Case(row.attacker, self.history[row.user], found.level, scores, plain)
        if not row.attacker or found.level < Level.MEDIUM:
            asked = found.level >= Level.MEDIUM
            self.profiles[row.user] = learned(profile, observation, place, proved=asked)
            self.population.count(traits)
        if not row.attacker:
            self.history[row.user] += 1
            for name in ("network", "country", "city", "program"):
                had[name].add(traits.of(name))
        return case

    def _observation(self, row: Login, network: str) -> Observation:
        failures = self.refusals.of_name(str(row.user), now=row.at_ms)
        network_failures, names = self.refusals.of_network(network, now=row.at_ms)
        return Observation(
            at_ms=row.at_ms,
            address=row.address,
            user_agent=row.user_agent,
            device="",
            time_zone="",
            account_age_ms=0,
            known_device=False,
            failures=failures,
            network_failures=network_failures,
            spray_names=names,
            bad_signature=False,
        )


def cases_of(rows: Sequence[Login], *, places: bool) -> list[Case]:
    """Judge all rows; return those that count."""
    server, counted = Server(places=places), []
    begun = rows[0].at_ms + (rows[-1].at_ms - rows[0].at_ms) * WARM
    for row in rows:
        case = server.take(row)
        if case is not None and row.at_ms >= begun:
            counted.append(case)
    return counted


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def share(part: float) -> str:
    return "-" if part != part else f"{part * 100:.2f} %" if part < 0.1 else f"{part * 100:.1f} %"  # noqa: PLR0124 - no number


def _curve(cases: list[Case], signal: int) -> Curve:
    return curve(
        (case.scores[signal] for case in cases if not case.attacker),
        (case.scores[signal] for case in cases if case.attacker),
    )


def signals_table(cases: list[Case]) -> str:
    """Return how well each signal does alone: area under the ROC, equal error, and who is asked to catch so many."""
    rows = []
    for number, (name, _) in enumerate(SIGNALS):
        of = _curve(cases, number)
        asked = [share(of.asked_to_catch(caught)) for caught in (0.5, 0.8, 0.9, 0.95)]
        rows.append([name, f"{of.area:.4f}", share(of.equal_error), *asked])
    head = ("score", "area", "equal error", "asked for 50 %", "for 80 %", "for 90 %", "for 95 %")
    return table(head, rows)


def rates_table(cases: list[Case], kinds: Sequence[str]) -> str:
    """Return who is asked and who is caught: from each level on, and by plain rules."""
    ways: list[tuple[str, Callable[[Case], bool]]] = [
        (f"{level.name.capitalize()} (score {least:g}) or more", _from(level)) for level, least in reversed(THRESHOLDS)
    ]
    ways += [(name, _by(number)) for number, (name, _) in enumerate(PLAIN)]
    rows = []
    for name, way in ways:
        of = [_rate([case for case in cases if case.attacker == kind], way) for kind in ("", *kinds)]
        caught = _rate([case for case in cases if case.attacker], way)
        rows.append([name, share(of[0]), share(caught), *(share(rate) for rate in of[1:])])
    return table(("asked for more where there is", "honest", "attacks", *kinds), rows)


def history_table(cases: list[Case]) -> str:
    """Return the same by how often a person had signed in before."""
    rows = []
    for least, most in ((1, 4), (5, 9), (10, 29), (30, 10**9)):
        part = [case for case in cases if least <= case.history <= most]
        honest, attacks = [[case for case in part if bool(case.attacker) is bad] for bad in (False, True)]
        rates = [share(_rate(group, _from(level))) for level, _ in reversed(THRESHOLDS) for group in (honest, attacks)]
        name = f"{least} to {most}" if most < 10**9 else f"{least} and more"
        rows.append([name, f"{len(honest):,}", f"{len(attacks):,}", *rates])
    head = (
        "sign-ins before",
        "honest",
        "attacks",
        "Low: asked",
        "caught",
        "Medium: asked",
        "caught",
        "High: asked",
        "caught",
    )
    return table(head, rows)


def _from(level: Level) -> Callable[[Case], bool]:
    return lambda case: case.level >= level


def _by(number: int) -> Callable[[Case], bool]:
    return lambda case: case.plain[number]


def _rate(cases: list[Case], way: Callable[[Case], bool]) -> float:
    return sum(way(case) for case in cases) / len(cases) if cases else float("nan")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--data", type=Path, help="the public data set's CSV")
    options.add_argument("--most", type=int, default=1_000_000, help="rows of it")
    options.add_argument(
        "--write", type=Path, help="write the rows that are judged, in the columns of the public data set"
    )
    given = options.parse_args()
    kinds: Sequence[str] = ATTACKERS
    if given.data:
        rows, kinds = sorted(read(given.data, given.most), key=lambda row: row.at_ms), ("takeover", "attack address")
    else:
        rows = World(given.people, given.days, given.seed).logins()
        for kind, meaning in MEANING.items():
            print(f"- {kind}: {meaning}")
    if given.write:
        write(given.write, rows)

    for places in (True, False):
        cases = cases_of(rows, places=places)
        honest = sum(not case.attacker for case in cases)
        print(
            f"\n## {'With' if places else 'Without'} a file of places: {honest:,} honest sign-ins, {len(cases) - honest:,} attacks\n"
        )
        print("\n\n".join((signals_table(cases), rates_table(cases, kinds), history_table(cases))))


if __name__ == "__main__":
    main()
