"""What does Poolkeeper cost, beside the cryptography it must pay and beside its peers? `make bench`, in one run.

`--only` takes parts: sqlite postgresql moto cognito-local ministack oidc-provider growth. `--rows` takes words: the operations whose
names hold one of them. `--quick` measures a tenth of the requests and grows to 20,000 users. README.md is rewritten by a
whole run; else with `--keep`.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import bare
import growth
from calls import Refused
from figures import Figures, Process, keep, text
from measure import Unable, beside_sign_ins, measure, quiet
from operations import OPERATIONS
from receiver import receiving
from servers import KINDS, OPENID_PEERS, OURS, PEERS, a_home, running
from world import World, build, nobody

PARTS = (*OURS, *PEERS, *OPENID_PEERS, "growth")
IDLE_SECONDS = 3.0
QUICK_SHARE, PEER_SHARE = 0.1, 0.5
QUICK_USERS = 20_000
MIB = 2**20


def say(message: str) -> None:
    """Tell on standard error how far the run is."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


def server(kind: str, figures: Figures, *, share: float, rows: Sequence[str]) -> None:
    """Measure one kind of server: its start, its memory, every operation, and GetUser beside sign-ins."""
    with a_home(kind) as home, receiving(home) as receiver:
        with running(kind, home=home) as first:
            quiet(first)
        with running(kind, home=home) as live:
            time.sleep(IDLE_SECONDS)
            idle = live.memory() / MIB
            say(f"{kind}: ready in {first.ready:.2f} s, again in {live.ready:.2f} s, {idle:.0f} MiB idle")

            cognito = KINDS[kind].cognito
            world = build(live, receiver=receiver) if cognito else nobody(live)
            operations(kind, world, figures, share=share, rows=rows)
            beside = beside_sign_ins(world, seconds=1 + 4 * share) if cognito else Unable("it has no GetUser")
            say(f"{kind}: GetUser p99 alone and beside sign-ins: {beside}")
            quiet(live)
            used, functions = live.memory() / MIB, live.functions_memory() / MIB
    figures.processes[kind] = Process(
        first_ready=first.ready, ready=live.ready, idle=idle, used=used, functions=functions, beside=beside
    )


def operations(kind: str, world: World, figures: Figures, *, share: float, rows: Sequence[str]) -> None:
    """Measure on one server every operation whose name holds one of the words `rows`; without any, all."""
    costs = {}
    for operation in OPERATIONS:
        if not operation.is_for(kind) or (rows and not any(word in operation.name for word in rows)):
            continue
        cost = measure(operation, world, share=share)
        said = cost.why if isinstance(cost, Unable) else f"{cost.cpu:.2f} S, {cost.rate:.0f}/s {cost.note}"
        say(f"{kind}: {operation.name}: {said}")
        costs[operation.name] = cost
    figures.costs[kind] = costs


def measured(parts: Sequence[str], *, rows: Sequence[str], quick: bool) -> Figures:
    """Measure the parts asked for; a server that fails is told of and left out."""
    figures = Figures(primitives=bare.primitives(), large=QUICK_USERS if quick else growth.LARGE)
    share = QUICK_SHARE if quick else 1.0
    for kind in (kind for kind in (*OURS, *PEERS, *OPENID_PEERS) if kind in parts):
        try:
            server(kind, figures, share=share if kind in OURS else share * PEER_SHARE, rows=rows)
        except (RuntimeError, Refused) as error:
            say(f"{kind}: {error}")

    for kind in OURS if "growth" in parts else ():
        say(f"growth on {kind}: from {growth.SMALL:,} to {figures.large:,} users")
        try:
            figures.growth[kind] = growth.compare(kind, large=figures.large, share=share)
        except (RuntimeError, Refused) as error:
            say(f"growth on {kind}: {error}")
    return figures


def main() -> None:
    """Read the options, measure, print, and keep the figures of a whole run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rows", nargs="+", default=())
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()

    begun = time.monotonic()
    figures = measured(options.only, rows=options.rows, quick=options.quick)
    print(text(figures))
    if options.keep or (figures.whole and not options.quick and not options.rows):
        keep(figures)
    say(f"done in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
