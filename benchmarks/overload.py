"""Does a server stand ten times the load that it can bear, and is it well again afterwards? `make overload`, run on purpose.

attacks.md, fault F14, over a sign-in by form, a token of a machine, and an authorize request with a live browser session. For
each: the rate that eight connections reach without a pause; calm, at a quarter of it; then ten times that rate for a minute,
sent when it is due (what finds none of 400 connections free is not sent), while one honest client of another address goes on
at its own pace; then calm again. On a machine that does other things absolute times say nothing: every bound is of the same
run but two, the 5 s of recovery and the growth of memory. What the fault asks for beside them, refusals below 50 ms and 99 %
of those let in within twice the time of calm, is printed and not judged. Ends with 1 when a bound does not hold.
"""

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import authorization
import load
import uvloop
from msgspec.structs import replace
from operations import Requests
from servers import OURS, Server, running
from world import World, build

T = TypeVar("T")
MIB = 2**20
CROWD, HONEST = "127.0.0.2", "127.0.0.77"
CONNECTIONS, TIMES, CALM_SHARE = 400, 10, 0.25
SECONDS, CALM_SECONDS = 60.0, 8.0
# Refusals: of the crowd where there is too much to hash, and a database that too many wait for.
REFUSALS = frozenset({429, 503})
MORE_CPU = 1.7  # times that of calm for each good answer, refusals included: more would be a collapse
QUICK_REFUSAL = 0.5  # of how long those wait who are let in
TAIL = 3.0  # times what it takes to serve as many as there are connections
# Of how long the crowd waits: hashes go round by address, everything else comes in its turn.
HONEST_SHARE, IN_TURN = 0.5, 2.0
# Sign-ins of one person wait for each other, before they count among those who wait for a hash: the crowd is one of many.
PEOPLE, HONEST_PEOPLE = 256, 8
RECOVERY_SECONDS, RECOVERED = 5.0, 2.0
GROWTH_MIB = 96
MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """What is sent: `requests(world, n)` makes it, `status` is that of a good answer. `hashes`: it is refused where too many wait."""

    name: str
    requests: Requests
    status: int
    hashes: bool = False


ROWS = (
    Row("sign-in by form", partial(authorization.form_sign_ins, of=PEOPLE + HONEST_PEOPLE), 303, hashes=True),
    Row("client_credentials", authorization.machines, 200),
    Row("authorize", authorization.authorize_requests, 303),
)


@dataclass(slots=True)
class Memory:
    """The resident memory of a server, in MiB: before a storm, and the most that was seen in it."""

    before: float
    most: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Latencies in milliseconds, of one status or of several."""

    milliseconds: Sequence[float]

    def at(self, share: float) -> float:
        """Return the latency below which `share` of the sample lies; 0 for none."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def mean(self) -> float:
        return sum(self.milliseconds) / len(self.milliseconds) if self.milliseconds else 0.0


def sample(result: load.Result, statuses: frozenset[int]) -> Sample:
    """Return how long the answers of these statuses took."""
    return Sample([answer.nanoseconds / 1e6 for answer in result.answers if answer.status in statuses])


@contextmanager
def watched(server: Server) -> Iterator[Memory]:
    """Look at a server's memory every second while the block lasts."""
    begun = server.memory() / MIB
    seen, over = Memory(begun, begun), threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            seen.most = max(seen.most, server.memory() / MIB)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def spent(server: Server, work: Callable[[], T]) -> tuple[T, float]:
    """Return what `work` returns, and the CPU that the server used meanwhile, in milliseconds."""
    before = server.cpu()
    done = work()
    return done, (server.cpu() - before) / 1e6


def _both(honest: load.Job, storm: load.Job) -> tuple[load.Result, load.Result]:
    crowd = load.begin(storm)
    return load.run(honest), load.finish(crowd, storm)


def recovery(server: Server, requests: Sequence[bytes], *, calm: float) -> float:
    """Return after how many seconds requests are answered in twice the time of calm, by the median of ten; at most 30."""
    begun = time.perf_counter()
    job = load.Job(port=server.port, requests=list(requests), count=10, concurrency=1, source=HONEST, seconds=30.0)
    while (took := time.perf_counter() - begun) < 30.0:
        result = uvloop.run(load.perform(job))
        if load.percentile([answer.nanoseconds for answer in result.answers], 0.5) / 1e6 <= RECOVERED * calm:
            return took
    return took


