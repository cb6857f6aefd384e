"""What happens between `poolkeeper serve` and the first request? Ports, database, first key, demo pool, words for people."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass

import uvloop

from poolkeeper import __version__, owners
from poolkeeper.call import House
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.sender_settings import EMAIL
from poolkeeper.server import demo, devtls, first_key, status, terminal, typed
from poolkeeper.server.connections import raise_descriptors, room_for
from poolkeeper.server.crew import ready_to_work, serve_with_workers
from poolkeeper.server.database_name import database_name
from poolkeeper.server.logs import RequestLog, open_log
from poolkeeper.server.serving import Listener, bind, bind_metrics, serve_alone
from poolkeeper.server.start import DatabaseAway, Prepared, open_house, prepare
from poolkeeper.settings import Settings
from poolkeeper.store import access_keys, migrate, pools

_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _AtStart:
    """What a start says about itself."""

    prepared: Prepared
    furnished: demo.Furnished
    pools: int
    former_roots: list[str]


def launch(settings: Settings, *, begun: float) -> None:
    """Serve until told to stop. `begun` is the monotonic second at which the command began.

    Raises CannotStart, before anything is written where a port is taken.
    """
    raise_descriptors()
    _ignore_hangups()
    plain = bind(settings.host, settings.port, flag="--port")
    secure = bind(settings.host, settings.dev_tls_port, flag="--tls-port") if settings.dev_tls_port else None
    with bind_metrics(settings) as metrics_socket:
        tls = _development_tls(settings)
        listeners = [Listener(plain, None)]
        if secure is not None:
            listeners.append(Listener(secure, tls))
        with (
            ready_to_work(settings, listeners, metrics_socket)
            if settings.workers > 1
            else contextlib.nullcontext() as zygote
        ):
            at_start = uvloop.run(_prepare(settings))

            def ready() -> None:
                _announce(settings, at_start, tls, round((time.monotonic() - begun) * 1000))

            if zygote is None:
                serve_alone(settings, listeners, metrics_socket, ready=ready)
            else:
                serve_with_workers(settings, listeners, metrics_socket, zygote, ready=ready)


def _ignore_hangups() -> None:
    """Go on at SIGHUP, in workers too, who inherit this: logrotate and `systemctl reload` send it, and nothing is read anew.

    On a terminal it says that the terminal is gone, and ends the server.
    """
    if not sys.stderr.isatty():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


async def _prepare(settings: Settings) -> _AtStart:
    clock, entropy = SystemClock(), Entropy()
    prepared = await _prepared(settings, clock, entropy)
    house = await open_house(settings, clock, entropy)
    try:
        furnishing = await demo.furnish(house, first=prepared.first)
        await status.note_start(house)
        return _AtStart(prepared, furnishing, await pools.count(house.db), await _former_roots(house))
    finally:
        house.heavy.close()
        await house.db.close()


async def _former_roots(house: House) -> list[str]:
    """Return the ids of enabled keys of root's that are not the one in the settings, where there is one."""
    given = house.settings.root_access_key_id
    if not given:
        return []
    keys = await access_keys.every(house.db)
    return [key.access_key_id for key in keys if key.root and key.enabled and key.access_key_id != given]


async def _prepared(settings: Settings, clock: SystemClock, entropy: Entropy) -> Prepared:
    """Prepare the database, and wait for it where it is away: at the boot of a machine both may be started at once."""
    deadline = time.monotonic() + _WAIT_SECONDS
    announced = False
    while True:
        try:
            return await prepare(settings, clock, entropy)
        except DatabaseAway as away:
            if time.monotonic() >= deadline:
                raise
            if not announced:
                log = open_log(settings, clock, sys.stderr)
                with contextlib.closing(log):
                    log.event(terminal.waiting(database_name(settings), _WAIT_SECONDS, away.what), level="warning")
            announced = True
            await asyncio.sleep(1)


def _development_tls(settings: Settings) -> devtls.DevTls | None:
    if not settings.dev_tls_port:
        return None
    owners.make_folder(settings.data)
    return devtls.ensure(settings.data, now=SystemClock().now(), entropy=Entropy())


