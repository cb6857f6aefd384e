"""What happens between `poolkeeper serve` and the first request? Ports, database, first key, demo pool, words for people."""

import os
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvloop

from poolkeeper import __version__, demo, devtls, terminal
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.logs import open_log
from poolkeeper.serving import Listener, bind, metrics_place, serve_alone, serve_with_workers
from poolkeeper.settings import Settings
from poolkeeper.start import Prepared, open_house, prepare
from poolkeeper.store import migrate, pools


@dataclass(frozen=True, slots=True)
class _Found:
    """What is told at the start."""

    prepared: Prepared
    demo: demo.Demo | None
    pools: int


def launch(settings: Settings, *, begun: float) -> None:
    """Serve until told to stop. `begun` is the monotonic second at which the command began.

    Raises CannotStart, before anything is written where a port is taken.
    """
    plain = bind(settings.host, settings.port, flag="--port")
    secure = bind(settings.host, settings.dev_tls_port, flag="--tls-port") if settings.dev_tls_port else None
    with metrics_place(settings) as shown:
        tls = _development_tls(settings)
        listeners = [Listener(plain, None)]
        if secure is not None:
            listeners.append(Listener(secure, tls))
        found = uvloop.run(_prepare(settings))

        def ready() -> None:
            _announce(settings, found, tls, round((time.monotonic() - begun) * 1000))

        serve = serve_with_workers if settings.workers > 1 else serve_alone
        serve(settings, listeners, shown, ready=ready)


async def _prepare(settings: Settings) -> _Found:
    clock, entropy = SystemClock(), Entropy()
    prepared = await prepare(settings, clock, entropy)
    house = await open_house(settings, clock, entropy)
    try:
        made = await demo.make_demo_pool(house) if prepared.first and settings.dev else None
        return _Found(prepared, made, await pools.count(house.db))
    finally:
        house.heavy.close()
        await house.db.close()


def _development_tls(settings: Settings) -> devtls.DevTls | None:
    if not settings.dev_tls_port:
        return None
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return devtls.ensure(settings.data, now=SystemClock().now(), entropy=Entropy())


def _announce(settings: Settings, found: _Found, tls: devtls.DevTls | None, ready: int) -> None:
    """Say that the server is there: a page for a terminal, log lines elsewhere; a made key once, in either."""
    made, port = found.prepared.made_key, settings.dev_tls_port
    start = terminal.Start(
        version=__version__,
        dev=settings.dev,
        first=found.prepared.first,
        address=f"http://{_shown_host(settings)}:{settings.port}",
        issuer=settings.issuer_base,
        region=settings.region,
        database=_shown_database(settings),
        pools=found.pools,
        ready=ready,
        tls_address="" if tls is None else f"https://{_shown_host(settings)}:{port}",
        ca_file="" if tls is None else str(tls.ca_file),
        made_key=None if made is None else terminal.MadeKey(access_key_id=made.access_key_id, secret=made.secret),
        demo=None
        if found.demo is None
        else terminal.DemoPool(pool_id=found.demo.pool_id, client_id=found.demo.client_id),
        sends_mail=bool(settings.smtp_host),
    )
    if found.prepared.migrated_from is not None:
        _write(terminal.migrated(found.prepared.migrated_from, wanted=migrate.LATEST))
    if not settings.on_loopback and not settings.issuer_base.startswith("https://"):
        _write(terminal.public_without_tls(settings.host))
    if sys.stderr.isatty():
        color = terminal.wants_color(os.environ, on_terminal=True)
        _write(terminal.ready_lines(start, color=color))
        return
    log = open_log(settings, SystemClock(), sys.stderr)
    for line in terminal.log_lines(start):
        log.event(line)
    _write(terminal.key_lines(start))


def _shown_host(settings: Settings) -> str:
    return "localhost" if settings.on_loopback else settings.host


def _shown_database(settings: Settings) -> str:
    """Return the kind and place of the database, without a password."""
    if not settings.on_postgres:
        return f"SQLite {settings.sqlite_file}"
    address = urlsplit(settings.database)
    return f"PostgreSQL {address.hostname or 'localhost'}{address.path}"


def _write(lines: list[str]) -> None:
    if lines:
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()