def overload(row: Row, world: World, *, seconds: float) -> list[str]:
    """Put one kind of request through calm, storm and calm again, tell of it, and return the bounds that do not hold."""
    server, good = world.server, frozenset({row.status})
    requests = row.requests(world, PEOPLE + HONEST_PEOPLE)
    theirs = load.Job(port=server.port, requests=requests[:PEOPLE], count=MOST, seconds=CALM_SECONDS, source=CROWD)
    own = replace(theirs, requests=requests[PEOPLE:], source=HONEST)

    bearable, used = spent(server, lambda: load.run(theirs))
    calm_cpu = used / max(1, len(sample(bearable, good).milliseconds))
    rate = len(sample(bearable, good).milliseconds) / (bearable.nanoseconds / 1e9)
    calm = sample(load.run(replace(theirs, concurrency=64, rate=rate * CALM_SHARE)), good)

    storm = replace(theirs, seconds=seconds, concurrency=CONNECTIONS, rate=rate * TIMES)
    honest = replace(own, seconds=max(1.0, seconds - 2), concurrency=1, pause=0.05)
    with watched(server) as memory:
        (beside, suffered), used = spent(server, lambda: _both(honest, storm))
    recovered = recovery(server, own.requests, calm=max(calm.at(0.5), 1.0))

    accepted, refused, others = sample(suffered, good), sample(suffered, REFUSALS), sample(beside, good)
    kept = len(accepted.milliseconds) / (suffered.nanoseconds / 1e9)
    cpu = used / max(1, len(accepted.milliseconds) + len(others.milliseconds))
    statuses = Counter(answer.status for answer in suffered.answers)
    print(
        f"{row.name}: bears {rate:.0f}/s; calm p50 {calm.at(0.5):.1f}, p99 {calm.at(0.99):.1f} ms\n"
        f"  storm of {rate * TIMES:.0f}/s, {suffered.unsent} not sent: {dict(statuses)}, {kept:.0f}/s good\n"
        f"  CPU of a good answer {calm_cpu:.2f} ms in calm, {cpu:.2f} in the storm\n"
        f"  let in p50 {accepted.at(0.5):.0f}, p95 {accepted.at(0.95):.0f} ms; refused p50 {refused.at(0.5):.0f},"
        f" p99 {refused.at(0.99):.0f} ms; honest {len(others.milliseconds)} p50 {others.at(0.5):.0f},"
        f" p99 {others.at(0.99):.0f} ms\n"
        f"  well again after {recovered:.1f} s; memory {memory.before:.0f} MiB, at most {memory.most:.0f}",
        flush=True,
    )
    unfit = {answer.status for answer in beside.answers} - good
    share = HONEST_SHARE if row.hashes else IN_TURN
    checks = (
        (bool(set(statuses) - good - REFUSALS), f"answers that are neither good nor a refusal: {dict(statuses)}"),
        (row.hashes != bool(refused.milliseconds), f"{len(refused.milliseconds)} were refused"),
        (refused.at(0.5) > QUICK_REFUSAL * accepted.at(0.5), "a refusal takes as long as being let in"),
        (cpu > MORE_CPU * calm_cpu, f"a good answer takes {cpu:.2f} ms of CPU, {calm_cpu:.2f} in calm"),
        (
            accepted.at(0.95) > TAIL * 1000 * CONNECTIONS / max(kept, 1.0),
            "some wait far longer than all who may wait before them take",
        ),
        (bool(unfit), f"the honest client was answered {unfit}"),
        (
            not others.milliseconds or others.at(0.5) > share * accepted.at(0.5),
            "the honest client waits longer than the crowd",
        ),
        (recovered > RECOVERY_SECONDS, f"well again after {recovered:.1f} s"),
        (memory.most - memory.before > GROWTH_MIB, f"memory grew to {memory.most:.0f} MiB"),
    )
    return [f"{row.name}: {message}" for bad, message in checks if bad]


def main() -> int:
    """Read the options, run the rows, and return 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=OURS, default=OURS)
    parser.add_argument("--rows", nargs="+", default=())
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()

    broken: list[str] = []
    for kind in options.only:
        with running(kind) as server:
            print(f"--- {kind}", flush=True)
            world = build(server)
            for row in ROWS:
                if not options.rows or any(word in row.name for word in options.rows):
                    broken += overload(row, world, seconds=options.seconds)
    print("\n".join(broken) or "Every bound holds.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
