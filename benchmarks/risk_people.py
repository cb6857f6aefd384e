"""Who signs in, and who attacks? Made-up people and five kinds of attackers, the same for each seed.

The rows have the columns of the public data set of Wiefling et al. (das-group/rba-dataset, CC BY 4.0), which `read` reads
where somebody has it; not one row or figure of it is in here. What people do is guessed, and written down in the tables below.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.risk.places import Place

Kind = TypeVar("Kind")

START = 1_790_000_000_000 // DAY * DAY
# (country, share of the people, shares of its cities in order, their coordinates)
COUNTRIES = (
    ("DE", 70, (("Berlin", 52.5, 13.4), ("Hamburg", 53.6, 10.0), ("Munich", 48.1, 11.6), ("Cologne", 50.9, 7.0))),
    ("AT", 10, (("Vienna", 48.2, 16.4), ("Graz", 47.1, 15.4))),
    ("FR", 6, (("Paris", 48.9, 2.4), ("Lyon", 45.8, 4.8))),
    ("PL", 5, (("Warsaw", 52.2, 21.0), ("Krakow", 50.1, 19.9))),
    ("ES", 4, (("Madrid", 40.4, -3.7), ("Seville", 37.4, -6.0))),
    ("US", 3, (("New York", 40.7, -74.0), ("Austin", 30.3, -97.7))),
    ("BR", 1, (("Sao Paulo", -23.6, -46.6), ("Recife", -8.1, -34.9))),
    ("IN", 1, (("Mumbai", 19.1, 72.9), ("Chennai", 13.1, 80.3))),
)
# Where attackers have machines: (country, weight)
FAR = (("US", 4), ("NL", 3), ("RU", 3), ("CN", 3), ("VN", 2), ("BR", 2), ("IN", 2), ("NG", 1), ("DE", 1), ("FR", 1))
WHERE = {country: cities for country, _, cities in COUNTRIES} | {
    "NL": (("Amsterdam", 52.4, 4.9),),
    "RU": (("Moscow", 55.8, 37.6),),
    "CN": (("Shenzhen", 22.5, 114.1),),
    "VN": (("Hanoi", 21.0, 105.9),),
    "NG": (("Lagos", 6.5, 3.4),),
}
# (share, User-Agent with the version of a month, kind)
AGENTS = (
    (
        34,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0 Safari/537.36",
        "d",
    ),
    (8, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{}.0 Safari/537.36 Edg/{}.0", "d"),
    (9, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{}.0) Gecko/20100101 Firefox/{}.0", "d"),
    (7, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/{}.0 Safari/605.1.15", "d"),
    (5, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/{}.0 Safari/537.36", "d"),
    (2, "Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0", "d"),
    (
        18,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/{}.0 Mobile Safari/604.1",
        "m",
    ),
    (14, "Mozilla/5.0 (Linux; Android 15; Pixel) AppleWebKit/537.36 Chrome/{}.0 Mobile Safari/537.36", "m"),
    (
        3,
        "Mozilla/5.0 (Linux; Android 15; SM-S911B) AppleWebKit/537.36 SamsungBrowser/{}.0 Chrome/115.0 Mobile Safari",
        "m",
    ),
)
TOOLS = ("python-requests/2.32.3", "okhttp/4.12.0", "Go-http-client/2.0", "curl/8.9.1")
ATTACKERS = ("stuffing", "botnet", "local", "phishing", "spray")
# How many sign-ins each kind of attacker makes at most; a spray makes four.
MOST_ATTACKS = 400
# What each attacker is, for the table that is printed.
MEANING = {
    "stuffing": "rented servers abroad, a program's User-Agent or an old browser's",
    "botnet": "homes anywhere in the world, a common browser's User-Agent",
    "local": "a home in the victim's country, a common browser's User-Agent",
    "phishing": "a home in the victim's city, the victim's own User-Agent",
    "spray": "one address that tries 20 to 200 names within an hour",
}


class Login(msgspec.Struct, frozen=True, gc=False):
    """One row: an attempt to sign in, and what is known of it. `attacker` is nothing for an honest one."""

    at_ms: int
    user: int
    address: str
    place: Place
    user_agent: str
    successful: bool
    attacker: str


class Spot(msgspec.Struct, frozen=True):
    """Where one signs in: the beginning of an address, and its place."""

    prefix: str
    place: Place


class Person(msgspec.Struct):
    """Somebody, with what they sign in from."""

    home: Spot
    work: Spot | None
    carrier: tuple[Spot, ...]
    vpn: Spot | None
    agents: list[int]
    hour: float
    rate: float


class World:
    """Everybody and every network, from one seed."""

    def __init__(self, people: int, days: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.days = days
        self._networks = 0
        self._carriers = {country: self._carrier(country) for country, _, _ in COUNTRIES}
        self._hotels = {country: [self._spot(country, 30) for _ in range(40)] for country in WHERE}
        self._offices = {country: [self._spot(country, 10) for _ in range(60)] for country, _, _ in COUNTRIES}
        self._vpns = [self._spot(country, 50) for country in ("NL", "US", "DE") for _ in range(4)]
        self.people = [self._person() for _ in range(people)]

    def logins(self) -> list[Login]:
        """Return all rows in the order of time."""
        rows = [row for user in range(len(self.people)) for row in self._life(user)]
        rows += self._attacks()
        return sorted(rows, key=lambda row: row.at_ms)

    def _spot(self, country: str, provider: int, city: int | None = None) -> Spot:
        """Return a network of its own: a /24 below 10 or 11, of a provider of the country."""
        cities = WHERE[country]
        name, latitude, longitude = cities[self._skewed(len(cities)) if city is None else city]
        number = self._networks = self._networks + 1
        asn = 60_000 + list(WHERE).index(country) * 100 + provider + self.random.randrange(4)
        prefix = f"{10 + number // 65_536}.{number // 256 % 256}.{number % 256}."
        return Spot(prefix, Place(country, name, asn, latitude, longitude))

    def _carrier(self, country: str) -> list[list[Spot]]:
        """Return the networks of three mobile carriers; the city is where their machines are."""
        return [[self._spot(country, 20 + 3 * number, city=0) for _ in range(48)] for number in range(3)]

    def _person(self) -> Person:
        country = self._weighted([(country, share) for country, share, _ in COUNTRIES])
        agents = [self._agent("dm")] + [self._agent("dm") for _ in range(2) if self.random.random() < 0.4]
        carrier = self.random.choice(self._carriers[country])
        return Person(
            home=self._spot(country, 0),
            work=self.random.choice(self._offices[country]) if self.random.random() < 0.5 else None,
            carrier=tuple(self.random.sample(carrier, 12)),
            vpn=self.random.choice(self._vpns) if self.random.random() < 0.04 else None,
            agents=agents,
            hour=self.random.gauss(14, 3),
            rate=min(self.random.lognormvariate(-1.6, 0.9), 3.0),
        )

    def _life(self, user: int) -> Iterator[Login]:
        """Yield what one person does: days at home, at work and on the way, journeys, a new device, a new line at home."""
        chance, person = self.random, self.people[user]
        away: tuple[int, Spot] | None = None
        for day in range(self.days):
            if away is not None and day >= away[0]:
                away = None
            if away is None and chance.random() < 0.006:
                abroad = self._weighted([(country, share) for country, share, _ in COUNTRIES])
                country = abroad if chance.random() < 0.4 else person.home.place.country
                away = day + chance.randint(2, 8), chance.choice(self._hotels[country])
            if chance.random() < 0.0012:
                person.agents.append(self._agent("dm"))
            if chance.random() < 0.004:
                person.home = self._spot(person.home.place.country, 0)
            while chance.random() < person.rate / (1 + person.rate):
                at = START + day * DAY + int((chance.gauss(person.hour, 2.5) % 24) * HOUR)
                yield from self._sign_in(user, at, away[1] if away else None)

    def _sign_in(self, user: int, at: int, away: Spot | None) -> Iterator[Login]:
        chance, person = self.random, self.people[user]
        number = person.agents[min(int(chance.expovariate(1.2)), len(person.agents) - 1)]
        mobile = AGENTS[number][2] == "m" and chance.random() < 0.4
        spot = away or (chance.choice(person.carrier) if mobile else person.home)
        if not mobile and not away and person.work and chance.random() < 0.4:
            spot = person.work
        if person.vpn and chance.random() < 0.3:
            spot = person.vpn
        for _ in range(chance.choices((0, 1, 2, 4), (92, 5, 2, 1))[0]):
            at += 20_000
            yield self._row(at, user, spot, self._text(number, at), successful=False)
        yield self._row(at + 25_000, user, spot, self._text(number, at))

    def _attacks(self) -> Iterator[Login]:
        """Yield the attacks, spread over the time: who gets in, and the refusals of a spray."""
        each = min(MOST_ATTACKS, max(12, len(self.people) // 5))
        for kind in ATTACKERS[:-1]:
            for _ in range(each):
                user = self.random.randrange(len(self.people))
                at = START + self.random.randrange(self.days * DAY)
                spot, agent = self._attacker(kind, user, at)
                yield self._row(at, user, spot, agent, attacker=kind)
        for _ in range(each // 4):
            yield from self._spray()

    def _attacker(self, kind: str, user: int, at: int) -> tuple[Spot, str]:
        chance, victim = self.random, self.people[user]
        home = victim.home.place
        if kind == "stuffing":
            agent = chance.choice(TOOLS) if chance.random() < 0.6 else AGENTS[0][1].format(79)
            return self._spot(self._weighted(FAR), 50), agent
        if kind == "phishing":
            city = next(number for number, city in enumerate(WHERE[home.country]) if city[0] == home.city)
            return self._spot(home.country, 0, city=city), self._text(victim.agents[0], at)
        country = self._weighted(FAR) if kind == "botnet" else home.country
        return self._spot(country, 0), self._text(self._agent("dm"), at)

    def _spray(self) -> Iterator[Login]:
        """Yield one hour of an address that tries names; the right password comes up a few times, anywhere in it."""
        chance = self.random
        spot, agent = self._spot(self._weighted(FAR), 50), self._text(self._agent("d"), START)
        begun, names = START + chance.randrange(self.days * DAY), chance.randint(20, 200)
        right = set(chance.sample(range(names), 4))
        for number in range(names):
            at = begun + number * (55 * MINUTE // names)
            user = chance.randrange(len(self.people))
            yield self._row(at, user, spot, agent, attacker="spray", successful=number in right)

    def _row(self, at: int, user: int, spot: Spot, agent: str, *, attacker: str = "", successful: bool = True) -> Login:
        address = spot.prefix + str(self.random.randrange(1, 255) if not attacker else 9)
        return Login(at, user, address, spot.place, agent, successful, attacker)

    def _agent(self, kinds: str) -> int:
        return self._weighted([(number, agent[0]) for number, agent in enumerate(AGENTS) if agent[2] in kinds])

    def _text(self, number: int, at: int) -> str:
        """Return a User-Agent, whose version grows by one a month."""
        version = 140 + (at - START) // (30 * DAY)
        return AGENTS[number][1].format(version, version)

    def _skewed(self, count: int) -> int:
        return min(int(self.random.expovariate(0.7)), count - 1)

    def _weighted(self, pairs: Sequence[tuple[Kind, int]]) -> Kind:
        return self.random.choices([value for value, _ in pairs], [weight for _, weight in pairs])[0]


def read(file: Path, most: int) -> Iterator[Login]:
    """Yield the rows of the public data set, in its order; it has no coordinates.

    What it marks as an attack is judged as if it had the right password, which hardly one of them had.
    """
    users: dict[str, int] = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            if number >= most:
                return
            at = datetime.fromisoformat(row["Login Timestamp"]).replace(tzinfo=UTC)
            country, city = _known(row["Country"]), _known(row["City"])
            takeover, bad = row["Is Account Takeover"] == "True", row["Is Attack IP"] == "True"
            yield Login(
                at_ms=int(at.timestamp() * 1_000),
                user=users.setdefault(row["User ID"], len(users)),
                address=row["IP Address"],
                place=Place(country, city, int(_known(row["ASN"]) or 0)),
                user_agent=row["User Agent String"],
                successful=row["Login Successful"] == "True" or takeover or bad,
                attacker="takeover" if takeover else "attack address" if bad else "",
            )


def write(file: Path, rows: list[Login]) -> None:
    """Write rows in the columns of the public data set; what it has of a browser is in its User-Agent here."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        table = csv.DictWriter(lines, COLUMNS, restval="")
        table.writeheader()
        for number, row in enumerate(rows):
            at = datetime.fromtimestamp(row.at_ms / 1_000, UTC)
            table.writerow(
                {
                    "index": number,
                    "Login Timestamp": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
                    "User ID": row.user,
                    "IP Address": row.address,
                    "Country": row.place.country,
                    "City": row.place.city,
                    "ASN": row.place.asn,
                    "User Agent String": row.user_agent,
                    "Login Successful": row.successful,
                    "Is Attack IP": row.attacker != "",
                    "Is Account Takeover": row.attacker != "" and row.successful,
                }
            )


COLUMNS = (
    "index",
    "Login Timestamp",
    "User ID",
    "Round-Trip Time [ms]",
    "IP Address",
    "Country",
    "Region",
    "City",
    "ASN",
    "User Agent String",
    "Browser Name and Version",
    "OS Name and Version",
    "Device Type",
    "Login Successful",
    "Is Attack IP",
    "Is Account Takeover",
)


def _known(value: str) -> str:
    return "" if value == "-" else value