def _announce(settings: Settings, at_start: _AtStart, tls: devtls.DevTls | None, ready: int) -> None:
    """Say that the server is there: a page for a terminal, log lines elsewhere; a made key once, in either."""
    made_key, port = at_start.prepared.made_key, settings.dev_tls_port
    start = terminal.Start(
        version=__version__,
        dev=settings.dev,
        first=at_start.prepared.first,
        address=f"http://{_shown_host(settings)}:{settings.port}",
        issuer=settings.issuer_base,
        region=settings.region,
        database=_shown_database(settings),
        pools=at_start.pools,
        ready=ready,
        tls_address="" if tls is None else f"https://{_shown_host(settings)}:{port}",
        ca_file="" if tls is None else typed.near_here(tls.ca_file),
        made_key=None
        if made_key is None or not settings.dev
        else terminal.MadeKey(access_key_id=made_key.access_key_id, secret=made_key.secret),
        key_file="" if made_key is None or settings.dev else str(first_key.file_of(settings).absolute()),
        demo=_shown_demo(settings, at_start.furnished.demo),
        sends_mail=any(EMAIL in sender.media for sender in settings.all_senders),
        test_key=settings.has_test_key,
        program=typed.program_as_called(sys.argv[0]),
        folder_flag=typed.folder_flag(settings.data),
    )
    log = open_log(settings, SystemClock(), sys.stderr)
    with contextlib.closing(log):
        _say(settings, at_start, start, log)


def _say(settings: Settings, at_start: _AtStart, start: terminal.Start, log: RequestLog) -> None:
    if at_start.prepared.migrated_from is not None:
        log.say(terminal.migrated(at_start.prepared.migrated_from, wanted=migrate.LATEST))
    if at_start.prepared.made_ring is not None and not settings.dev:
        log.say(terminal.made_ring(str(at_start.prepared.made_ring.absolute())))
    if at_start.prepared.unused and at_start.prepared.made_ring is None and not settings.on_postgres:
        log.say(terminal.new_beside_keys(str(settings.sqlite_file.absolute()), str(settings.sealing_keys.absolute())))
    log.say(terminal.seed_waits(at_start.furnished.waiting))
    reset = f"{start.address}/_dev/reset" if settings.dev and settings.workers == 1 else ""
    log.say(terminal.seed_stays(str(settings.seed), at_start.furnished.before, reset=reset))
    if at_start.prepared.new_root and not at_start.prepared.first:
        log.say(terminal.new_root(at_start.prepared.new_root))
    for former in at_start.former_roots:
        log.say(terminal.former_root(former))
    if not settings.on_loopback and not settings.issuer_base.startswith("https://"):
        log.say(terminal.public_without_tls(settings.host))
    descriptors = raise_descriptors()
    room = room_for(settings, descriptors=descriptors)
    if room < settings.max_connections:
        log.say(terminal.few_descriptors(descriptors, room=room, wanted=settings.max_connections))
    if sys.stderr.isatty():
        color = terminal.wants_color(os.environ, on_terminal=True)
        log.show(terminal.ready_lines(start, color=color))
        return
    for line in terminal.log_lines(start):
        log.say([line])
    log.say(terminal.key_lines(start))


def _shown_demo(settings: Settings, made_demo: demo.Demo | None) -> terminal.DemoPool | None:
    """Return what is shown of the demo pool, with its sign-in page where the bare host has one."""
    if made_demo is None:
        return None
    query = f"client_id={made_demo.client_id}&response_type=code"
    page = f"{settings.issuer_base}/login?{query}" if settings.serves_by_client else ""
    return terminal.DemoPool(
        pool_id=made_demo.pool_id, client_id=made_demo.client_id, sign_in_page=page, application=made_demo.application
    )


def _shown_host(settings: Settings) -> str:
    return "localhost" if settings.on_loopback else settings.host


def _shown_database(settings: Settings) -> str:
    return database_name(settings) if settings.on_postgres else f"SQLite {typed.near_here(settings.sqlite_file)}"
