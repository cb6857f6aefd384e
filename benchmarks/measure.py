"""What did an operation cost on a server? CPU per request in S, requests a second, and latencies."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import bare
import load
from calls import Refused
from operations import Operation, get_users, password_sign_ins, srp_answers
from servers import Server
from world import World

SECONDS = 8.0
WARM_UP = 0.1
QUIET_SECONDS = 0.15
QUIET_SHARE = 0.05
SETTLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One operation on one server. CPU is in S per request, `rate` in requests a second, latencies in milliseconds."""

    cpu: float
    database: float
    rate: float
    p50: float
    p99: float
    requests: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unable:
    """A server that cannot do an operation, and what it said."""

    why: str


def measure(operation: Operation, world: World, *, share: float = 1.0) -> Cost | Unable:
    """Warm the operation up, then do `share` of its count and return what a request cost.

    S is the mean of one measurement before and one after, so that a clock that drifts counts on both sides.
    """
    count = max(4, int(operation.count * share))
    try:
        requests = operation.made_for(world, int(count * (1 + WARM_UP)) + 1)
        note = _proofs(operation, world)
    except Refused as refusal:
        return Unable(str(refusal))

    warm = int(len(requests) * WARM_UP) + 1
    _send(operation, world.server, requests[:warm])
    quiet(world.server)
    unit = bare.signature(times=100)
    before, before_database = world.server.cpu(), world.server.database_cpu()
    result = _send(operation, world.server, requests[warm:])
    if operation.background:
        quiet(world.server)
    used, used_database = world.server.cpu() - before, world.server.database_cpu() - before_database
    unit = (unit + bare.signature(times=100)) / 2

    return _cost(result, used / unit, used_database / unit, note, good=operation.status)


def _send(operation: Operation, server: Server, requests: list[bytes]) -> load.Result:
    return load.run(
        load.Job(
            port=server.port,
            requests=requests,
            count=len(requests),
            concurrency=operation.concurrency,
            seconds=SECONDS,
        )
    )


def _cost(result: load.Result, units: float, database_units: float, note: str, *, good: int) -> Cost | Unable:
    refused = [answer for answer in result.answers if answer.status != good]
    if refused:
        first = refused[0]
        said = first.body[:200].decode(errors="replace")
        return Unable(f"{len(refused)} of {len(result.answers)} refused, the first: {first.status} {said}")

    sample = [answer.nanoseconds for answer in result.answers]
    return Cost(
        cpu=units / len(sample),
        database=database_units / len(sample),
        rate=len(sample) / (result.nanoseconds / 1e9),
        p50=load.percentile(sample, 0.5) / 1e6,
        p99=load.percentile(sample, 0.99) / 1e6,
        requests=len(sample),
        note=note,
    )


def _proofs(operation: Operation, world: World) -> str:
    """Say so where a server lets a wrong SRP proof pass: its figure is for work that it does not do."""
    if operation.requests is not srp_answers:
        return ""
    wrong = srp_answers(world, 1, password="not the password")
    answer = _send(operation, world.server, wrong).answers[0]
    return "accepts any proof" if answer.status == 200 else ""


def quiet(server: Server) -> None:
    """Wait until the server has finished what it does after its answers, at most three seconds."""
    deadline = time.monotonic() + SETTLE_SECONDS
    last = server.cpu()
    while time.monotonic() < deadline:
        time.sleep(QUIET_SECONDS)
        now = server.cpu()
        if now - last < QUIET_SHARE * QUIET_SECONDS * 1e9:
            return
        last = now


def bare_units(operation: Operation, primitives: Mapping[str, float]) -> float:
    """Return the cryptography that the operation must pay, in S."""
    return sum(primitives[name] * times for name, times in operation.bare.items()) / primitives["signature"]


def beside_sign_ins(world: World, *, seconds: float = 5.0) -> tuple[float, float] | Unable:
    """Return GetUser's p99 in milliseconds, alone and while eight clients sign in by password without a pause.

    GetUser is asked by one client that waits 5 ms after each answer: a browser beside a rush at the door.
    """
    reads = get_users(world, len(world.users))
    quietly = load.Job(
        port=world.server.port, requests=reads, count=100_000, concurrency=1, seconds=seconds, pause=0.005
    )
    sign_ins = password_sign_ins(world, len(world.users))
    rush = load.Job(port=world.server.port, requests=sign_ins, count=1_000_000, seconds=seconds + 2)

    alone = load.run(quietly)
    client = load.begin(rush)
    time.sleep(1)
    among = load.run(quietly)
    signed_in = load.finish(client, rush)

    for result in (alone, among, signed_in):
        refused = [answer for answer in result.answers if answer.status != 200]
        if refused:
            return Unable(f"{len(refused)} of {len(result.answers)} refused, the first: {refused[0].body[:200]!r}")
    first, second = (load.percentile([answer.nanoseconds for answer in run.answers], 0.99) for run in (alone, among))
    return first / 1e6, second / 1e6
