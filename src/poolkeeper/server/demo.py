"""What is in the database at the first start? What a seed file asks for, or in development a demo pool to try at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from poolkeeper.call import House
from poolkeeper.server.seeding.making import Planted, plant
from poolkeeper.server.seeding.reading import Entry, SeedError, read
from poolkeeper.server.start import CannotStart
from poolkeeper.settings import Settings
from poolkeeper.store import facts

# Beside poolkeeper.toml in the data folder; read once, by the first start that finds it without a fault.
FILE_NAME = "poolkeeper.seed.toml"
_PLANTED = "seed_planted"
_DEMO = Path(__file__).parent / "seeding" / "demo.seed.toml"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo pool and its app client, which has no secret. `application` is where its sign-in page leads."""

    pool_id: str
    client_id: str
    application: str


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was made: the demo pool, if any; and of a seed file, what the next start will make and how much was there before."""

    demo: Demo | None = None
    waiting: Sequence[str] = ()
    before: int = 0


def require_readable(settings: Settings) -> None:
    """Raise CannotStart with all faults of the file that `furnish` would read, before anything is made or removed."""
    file = settings.seed or settings.data / FILE_NAME
    if settings.seed is not None or file.is_file():
        try:
            read(file, region=settings.region)
        except SeedError as fault:
            raise _refused(fault) from None


async def furnish(house: House, *, first: bool) -> Furnished:
    """Make what the setting `seed` asks for, once what the data folder's seed file does, or at the first start the demo pool.

    Raises CannotStart with all faults of a file.
    """
    settings = house.settings
    usual = settings.data / FILE_NAME
    if settings.seed is not None:
        _entries, planted = await _plant(house, settings.seed)
        return Furnished(waiting=planted.waiting, before=planted.before)
    if usual.is_file():
        if await facts.find(house.db, _PLANTED) is not None:
            return Furnished()
        _entries, planted = await _plant(house, usual)
        if not planted.waiting:
            await facts.put(house.db, _PLANTED, b"1")
        return Furnished(waiting=planted.waiting)
    if first and settings.dev:
        (pool,), _planted = await _plant(house, _DEMO)
        (client,) = pool.children
        return Furnished(Demo(pool.own["id"], client.own["id"], client.request.default_redirect_uri))
    return Furnished()


async def _plant(house: House, file: Path) -> tuple[Sequence[Entry], Planted]:
    try:
        entries = read(file, region=house.settings.region)
        return entries, await plant(house, entries, file=file)
    except SeedError as fault:
        raise _refused(fault) from None


def _refused(fault: SeedError) -> CannotStart:
    return CannotStart("the seed file does not work", *fault.faults)
